// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/decode/windowattention.h"

#include "core/decode/kernelloops.h"

#include <algorithm>
#include <limits>
#include <vector>

namespace jacobi::kernels {
namespace {

constexpr std::int64_t kTileRows = 4;

/// Rows x (Vectors * 32 bytes) numbers of x [Rows, count] * matrix [count, ...], summed in registers.
template <class Real, int Rows, int Vectors>
JACOBI_INLINE void strip(const Real* x, std::int64_t xStride, std::int64_t count, const Real* matrix,
                         std::int64_t stride, Real* out, std::int64_t outStride)
{
    using Vector = typename VectorOf<Real>::Type;
    constexpr std::int64_t kWide = 32 / sizeof(Real);
    Vector sum[Rows][Vectors] = {};
    for (std::int64_t k = 0; k < count; ++k) {
        Vector row[Vectors];
#pragma GCC unroll 8
        for (int c = 0; c < Vectors; ++c) {
            row[c] = *reinterpret_cast<const Vector*>(matrix + k * stride + c * kWide);
        }
#pragma GCC unroll 8
        for (int r = 0; r < Rows; ++r) {
            const Real value = x[r * xStride + k];
#pragma GCC unroll 8
            for (int c = 0; c < Vectors; ++c) {
                sum[r][c] += value * row[c];
            }
        }
    }
#pragma GCC unroll 8
    for (int r = 0; r < Rows; ++r) {
#pragma GCC unroll 8
        for (int c = 0; c < Vectors; ++c) {
            *reinterpret_cast<Vector*>(out + r * outStride + c * kWide) = sum[r][c];
        }
    }
}

/// out [Rows, columns] = x * matrix; columns: a multiple of kAttentionLanes. One or two rows alone leave the adders
/// waiting for their own sums, so those take more columns at once.
template <class Real, int Rows>
JACOBI_INLINE void product(const Real* x, std::int64_t xStride, std::int64_t count, const Real* matrix,
                           std::int64_t stride, Real* out, std::int64_t outStride, std::int64_t columns)
{
    constexpr int kVectors = Rows == 1 ? 8 : Rows == 2 ? 4 : 2;
    constexpr std::int64_t kColumns = kVectors * 32 / static_cast<std::int64_t>(sizeof(Real));
    std::int64_t c = 0;
    for (; c + kColumns <= columns; c += kColumns) {
        strip<Real, Rows, kVectors>(x, xStride, count, matrix + c, stride, out + c, outStride);
    }
    for (; c < columns; c += kAttentionLanes<Real>) {
        strip<Real, Rows, 2>(x, xStride, count, matrix + c, stride, out + c, outStride);
    }
}

/// scores[0 .. count) -> their exponentials over the greatest; returns the sum of these. Each lane of the sum takes
/// every kLanes-th one, so that it does not depend on what comes after them.
template <class Real>
JACOBI_INLINE Real exponentiate(Real* scores, std::int64_t count)
{
    Real greatest = -std::numeric_limits<Real>::infinity();
    for (std::int64_t i = 0; i < count; ++i) {
        greatest = scores[i] > greatest ? scores[i] : greatest;
    }
    Real lanes[kLanes] = {};
    std::int64_t i = 0;
    for (; i + kLanes <= count; i += kLanes) {
        for (std::int64_t lane = 0; lane < kLanes; ++lane) {
            scores[i + lane] = exponential(scores[i + lane] - greatest);
            lanes[lane] += scores[i + lane];
        }
    }
    for (std::int64_t lane = 0; i < count; ++i, ++lane) {
        scores[i] = exponential(scores[i] - greatest);
        lanes[lane] += scores[i];
    }
    Real sum = 0;
    for (std::int64_t lane = 0; lane < kLanes; ++lane) {
        sum += lanes[lane];
    }
    return sum;
}

/// Rows neighbouring rows, of which the first sees `seen` rows. scratch: Rows * (keyStride + valueStride + headSize).
template <class Real, int Rows>
JACOBI_INLINE void attendRows(const Real* q, const Real* keys, const Real* values, std::int64_t seen, Real* out,
                              std::int64_t outStride, Real* scratch, const WindowShape& s)
{
    Real* scores = scratch;                     // [Rows, keyStride]
    Real* sums = scores + Rows * s.keyStride;   // [Rows, valueStride]
    Real* scaled = sums + Rows * s.valueStride; // [Rows, headSize]
    const Real scale = Real{1} / std::sqrt(static_cast<Real>(s.headSize));
    for (std::int64_t i = 0; i < Rows * s.headSize; ++i) {
        scaled[i] = q[i] * scale;
    }
    const std::int64_t most = attentionStride<Real>(seen + Rows - 1);
    product<Real, Rows>(scaled, s.headSize, s.headSize, keys, s.keyStride, scores, s.keyStride, most);
    Real inverse[Rows];
    for (std::int64_t r = 0; r < Rows; ++r) {
        inverse[r] = Real{1} / exponentiate(scores + r * s.keyStride, seen + r);
    }
    // What all of them see together, then what the later ones see besides.
    product<Real, Rows>(scores, s.keyStride, seen, values, s.valueStride, sums, s.valueStride, s.valueStride);
    for (std::int64_t r = 0; r < Rows; ++r) {
        Real* sum = sums + r * s.valueStride;
        for (std::int64_t t = seen; t < seen + r; ++t) {
            const Real weight = scores[r * s.keyStride + t];
            const Real* value = values + t * s.valueStride;
            for (std::int64_t c = 0; c < s.valueStride; ++c) {
                sum[c] += weight * value[c];
            }
        }
        for (std::int64_t c = 0; c < s.headSize; ++c) {
            out[r * outStride + c] = sum[c] * inverse[r];
        }
    }
}

template <class Real>
JACOBI_INLINE void attendWindowLoop(const Real* q, const Real* keys, const Real* values, std::int64_t length, Real* out,
                                    std::int64_t outStride, Real* scratch, const WindowShape& s)
{
    for (std::int64_t row = 0; row < s.window;) {
        const Real* from = q + row * s.headSize;
        Real* to = out + row * outStride;
        const std::int64_t seen = length + row + 1;
        const std::int64_t rows = std::min(kTileRows, s.window - row);
        switch (rows) {
        case 4: attendRows<Real, 4>(from, keys, values, seen, to, outStride, scratch, s); break;
        case 3: attendRows<Real, 3>(from, keys, values, seen, to, outStride, scratch, s); break;
        case 2: attendRows<Real, 2>(from, keys, values, seen, to, outStride, scratch, s); break;
        default: attendRows<Real, 1>(from, keys, values, seen, to, outStride, scratch, s); break;
        }
        row += rows;
    }
}

} // namespace

template <class Real>
void storeWindow(const Real* k, const Real* v, Real* keys, Real* values, std::int64_t length, const WindowShape& shape)
{
    for (std::int64_t row = 0; row < shape.window; ++row, k += shape.headSize, v += shape.headSize) {
        for (std::int64_t i = 0; i < shape.headSize; ++i) {
            keys[i * shape.keyStride + length + row] = k[i];
        }
        std::copy_n(v, shape.headSize, values + (length + row) * shape.valueStride);
    }
}
template void storeWindow<float>(const float*, const float*, float*, float*, std::int64_t, const WindowShape&);
template void storeWindow<double>(const double*, const double*, double*, double*, std::int64_t, const WindowShape&);

// The loader's choice works on plain functions, so the template is specialised for the two types.
#define JACOBI_ATTEND_WINDOW(Real)                                                                                     \
    template <>                                                                                                        \
    JACOBI_CLONES void attendWindow<Real>(const Real* q, const Real* keys, const Real* values, std::int64_t length,    \
                                          Real* out, std::int64_t outStride, const WindowShape& shape)                 \
    {                                                                                                                  \
        thread_local std::vector<Real> scratch;                                                                        \
        scratch.resize(static_cast<std::size_t>(kTileRows * (shape.keyStride + shape.valueStride + shape.headSize)));  \
        attendWindowLoop<Real>(q, keys, values, length, out, outStride, scratch.data(), shape);                        \
    }

JACOBI_ATTEND_WINDOW(float)
JACOBI_ATTEND_WINDOW(double)

} // namespace jacobi::kernels
