// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/tarflow/tarflowmodel.h"

#include "core/decode/flowkernels.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cassert>
#include <limits>

namespace jacobi {
namespace {

PackedMatrix packedUnlessLarge(const at::Tensor& weight)
{
    constexpr std::int64_t kLargeLayer = 1 << 20; // the library is as fast there, and a second copy costs
    return weight.numel() <= kLargeLayer ? PackedMatrix(weight) : PackedMatrix();
}

} // namespace

FlowLayout tarflowLayout(const TarFlowConfig& config)
{
    FlowLayout layout;
    layout.blocks = static_cast<std::uint32_t>(config.blocks);
    layout.rows = layout.columns = static_cast<std::uint32_t>(config.grid);
    layout.channels = static_cast<std::uint32_t>(config.channels());
    layout.classes = static_cast<std::uint32_t>(config.classes);
    layout.affine = config.affine;
    layout.fittedStart = config.fittedStart;
    for (std::int64_t i = 0; i < config.blocks; ++i) {
        layout.reversed.push_back(isReversed(i));
    }
    return layout;
}

TarFlowModel::TarFlowModel(TarFlowWeights weights, std::vector<PackedBlock> packed)
    : m_weights(std::move(weights)),
      m_packed(std::move(packed)),
      m_layout(tarflowLayout(m_weights.config)),
      m_type(m_weights.variance.scalar_type())
{
}

TarFlowModel::TarFlowModel(TarFlowWeights weights) : TarFlowModel(std::move(weights), {})
{
    for (const TarFlowBlock& block : m_weights.blocks) {
        PackedBlock& packed = m_packed.emplace_back();
        packed.in = packedUnlessLarge(block.in.weight);
        packed.out = packedUnlessLarge(block.out.weight);
        for (const TarFlowLayer& layer : block.layers) {
            packed.layers.push_back({packedUnlessLarge(layer.qkv.weight), packedUnlessLarge(layer.proj.weight),
                                     packedUnlessLarge(layer.up.weight), packedUnlessLarge(layer.down.weight)});
        }
    }
}

std::unique_ptr<FlowModel> TarFlowModel::twin() const
{
    return std::unique_ptr<FlowModel>(new TarFlowModel(m_weights, m_packed));
}

/// out = x * weight^T + bias over the first `rows` rows.
template <class Real>
void TarFlowModel::project(const at::Tensor& x, const WeightBias& layer, const PackedMatrix& packed, at::Tensor& out,
                           std::int64_t rows)
{
    const std::int64_t outputs = layer.weight.size(0);
    const Real* bias = layer.bias.const_data_ptr<Real>();
    if (packed.defined()) {
        packed.multiplyInto(x, rows, out);
        kernels::addRows<Real>(bias, out.mutable_data_ptr<Real>(), rows, outputs);
    } else {
        kernels::fillRows<Real>(bias, out.mutable_data_ptr<Real>(), rows, outputs);
        out.narrow(0, 0, rows).addmm_(x.narrow(0, 0, rows), layer.weight.t());
    }
}

/// hidden += x * weight^T over the first `rows` rows.
template <class Real>
void TarFlowModel::addProduct(const at::Tensor& x, const WeightBias& layer, const PackedMatrix& packed,
                              std::int64_t rows)
{
    if (packed.defined()) {
        packed.multiplyInto(x, rows, m_product);
        kernels::addRows<Real>(m_product.const_data_ptr<Real>(), m_hidden.mutable_data_ptr<Real>(), 1,
                               rows * m_weights.config.width);
    } else {
        m_hidden.narrow(0, 0, rows).addmm_(x.narrow(0, 0, rows), layer.weight.t());
    }
}

at::Tensor TarFlowModel::scaledLatent(const at::Tensor& latent) const
{
    return latent * m_weights.variance.sqrt();
}

at::Tensor TarFlowModel::fittedStart(std::int64_t block, const at::Tensor& z) const
{
    const TarFlowBlock& weights = m_weights.blocks[static_cast<std::size_t>(block)];
    return weights.start.defined() ? weights.start.of(z, isReversed(block), m_condition.labels) : at::Tensor();
}

void TarFlowModel::begin(std::int64_t batch, const FlowCondition& condition, std::int64_t maxRows)
{
    const TarFlowConfig& config = m_weights.config;
    const std::int64_t branches = condition.guided ? 2 : 1;
    const bool fits = m_keys.defined() && m_batch == batch && m_branches == branches && m_maxRows >= maxRows;
    m_condition = condition;
    m_batch = batch;
    m_branches = branches;
    const std::int64_t lanes = batch * branches;
    const at::TensorOptions options = at::TensorOptions().dtype(m_type);
    m_scales = at::full({lanes}, 1.0 / 8.0, options); // 64^-1/2
    if (branches == 2) {
        m_scales.narrow(0, batch, batch).div_(condition.attentionTemperature);
    }
    if (fits) {
        return;
    }
    m_maxRows = maxRows;
    const std::vector<std::int64_t> cache{config.layers, lanes, config.heads(), config.tokens(),
                                          TarFlowConfig::kHeadSize};
    m_keys = at::zeros(cache, options);
    m_values = at::zeros(cache, options);
    const auto rows = [&](std::int64_t width) { return at::zeros({lanes * maxRows, width}, options); };
    m_input = rows(config.channels());
    m_hidden = rows(config.width);
    m_product = rows(config.width);
    m_normal = rows(config.width);
    m_qkv = rows(3 * config.width);
    m_feed = rows(4 * config.width);
    m_output = rows(config.outputs());
    m_mask = at::Tensor();
}

void TarFlowModel::enterBlock(std::int64_t block)
{
    m_block = &m_weights.blocks[static_cast<std::size_t>(block)];
    m_fast = &m_packed[static_cast<std::size_t>(block)];
    const at::Tensor positions = isReversed(block) ? m_block->positions.flip(0) : m_block->positions;
    m_positions = (positions + m_block->in.bias).contiguous();
    m_classes = at::Tensor();
    if (m_block->classes.defined()) {
        const at::Tensor guided = classTerm(*m_block, m_condition.labels).expand({m_batch, m_weights.config.width});
        m_classes = m_branches == 1 ? guided.contiguous()
                                    : at::cat({guided, classTerm(*m_block, {}).expand_as(guided)}).contiguous();
    }
}

template <class Real>
void TarFlowModel::embed(const at::Tensor& x, std::int64_t first, std::int64_t count)
{
    const std::int64_t channels = m_weights.config.channels();
    const std::int64_t width = m_weights.config.width;
    const std::int64_t tokens = m_weights.config.tokens();
    Real* input = m_input.mutable_data_ptr<Real>();
    Real* hidden = m_hidden.mutable_data_ptr<Real>();
    for (std::int64_t lane = 0; lane < m_batch * m_branches; ++lane) {
        const std::int64_t item = lane % m_batch;
        std::copy_n(x.const_data_ptr<Real>() + (item * tokens + first) * channels, count * channels,
                    input + lane * count * channels);
        Real* rows = hidden + lane * count * width;
        std::copy_n(m_positions.const_data_ptr<Real>() + first * width, count * width, rows);
        if (m_classes.defined()) {
            kernels::addRows<Real>(m_classes.const_data_ptr<Real>() + lane * width, rows, count, width);
        }
    }
    addProduct<Real>(m_input, m_block->in, m_fast->in, m_batch * m_branches * count);
}

template <class Real>
void TarFlowModel::attend(std::int64_t layer, std::int64_t first, std::int64_t count)
{
    constexpr std::int64_t kWideWindow = 32; // from here on the library's blocked attention is faster
    constexpr std::int64_t kLongHistory = 128;
    const std::int64_t lanes = m_batch * m_branches;
    const std::int64_t heads = m_weights.config.heads();
    const std::int64_t tokens = m_weights.config.tokens();
    const kernels::CachedShape shape{lanes, count, first, heads, TarFlowConfig::kHeadSize, tokens};
    const std::int64_t offset = layer * lanes * heads * tokens * TarFlowConfig::kHeadSize;
    Real* keys = m_keys.mutable_data_ptr<Real>() + offset;
    Real* values = m_values.mutable_data_ptr<Real>() + offset;
    const Real* qkv = m_qkv.const_data_ptr<Real>();
    kernels::storeKeysValues<Real>(qkv, keys, values, shape);
    if (count < kWideWindow || first + count < kLongHistory) {
        kernels::attendCached<Real>(qkv, keys, values, m_scales.const_data_ptr<Real>(),
                                    m_normal.mutable_data_ptr<Real>(), shape);
        return;
    }
    if (!m_mask.defined()) {
        m_mask = at::full({m_maxRows, tokens + m_maxRows}, -std::numeric_limits<double>::infinity(), m_keys.options())
                     .triu(tokens + 1);
    }
    const std::int64_t width = m_weights.config.width;
    const at::Tensor queries = m_qkv.narrow(0, 0, lanes * count)
                                   .view({lanes, count, 3, heads, TarFlowConfig::kHeadSize})
                                   .select(2, 0)
                                   .transpose(1, 2);
    const auto seen = [&](const at::Tensor& cache) { return cache.select(0, layer).narrow(2, 0, first + count); };
    // Column `tokens` of the mask is the window's own first row, so this slice ends where the window ends.
    const at::Tensor mask = m_mask.narrow(0, 0, count).narrow(1, tokens - first, first + count);
    const at::Tensor out = at::scaled_dot_product_attention(queries * m_scales.view({lanes, 1, 1, 1}), seen(m_keys),
                                                            seen(m_values), mask, 0.0, false, 1.0);
    m_normal.narrow(0, 0, lanes * count)
        .view({lanes, count, width})
        .copy_(out.transpose(1, 2).reshape({lanes, count, width}));
}

template <class Real>
void TarFlowModel::run(const at::Tensor& x, std::int64_t first, std::int64_t count)
{
    const std::int64_t width = m_weights.config.width;
    const std::int64_t rows = m_batch * m_branches * count;
    embed<Real>(x, first, count);
    const Real* pending = nullptr; // a bias that the next norm adds on its way
    const auto norm = [&](const WeightBias& layer) {
        kernels::addBiasNorm<Real>(pending, layer.weight.const_data_ptr<Real>(), layer.bias.const_data_ptr<Real>(),
                                   m_hidden.mutable_data_ptr<Real>(), m_normal.mutable_data_ptr<Real>(), rows, width);
    };
    for (std::int64_t j = 0; j < m_weights.config.layers; ++j) {
        const TarFlowLayer& layer = m_block->layers[static_cast<std::size_t>(j)];
        const PackedLayer& fast = m_fast->layers[static_cast<std::size_t>(j)];
        norm(layer.attentionNorm);
        project<Real>(m_normal, layer.qkv, fast.qkv, m_qkv, rows);
        attend<Real>(j, first, count);
        addProduct<Real>(m_normal, layer.proj, fast.proj, rows);
        pending = layer.proj.bias.const_data_ptr<Real>();
        norm(layer.feedNorm);
        project<Real>(m_normal, layer.up, fast.up, m_feed, rows);
        kernels::gelu<Real>(m_feed.mutable_data_ptr<Real>(), rows * 4 * width);
        addProduct<Real>(m_feed, layer.down, fast.down, rows);
        pending = layer.down.bias.const_data_ptr<Real>();
    }
    if (pending != nullptr) {
        kernels::addRows<Real>(pending, m_hidden.mutable_data_ptr<Real>(), rows, width);
    }
    project<Real>(m_hidden, m_block->out, m_fast->out, m_output, rows);
}

at::Tensor TarFlowModel::pass(const at::Tensor& x, std::int64_t first, std::int64_t count)
{
    assert(m_block != nullptr && count > 0 && count <= m_maxRows && first + count <= m_weights.config.tokens());
    assert(x.is_contiguous() && x.scalar_type() == m_type && x.size(0) == m_batch);
    if (m_type == at::kDouble) {
        run<double>(x, first, count);
    } else {
        run<float>(x, first, count);
    }
    return m_output.narrow(0, 0, m_batch * m_branches * count)
        .view({m_branches, m_batch, count, m_weights.config.outputs()});
}

} // namespace jacobi
