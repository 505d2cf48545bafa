// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

namespace jacobi::kernels {

// The loops of a flow's pass on the CPU, for layers with biases and layer norm and for tokens that are numbers. Rules
// as in layerkernels.h: contiguous, row-major, no overlap, pure, any thread; Real is float or double.

inline constexpr double kLayerNormEpsilon = 1e-5;

/// Largest magnitude an iterate may have. Beyond it squares of a row no longer sum up in float32, and one such row
/// would turn the others into NaN.
inline constexpr double kLargestIterate = 1e15;

/// Every row of out [rows, width] becomes bias [width].
template <class Real>
void fillRows(const Real* bias, Real* out, std::int64_t rows, std::int64_t width);

/// Every row of h [rows, width] gets bias [width] added.
template <class Real>
void addRows(const Real* bias, Real* h, std::int64_t rows, std::int64_t width);

/// h += bias (null: nothing), then y = (h - mean) / sqrt(var + eps) * weight + shift over each row.
template <class Real>
void addBiasNorm(const Real* bias, const Real* weight, const Real* shift, Real* h, Real* y, std::int64_t rows,
                 std::int64_t width);

/// h = h * (1 + erf(h / sqrt 2)) / 2 for count numbers (the exact GELU of Hendrycks & Gimpel 2016). In float32 within
/// 3e-7 * (1 + |h|).
template <class Real>
void gelu(Real* h, std::int64_t count);

/// Sizes of attention over a cache. A lane is a picture in a branch.
struct CachedShape {
    std::int64_t lanes = 0;
    std::int64_t rows = 0;     ///< of this pass
    std::int64_t first = 0;    ///< token of row 0
    std::int64_t heads = 0;
    std::int64_t headSize = 0;
    std::int64_t capacity = 0; ///< tokens a lane's cache can hold
};

/// qkv [lanes, rows, 3 * heads * headSize] (queries, keys, values): keys and values go to tokens first.. of the caches
/// [lanes, heads, capacity, headSize].
template <class Real>
void storeKeysValues(const Real* qkv, Real* keys, Real* values, const CachedShape& shape);

/// Row r of a lane sees the tokens 0 .. first + r. The queries are read from qkv; out [lanes, rows, heads * headSize].
/// scale [lanes] multiplies the scores.
template <class Real>
void attendCached(const Real* qkv, const Real* keys, const Real* values, const Real* scale, Real* out,
                  const CachedShape& shape);

/// Sizes and settings of one update of an iterate.
struct UpdateShape {
    std::int64_t batch = 0;
    std::int64_t tokens = 0;
    std::int64_t channels = 0;
    std::int64_t first = 0; ///< token of row 0 of the pass: row j gives token first + 1 + j
    std::int64_t rows = 0;
    std::int64_t from = 0;  ///< tokens before this one are left alone
    bool affine = true;
    double scaleGuidance = 0.0; ///< weight of the difference between the branches' log-scales
    double shiftGuidance = 0.0; ///< the same of the shifts
    bool annealed = false;      ///< both weights grow with the token: * token / (tokens - 1)
    double clip = 0.0;          ///< 0: none; otherwise values are cut to [-clip, clip]
};

/// What an update did to one token of one picture.
struct TokenChange {
    double squares = 0.0;     ///< sum of squared changes
    double largest = 0.0;     ///< largest change
    std::int64_t replaced = 0; ///< values that were not finite or beyond kLargestIterate
};

/// x[t] = z[t] * exp(a[t - 1]) + b[t - 1]. guided and unguided: [batch, rows, outputs] (unguided null: one branch).
/// z, start, x: [batch, tokens, channels]; a value that cannot stand becomes that of `start`. changes [batch, tokens]:
/// entries of the written tokens are set.
template <class Real>
void updateTokens(const Real* guided, const Real* unguided, const Real* z, const Real* start, Real* x,
                  TokenChange* changes, const UpdateShape& shape);

} // namespace jacobi::kernels
