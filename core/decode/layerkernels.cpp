// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/decode/layerkernels.h"

#include "core/decode/kernelloops.h"

#include <algorithm>
#include <cmath>
#include <type_traits>
#include <vector>

namespace jacobi::kernels {
namespace {

template <class Real>
JACOBI_INLINE void rmsNormForwardLoop(In<Real> x, In<Real> scale, Out<Real> y, Out<Real> inverse, std::int64_t rows,
                                      std::int64_t width)
{
    for (std::int64_t row = 0; row < rows; ++row, x += width, y += width) {
        const Real mean = dot(x, x, width) / static_cast<Real>(width);
        const Real factor = Real{1} / std::sqrt(mean + static_cast<Real>(kNormEpsilon));
        inverse[row] = factor;
        for (std::int64_t i = 0; i < width; ++i) {
            y[i] = x[i] * factor * scale[i];
        }
    }
}

template <class Real>
JACOBI_INLINE void rmsNormBackwardLoop(In<Real> x, In<Real> scale, In<Real> inverse, In<Real> dy, Out<Real> dx,
                                       Out<Real> dScale, std::int64_t rows, std::int64_t width)
{
    std::fill(dScale, dScale + width, Real{0});
    for (std::int64_t row = 0; row < rows; ++row, x += width, dy += width, dx += width) {
        const Real factor = inverse[row];
        for (std::int64_t i = 0; i < width; ++i) {
            dScale[i] += dy[i] * x[i] * factor;
            dx[i] = dy[i] * scale[i];
        }
        const Real along = dot(dx, x, width) * factor * factor * factor / static_cast<Real>(width);
        for (std::int64_t i = 0; i < width; ++i) {
            dx[i] = dx[i] * factor - x[i] * along;
        }
    }
}

template <class Real>
JACOBI_INLINE void swigluRow(In<Real> gate, In<Real> up, Out<Real> y, std::int64_t width)
{
    for (std::int64_t i = 0; i < width; ++i) {
        y[i] = gate[i] * up[i] / (Real{1} + exponential(-gate[i]));
    }
}

template <class Real>
JACOBI_INLINE void swigluForwardLoop(In<Real> gateUp, Out<Real> y, std::int64_t rows, std::int64_t width)
{
    for (std::int64_t row = 0; row < rows; ++row) {
        const Real* gate = gateUp + row * 2 * width;
        swigluRow(gate, gate + width, y + row * width, width);
    }
}

template <class Real>
JACOBI_INLINE void swigluRowBackward(In<Real> gate, In<Real> up, In<Real> dy, Out<Real> dGate, Out<Real> dUp,
                                     std::int64_t width)
{
    for (std::int64_t i = 0; i < width; ++i) {
        const Real sigmoid = Real{1} / (Real{1} + exponential(-gate[i]));
        const Real silu = gate[i] * sigmoid;
        dUp[i] = dy[i] * silu;
        dGate[i] = dy[i] * up[i] * (sigmoid + silu * (Real{1} - sigmoid));
    }
}

template <class Real>
JACOBI_INLINE void swigluBackwardLoop(In<Real> gateUp, In<Real> dy, Out<Real> dGateUp, std::int64_t rows,
                                      std::int64_t width)
{
    for (std::int64_t row = 0; row < rows; ++row) {
        const Real* gate = gateUp + row * 2 * width;
        Real* dGate = dGateUp + row * 2 * width;
        swigluRowBackward(gate, gate + width, dy + row * width, dGate, dGate + width, width);
    }
}

template <class Real>
JACOBI_INLINE void rotateHead(In<Real> x, In<Real> scale, In<Real> cosine, In<Real> sine, Out<Real> y,
                              std::int64_t size)
{
    const std::int64_t half = size / 2;
    const Real mean = dot(x, x, size) / static_cast<Real>(size);
    const Real factor = Real{1} / std::sqrt(mean + static_cast<Real>(kNormEpsilon));
    for (std::int64_t i = 0; i < half; ++i) {
        const Real a = x[i] * factor * scale[i];
        const Real b = x[i + half] * factor * scale[i + half];
        y[i] = a * cosine[i] - b * sine[i];
        y[i + half] = a * sine[i] + b * cosine[i];
    }
}

template <class Real>
JACOBI_INLINE void rotateHeadBackward(In<Real> x, In<Real> scale, In<Real> cosine, In<Real> sine, In<Real> dy,
                                      Out<Real> dx, Out<Real> dScale, std::int64_t size)
{
    const std::int64_t half = size / 2;
    const Real mean = dot(x, x, size) / static_cast<Real>(size);
    const Real factor = Real{1} / std::sqrt(mean + static_cast<Real>(kNormEpsilon));
    for (std::int64_t i = 0; i < half; ++i) {
        const Real a = dy[i] * cosine[i] + dy[i + half] * sine[i];
        const Real b = dy[i + half] * cosine[i] - dy[i] * sine[i];
        dScale[i] += a * x[i] * factor;
        dScale[i + half] += b * x[i + half] * factor;
        dx[i] = a * scale[i];
        dx[i + half] = b * scale[i + half];
    }
    const Real along = dot(dx, x, size) * factor * factor * factor / static_cast<Real>(size);
    for (std::int64_t i = 0; i < size; ++i) {
        dx[i] = dx[i] * factor - x[i] * along;
    }
}

template <class Real>
JACOBI_INLINE void splitHeadsForwardLoop(In<Real> qkv, In<Real> queryScale, In<Real> keyScale, In<Real> cosine,
                                         In<Real> sine, Out<Real> q, Out<Real> k, Out<Real> v, const HeadShape& s)
{
    const std::int64_t width = s.heads * s.headSize;
    for (std::int64_t n = 0; n < s.batch; ++n) {
        for (std::int64_t row = 0; row < s.rows; ++row, qkv += 3 * width) {
            const Real* c = cosine + n * s.tableStride + row * (s.headSize / 2);
            const Real* d = sine + n * s.tableStride + row * (s.headSize / 2);
            for (std::int64_t head = 0; head < s.heads; ++head) {
                const std::int64_t to = ((n * s.heads + head) * s.rows + row) * s.headSize;
                const Real* from = qkv + head * s.headSize;
                rotateHead(from, queryScale, c, d, q + to, s.headSize);
                rotateHead(from + width, keyScale, c, d, k + to, s.headSize);
                std::copy(from + 2 * width, from + 2 * width + s.headSize, v + to);
            }
        }
    }
}

template <class Real>
JACOBI_INLINE void splitHeadsBackwardLoop(In<Real> qkv, In<Real> queryScale, In<Real> keyScale, In<Real> cosine,
                                          In<Real> sine, In<Real> dq, In<Real> dk, In<Real> dv, Out<Real> dQkv,
                                          Out<Real> dQueryScale, Out<Real> dKeyScale, const HeadShape& s)
{
    const std::int64_t width = s.heads * s.headSize;
    std::fill(dQueryScale, dQueryScale + s.headSize, Real{0});
    std::fill(dKeyScale, dKeyScale + s.headSize, Real{0});
    for (std::int64_t n = 0; n < s.batch; ++n) {
        for (std::int64_t row = 0; row < s.rows; ++row, qkv += 3 * width, dQkv += 3 * width) {
            const Real* c = cosine + n * s.tableStride + row * (s.headSize / 2);
            const Real* d = sine + n * s.tableStride + row * (s.headSize / 2);
            for (std::int64_t head = 0; head < s.heads; ++head) {
                const std::int64_t at = ((n * s.heads + head) * s.rows + row) * s.headSize;
                const std::int64_t offset = head * s.headSize;
                rotateHeadBackward(qkv + offset, queryScale, c, d, dq + at, dQkv + offset, dQueryScale, s.headSize);
                rotateHeadBackward(qkv + width + offset, keyScale, c, d, dk + at, dQkv + width + offset, dKeyScale,
                                   s.headSize);
                std::copy(dv + at, dv + at + s.headSize, dQkv + 2 * width + offset);
            }
        }
    }
}

} // namespace

// The loader's choice works on plain functions, so each template is specialised for the two types.
#define JACOBI_KERNELS(Real)                                                                                           \
    template <>                                                                                                        \
    JACOBI_CLONES void rmsNormForward<Real>(const Real* x, const Real* scale, Real* y, Real* inverse,                  \
                                            std::int64_t rows, std::int64_t width)                                     \
    {                                                                                                                  \
        rmsNormForwardLoop(x, scale, y, inverse, rows, width);                                                         \
    }                                                                                                                  \
    template <>                                                                                                        \
    JACOBI_CLONES void rmsNormBackward<Real>(const Real* x, const Real* scale, const Real* inverse, const Real* dy,    \
                                             Real* dx, Real* dScale, std::int64_t rows, std::int64_t width)            \
    {                                                                                                                  \
        rmsNormBackwardLoop(x, scale, inverse, dy, dx, dScale, rows, width);                                           \
    }                                                                                                                  \
    template <>                                                                                                        \
    JACOBI_CLONES void swigluForward<Real>(const Real* gateUp, Real* y, std::int64_t rows, std::int64_t width)         \
    {                                                                                                                  \
        swigluForwardLoop(gateUp, y, rows, width);                                                                     \
    }                                                                                                                  \
    template <>                                                                                                        \
    JACOBI_CLONES void swigluBackward<Real>(const Real* gateUp, const Real* dy, Real* dGateUp, std::int64_t rows,      \
                                            std::int64_t width)                                                        \
    {                                                                                                                  \
        swigluBackwardLoop(gateUp, dy, dGateUp, rows, width);                                                          \
    }                                                                                                                  \
    template <>                                                                                                        \
    JACOBI_CLONES void splitHeadsForward<Real>(const Real* qkv, const Real* queryScale, const Real* keyScale,          \
                                               const Real* cosine, const Real* sine, Real* q, Real* k, Real* v,        \
                                               const HeadShape& shape)                                                 \
    {                                                                                                                  \
        splitHeadsForwardLoop(qkv, queryScale, keyScale, cosine, sine, q, k, v, shape);                                \
    }                                                                                                                  \
    template <>                                                                                                        \
    JACOBI_CLONES void splitHeadsBackward<Real>(const Real* qkv, const Real* queryScale, const Real* keyScale,         \
                                                const Real* cosine, const Real* sine, const Real* dq, const Real* dk,  \
                                                const Real* dv, Real* dQkv, Real* dQueryScale, Real* dKeyScale,        \
                                                const HeadShape& shape)                                                \
    {                                                                                                                  \
        splitHeadsBackwardLoop(qkv, queryScale, keyScale, cosine, sine, dq, dk, dv, dQkv, dQueryScale, dKeyScale,      \
                               shape);                                                                                 \
    }

JACOBI_KERNELS(float)
JACOBI_KERNELS(double)

} // namespace jacobi::kernels
