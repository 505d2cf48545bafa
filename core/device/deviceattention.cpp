// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/deviceattention.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <cmath>

namespace jacobi {
namespace {

/// Largest difference that rounding explains where numbers are around 1.
double allowedError(at::ScalarType type)
{
    return type == at::kDouble ? 1e-12 : type == at::kFloat ? 1e-5 : 0.03;
}

/// [lanes * rows, heads * size] as [lanes, heads, rows, size]; no copy.
at::Tensor byHead(const AttentionShape& shape, const at::Tensor& q)
{
    return q.view({shape.lanes, shape.rows, shape.heads, shape.headSize}).transpose(1, 2);
}

at::Tensor byRow(const AttentionShape& shape, const at::Tensor& heads)
{
    return heads.transpose(1, 2).reshape({shape.lanes * shape.rows, shape.heads * shape.headSize});
}

} // namespace

DeviceAttention::DeviceAttention(const AttentionShape& shape, AttentionPath path, at::Device device)
    : m_shape(shape), m_path(path)
{
    const auto whole = at::TensorOptions().dtype(at::kInt).device(device);
    if (path == AttentionPath::Masked) {
        m_rowNumbers = at::arange(shape.rows, whole).view({1, 1, shape.rows, 1});
        m_places = at::arange(shape.capacity, whole).view({1, 1, 1, shape.capacity});
        m_limits = at::zeros({shape.lanes, 1, shape.rows, 1}, whole);
        m_mask = at::zeros({shape.lanes, 1, shape.rows, shape.capacity}, whole.dtype(at::kBool));
        return;
    }
    m_used = at::zeros({shape.lanes}, whole);
    m_queryEnds = at::arange(shape.lanes + 1, whole) * shape.rows;
    m_keyEnds = at::arange(shape.lanes + 1, whole) * shape.capacity;
}

void DeviceAttention::prepare(const at::Tensor& lengths)
{
    if (m_path == AttentionPath::Flash) {
        at::add_out(m_used, lengths, at::scalar_tensor(m_shape.rows, lengths.options().device(at::kCPU)));
        return;
    }
    at::add_out(m_limits, lengths.view({m_shape.lanes, 1, 1, 1}), m_rowNumbers);
    at::le_out(m_mask, m_places, m_limits);
}

at::Tensor DeviceAttention::attend(const at::Tensor& q, const at::Tensor& keys, const at::Tensor& values) const
{
    return m_path == AttentionPath::Flash ? flash(q, keys, values) : masked(q, keys, values);
}

at::Tensor DeviceAttention::masked(const at::Tensor& q, const at::Tensor& keys, const at::Tensor& values) const
{
    const bool grouped = m_shape.heads != m_shape.keyHeads;
    return byRow(m_shape,
                 at::scaled_dot_product_attention(byHead(m_shape, q), keys.transpose(1, 2), values.transpose(1, 2),
                                                  m_mask, 0.0, false, std::nullopt, grouped));
}

at::Tensor DeviceAttention::flash(const at::Tensor& q, const at::Tensor& keys, const at::Tensor& values) const
{
    // Queries and caches as sequences of their own lengths: every lane's queries are its last rows, which is what "causal"
    // means there (aligned at the bottom right).
    const auto& s = m_shape;
    const auto result = at::_flash_attention_forward(
        q.view({s.lanes * s.rows, s.heads, s.headSize}), keys.view({s.lanes * s.capacity, s.keyHeads, s.headSize}),
        values.view({s.lanes * s.capacity, s.keyHeads, s.headSize}), m_queryEnds, m_keyEnds, s.rows, s.capacity, 0.0,
        true, false, 1.0 / std::sqrt(static_cast<double>(s.headSize)), std::nullopt, std::nullopt, m_used,
        std::nullopt);
    return std::get<0>(result).view({s.lanes * s.rows, s.heads * s.headSize});
}

at::Tensor plainAttention(const AttentionShape& shape, const at::Tensor& q, const at::Tensor& keys,
                          const at::Tensor& values, const at::Tensor& lengths)
{
    const std::int64_t group = shape.heads / shape.keyHeads;
    const auto expanded = [&](const at::Tensor& cache) {
        return cache.to(at::kDouble).transpose(1, 2).repeat_interleave(group, 1);
    };
    const at::Tensor scores = at::matmul(byHead(shape, q).to(at::kDouble), expanded(keys).transpose(2, 3)) /
                              std::sqrt(static_cast<double>(shape.headSize));
    const auto places = at::arange(shape.capacity, lengths.options()).view({1, 1, 1, -1});
    const auto limits = lengths.view({-1, 1, 1, 1}) + at::arange(shape.rows, lengths.options()).view({1, 1, -1, 1});
    const at::Tensor seen = scores.masked_fill(places > limits, -std::numeric_limits<double>::infinity());
    return byRow(shape, at::matmul(at::softmax(seen, 3), expanded(values)));
}

double attentionError(const AttentionShape& shape, AttentionPath path, at::ScalarType type, at::Device device)
{
    const c10::InferenceMode inference;
    const auto real = at::TensorOptions().dtype(type).device(device);
    const auto random = [&](std::int64_t seed, at::IntArrayRef sizes) {
        // Of our own making: the same numbers on every device.
        at::Tensor numbers = at::sin(at::arange(c10::multiply_integers(sizes), at::kDouble) * 0.7311 +
                                     at::arange(c10::multiply_integers(sizes), at::kDouble).square() * 0.0131 +
                                     static_cast<double>(seed));
        return (numbers * 2.0).view(sizes).to(real);
    };
    const at::Tensor q = random(1, {shape.lanes * shape.rows, shape.heads * shape.headSize});
    const at::Tensor keys = random(2, {shape.lanes, shape.capacity, shape.keyHeads, shape.headSize});
    const at::Tensor values = random(3, {shape.lanes, shape.capacity, shape.keyHeads, shape.headSize});
    // Lanes of every kind: with nothing before the pass, full, and between.
    const std::int64_t most = shape.capacity - shape.rows;
    at::Tensor lengths = at::empty({shape.lanes}, at::kInt);
    for (std::int64_t lane = 0; lane < shape.lanes; ++lane) {
        lengths[lane] = shape.lanes == 1 ? most / 2 : most * lane / (shape.lanes - 1);
    }
    lengths = lengths.to(device);
    DeviceAttention attention(shape, path, device);
    attention.prepare(lengths);
    const at::Tensor found = attention.attend(q, keys, values).to(at::kDouble);
    return (found - plainAttention(shape, q, keys, values, lengths)).abs().max().item<double>();
}

AttentionChoice chooseAttention(const AttentionShape& shape, at::ScalarType type, at::Device device)
{
    constexpr std::int64_t kWidestHead = 256;
    if (!device.is_cuda()) {
        return {AttentionPath::Masked, "there is no flash kernel for this device"};
    }
    if ((type != at::kBFloat16 && type != at::kHalf) || shape.headSize % 8 != 0 || shape.headSize > kWidestHead) {
        return {AttentionPath::Masked, "the flash kernel takes bfloat16 and heads of up to 256 numbers"};
    }
    try {
        const double error = attentionError(shape, AttentionPath::Flash, type, device);
        if (error <= allowedError(type)) {
            return {AttentionPath::Flash, {}};
        }
        return {AttentionPath::Masked, "the flash kernel differs from the plain version by " + std::to_string(error)};
    } catch (const c10::Error& error) {
        return {AttentionPath::Masked, std::string("the flash kernel failed: ") + error.what_without_backtrace()};
    }
}

} // namespace jacobi
