// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/decode/kvcache.h"

#include "core/decode/windowattention.h"

#include <ATen/ATen.h>
#include <ATen/Dispatch.h>
#include <ATen/Parallel.h>

#include <algorithm>

namespace jacobi {
namespace {

constexpr std::int64_t kWorthAThread = 100'000; ///< multiplications of scores below which waking one does not pay

} // namespace

KvCache::KvCache(const Shape& shape, at::ScalarType type)
    : m_shape(shape), m_lengths(static_cast<std::size_t>(shape.items), 0)
{
    const auto options = at::TensorOptions().dtype(type);
    const std::int64_t heads = shape.items * shape.branches * shape.heads;
    AT_DISPATCH_FLOATING_TYPES(type, "KvCache", [&] {
        const std::int64_t rows = kernels::attentionStride<scalar_t>(shape.capacity);
        const std::int64_t numbers = kernels::attentionStride<scalar_t>(shape.headSize);
        m_keys = at::zeros({shape.layers, heads, shape.headSize, rows}, options);
        m_values = at::zeros({shape.layers, heads, shape.capacity, numbers}, options);
    });
}

bool KvCache::fits(const Shape& shape, at::ScalarType type) const
{
    return m_keys.defined() && m_keys.scalar_type() == type && m_shape.layers == shape.layers &&
           m_shape.items == shape.items && m_shape.branches == shape.branches && m_shape.heads == shape.heads &&
           m_shape.headSize == shape.headSize && m_shape.capacity >= shape.capacity &&
           m_shape.maxWindow >= shape.maxWindow;
}

void KvCache::reset()
{
    std::fill(m_lengths.begin(), m_lengths.end(), 0);
}

at::Tensor KvCache::attend(std::int64_t layer, const Heads& heads)
{
    const at::Tensor q = heads.q.contiguous();
    const at::Tensor k = heads.k.contiguous();
    const at::Tensor v = heads.v.contiguous();
    const std::int64_t headSize = m_shape.headSize;
    const std::int64_t window = q.size(2);
    const kernels::WindowShape shape{headSize, window, m_keys.size(3), m_values.size(3)};
    const std::int64_t lanes = m_shape.items * m_shape.branches;
    const at::Tensor out = at::empty({lanes, window, m_shape.heads, headSize}, q.options());
    const std::int64_t longest = *std::ranges::max_element(m_lengths) + window;
    const std::int64_t grain = std::max<std::int64_t>(1, kWorthAThread / (longest * window * headSize));
    AT_DISPATCH_FLOATING_TYPES(q.scalar_type(), "KvCache", [&] {
        auto* keys = m_keys.mutable_data_ptr<scalar_t>() + layer * m_keys.stride(0);
        auto* values = m_values.mutable_data_ptr<scalar_t>() + layer * m_values.stride(0);
        auto* to = out.mutable_data_ptr<scalar_t>();
        at::parallel_for(0, lanes * m_shape.heads, grain, [&](std::int64_t first, std::int64_t last) {
            for (std::int64_t head = first; head < last; ++head) {
                const std::int64_t lane = head / m_shape.heads;
                const std::int64_t length = this->length(lane / m_shape.branches);
                const std::int64_t from = head * window * headSize;
                scalar_t* ownKeys = keys + head * m_keys.stride(1);
                scalar_t* ownValues = values + head * m_values.stride(1);
                kernels::storeWindow<scalar_t>(k.const_data_ptr<scalar_t>() + from,
                                               v.const_data_ptr<scalar_t>() + from, ownKeys, ownValues, length, shape);
                const std::int64_t at = (lane * window * m_shape.heads + head % m_shape.heads) * headSize;
                kernels::attendWindow<scalar_t>(q.const_data_ptr<scalar_t>() + from, ownKeys, ownValues, length,
                                                to + at, m_shape.heads * headSize, shape);
            }
        });
    });
    return out.transpose(1, 2);
}

} // namespace jacobi
