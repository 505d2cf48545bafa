// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/devicetransformer.h"

#include "core/cuda/devicememory.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <array>
#include <utility>

namespace jacobi {
namespace {

at::Tensor placed(const at::Tensor& tensor, at::ScalarType type, at::Device device)
{
    return tensor.defined() ? tensor.to(device, type).contiguous() : tensor;
}

const void* dataOf(const at::Tensor& tensor)
{
    return tensor.defined() ? tensor.const_data_ptr() : nullptr;
}

std::uint32_t count(std::int64_t number)
{
    return static_cast<std::uint32_t>(number);
}

/// The matrices of a block, by rows and columns.
std::array<std::pair<std::int64_t, std::int64_t>, 4> matricesOf(const TransformerShape& shape)
{
    return {{{shape.projections(), shape.width},
             {shape.width, shape.heads * shape.headSize},
             {2 * shape.feed, shape.width},
             {shape.width, shape.feed}}};
}

/// What our products work in, at most, on any card and of any number of rows.
std::uint64_t partialBytes(const TransformerShape& shape, const DeviceTransformer::Room& room,
                           DevicePrecision precision)
{
    std::uint64_t most = 0;
    const auto add = [&](std::int64_t out, std::int64_t in) {
        ProductJob job;
        job.kind = precision == DevicePrecision::Int8 ? ProductWeights::Int8 : ProductWeights::BFloat16;
        job.rows = static_cast<std::uint32_t>(std::min(room.lanes * room.maxRows, kSplitRows));
        job.in = static_cast<std::uint32_t>(in);
        job.out = static_cast<std::uint32_t>(out);
        job.splits = std::min(kMostSplits, job.parts());
        most = std::max(most, job.partialFloats());
    };
    for (const auto& [out, in] : matricesOf(shape)) {
        add(out, in);
    }
    add(shape.codes, shape.width);
    return most * sizeof(float);
}

} // namespace

NumberType numberTypeOf(at::ScalarType type)
{
    return type == at::kDouble     ? NumberType::Float64
           : type == at::kBFloat16 ? NumberType::BFloat16
                                   : NumberType::Float32;
}

std::uint64_t DeviceWeights::matrixBytes() const
{
    std::uint64_t bytes = head.bytes();
    for (const Block& block : blocks) {
        bytes += block.qkv.bytes() + block.attentionOut.bytes() + block.gateUp.bytes() + block.down.bytes();
    }
    return bytes;
}

std::uint64_t DeviceWeights::partialFloats(std::int64_t n) const
{
    std::uint64_t most = head.partialFloats(n);
    for (const Block& block : blocks) {
        for (const DeviceMatrix* matrix : {&block.qkv, &block.attentionOut, &block.gateUp, &block.down}) {
            most = std::max(most, matrix->partialFloats(n));
        }
    }
    return most;
}

DeviceWeights DeviceWeights::of(const NetworkDescription& network, DevicePrecision precision, at::Device device,
                                std::uint32_t multiprocessors)
{
    const at::ScalarType type = realTypeOf(precision);
    const auto matrix = [&](const at::Tensor& weight) {
        return DeviceMatrix(weight, precision, device, multiprocessors);
    };
    const auto plain = [&](const at::Tensor& tensor) { return placed(tensor, type, device); };
    DeviceWeights weights;
    weights.shape = network.shape;
    weights.precision = precision;
    weights.device = device;
    for (const BlockWeights& block : network.blocks) {
        weights.blocks.push_back({plain(block.attentionNorm), plain(block.queryScale), plain(block.keyScale),
                                  plain(block.feedNorm), matrix(block.qkv), matrix(block.attentionOut),
                                  matrix(block.gateUp), matrix(block.down)});
    }
    weights.norm = plain(network.norm);
    weights.head = matrix(network.head);
    weights.table = plain(network.table);
    return weights;
}

std::uint64_t DeviceWeights::bytesOf(const TransformerShape& shape, std::int64_t tableRows, DevicePrecision precision)
{
    const double real = static_cast<double>(c10::elementSize(realTypeOf(precision)));
    const double norms = static_cast<double>((2 * shape.layers + 1) * shape.width + 2 * shape.layers * shape.headSize);
    const double table = static_cast<double>(tableRows * shape.width);
    // What our product does not take stays bfloat16; float32 has rows of zeros behind the last.
    double left = 0.0;
    const auto add = [&](std::int64_t out, std::int64_t in, std::int64_t times) {
        const bool isOwn = isOwnProduct(static_cast<std::uint64_t>(out), static_cast<std::uint64_t>(in));
        if (precision == DevicePrecision::Int8 && !isOwn) {
            left += static_cast<double>(out * in * times);
        } else if (precision == DevicePrecision::Float32) {
            left += static_cast<double>((invariantPaddedOut(count(out)) - out) * in * times);
        }
    };
    for (const auto& [out, in] : matricesOf(shape)) {
        add(out, in, shape.layers);
    }
    add(shape.codes, shape.width, 1);
    return static_cast<std::uint64_t>(
        (static_cast<double>(numbersOfPass(shape)) + left) * jacobi::matrixBytes(precision) + (norms + table) * real);
}

DeviceTransformer::DeviceTransformer(const DeviceOps& ops, const DeviceWeights& weights, RotaryTable rotary,
                                     const Room& room)
    : m_ops(&ops), m_weights(&weights), m_room(room)
{
    const TransformerShape& shape = weights.shape;
    m_rotary.cosine = rotary.cosine.select(0, 0).to(weights.device, at::kFloat).contiguous();
    m_rotary.sine = rotary.sine.select(0, 0).to(weights.device, at::kFloat).contiguous();
    const auto options = at::TensorOptions().dtype(weights.type()).device(weights.device);
    // Zeros: rows that were never written are masked, but must not be infinite.
    for (std::int64_t layer = 0; layer < shape.layers; ++layer) {
        for (auto* cache : {&m_keys, &m_values}) {
            cache->push_back(at::zeros({room.lanes, room.capacity, shape.keyHeads, shape.headSize}, options));
        }
    }
    const auto buffer = [&](std::int64_t width) { return at::zeros({room.lanes * room.maxRows, width}, options); };
    m_x = buffer(shape.width);
    m_y = buffer(shape.width);
    m_delta = buffer(shape.width);
    m_qkv = buffer(shape.projections());
    m_q = buffer(shape.heads * shape.headSize);
    m_gateUp = buffer(2 * shape.feed);
    m_inner = buffer(shape.feed);
}

std::uint64_t DeviceTransformer::bytesOf(const TransformerShape& shape, const Room& room, DevicePrecision precision)
{
    const auto real = static_cast<std::uint64_t>(c10::elementSize(realTypeOf(precision)));
    const auto cached = static_cast<std::uint64_t>(room.lanes * room.capacity) * cacheNumbers(shape);
    const std::int64_t perRow =
        3 * shape.width + shape.projections() + 2 * shape.heads * shape.headSize + 3 * shape.feed;
    const bool hasOwn = precision == DevicePrecision::Int8 || precision == DevicePrecision::BFloat16;
    const std::uint64_t partials = hasOwn ? partialBytes(shape, room, precision) : 0;
    const AttentionShape attention{room.lanes,     room.maxRows,   shape.heads,
                                   shape.keyHeads, shape.headSize, room.capacity};
    return real * (cached + static_cast<std::uint64_t>(room.lanes * room.maxRows * perRow)) + partials +
           sharedAttentionBytes(attention, realTypeOf(precision));
}

DeviceTransformer::Pass DeviceTransformer::makePass(std::int64_t rows, AttentionPath path) const
{
    const TransformerShape& shape = m_weights->shape;
    Pass pass;
    pass.rows = rows;
    pass.attention =
        DeviceAttention(*m_ops, {m_room.lanes, rows, shape.heads, shape.keyHeads, shape.headSize, m_room.capacity},
                        path, m_weights->type(), m_weights->device);
    if (const auto floats = static_cast<std::int64_t>(m_weights->partialFloats(m_room.lanes * rows)); floats > 0) {
        pass.partials = at::empty({floats}, at::TensorOptions().dtype(at::kFloat).device(m_weights->device));
    }
    return pass;
}

Result<void> DeviceTransformer::norm(const MadeProduct& delta, const at::Tensor& scale, const at::Tensor& y,
                                     void* stream)
{
    if (!has(PassPart::Norms)) {
        return {};
    }
    NormJob job;
    job.type = numberTypeOf(m_weights->type());
    job.x = m_x.mutable_data_ptr();
    job.delta = dataOf(delta.y);
    job.deltaSums = delta.sums;
    job.scale = scale.const_data_ptr();
    job.y = y.mutable_data_ptr();
    job.rows = count(m_room.lanes * m_pass.rows);
    job.width = count(m_weights->shape.width);
    job.epsilon = m_weights->shape.epsilon;
    const int code = m_ops->addNorm(&job, stream);
    return code == 0 ? Result<void>() : tl::unexpected(deviceError(*m_ops, code, "normalise"));
}

Result<void> DeviceTransformer::place(const DeviceWeights::Block& block, std::size_t layer, const MadeProduct& qkv,
                                      const at::Tensor& lengths, void* stream)
{
    if (!has(PassPart::Places)) {
        return {};
    }
    const TransformerShape& shape = m_weights->shape;
    HeadsJob job;
    job.type = numberTypeOf(m_weights->type());
    job.pairs = shape.pairs;
    job.qkv = dataOf(qkv.y);
    job.qkvSums = qkv.sums;
    job.queryScale = dataOf(block.queryScale);
    job.keyScale = dataOf(block.keyScale);
    job.cosine = m_rotary.cosine.const_data_ptr<float>();
    job.sine = m_rotary.sine.const_data_ptr<float>();
    job.lengths = lengths.const_data_ptr<std::int32_t>();
    job.q = m_q.mutable_data_ptr();
    job.keys = m_keys[layer].mutable_data_ptr();
    job.values = m_values[layer].mutable_data_ptr();
    job.lanes = count(m_room.lanes);
    job.rows = count(m_pass.rows);
    job.heads = count(shape.heads);
    job.keyHeads = count(shape.keyHeads);
    job.headSize = count(shape.headSize);
    job.capacity = count(m_room.capacity);
    job.tableRows = count(m_rotary.cosine.size(0));
    job.epsilon = shape.epsilon;
    const int code = m_ops->placeHeads(&job, stream);
    return code == 0 ? Result<void>() : tl::unexpected(deviceError(*m_ops, code, "place heads"));
}

Result<void> DeviceTransformer::gate(const MadeProduct& gateUp, void* stream)
{
    if (!has(PassPart::Gates)) {
        return {};
    }
    GateJob job;
    job.type = numberTypeOf(m_weights->type());
    job.gateUp = dataOf(gateUp.y);
    job.gateUpSums = gateUp.sums;
    job.y = m_inner.mutable_data_ptr();
    job.rows = count(m_room.lanes * m_pass.rows);
    job.width = count(m_weights->shape.feed);
    const int code = m_ops->gate(&job, stream);
    return code == 0 ? Result<void>() : tl::unexpected(deviceError(*m_ops, code, "gate"));
}

Result<void> DeviceTransformer::enqueue(const at::Tensor& lengths, at::Tensor logits, std::vector<at::Tensor>& kept,
                                        void* stream)
{
    ProductPlace products{m_ops, stream, m_pass.partials, true};
    kept.push_back(m_pass.partials);
    // Every product's result is kept: where it is a tensor of its own, a graph goes on writing to it.
    const auto product = [&](PassPart part, const DeviceMatrix& matrix, const at::Tensor& x,
                             const at::Tensor& buffer) -> Result<MadeProduct> {
        if (!has(part)) {
            return MadeProduct{some(buffer), {}};
        }
        auto made = matrix.multiply(x, some(buffer), products);
        if (made) {
            kept.push_back(made->y);
        }
        return made;
    };
    m_pass.attention.prepare(lengths);
    const at::Tensor y = some(m_y);
    MadeProduct delta;
    for (std::size_t layer = 0; layer < m_weights->blocks.size(); ++layer) {
        const DeviceWeights::Block& block = m_weights->blocks[layer];
        if (auto done = norm(delta, block.attentionNorm, y, stream); !done) {
            return done;
        }
        const auto qkv = product(PassPart::Qkv, block.qkv, y, m_qkv);
        if (!qkv) {
            return tl::unexpected(qkv.error());
        }
        if (auto done = place(block, layer, *qkv, lengths, stream); !done) {
            return done;
        }
        const at::Tensor q = some(m_q);
        const Result<at::Tensor> attended =
            has(PassPart::Attention) ? m_pass.attention.attend(q, m_keys[layer], m_values[layer], kept, stream) : q;
        if (!attended) {
            return tl::unexpected(attended.error());
        }
        const auto added = product(PassPart::AttentionOut, block.attentionOut, *attended, m_delta);
        if (!added) {
            return tl::unexpected(added.error());
        }
        if (auto done = norm(*added, block.feedNorm, y, stream); !done) {
            return done;
        }
        const auto gateUp = product(PassPart::GateUp, block.gateUp, y, m_gateUp);
        if (!gateUp) {
            return tl::unexpected(gateUp.error());
        }
        if (auto done = gate(*gateUp, stream); !done) {
            return done;
        }
        auto down = product(PassPart::Down, block.down, some(m_inner), m_delta);
        if (!down) {
            return tl::unexpected(down.error());
        }
        delta = *std::move(down);
    }
    if (!logits.defined()) {
        return {};
    }
    if (auto done = norm(delta, m_weights->norm, y, stream); !done || !has(PassPart::Head)) {
        return done;
    }
    products.mayStayInParts = false;
    const auto made = m_weights->head.multiply(y, logits, products);
    if (!made) {
        return tl::unexpected(made.error());
    }
    if (!made->y.is_same(logits)) {
        logits.copy_(made->y);
        kept.push_back(made->y);
    }
    return {};
}

} // namespace jacobi
