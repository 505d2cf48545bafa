// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

namespace jacobi::kernels {

// Attention of a window of rows over the keys and values before it: scores, softmax and the sum of values of a few rows
// at a time, without a mask and without a tensor operation. A row reads what it may see and nothing else, and its sums
// run in one order: it is the same, bit for bit, in every window and batch, and what is not finite in a later row does
// not reach it. Pure; any thread. Real is float or double.

/// Sizes of a layer's cache. A head here is one head of one lane (a picture in a branch): they are counted together.
/// Keys lie with their rows innermost, so that the scores of neighbouring rows are computed side by side.
struct WindowShape {
    std::int64_t headSize = 0;
    std::int64_t window = 0;      ///< rows of this pass
    std::int64_t keyStride = 0;   ///< rows there is room for: a multiple of kAttentionLanes
    std::int64_t valueStride = 0; ///< numbers a row of values takes up: headSize rounded up to such a multiple
};

/// Numbers that are worked on together: 64 bytes.
template <class Real>
inline constexpr std::int64_t kAttentionLanes = 64 / sizeof(Real);

template <class Real>
constexpr std::int64_t attentionStride(std::int64_t count)
{
    return (count + kAttentionLanes<Real> - 1) / kAttentionLanes<Real> * kAttentionLanes<Real>;
}

/// k, v [window, headSize] of one head -> rows length.. of its keys [headSize, keyStride] and values [rows, valueStride].
template <class Real>
void storeWindow(const Real* k, const Real* v, Real* keys, Real* values, std::int64_t length, const WindowShape& shape);

/// q [window, headSize] of one head: row r sees the rows 0 .. length + r. out: a row every outStride numbers.
template <class Real>
void attendWindow(const Real* q, const Real* keys, const Real* values, std::int64_t length, Real* out,
                  std::int64_t outStride, const WindowShape& shape);

} // namespace jacobi::kernels
