// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/learningchecks.h"

#include "core/base/largererror.h"
#include "core/device/devicesteps.h"
#include "core/engine/checkinputs.h"
#include "core/engine/guard.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <string>
#include <vector>

namespace jacobi {
namespace {

// More rows than there are teams, so that some of these have several.
constexpr std::int64_t kBatch = 2, kRows = 300, kHeads = 3, kHeadSize = 64, kWidth = kHeads * kHeadSize, kFeed = 256;

/// A block's rows and weights, and last the gradient of its result.
std::vector<at::Tensor> blockInputs()
{
    const std::vector<std::int64_t> rows{kBatch, kRows, kWidth};
    std::vector<at::Tensor> inputs;
    for (const std::vector<std::int64_t>& shape : {rows,
                                                   {kWidth},
                                                   {3 * kWidth, kWidth},
                                                   {kHeadSize},
                                                   {kHeadSize},
                                                   {kWidth, kWidth},
                                                   {kWidth},
                                                   {2 * kFeed, kWidth},
                                                   {kWidth, kFeed},
                                                   rows}) {
        const double spread = shape.size() == 2 ? 0.1 : 1.0;
        at::Tensor made = at::empty(shape, at::kFloat);
        std::ranges::copy(normalNumbers<float>(static_cast<std::size_t>(made.numel()), 20 + inputs.size(), spread),
                          made.mutable_data_ptr<float>());
        inputs.push_back(made);
    }
    return inputs;
}

/// The block's result, then the gradient of each of its inputs; on the CPU.
std::vector<at::Tensor> blockAndGradients(const std::vector<at::Tensor>& given, const FusedSteps* steps,
                                          at::ScalarType type, at::Device device)
{
    std::vector<at::Tensor> inputs;
    for (const at::Tensor& each : given) {
        inputs.push_back(each.to(device).detach().clone().requires_grad_());
    }
    BlockWeights weights;
    weights.attentionNorm = inputs[1];
    weights.qkv = inputs[2].to(type);
    weights.queryScale = inputs[3];
    weights.keyScale = inputs[4];
    weights.attentionOut = inputs[5].to(type);
    weights.feedNorm = inputs[6];
    weights.gateUp = inputs[7].to(type);
    weights.down = inputs[8].to(type);
    weights.steps = steps;
    const at::Tensor places = at::arange(kRows);
    const RotaryTable angles = axialRotary(places, places.flip(0), kHeadSize, 100.0, at::kFloat);
    const at::Tensor made =
        transformerBlock(inputs[0], weights, {angles.cosine.to(device), angles.sine.to(device)}, kHeads, 0,
                         [](std::int64_t, const Heads& heads) { return causalAttention(heads); });
    (made * inputs[9].detach()).sum().backward();
    std::vector<at::Tensor> results{made.detach().to(at::kCPU)};
    for (std::size_t i = 0; i + 1 < inputs.size(); ++i) {
        results.push_back(inputs[i].grad().to(at::kCPU));
    }
    return results;
}

/// The largest relative error among tensors, by their norms.
double normError(const std::vector<at::Tensor>& found, const std::vector<at::Tensor>& expected)
{
    double largest = 0.0;
    for (std::size_t i = 0; i < expected.size(); ++i) {
        const at::Tensor wanted = expected[i].to(at::kDouble);
        const double error = ((found[i].to(at::kDouble) - wanted).norm() / wanted.norm()).item<double>();
        largest = largerError(largest, error);
    }
    return largest;
}

} // namespace

std::vector<KernelCheck> checkLearning(const DeviceOps& ops, at::Device device)
{
    struct Case {
        const char* name;
        at::ScalarType type;
        double allowed;
    };
    std::vector<KernelCheck> checks;
    for (const Case& which : {Case{"a block's gradients, float32", at::kFloat, 1e-4},
                              Case{"a block's gradients, bfloat16", at::kBFloat16, 0.03}}) {
        const Result<double> error = guarded([&]() -> Result<double> {
            const std::vector<at::Tensor> inputs = blockInputs();
            const DeviceSteps steps(ops);
            return normError(blockAndGradients(inputs, &steps, which.type, device),
                             blockAndGradients(inputs, nullptr, at::kFloat, at::kCPU));
        });
        checks.push_back(error ? errorCheck(which.name, *error, which.allowed)
                               : failedCheck(which.name, error.error()));
        checks.back().isReplaceable = true;
    }
    return checks;
}

} // namespace jacobi
