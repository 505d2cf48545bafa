// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/decode/rowproductkernel.h"

#include "core/decode/kernelloops.h"

#include <algorithm>

namespace jacobi::kernels {
namespace {

/// Rows x (Panels * kPanel) numbers of the result, summed in registers. out [Rows, Panels * kPanel].
template <class Real, int Rows, int Panels>
JACOBI_INLINE void tile(const Real* x, std::int64_t inputs, const Real* panels, Real* out, std::int64_t outStride)
{
    using Vector = typename VectorOf<Real>::Type;
    constexpr std::int64_t kHalf = kPanel<Real> / 2;
    constexpr int kVectors = 2 * Panels;
    Vector sum[Rows][kVectors] = {};
    for (std::int64_t k = 0; k < inputs; ++k) {
        Vector weight[kVectors];
#pragma GCC unroll 8
        for (int c = 0; c < kVectors; ++c) {
            const Real* from = panels + (c / 2) * inputs * kPanel<Real> + k * kPanel<Real> + (c % 2) * kHalf;
            weight[c] = *reinterpret_cast<const Vector*>(from);
        }
#pragma GCC unroll 8
        for (int r = 0; r < Rows; ++r) {
            const Real value = x[r * inputs + k];
#pragma GCC unroll 8
            for (int c = 0; c < kVectors; ++c) {
                sum[r][c] += value * weight[c];
            }
        }
    }
#pragma GCC unroll 8
    for (int r = 0; r < Rows; ++r) {
#pragma GCC unroll 8
        for (int c = 0; c < kVectors; ++c) {
            *reinterpret_cast<Vector*>(out + r * outStride + c * kHalf) = sum[r][c];
        }
    }
}

/// The same where the panel sticks out of the result.
template <class Real, int Rows>
JACOBI_INLINE void edgeTile(const Real* x, std::int64_t inputs, const Real* panel, Real* y, std::int64_t outputs,
                            std::int64_t width)
{
    Real whole[Rows * kPanel<Real>];
    tile<Real, Rows, 1>(x, inputs, panel, whole, kPanel<Real>);
    for (int r = 0; r < Rows; ++r) {
        std::copy_n(whole + r * kPanel<Real>, width, y + r * outputs);
    }
}

template <class Real, int Rows>
JACOBI_INLINE void onePanel(const Real* x, std::int64_t inputs, const Real* panel, Real* y, std::int64_t outputs,
                            std::int64_t width)
{
    if (width == kPanel<Real>) {
        tile<Real, Rows, 1>(x, inputs, panel, y, outputs);
    } else {
        edgeTile<Real, Rows>(x, inputs, panel, y, outputs, width);
    }
}

template <class Real>
JACOBI_INLINE void rowProductLoop(const Real* x, std::int64_t rows, std::int64_t inputs, const Real* panels,
                                  std::int64_t outputs, std::int64_t firstPanel, std::int64_t lastPanel, Real* y)
{
    for (std::int64_t p = firstPanel; p < lastPanel; ++p) {
        const Real* panel = panels + p * inputs * kPanel<Real>;
        Real* column = y + p * kPanel<Real>;
        const std::int64_t width = std::min(kPanel<Real>, outputs - p * kPanel<Real>);
        // One or two rows alone leave the adders waiting for their own sums: two panels at once keep them busy.
        if (rows <= 2 && p + 1 < lastPanel && (p + 2) * kPanel<Real> <= outputs) {
            if (rows == 2) {
                tile<Real, 2, 2>(x, inputs, panel, column, outputs);
            } else {
                tile<Real, 1, 2>(x, inputs, panel, column, outputs);
            }
            ++p;
            continue;
        }
        // Four rows of one panel: eight sums, which is what the adders need. More rows were no faster.
        std::int64_t row = 0;
        const auto next = [&](std::int64_t count) {
            const Real* from = x + row * inputs;
            row += count;
            return from;
        };
        const auto to = [&](std::int64_t at) { return column + at * outputs; };
        while (rows - row >= 4) {
            const std::int64_t at = row;
            onePanel<Real, 4>(next(4), inputs, panel, to(at), outputs, width);
        }
        const std::int64_t at = row;
        switch (rows - row) {
        case 3: onePanel<Real, 3>(next(3), inputs, panel, to(at), outputs, width); break;
        case 2: onePanel<Real, 2>(next(2), inputs, panel, to(at), outputs, width); break;
        case 1: onePanel<Real, 1>(next(1), inputs, panel, to(at), outputs, width); break;
        default: break;
        }
    }
}

} // namespace

template <class Real>
void packPanels(const Real* matrix, std::int64_t outputs, std::int64_t inputs, Real* panels)
{
    for (std::int64_t p = 0; p < panelCount<Real>(outputs); ++p) {
        for (std::int64_t k = 0; k < inputs; ++k) {
            for (std::int64_t lane = 0; lane < kPanel<Real>; ++lane) {
                const std::int64_t output = p * kPanel<Real> + lane;
                *panels++ = output < outputs ? matrix[output * inputs + k] : Real{0};
            }
        }
    }
}
template void packPanels<float>(const float*, std::int64_t, std::int64_t, float*);
template void packPanels<double>(const double*, std::int64_t, std::int64_t, double*);

template <>
JACOBI_CLONES void rowProduct<float>(const float* x, std::int64_t rows, std::int64_t inputs, const float* panels,
                                     std::int64_t outputs, std::int64_t firstPanel, std::int64_t lastPanel, float* y)
{
    rowProductLoop(x, rows, inputs, panels, outputs, firstPanel, lastPanel, y);
}

template <>
JACOBI_CLONES void rowProduct<double>(const double* x, std::int64_t rows, std::int64_t inputs, const double* panels,
                                      std::int64_t outputs, std::int64_t firstPanel, std::int64_t lastPanel, double* y)
{
    rowProductLoop(x, rows, inputs, panels, outputs, firstPanel, lastPanel, y);
}

} // namespace jacobi::kernels
