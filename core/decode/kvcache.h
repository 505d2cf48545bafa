// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/decode/layers.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace jacobi {

/// Keys and values of every layer, allocated once. An item has `branches` lanes (conditional, unconditional) of one
/// common length; items differ in length. Rows above a length are scratch: the next pass overwrites them, so that
/// rolling back is not advancing. On the CPU. One thread at a time.
class KvCache {
public:
    struct Shape {
        std::int64_t layers = 0;
        std::int64_t items = 0;
        std::int64_t branches = 0;
        std::int64_t heads = 0;
        std::int64_t headSize = 0;
        std::int64_t capacity = 0;  ///< rows a lane can hold, the widest window included
        std::int64_t maxWindow = 0; ///< most rows of one pass
    };

    KvCache() = default;
    KvCache(const Shape& shape, at::ScalarType type);

    /// Whether this cache serves a run of that shape: everything equal, capacity and window at least as large.
    bool fits(const Shape& shape, at::ScalarType type) const;
    const Shape& shape() const { return m_shape; }

    std::int64_t length(std::int64_t item) const { return m_lengths[static_cast<std::size_t>(item)]; }
    void advance(std::int64_t item, std::int64_t rows) { m_lengths[static_cast<std::size_t>(item)] += rows; }
    void reset();

    /// Writes the window's keys and values behind each item's length and lets row k see the length + k + 1 first rows.
    /// heads: [items * branches, heads, window, headSize], branch fastest. Returns the same shape (a view of
    /// [items * branches, window, heads, headSize], so that joining the heads again costs nothing).
    at::Tensor attend(std::int64_t layer, const Heads& heads);

private:
    Shape m_shape;
    at::Tensor m_keys;   ///< [layers, items * branches * heads, headSize, rows]; rows: capacity, rounded up
    at::Tensor m_values; ///< [layers, items * branches * heads, capacity, headSize rounded up]
    std::vector<std::int64_t> m_lengths; ///< [items]
};

} // namespace jacobi
