// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

namespace jacobi::kernels {

// Plain loops over raw memory that fold a layer's many small tensor operations into one pass. At this program's sizes
// (a few dozen rows of a few hundred numbers) the cost of dispatching an operation is larger than the operation. All
// pointers are contiguous, row-major, and do not overlap. Pure; any thread. Compiled for several instruction sets,
// chosen at load time. Real is float or double.

inline constexpr double kNormEpsilon = 1e-6;

/// y = x / rms(x) * scale for each of rows rows of width numbers; inverse[rows] keeps 1 / rms(x).
template <class Real>
void rmsNormForward(const Real* x, const Real* scale, Real* y, Real* inverse, std::int64_t rows, std::int64_t width);

/// dx[rows, width] is written, dScale[width] is written.
template <class Real>
void rmsNormBackward(const Real* x, const Real* scale, const Real* inverse, const Real* dy, Real* dx, Real* dScale,
                     std::int64_t rows, std::int64_t width);

/// gateUp [rows, 2 * width] (gate, then up) -> y = silu(gate) * up [rows, width].
template <class Real>
void swigluForward(const Real* gateUp, Real* y, std::int64_t rows, std::int64_t width);

template <class Real>
void swigluBackward(const Real* gateUp, const Real* dy, Real* dGateUp, std::int64_t rows, std::int64_t width);

/// Sizes of splitHeads. The rotary tables are [batch, rows, headSize / 2]; tableStride is rows * headSize / 2, or 0
/// where every batch entry shares one table.
struct HeadShape {
    std::int64_t batch = 0;
    std::int64_t rows = 0;
    std::int64_t heads = 0;
    std::int64_t headSize = 0;
    std::int64_t tableStride = 0;
};

/// qkv [batch, rows, 3 * heads * headSize] -> q, k, v [batch, heads, rows, headSize]. q and k are normalised over the
/// head (RMS, learned scale) and rotated: the pair (x[i], x[i + headSize / 2]) by the angle of table entry i.
template <class Real>
void splitHeadsForward(const Real* qkv, const Real* queryScale, const Real* keyScale, const Real* cosine,
                       const Real* sine, Real* q, Real* k, Real* v, const HeadShape& shape);

/// dQkv is written whole; dQueryScale and dKeyScale [headSize] are written.
template <class Real>
void splitHeadsBackward(const Real* qkv, const Real* queryScale, const Real* keyScale, const Real* cosine,
                        const Real* sine, const Real* dq, const Real* dk, const Real* dv, Real* dQkv, Real* dQueryScale,
                        Real* dKeyScale, const HeadShape& shape);

} // namespace jacobi::kernels
