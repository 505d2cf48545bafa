// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/flowtraining/fitstart.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>

namespace jacobi {
namespace {

struct Line {
    at::Tensor scale; ///< [tokens, channels]
    at::Tensor shift;
};

/// x of z, both [pictures, tokens, channels].
Line lineThrough(const at::Tensor& z, const at::Tensor& x)
{
    constexpr double kLeastVariance = 1e-3; // of numbers that hardly vary nothing is to be learnt
    const at::Tensor zMean = z.mean(0);
    const at::Tensor xMean = x.mean(0);
    const at::Tensor together = ((z - zMean) * (x - xMean)).mean(0);
    const at::Tensor scale = together / ((z - zMean).square().mean(0) + kLeastVariance);
    return {scale, xMean - scale * zMean};
}

} // namespace

void fitStarts(TarFlowConfig& config, TarFlowTensors& tensors, const at::Tensor& images,
               const std::vector<std::int64_t>& labels)
{
    const at::NoGradGuard noGradients;
    constexpr std::int64_t kAtOnce = 32;
    config.fittedStart = false;
    const TarFlowWeights weights = tarflowWeights(config, tensors);
    std::vector<std::vector<at::Tensor>> parts(static_cast<std::size_t>(config.blocks + 1)); // tokens, then each z
    for (std::int64_t from = 0; from < images.size(0); from += kAtOnce) {
        const std::int64_t count = std::min(kAtOnce, images.size(0) - from);
        const std::vector<std::int64_t> some(labels.begin() + from, labels.begin() + from + count);
        const TarFlowForward forward = tarflowForward(weights, images.narrow(0, from, count), some);
        parts[0].push_back(forward.tokens);
        for (std::size_t block = 0; block < forward.blocks.size(); ++block) {
            parts[block + 1].push_back(forward.blocks[block].z);
        }
    }
    for (std::size_t block = 0; block + 1 < parts.size(); ++block) {
        const Line line = lineThrough(at::cat(parts[block + 1]), at::cat(parts[block]));
        const std::string name = "blocks." + std::to_string(block) + ".start_";
        tensors[name + "scale"] = line.scale;
        tensors[name + "shift"] = line.shift;
    }
    config.fittedStart = true;
}

} // namespace jacobi
