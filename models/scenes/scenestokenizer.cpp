// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/scenes/scenestokenizer.h"

#include <ATen/ATen.h>

#include <algorithm>

namespace jacobi {
namespace {

at::Tensor convolve(const TensorMap& weights, const std::string& name, const at::Tensor& x, std::int64_t stride = 1)
{
    const at::Tensor& kernel = weights.at(name + ".weight");
    const std::int64_t padding = (kernel.size(2) - 1) / 2; // 4x4 with stride 2 pads 1, 1x1 pads 0
    return at::conv2d(x, kernel, weights.at(name + ".bias"), stride, padding);
}

at::Tensor groupNorm(const TensorMap& weights, const std::string& name, const at::Tensor& x)
{
    return at::group_norm(x, 8, weights.at(name + ".weight"), weights.at(name + ".bias"), 1e-5);
}

at::Tensor residual(const TensorMap& weights, const std::string& name, const at::Tensor& x)
{
    const at::Tensor inner = convolve(weights, name + ".first", at::silu(groupNorm(weights, name + ".norm", x)));
    return x + convolve(weights, name + ".second", at::silu(inner));
}

/// [scalars, 1, 1] of (levels - 1) / 2: half the number of steps between -1 and 1.
at::Tensor halfSteps(const ScenesConfig& config, const at::TensorOptions& options)
{
    at::Tensor half = at::empty({static_cast<std::int64_t>(config.levels.size()), 1, 1}, options);
    for (std::size_t i = 0; i < config.levels.size(); ++i) {
        half[static_cast<std::int64_t>(i)].fill_(0.5 * static_cast<double>(config.levels[i] - 1));
    }
    return half;
}

} // namespace

at::Tensor encodePictures(const ScenesConfig& config, const TensorMap& weights, const at::Tensor& pictures)
{
    (void)config;
    at::Tensor x = at::pixel_unshuffle(pictures, 4).contiguous(at::MemoryFormat::ChannelsLast);
    x = at::silu(convolve(weights, "encoder.in", x));
    x = convolve(weights, "encoder.down", x, 2);
    x = residual(weights, "encoder.residual", x);
    x = at::silu(groupNorm(weights, "encoder.norm", x));
    return at::tanh(convolve(weights, "encoder.out", x));
}

at::Tensor quantise(const ScenesConfig& config, const at::Tensor& scalars)
{
    const at::Tensor half = halfSteps(config, scalars.options());
    const at::Tensor plain = scalars.detach();
    const at::Tensor rounded = at::round((plain + 1.0) * half) / half - 1.0;
    return scalars + (rounded - plain);
}

at::Tensor codesOfScalars(const ScenesConfig& config, const at::Tensor& scalars)
{
    const at::Tensor half = halfSteps(config, scalars.options());
    const at::Tensor digits = at::round((scalars + 1.0) * half).to(at::kLong);
    at::Tensor codes = at::zeros_like(digits.select(1, 0));
    for (std::int64_t i = static_cast<std::int64_t>(config.levels.size()) - 1; i >= 0; --i) {
        codes = codes * config.levels[static_cast<std::size_t>(i)] + digits.select(1, i);
    }
    return codes.flatten(1).contiguous();
}

at::Tensor scalarsOfCodes(const ScenesConfig& config, const at::Tensor& codes, at::ScalarType type)
{
    at::Tensor rest = codes.view({codes.size(0), config.gridRows, config.gridColumns});
    std::vector<at::Tensor> scalars;
    for (const std::int64_t level : config.levels) {
        const at::Tensor digit = at::remainder(rest, level);
        scalars.push_back(digit.to(type) / (0.5 * static_cast<double>(level - 1)) - 1.0);
        rest = at::floor_divide(rest, level);
    }
    return at::stack(scalars, 1);
}

at::Tensor decodeScalars(const ScenesConfig& config, const TensorMap& weights, const at::Tensor& scalars)
{
    at::Tensor x = convolve(weights, "decoder.in", scalars.contiguous(at::MemoryFormat::ChannelsLast));
    x = residual(weights, "decoder.coarse", x);
    for (std::int64_t block = 0; block < config.decoderMore; ++block) {
        x = residual(weights, moreDecoderName(block), x);
    }
    x = at::pixel_shuffle(convolve(weights, "decoder.up", x), 2);
    x = at::silu(residual(weights, "decoder.fine", x.contiguous(at::MemoryFormat::ChannelsLast)));
    return at::pixel_shuffle(convolve(weights, "decoder.out", x), 4);
}

std::uint64_t decoderWeightBytes(const ScenesConfig& config)
{
    std::vector<TensorSpec> specs = tokenizerTensors(config);
    std::erase_if(specs, [](const TensorSpec& spec) { return !spec.name.starts_with("decoder."); });
    return parameterCount(specs) * sizeof(float);
}

std::uint64_t decoderPeakBytes(const ScenesConfig& config)
{
    const std::int64_t positions = config.gridRows * config.gridColumns;
    const std::int64_t coarse = config.coarse * positions;
    const std::int64_t fine = config.fine * 4 * positions;
    const std::int64_t picture = 3 * config.pictureRows() * config.pictureColumns();
    // What is there at once: a residual block's inputs and results, a shuffle's two copies beside what it shuffles, and what
    // clamping, scaling and rounding leave behind.
    const std::int64_t tensors = std::max({6 * coarse, coarse + 4 * fine, 7 * fine, fine + 3 * picture, 5 * picture});
    // A convolution of 3 x 3 may unfold its input, and put its weights in another order.
    const std::int64_t workspace = 9 * std::max(coarse, fine);
    const std::int64_t weights = 9 * config.coarse * std::max(4 * config.fine, config.coarse);
    return static_cast<std::uint64_t>(tensors + workspace + 2 * weights) * sizeof(float);
}

} // namespace jacobi
