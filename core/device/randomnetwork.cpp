// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/randomnetwork.h"

#include <ATen/ATen.h>

#include <cmath>

namespace jacobi {
namespace {

constexpr double kDeviation = 0.025;
constexpr double kRotaryBase = 10000.0;

RotaryTable lineRotary(std::int64_t places, std::int64_t headSize)
{
    const std::int64_t half = headSize / 2;
    const at::Tensor frequencies =
        at::exp(at::arange(half, at::kDouble) * (-std::log(kRotaryBase) / static_cast<double>(half)));
    const at::Tensor angles = at::arange(places, at::kDouble).unsqueeze(1) * frequencies.unsqueeze(0);
    return {angles.cos().to(at::kFloat).unsqueeze(0), angles.sin().to(at::kFloat).unsqueeze(0)};
}

} // namespace

NetworkDescription randomNetwork(const TransformerShape& shape, const at::TensorOptions& options, std::uint64_t seed)
{
    at::manual_seed(seed);
    const auto matrix = [&](std::int64_t rows, std::int64_t columns) {
        return at::randn({rows, columns}, options).mul_(kDeviation);
    };
    const auto scale = [&](std::int64_t width) { return at::randn({width}, options).mul_(0.1).add_(1.0); };
    NetworkDescription network;
    network.shape = shape;
    network.table = at::randn({shape.codes, shape.width}, options);
    network.parts = {{EmbedPart::Source::Previous, 0, 0, 0}};
    for (std::int64_t layer = 0; layer < shape.layers; ++layer) {
        BlockWeights block;
        block.attentionNorm = scale(shape.width);
        block.qkv = matrix(shape.projections(), shape.width);
        block.queryScale = scale(shape.headSize);
        block.keyScale = scale(shape.headSize);
        block.attentionOut = matrix(shape.width, shape.heads * shape.headSize);
        block.feedNorm = scale(shape.width);
        block.gateUp = matrix(2 * shape.feed, shape.width);
        block.down = matrix(shape.width, shape.feed);
        network.blocks.push_back(std::move(block));
    }
    network.norm = scale(shape.width);
    network.head = matrix(shape.codes, shape.width);
    network.rotary = [size = shape.headSize](std::int64_t places) { return lineRotary(places, size); };
    network.unconditionalPrompt = {1, 0};
    return network;
}

TokenLayout lineLayout(std::int64_t rows, std::int64_t columns, std::int64_t codes)
{
    TokenLayout layout;
    layout.rows = static_cast<std::uint32_t>(rows);
    layout.columns = static_cast<std::uint32_t>(columns);
    layout.codes = static_cast<std::uint32_t>(codes);
    return layout;
}

} // namespace jacobi
