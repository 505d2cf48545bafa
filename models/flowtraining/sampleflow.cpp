// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/flowtraining/sampleflow.h"

#include "core/decode/flowdecoder.h"
#include "models/tarflow/tarflowmodel.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>

namespace jacobi {
namespace {

constexpr std::size_t kAtOnce = 64;

at::Tensor latentsOf(const TarFlowConfig& config, std::uint64_t seed, std::size_t count)
{
    std::vector<at::Tensor> latents;
    for (std::size_t i = 0; i < count; ++i) {
        at::Generator generator = at::detail::createCPUGenerator(seed + i);
        latents.push_back(at::randn({config.tokens(), config.channels()}, generator, at::kFloat));
    }
    return at::stack(latents);
}

FlowSettings oneTokenAPass(const TarFlowConfig& config)
{
    FlowSettings settings;
    settings.strategy.blocks.resize(static_cast<std::size_t>(config.blocks));
    for (std::size_t i = 0; i < settings.strategy.blocks.size(); ++i) {
        settings.strategy.blocks[i].block = static_cast<std::uint32_t>(i);
    }
    return settings;
}

Result<at::Tensor> inverted(const TarFlowWeights& weights, const std::vector<std::int64_t>& labels, std::uint64_t seed)
{
    const c10::InferenceMode inference;
    TarFlowModel model(weights);
    const auto decoder = makeFlowDecoder(oneTokenAPass(weights.config), model);
    if (auto started = decoder->start(latentsOf(weights.config, seed, labels.size()), labels); !started) {
        return tl::unexpected(started.error());
    }
    while (!decoder->done()) {
        if (auto step = decoder->step(); !step) {
            return tl::unexpected(step.error());
        }
    }
    return imagesOfTokens(weights, decoder->state());
}

} // namespace

Result<at::Tensor> sampleFlow(const TarFlowWeights& weights, const std::vector<std::int64_t>& labels,
                              std::uint64_t seed, double noise)
{
    std::vector<at::Tensor> parts;
    for (std::size_t from = 0; from < labels.size(); from += kAtOnce) {
        const std::size_t count = std::min(kAtOnce, labels.size() - from);
        const auto first = labels.begin() + static_cast<std::ptrdiff_t>(from);
        const std::vector<std::int64_t> some(first, first + static_cast<std::ptrdiff_t>(count));
        const auto noisy = inverted(weights, some, seed + from);
        if (!noisy) {
            return tl::unexpected(noisy.error());
        }
        const at::Tensor images = noise > 0.0 ? denoise(weights, *noisy, some, noise, 1.0).images : noisy->clone();
        parts.push_back((images * 0.5 + 0.5).clamp(0.0, 1.0));
    }
    return at::cat(parts);
}

} // namespace jacobi
