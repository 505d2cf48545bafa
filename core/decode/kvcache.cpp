// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/decode/kvcache.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <limits>

namespace jacobi {

KvCache::KvCache(const Shape& shape, at::ScalarType type)
    : m_shape(shape), m_lengths(static_cast<std::size_t>(shape.items), 0)
{
    const auto options = at::TensorOptions().dtype(type);
    const std::vector<std::int64_t> sizes{shape.layers, shape.items,    shape.branches,
                                          shape.heads,  shape.capacity, shape.headSize};
    m_keys = at::zeros(sizes, options);
    m_values = at::zeros(sizes, options);
    m_mask =
        at::full({shape.maxWindow, shape.capacity + shape.maxWindow}, -std::numeric_limits<double>::infinity(), options)
            .triu(shape.capacity + 1);
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
    const std::int64_t window = heads.q.size(2);
    const std::int64_t branches = m_shape.branches;
    const at::Tensor keys = m_keys.select(0, layer);
    const at::Tensor values = m_values.select(0, layer);
    std::vector<at::Tensor> seen;
    seen.reserve(m_lengths.size());
    for (std::int64_t item = 0; item < m_shape.items; ++item) {
        const std::int64_t length = this->length(item);
        const at::Tensor itemKeys = keys.select(0, item);
        const at::Tensor itemValues = values.select(0, item);
        itemKeys.narrow(2, length, window).copy_(heads.k.narrow(0, item * branches, branches));
        itemValues.narrow(2, length, window).copy_(heads.v.narrow(0, item * branches, branches));
        // Column capacity of the mask is the window's own first row, so this slice ends where the window ends.
        const at::Tensor mask = m_mask.narrow(0, 0, window).narrow(1, m_shape.capacity - length, length + window);
        seen.push_back(at::scaled_dot_product_attention(heads.q.narrow(0, item * branches, branches),
                                                        itemKeys.narrow(2, 0, length + window),
                                                        itemValues.narrow(2, 0, length + window), mask));
    }
    return seen.size() == 1 ? seen.front() : at::cat(seen);
}

} // namespace jacobi
