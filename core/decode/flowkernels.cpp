// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/decode/flowkernels.h"

#include "core/decode/kernelloops.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace jacobi::kernels {
namespace {

template <class Real>
JACOBI_INLINE void addBiasNormLoop(const Real* bias, In<Real> weight, In<Real> shift, Out<Real> h, Out<Real> y,
                                   std::int64_t rows, std::int64_t width)
{
    for (std::int64_t row = 0; row < rows; ++row, h += width, y += width) {
        Real lanes[kLanes] = {};
        std::int64_t i = 0;
        if (bias != nullptr) {
            for (std::int64_t j = 0; j < width; ++j) {
                h[j] += bias[j];
            }
        }
        for (; i + kLanes <= width; i += kLanes) {
            for (std::int64_t lane = 0; lane < kLanes; ++lane) {
                lanes[lane] += h[i + lane];
            }
        }
        Real sum = 0;
        for (; i < width; ++i) {
            sum += h[i];
        }
        for (std::int64_t lane = 0; lane < kLanes; ++lane) {
            sum += lanes[lane];
        }
        const Real mean = sum / static_cast<Real>(width);
        for (std::int64_t j = 0; j < width; ++j) {
            y[j] = h[j] - mean;
        }
        const Real variance = dot<Real>(y, y, width) / static_cast<Real>(width);
        const Real factor = Real{1} / std::sqrt(variance + static_cast<Real>(kLayerNormEpsilon));
        for (std::int64_t j = 0; j < width; ++j) {
            y[j] = y[j] * factor * weight[j] + shift[j];
        }
    }
}

/// erf by Abramowitz & Stegun 7.1.26, absolute error below 1.5e-7: free of branches, so that it vectorises.
template <class Real>
JACOBI_INLINE void geluLoop(Out<Real> h, std::int64_t count)
{
    constexpr double kHalfRoot = 0.70710678118654752440;
    for (std::int64_t i = 0; i < count; ++i) {
        const Real x = h[i] * static_cast<Real>(kHalfRoot);
        if constexpr (std::is_same_v<Real, float>) {
            const float magnitude = x < 0.0F ? -x : x;
            const float t = 1.0F / (1.0F + 0.3275911F * magnitude);
            float sum = 1.061405429F;
            sum = sum * t - 1.453152027F;
            sum = sum * t + 1.421413741F;
            sum = sum * t - 0.284496736F;
            sum = sum * t + 0.254829592F;
            const float rest = sum * t * exponential(-magnitude * magnitude); // 1 - erf(|x|)
            h[i] *= x < 0.0F ? 0.5F * rest : 1.0F - 0.5F * rest;
        } else {
            h[i] *= Real{0.5} * (Real{1} + std::erf(x));
        }
    }
}

template <class Real>
JACOBI_INLINE void storeKeysValuesLoop(In<Real> qkv, Out<Real> keys, Out<Real> values, const CachedShape& s)
{
    const std::int64_t width = s.heads * s.headSize;
    for (std::int64_t lane = 0; lane < s.lanes; ++lane) {
        for (std::int64_t row = 0; row < s.rows; ++row, qkv += 3 * width) {
            for (std::int64_t head = 0; head < s.heads; ++head) {
                const std::int64_t to = ((lane * s.heads + head) * s.capacity + s.first + row) * s.headSize;
                std::copy_n(qkv + width + head * s.headSize, s.headSize, keys + to);
                std::copy_n(qkv + 2 * width + head * s.headSize, s.headSize, values + to);
            }
        }
    }
}

template <class Real>
JACOBI_INLINE void attendRow(In<Real> query, In<Real> keys, In<Real> values, Real scale, Out<Real> scores, Out<Real> out,
                             std::int64_t seen, std::int64_t headSize)
{
    Real most = -std::numeric_limits<Real>::infinity();
    for (std::int64_t t = 0; t < seen; ++t) {
        scores[t] = dot<Real>(query, keys + t * headSize, headSize) * scale;
        most = scores[t] > most ? scores[t] : most;
    }
    for (std::int64_t t = 0; t < seen; ++t) {
        scores[t] = exponential(scores[t] - most);
    }
    Real sum = 0;
    for (std::int64_t t = 0; t < seen; ++t) {
        sum += scores[t];
    }
    for (std::int64_t i = 0; i < headSize; ++i) {
        out[i] = 0;
    }
    for (std::int64_t t = 0; t < seen; ++t) {
        const Real p = scores[t];
        const Real* value = values + t * headSize;
        for (std::int64_t i = 0; i < headSize; ++i) {
            out[i] += p * value[i];
        }
    }
    const Real inverse = Real{1} / sum;
    for (std::int64_t i = 0; i < headSize; ++i) {
        out[i] *= inverse;
    }
}

template <class Real>
JACOBI_INLINE void attendCachedLoop(const Real* qkv, const Real* keys, const Real* values, const Real* scale, Real* out,
                                    Real* scores, const CachedShape& s)
{
    const std::int64_t width = s.heads * s.headSize;
    for (std::int64_t lane = 0; lane < s.lanes; ++lane) {
        for (std::int64_t head = 0; head < s.heads; ++head) {
            const std::int64_t cache = (lane * s.heads + head) * s.capacity * s.headSize;
            for (std::int64_t row = 0; row < s.rows; ++row) {
                const std::int64_t at = lane * s.rows + row;
                attendRow<Real>(qkv + at * 3 * width + head * s.headSize, keys + cache, values + cache, scale[lane],
                                scores, out + at * width + head * s.headSize, s.first + row + 1, s.headSize);
            }
        }
    }
}

/// One token of one picture. a, b: its log-scales (null: zeros) and shifts, guidance applied.
template <class Real>
JACOBI_INLINE TokenChange updateToken(In<Real> a, In<Real> b, In<Real> z, In<Real> start, Out<Real> x,
                                      std::int64_t channels, double clip)
{
    TokenChange change;
    for (std::int64_t c = 0; c < channels; ++c) {
        Real value = z[c] * exponential(a[c]) + b[c];
        if (clip > 0.0) {
            const Real bound = static_cast<Real>(clip);
            value = value > bound ? bound : value < -bound ? -bound : value; // NaN stays NaN
        }
        if (!(std::abs(value) <= static_cast<Real>(kLargestIterate))) {
            value = start[c];
            ++change.replaced;
        }
        const double difference = static_cast<double>(value) - static_cast<double>(x[c]);
        change.squares += difference * difference;
        change.largest = std::max(change.largest, std::abs(difference));
        x[c] = value;
    }
    return change;
}

template <class Real>
JACOBI_INLINE void updateTokensLoop(const Real* guided, const Real* unguided, const Real* z, const Real* start, Real* x,
                                    TokenChange* changes, Real* a, const UpdateShape& s)
{
    const std::int64_t outputs = s.affine ? 2 * s.channels : s.channels;
    Real* b = a + s.channels;
    std::fill(a, b, Real{0});
    for (std::int64_t item = 0; item < s.batch; ++item) {
        for (std::int64_t row = std::max<std::int64_t>(0, s.from - s.first - 1); row < s.rows; ++row) {
            const std::int64_t token = s.first + 1 + row;
            const std::int64_t at = (item * s.rows + row) * outputs;
            std::copy_n(guided + at, outputs, s.affine ? a : b);
            if (unguided != nullptr) {
                const double growth =
                    s.annealed ? static_cast<double>(token) / static_cast<double>(s.tokens - 1) : 1.0;
                const auto onShift = static_cast<Real>(s.shiftGuidance * growth);
                const auto onScale = static_cast<Real>(s.scaleGuidance * growth);
                const Real* other = unguided + at;
                for (std::int64_t c = 0; s.affine && c < s.channels; ++c) {
                    a[c] += onScale * (a[c] - other[c]);
                }
                other += outputs - s.channels;
                for (std::int64_t c = 0; c < s.channels; ++c) {
                    b[c] += onShift * (b[c] - other[c]);
                }
            }
            const std::int64_t place = (item * s.tokens + token) * s.channels;
            changes[item * s.tokens + token] =
                updateToken<Real>(a, b, z + place, start + place, x + place, s.channels, s.clip);
        }
    }
}

} // namespace

// The loader's choice works on plain functions, so each template is specialised for the two types.
#define JACOBI_FLOW_KERNELS(Real)                                                                                      \
    template <>                                                                                                        \
    JACOBI_CLONES void fillRows<Real>(const Real* bias, Real* out, std::int64_t rows, std::int64_t width)              \
    {                                                                                                                  \
        for (std::int64_t row = 0; row < rows; ++row) {                                                                \
            std::copy_n(bias, width, out + row * width);                                                               \
        }                                                                                                              \
    }                                                                                                                  \
    template <>                                                                                                        \
    JACOBI_CLONES void addRows<Real>(const Real* bias, Real* h, std::int64_t rows, std::int64_t width)                 \
    {                                                                                                                  \
        for (std::int64_t row = 0; row < rows; ++row, h += width) {                                                    \
            for (std::int64_t i = 0; i < width; ++i) {                                                                 \
                h[i] += bias[i];                                                                                       \
            }                                                                                                          \
        }                                                                                                              \
    }                                                                                                                  \
    template <>                                                                                                        \
    JACOBI_CLONES void addBiasNorm<Real>(const Real* bias, const Real* weight, const Real* shift, Real* h, Real* y,    \
                                         std::int64_t rows, std::int64_t width)                                        \
    {                                                                                                                  \
        addBiasNormLoop<Real>(bias, weight, shift, h, y, rows, width);                                                 \
    }                                                                                                                  \
    template <>                                                                                                        \
    JACOBI_CLONES void gelu<Real>(Real* h, std::int64_t count)                                                         \
    {                                                                                                                  \
        geluLoop<Real>(h, count);                                                                                      \
    }                                                                                                                  \
    template <>                                                                                                        \
    JACOBI_CLONES void storeKeysValues<Real>(const Real* qkv, Real* keys, Real* values, const CachedShape& shape)      \
    {                                                                                                                  \
        storeKeysValuesLoop<Real>(qkv, keys, values, shape);                                                           \
    }                                                                                                                  \
    template <>                                                                                                        \
    JACOBI_CLONES void attendCached<Real>(const Real* qkv, const Real* keys, const Real* values, const Real* scale,    \
                                          Real* out, const CachedShape& shape)                                         \
    {                                                                                                                  \
        thread_local std::vector<Real> scores;                                                                         \
        scores.resize(static_cast<std::size_t>(shape.first + shape.rows));                                             \
        attendCachedLoop<Real>(qkv, keys, values, scale, out, scores.data(), shape);                                   \
    }                                                                                                                  \
    template <>                                                                                                        \
    JACOBI_CLONES void updateTokens<Real>(const Real* guided, const Real* unguided, const Real* z, const Real* start,  \
                                          Real* x, TokenChange* changes, const UpdateShape& shape)                     \
    {                                                                                                                  \
        thread_local std::vector<Real> parameters;                                                                     \
        parameters.resize(static_cast<std::size_t>(2 * shape.channels));                                               \
        updateTokensLoop<Real>(guided, unguided, z, start, x, changes, parameters.data(), shape);                      \
    }

JACOBI_FLOW_KERNELS(float)
JACOBI_FLOW_KERNELS(double)

} // namespace jacobi::kernels
