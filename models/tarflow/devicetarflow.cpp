// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/tarflow/devicetarflow.h"

#include "core/decode/flowkernels.h"
#include "models/tarflow/devicetarflowstack.h"
#include "models/tarflow/tarflowmodel.h"

#include <ATen/ATen.h>

#include <cassert>

namespace jacobi {
namespace {

/// Numbers of tokens in raster order, in the order of a block.
at::Tensor inOrder(std::int64_t block, const at::Tensor& numbers)
{
    return isReversed(block) ? numbers.flip(0) : numbers;
}

} // namespace

TarFlowWeights placedOn(const TarFlowWeights& weights, at::Device device)
{
    const auto moved = [device](const at::Tensor& tensor) {
        return tensor.defined() ? tensor.to(device).contiguous() : tensor;
    };
    const auto both = [&](const WeightBias& pair) { return WeightBias{moved(pair.weight), moved(pair.bias)}; };
    TarFlowWeights placed;
    placed.config = weights.config;
    placed.variance = moved(weights.variance);
    placed.basis = moved(weights.basis);
    for (const TarFlowBlock& block : weights.blocks) {
        TarFlowBlock& to = placed.blocks.emplace_back();
        to.in = both(block.in);
        to.positions = moved(block.positions);
        to.classes = moved(block.classes);
        to.dropped = moved(block.dropped);
        for (const TarFlowLayer& layer : block.layers) {
            to.layers.push_back({both(layer.attentionNorm), both(layer.qkv), both(layer.proj), both(layer.feedNorm),
                                 both(layer.up), both(layer.down)});
        }
        to.out = both(block.out);
        to.start = {moved(block.start.scale), moved(block.start.shift), moved(block.start.near),
                    moved(block.start.classes)};
    }
    return placed;
}

DeviceTarFlow::DeviceTarFlow(TarFlowWeights weights)
    : m_weights(std::move(weights)), m_layout(tarflowLayout(m_weights.config))
{
}

at::Tensor DeviceTarFlow::scaledLatent(const at::Tensor& latent) const
{
    return latent * m_weights.variance.sqrt();
}

at::Tensor DeviceTarFlow::fittedStart(std::int64_t block, const at::Tensor& z) const
{
    const TarFlowBlock& weights = m_weights.blocks[static_cast<std::size_t>(block)];
    return weights.start.defined() ? weights.start.of(z, isReversed(block), m_condition.labels) : at::Tensor();
}

std::unique_ptr<FlowNetwork> DeviceTarFlow::stacked() const
{
    return std::make_unique<DeviceTarFlowStack>(m_weights);
}

void DeviceTarFlow::makeRoom(const FlowRoom& room)
{
    const TarFlowConfig& config = m_weights.config;
    const auto options = m_weights.variance.options();
    m_room = room;
    m_keys.clear();
    m_values.clear();
    for (std::int64_t layer = 0; layer < config.layers; ++layer) {
        for (auto* cache : {&m_keys, &m_values}) {
            cache->push_back(at::zeros({room.lanes(), config.heads(), room.places, TarFlowConfig::kHeadSize}, options));
        }
    }
    m_scales = at::zeros({room.lanes(), 1, 1, 1}, options);
    m_positions = at::zeros({room.places, config.width}, options);
    m_classes = at::zeros({room.lanes(), 1, config.width}, options);
}

void DeviceTarFlow::setCondition(const FlowCondition& condition)
{
    m_condition = condition;
    m_scales.fill_(1.0 / 8.0); // 64^-1/2
    if (m_room.branches == 2) {
        m_scales.narrow(0, m_room.batch, m_room.batch).div_(condition.attentionTemperature);
    }
}

void DeviceTarFlow::enterBlock(std::int64_t block)
{
    const std::int64_t width = m_weights.config.width;
    m_block = &m_weights.blocks[static_cast<std::size_t>(block)];
    m_positions.narrow(0, 0, m_weights.config.tokens()).copy_(inOrder(block, m_block->positions) + m_block->in.bias);
    if (m_block->classes.defined()) {
        m_classes.narrow(0, 0, m_room.batch)
            .copy_(classTerm(*m_block, m_condition.labels).unsqueeze(1).expand({m_room.batch, 1, width}));
        if (m_room.branches == 2) {
            m_classes.narrow(0, m_room.batch, m_room.batch)
                .copy_(classTerm(*m_block, {}).unsqueeze(1).expand({m_room.batch, 1, width}));
        }
    }
    // Places that nothing was read at yet are masked, but a number that is none would reach through a mask.
    for (std::size_t layer = 0; layer < m_keys.size(); ++layer) {
        m_keys[layer].zero_();
        m_values[layer].zero_();
    }
}

at::Tensor DeviceTarFlow::attend(const at::Tensor& qkv, std::size_t layer, const FlowRows& rows)
{
    const std::int64_t count = qkv.size(1);
    const at::Tensor parts =
        qkv.view({m_room.lanes(), count, 3, m_weights.config.heads(), TarFlowConfig::kHeadSize}).transpose(1, 3);
    // [lanes, heads, 3, rows, 64]
    m_keys[layer].index_copy_(2, rows.places, parts.select(2, 1));
    m_values[layer].index_copy_(2, rows.places, parts.select(2, 2));
    const at::Tensor queries = parts.select(2, 0) * m_scales;
    const at::Tensor seen =
        at::scaled_dot_product_attention(queries, m_keys[layer], m_values[layer], rows.mask, 0.0, false, 1.0);
    return seen.transpose(1, 2).reshape({m_room.lanes(), count, m_weights.config.width});
}

at::Tensor DeviceTarFlow::enqueue(const at::Tensor& x, const FlowRows& rows)
{
    assert(m_block != nullptr);
    const auto norm = [&](const at::Tensor& h, const WeightBias& layer) {
        return at::layer_norm(h, {h.size(-1)}, layer.weight, layer.bias, kernels::kLayerNormEpsilon);
    };
    const auto linear = [&](const at::Tensor& y, const WeightBias& layer) {
        return at::linear(y, layer.weight, layer.bias);
    };
    const at::Tensor input = at::linear(x.index_select(1, rows.places), m_block->in.weight);
    const at::Tensor lanes = m_room.branches == 1 ? input : input.repeat({m_room.branches, 1, 1});
    const at::Tensor placed = m_positions.index_select(0, rows.places).add(m_classes); // [lanes, rows, width]
    at::Tensor h = lanes + placed;
    for (std::size_t j = 0; j < m_block->layers.size(); ++j) {
        const TarFlowLayer& layer = m_block->layers[j];
        const at::Tensor seen = attend(linear(norm(h, layer.attentionNorm), layer.qkv), j, rows);
        h = h + linear(seen, layer.proj);
        const at::Tensor fed = at::gelu(linear(norm(h, layer.feedNorm), layer.up));
        h = h + linear(fed, layer.down);
    }
    return linear(h, m_block->out)
        .view({m_room.branches, m_room.batch, rows.places.size(0), m_weights.config.outputs()});
}

} // namespace jacobi
