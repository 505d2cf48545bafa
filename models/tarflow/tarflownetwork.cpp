// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/tarflow/tarflownetwork.h"

#include "core/decode/flowkernels.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>
#include <c10/core/InferenceMode.h>
#include <torch/csrc/autograd/autograd.h>

namespace jacobi {
namespace {

at::Tensor layerNorm(const at::Tensor& x, const WeightBias& norm)
{
    return at::layer_norm(x, {x.size(-1)}, norm.weight, norm.bias, kernels::kLayerNormEpsilon);
}

at::Tensor linear(const at::Tensor& x, const WeightBias& layer)
{
    return at::linear(x, layer.weight, layer.bias);
}

/// [batch, tokens, width] -> the same, every token seeing itself and those before it.
at::Tensor attention(const at::Tensor& x, const TarFlowLayer& layer)
{
    const std::int64_t batch = x.size(0);
    const std::int64_t tokens = x.size(1);
    const at::Tensor qkv = linear(x, layer.qkv).view({batch, tokens, 3, -1, TarFlowConfig::kHeadSize});
    const auto heads = [&](std::int64_t part) { return qkv.select(2, part).transpose(1, 2); };
    const at::Tensor seen = at::scaled_dot_product_attention(heads(0), heads(1), heads(2), std::nullopt, 0.0, true);
    return linear(seen.transpose(1, 2).reshape({batch, tokens, -1}), layer.proj);
}

} // namespace

TarFlowWeights tarflowWeights(const TarFlowConfig& config, const TarFlowTensors& tensors)
{
    TarFlowWeights weights;
    weights.config = config;
    weights.variance = tensors.at("var");
    if (config.basis) {
        weights.basis = tensors.at("basis");
    }
    const auto pair = [&](const std::string& name) {
        return WeightBias{tensors.at(name + ".weight"), tensors.at(name + ".bias")};
    };
    for (std::int64_t i = 0; i < config.blocks; ++i) {
        const std::string block = "blocks." + std::to_string(i) + ".";
        TarFlowBlock& to = weights.blocks.emplace_back();
        to.in = pair(block + "proj_in");
        to.out = pair(block + "proj_out");
        to.positions = tensors.at(block + "pos_embed");
        if (config.classes > 0) {
            to.classes = tensors.at(block + "class_embed").squeeze(1);
        }
        if (config.droppedRow) {
            to.dropped = tensors.at(block + "class_embed_dropped");
        }
        if (config.fittedStart) {
            to.start.scale = tensors.at(block + "start_scale");
            to.start.shift = tensors.at(block + "start_shift");
            to.start.near = tensors.at(block + "start_near");
            if (config.classes > 0) {
                to.start.classes = tensors.at(block + "start_class");
            }
        }
        for (std::int64_t j = 0; j < config.layers; ++j) {
            const std::string layer = block + "attn_blocks." + std::to_string(j) + ".";
            to.layers.push_back({pair(layer + "attention.norm"), pair(layer + "attention.qkv"),
                                 pair(layer + "attention.proj"), pair(layer + "mlp.norm"), pair(layer + "mlp.main.0"),
                                 pair(layer + "mlp.main.2")});
        }
    }
    return weights;
}

at::Tensor tokensOfImages(const TarFlowWeights& weights, const at::Tensor& images)
{
    const TarFlowConfig& config = weights.config;
    const std::int64_t g = config.grid;
    const std::int64_t p = config.patch;
    const at::Tensor patches = images.reshape({-1, config.colours, g, p, g, p})
                                   .permute({0, 2, 4, 1, 3, 5})
                                   .reshape({-1, config.tokens(), config.channels()});
    return weights.basis.defined() ? at::matmul(patches, weights.basis.t()) : patches;
}

at::Tensor imagesOfTokens(const TarFlowWeights& weights, const at::Tensor& tokens)
{
    const TarFlowConfig& config = weights.config;
    const std::int64_t g = config.grid;
    const std::int64_t p = config.patch;
    const at::Tensor patches = weights.basis.defined() ? at::matmul(tokens, weights.basis) : tokens;
    return patches.reshape({-1, g, g, config.colours, p, p})
        .permute({0, 3, 1, 4, 2, 5})
        .reshape({-1, config.colours, config.side(), config.side()});
}

at::Tensor classTerm(const TarFlowBlock& block, const std::vector<std::int64_t>& labels)
{
    if (!block.classes.defined()) {
        return {};
    }
    const at::Tensor none = block.dropped.defined() ? block.dropped : block.classes.mean(0, true);
    if (labels.empty()) {
        return none;
    }
    std::vector<at::Tensor> rows;
    for (const std::int64_t label : labels) {
        rows.push_back(label < 0 ? none : block.classes.narrow(0, label, 1));
    }
    return at::cat(rows);
}

at::Tensor blockParameters(const TarFlowWeights& weights, std::int64_t block, const at::Tensor& u,
                           const std::vector<std::int64_t>& labels)
{
    const TarFlowBlock& w = weights.blocks[static_cast<std::size_t>(block)];
    at::Tensor h = linear(u, w.in) + (isReversed(block) ? w.positions.flip(0) : w.positions);
    if (const at::Tensor term = classTerm(w, labels); term.defined()) {
        h = h + term.unsqueeze(1);
    }
    for (const TarFlowLayer& layer : w.layers) {
        h = h + attention(layerNorm(h, layer.attentionNorm), layer);
        h = h + linear(at::gelu(linear(layerNorm(h, layer.feedNorm), layer.up)), layer.down);
    }
    return linear(h, w.out); // no norm in front of it
}

ScaleShift shiftedParameters(const TarFlowConfig& config, const at::Tensor& parameters)
{
    const std::int64_t c = config.channels();
    const at::Tensor moved =
        at::cat({at::zeros_like(parameters.narrow(1, 0, 1)), parameters.narrow(1, 0, config.tokens() - 1)}, 1);
    if (!config.affine) {
        return {at::zeros_like(moved), moved};
    }
    return {moved.narrow(2, 0, c), moved.narrow(2, c, c)};
}

BlockForward blockForward(const TarFlowWeights& weights, std::int64_t block, const at::Tensor& tokens,
                          const std::vector<std::int64_t>& labels)
{
    const bool reversed = isReversed(block);
    const at::Tensor u = reversed ? tokens.flip(1) : tokens;
    BlockForward result;
    result.parameters = blockParameters(weights, block, u, labels);
    const ScaleShift shifted = shiftedParameters(weights.config, result.parameters);
    const at::Tensor z = (u - shifted.shift) * at::exp(-shifted.logScale);
    result.z = reversed ? z.flip(1) : z;
    result.logDeterminant = -shifted.logScale.mean(at::IntArrayRef{1, 2});
    return result;
}

TarFlowForward tarflowForward(const TarFlowWeights& weights, const at::Tensor& images,
                              const std::vector<std::int64_t>& labels)
{
    TarFlowForward result;
    result.tokens = tokensOfImages(weights, images);
    result.z = result.tokens;
    result.logDeterminants = at::zeros({images.size(0)}, images.options());
    for (std::int64_t i = 0; i < weights.config.blocks; ++i) {
        result.blocks.push_back(blockForward(weights, i, result.z, labels));
        result.z = result.blocks.back().z;
        result.logDeterminants = result.logDeterminants + result.blocks.back().logDeterminant;
    }
    result.loss = 0.5 * result.z.square().mean() - result.logDeterminants.mean();
    return result;
}

Denoised denoise(const TarFlowWeights& weights, const at::Tensor& images, const std::vector<std::int64_t>& labels,
                 double noise, double multiplier)
{
    // Wherever it is called from: the gradient is wanted here.
    const c10::InferenceMode recording(false);
    const c10::AutoGradMode gradients(true);
    const at::Tensor input = images.detach().clone().requires_grad_(true);
    const at::Tensor loss = tarflowForward(weights, input, labels).loss;
    Denoised result;
    result.gradient = torch::autograd::grad({loss}, {input}).front();
    result.loss = loss.detach();
    // The loss is a mean over all numbers of the batch, the density of a picture a product over its own.
    result.step = multiplier * static_cast<double>(input.numel()) * noise * noise;
    result.images = input.detach() - result.step * result.gradient;
    return result;
}

} // namespace jacobi
