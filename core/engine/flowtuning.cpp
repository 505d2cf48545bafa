// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/flowtuning.h"

#include "core/engine/resolveflow.h"

#include <algorithm>
#include <array>

namespace jacobi {
namespace {

Result<void> exactRuns(FlowTuning& tuning, int latents)
{
    for (int latent = 0; latent < latents; ++latent) {
        auto run = tuning.trials.exact(flowSeed(kTuningSeed, latent, tuning.batch));
        if (!run) {
            return tl::unexpected(run.error());
        }
        tuning.exact.push_back(std::move(*run));
        tuning.tell(0.3 * (latent + 1) / latents);
    }
    return {};
}

Result<void> measureGrowth(FlowTuning& tuning)
{
    constexpr std::array kErrors{1e-1, 1e-2};
    tuning.growth.assign(tuning.blocks(), 1.0);
    const std::size_t runs = std::min<std::size_t>(2, tuning.exact.size());
    for (std::uint32_t block = 0; block < tuning.blocks(); ++block) {
        double most = 0.0;
        for (std::size_t i = 0; i < runs; ++i) {
            const auto trajectory = tuning.trials.trajectory(tuning.exact[i], block, FlowStart::Input);
            if (!trajectory) {
                return tl::unexpected(trajectory.error());
            }
            std::size_t last = trajectory->error.size();
            for (const double wanted : kErrors) {
                const auto found = std::find_if(trajectory->error.begin(), trajectory->error.end(),
                                                [=](double error) { return error <= wanted; });
                const auto at = static_cast<std::size_t>(found - trajectory->error.begin());
                if (found == trajectory->error.end() || *found == 0.0 || at == last) {
                    continue;
                }
                last = at;
                const auto error = tuning.trials.pictureError(tuning.exact[i], block, trajectory->iterates[at]);
                if (!error) {
                    return tl::unexpected(error.error());
                }
                most = std::max(most, *error / *found);
            }
        }
        tuning.growth[block] = most > 0.0 ? most : 1.0;
        tuning.tell(0.3 + 0.7 * (block + 1) / tuning.blocks());
    }
    return {};
}

} // namespace

FlowStrategy sequentialStrategy(std::uint32_t blocks)
{
    return everyBlock(blocks, FlowBlockPlan{});
}

double medianOf(std::vector<double> values)
{
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

Result<void> prepareTuning(FlowTuning& tuning, int latents)
{
    auto done = exactRuns(tuning, latents);
    return done ? measureGrowth(tuning) : done;
}

} // namespace jacobi
