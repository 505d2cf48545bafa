// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/tarflow/devicetarflowstack.h"

#include "core/decode/flowkernels.h"
#include "models/tarflow/tarflowmodel.h"

#include <ATen/ATen.h>

#include <utility>

namespace jacobi {

template <class Of>
DeviceTarFlowStack::Stack DeviceTarFlowStack::stackOf(Of of) const
{
    std::vector<at::Tensor> weights;
    std::vector<at::Tensor> biases;
    for (const TarFlowBlock& block : m_weights.blocks) {
        const WeightBias& own = of(block);
        weights.push_back(own.weight.dim() == 1 ? own.weight.unsqueeze(0) : own.weight.t());
        biases.push_back(own.bias.unsqueeze(0));
    }
    return {at::stack(weights).contiguous(), at::stack(biases).contiguous()};
}

DeviceTarFlowStack::DeviceTarFlowStack(TarFlowWeights weights)
    : m_weights(std::move(weights)),
      m_layout(tarflowLayout(m_weights.config)),
      m_blocks(m_weights.config.blocks),
      m_in(stackOf([](const TarFlowBlock& block) -> const WeightBias& { return block.in; })),
      m_out(stackOf([](const TarFlowBlock& block) -> const WeightBias& { return block.out; }))
{
    for (std::size_t j = 0; j < static_cast<std::size_t>(m_weights.config.layers); ++j) {
        const auto part = [&](WeightBias TarFlowLayer::*member) {
            return stackOf([=](const TarFlowBlock& block) -> const WeightBias& { return block.layers[j].*member; });
        };
        m_layers.push_back({part(&TarFlowLayer::attentionNorm), part(&TarFlowLayer::qkv), part(&TarFlowLayer::proj),
                            part(&TarFlowLayer::feedNorm), part(&TarFlowLayer::up), part(&TarFlowLayer::down)});
    }
}

at::Tensor DeviceTarFlowStack::scaledLatent(const at::Tensor& latent) const
{
    return latent * m_weights.variance.sqrt();
}

at::Tensor DeviceTarFlowStack::fittedStart(std::int64_t block, const at::Tensor& z) const
{
    const StartGuess& start = m_weights.blocks[static_cast<std::size_t>(block)].start;
    return start.defined() ? start.of(z, isReversed(block), m_condition.labels) : at::Tensor();
}

void DeviceTarFlowStack::makeRoom(const FlowRoom& room)
{
    const TarFlowConfig& config = m_weights.config;
    const auto options = m_weights.variance.options();
    const std::int64_t lanes = m_blocks * room.lanes();
    m_room = room;
    m_keys.clear();
    m_values.clear();
    for (std::size_t layer = 0; layer < m_layers.size(); ++layer) {
        for (auto* cache : {&m_keys, &m_values}) {
            cache->push_back(at::zeros({lanes, config.heads(), room.places, TarFlowConfig::kHeadSize}, options));
        }
    }
    m_scales = at::zeros({lanes, 1, 1, 1}, options);
    m_positions = at::zeros({m_blocks, room.places, config.width}, options);
    m_classes = at::zeros({m_blocks, room.branches, room.batch, 1, config.width}, options);
}

void DeviceTarFlowStack::setCondition(const FlowCondition& condition)
{
    m_condition = condition;
    m_scales.fill_(1.0 / 8.0); // 64^-1/2
    if (m_room.branches == 2) {
        m_scales.view({m_blocks, 2, m_room.batch}).select(1, 1).div_(condition.attentionTemperature);
    }
}

void DeviceTarFlowStack::enterBlock(std::int64_t block)
{
    const TarFlowBlock& own = m_weights.blocks[static_cast<std::size_t>(block)];
    const at::Tensor positions = isReversed(block) ? own.positions.flip(0) : own.positions;
    m_positions[block].narrow(0, 0, m_weights.config.tokens()).copy_(positions + own.in.bias);
    if (own.classes.defined()) {
        m_classes[block][0].copy_(classTerm(own, m_condition.labels).unsqueeze(1).expand_as(m_classes[block][0]));
        if (m_room.branches == 2) {
            m_classes[block][1].copy_(classTerm(own, {}).unsqueeze(1).expand_as(m_classes[block][1]));
        }
    }
    // Places that nothing was read at yet are masked, but a number that is none would reach through a mask.
    for (std::size_t layer = 0; layer < m_layers.size(); ++layer) {
        m_keys[layer].narrow(0, block * m_room.lanes(), m_room.lanes()).zero_();
        m_values[layer].narrow(0, block * m_room.lanes(), m_room.lanes()).zero_();
    }
}

at::Tensor DeviceTarFlowStack::attend(const at::Tensor& qkv, std::size_t layer, const FlowRows& rows)
{
    const std::int64_t count = rows.places.size(0);
    const std::int64_t heads = m_weights.config.heads();
    const at::Tensor parts =
        qkv.view({m_blocks * m_room.lanes(), count, 3, heads, TarFlowConfig::kHeadSize}).transpose(1, 3);
    // [blocks * lanes, heads, 3, rows, 64]
    m_keys[layer].index_copy_(2, rows.places, parts.select(2, 1));
    m_values[layer].index_copy_(2, rows.places, parts.select(2, 2));
    const at::Tensor queries = parts.select(2, 0) * m_scales;
    const at::Tensor seen =
        at::scaled_dot_product_attention(queries, m_keys[layer], m_values[layer], rows.mask, 0.0, false, 1.0);
    return seen.transpose(1, 2).reshape({m_blocks, m_room.lanes() * count, m_weights.config.width});
}

at::Tensor DeviceTarFlowStack::enqueue(const at::Tensor& x, const FlowRows& rows)
{
    const TarFlowConfig& config = m_weights.config;
    const std::int64_t count = rows.places.size(0);
    const std::int64_t batch = m_room.batch;
    const auto norm = [&](const at::Tensor& h, const Stack& layer) {
        return at::addcmul(layer.bias, at::layer_norm(h, {h.size(-1)}, {}, {}, kernels::kLayerNormEpsilon),
                           layer.weight);
    };
    const auto linear = [&](const at::Tensor& y, const Stack& layer) {
        return at::baddbmm(layer.bias, y, layer.weight);
    };
    const at::Tensor read = x.index_select(1, rows.places).view({m_blocks, batch * count, config.channels()});
    const at::Tensor input = at::bmm(read, m_in.weight).view({m_blocks, 1, batch, count, config.width});
    const at::Tensor placed = m_positions.index_select(1, rows.places).view({m_blocks, 1, 1, count, config.width});
    at::Tensor h = (input + (placed + m_classes)).view({m_blocks, m_room.lanes() * count, config.width});
    for (std::size_t j = 0; j < m_layers.size(); ++j) {
        const Layer& layer = m_layers[j];
        const at::Tensor seen = attend(linear(norm(h, layer.attentionNorm), layer.qkv), j, rows);
        h = h + linear(seen, layer.proj);
        const at::Tensor fed = at::gelu(linear(norm(h, layer.feedNorm), layer.up));
        h = h + linear(fed, layer.down);
    }
    return linear(h, m_out)
        .view({m_blocks, m_room.branches, batch, count, config.outputs()})
        .transpose(0, 1)
        .reshape({m_room.branches, m_blocks * batch, count, config.outputs()});
}

} // namespace jacobi
