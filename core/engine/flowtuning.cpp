// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/flowtuning.h"

#include "core/engine/resolveflow.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>

namespace jacobi {

FlowStrategy sequentialStrategy(std::uint32_t blocks)
{
    return everyBlock(blocks, FlowBlockPlan{});
}

double medianOf(std::vector<double> values)
{
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

Result<std::vector<double>> errorGrowth(FlowTrials& trials, const ExactRun& run, std::uint32_t block,
                                        const BlockTrajectory& trajectory)
{
    constexpr double kWrong = 0.03;
    constexpr double kMeasurable = 1e-3; // below it roundings are what grows
    const c10::InferenceMode inference;
    const std::size_t batch = trajectory.error.front().size();
    // Of each picture the iterate that is that wrong, so that one way to the end serves them all.
    at::Tensor mixed = trajectory.iterates.back().clone();
    std::vector<double> errors(batch, 0.0);
    for (std::size_t picture = 0; picture < batch; ++picture) {
        std::size_t pass = 0;
        while (pass + 1 < trajectory.error.size() && trajectory.error[pass][picture] > kWrong) {
            ++pass;
        }
        errors[picture] = trajectory.error[pass][picture];
        const auto item = static_cast<std::int64_t>(picture);
        mixed.select(0, item).copy_(trajectory.iterates[pass].select(0, item));
    }
    auto growth = trials.pictureErrors(run, block, mixed);
    for (std::size_t picture = 0; growth && picture < batch; ++picture) {
        double& one = growth->at(picture);
        one = errors[picture] > kMeasurable ? one / errors[picture] : 0.0;
    }
    return growth;
}

} // namespace jacobi
