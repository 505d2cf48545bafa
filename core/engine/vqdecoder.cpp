// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/vqdecoder.h"

#include "core/engine/modelfamily.h"

#include <ATen/ATen.h>

#include <cmath>

namespace jacobi {
namespace {

constexpr std::int64_t kGroups = 32;
constexpr double kEpsilon = 1e-6;
constexpr std::int64_t kColours = 3;

} // namespace

VqDecoder::VqDecoder(const VqShape& shape, std::int64_t rows, std::int64_t columns, std::int64_t codes,
                     const at::TensorOptions& options, at::MemoryFormat format, std::uint64_t seed)
    : m_rows(rows), m_columns(columns), m_options(options), m_format(format)
{
    at::manual_seed(seed);
    m_codebook = at::randn({codes, shape.embedding}, options.dtype(at::kFloat)).to(options);
    using Kind = Layer::Kind;
    std::int64_t pixels = rows * columns;
    std::int64_t channels = shape.width * shape.multipliers[static_cast<std::size_t>(shape.levels() - 1)];
    m_layers.push_back({Kind::Convolution, pixels, {}, {convolution(shape.embedding, shape.latent, 1)}});
    m_layers.push_back({Kind::Convolution, pixels, {}, {convolution(shape.latent, channels, 3)}});
    m_layers.push_back(residual(channels, channels, pixels));
    m_layers.push_back(attention(channels, pixels));
    m_layers.push_back(residual(channels, channels, pixels));
    for (std::int64_t level = shape.levels() - 1; level >= 0; --level) {
        const std::int64_t out = shape.width * shape.multipliers[static_cast<std::size_t>(level)];
        for (std::int64_t block = 0; block <= shape.blocks; ++block) {
            m_layers.push_back(residual(channels, out, pixels));
            channels = out;
            if (shape.attendsLevel && level == shape.levels() - 1) {
                m_layers.push_back(attention(channels, pixels));
            }
        }
        if (level > 0) {
            pixels *= 4;
            m_layers.push_back({Kind::Upsample, pixels, {}, {convolution(channels, channels, 3)}});
        }
    }
    m_layers.push_back({Kind::Output, pixels, {norm(channels)}, {convolution(channels, kColours, 3)}});
}

VqDecoder::Convolution VqDecoder::convolution(std::int64_t in, std::int64_t out, std::int64_t side) const
{
    const double deviation = 1.0 / std::sqrt(static_cast<double>(in * side * side)); // keeps the numbers' size
    const at::TensorOptions wide = m_options.dtype(at::kFloat);
    return {at::randn({out, in, side, side}, wide).mul_(deviation).to(m_options).contiguous(m_format),
            at::randn({out}, wide).mul_(0.1).to(m_options), in, out, side};
}

VqDecoder::Norm VqDecoder::norm(std::int64_t channels) const
{
    const at::TensorOptions wide = m_options.dtype(at::kFloat);
    return {at::randn({channels}, wide).mul_(0.1).add_(1.0).to(m_options),
            at::randn({channels}, wide).mul_(0.1).to(m_options)};
}

VqDecoder::Layer VqDecoder::residual(std::int64_t in, std::int64_t out, std::int64_t pixels) const
{
    Layer layer{
        Layer::Kind::Residual, pixels, {norm(in), norm(out)}, {convolution(in, out, 3), convolution(out, out, 3)}};
    if (in != out) {
        layer.convolutions.push_back(convolution(in, out, 1));
    }
    return layer;
}

VqDecoder::Layer VqDecoder::attention(std::int64_t channels, std::int64_t pixels) const
{
    return {Layer::Kind::Attention,
            pixels,
            {norm(channels)},
            {convolution(channels, 3 * channels, 1), convolution(channels, channels, 1)}};
}

at::Tensor VqDecoder::run(const Layer& layer, const at::Tensor& x) const
{
    const auto convolve = [&](std::size_t i, const at::Tensor& in) {
        const Convolution& convolution = layer.convolutions[i];
        return at::conv2d(in, convolution.kernel, convolution.bias, 1, (convolution.side - 1) / 2);
    };
    const auto active = [&](std::size_t i, const at::Tensor& in) {
        return at::silu(at::group_norm(in, kGroups, layer.norms[i].scale, layer.norms[i].shift, kEpsilon));
    };
    switch (layer.kind) {
    case Layer::Kind::Convolution: return convolve(0, x);
    case Layer::Kind::Residual: {
        const at::Tensor inner = convolve(1, active(1, convolve(0, active(0, x))));
        return (layer.convolutions.size() > 2 ? convolve(2, x) : x) + inner;
    }
    case Layer::Kind::Attention: return attend(layer, x);
    case Layer::Kind::Upsample: return convolve(0, at::upsample_nearest2d(x, {2 * x.size(2), 2 * x.size(3)}, 2.0, 2.0));
    case Layer::Kind::Output: return convolve(0, active(0, x));
    }
    return x;
}

/// One head of all channels, every place looking at every other.
at::Tensor VqDecoder::attend(const Layer& layer, const at::Tensor& x) const
{
    const std::int64_t items = x.size(0), channels = x.size(1), places = x.size(2) * x.size(3);
    const at::Tensor normal = at::group_norm(x, kGroups, layer.norms[0].scale, layer.norms[0].shift, kEpsilon);
    const at::Tensor qkv = at::conv2d(normal, layer.convolutions[0].kernel, layer.convolutions[0].bias)
                               .reshape({items, 3, channels, places});
    const at::Tensor scores = at::bmm(qkv.select(1, 0).transpose(1, 2), qkv.select(1, 1))
                                  .mul_(1.0 / std::sqrt(static_cast<double>(channels)));
    const at::Tensor mixed = at::bmm(qkv.select(1, 2), at::softmax(scores, 2).transpose(1, 2));
    return x + at::conv2d(mixed.view({items, channels, x.size(2), x.size(3)}).contiguous(m_format),
                          layer.convolutions[1].kernel, layer.convolutions[1].bias);
}

at::Tensor VqDecoder::pixels(const at::Tensor& codes) const
{
    at::Tensor x = m_codebook.index_select(0, codes.flatten())
                       .view({codes.size(0), m_rows, m_columns, m_codebook.size(1)})
                       .permute({0, 3, 1, 2})
                       .contiguous(m_format);
    for (const Layer& layer : m_layers) {
        x = run(layer, x);
    }
    return x;
}

at::Tensor VqDecoder::decode(const at::Tensor& codes)
{
    return bytesOfValues(pixels(codes.to(m_codebook.device())).to(at::kFloat));
}

VqCost VqDecoder::cost() const
{
    VqCost cost;
    for (const Layer& layer : m_layers) {
        const auto pixels = static_cast<double>(layer.pixels);
        for (const Convolution& convolution : layer.convolutions) {
            const auto weights = static_cast<double>(convolution.kernel.numel());
            cost.operations += 2.0 * weights * pixels;
            cost.numbers += 2.0 * static_cast<double>(convolution.out) * pixels + weights;
        }
        if (layer.kind == Layer::Kind::Attention) { // scores and their sums of values; scores need not reach memory
            const auto channels = static_cast<double>(layer.convolutions[1].in);
            cost.operations += 4.0 * channels * pixels * pixels;
            cost.numbers += 2.0 * channels * pixels;
        }
    }
    return cost;
}

} // namespace jacobi
