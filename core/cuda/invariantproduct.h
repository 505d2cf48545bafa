// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/devicecode.h"

#include <cmath>
#include <cstdint>

namespace jacobi {

// The batch-invariant product of float32: what a row becomes hangs neither on how many rows there are nor on what they hold, to
// the last bit. Passes over windows of other sizes then give a position the same logits, and gumbel-exact the very tokens of
// sequential sampling. (He et al., "Defeating Nondeterminism in LLM Inference", Thinking Machines, 2025, has the idea.)
//
// For that, the order of a number's sum is a matter of the matrix alone: warp w of eight adds up, column after column, the
// parts w, w + 8, ... of eight columns each; then the eight sums are added up.

inline constexpr std::uint32_t kInvariantWarps = 8;
inline constexpr std::uint32_t kInvariantPart = 8; ///< columns
inline constexpr std::uint32_t kInvariantOut = 32; ///< rows of the matrix that lie together

/// Whether the kernel takes a matrix: it reads columns by fours.
JACOBI_ANYWHERE inline bool isInvariantProduct(std::uint64_t out, std::uint64_t in)
{
    return out > 0 && in > 0 && in % 4 == 0;
}

/// Rows that the matrix has in memory, zeros at its end.
JACOBI_ANYWHERE inline std::uint32_t invariantPaddedOut(std::uint32_t out)
{
    return (out + kInvariantOut - 1) / kInvariantOut * kInvariantOut;
}

/// Where a number of the matrix [out, in] lies: 32 rows together, four columns of each after the other, so that a warp reads 512
/// bytes at once.
JACOBI_ANYWHERE inline std::uint64_t float32Place(std::uint32_t row, std::uint32_t column, std::uint32_t in)
{
    const std::uint64_t unit = std::uint64_t{row / kInvariantOut} * (in / 4) + column / 4;
    return (unit * kInvariantOut + row % kInvariantOut) * 4 + column % 4;
}

/// x(k) times weight(k), summed up over the columns in the order of the kernel.
template <class X, class Weight>
float invariantSum(std::uint32_t in, X x, Weight weight)
{
    float sum = 0.0F;
    for (std::uint32_t warp = 0; warp < kInvariantWarps; ++warp) {
        float mine = 0.0F;
        for (std::uint32_t k = warp * kInvariantPart; k < in;) {
            mine = std::fmaf(x(k), weight(k), mine);
            ++k;
            k += k % kInvariantPart == 0 ? (kInvariantWarps - 1) * kInvariantPart : 0;
        }
        sum = warp == 0 ? mine : sum + mine;
    }
    return sum;
}

} // namespace jacobi
