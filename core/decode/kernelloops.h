// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// What the fused loops of this folder share. Sources that include this are compiled with options of their own
// (core/CMakeLists.txt), so that the compiler can vectorise their loops. Sums run in kLanes independent lanes, because
// adding floats in another order than written is not something it may do on its own; and nobody reads errno or
// floating-point traps after them.

#include <cmath>
#include <cstdint>
#include <type_traits>

// One binary for old and new processors: each entry is compiled three times and the loader picks. Sanitizers run
// their own code in front of the loader's choice and crash there, so they get the plain version.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) &&               \
    !defined(__SANITIZE_THREAD__)
#define JACOBI_CLONES __attribute__((target_clones("default", "arch=x86-64-v3", "arch=x86-64-v4")))
#else
#define JACOBI_CLONES
#endif
#define JACOBI_INLINE inline __attribute__((always_inline))

namespace jacobi::kernels {

inline constexpr std::int64_t kLanes = 16;

// Pointers that do not overlap.
template <class Real>
using In = const Real* __restrict__;
template <class Real>
using Out = Real* __restrict__;

// 32 bytes of Reals, which need not lie at a multiple of 32.
using FloatVector __attribute__((vector_size(32), aligned(4), may_alias)) = float;
using DoubleVector __attribute__((vector_size(32), aligned(8), may_alias)) = double;
template <class Real>
struct VectorOf;
template <>
struct VectorOf<float> {
    using Type = FloatVector;
};
template <>
struct VectorOf<double> {
    using Type = DoubleVector;
};

template <class Real>
JACOBI_INLINE Real dot(const Real* a, const Real* b, std::int64_t count)
{
    Real lanes[kLanes] = {};
    std::int64_t i = 0;
    for (; i + kLanes <= count; i += kLanes) {
        for (std::int64_t lane = 0; lane < kLanes; ++lane) {
            lanes[lane] += a[i + lane] * b[i + lane];
        }
    }
    Real sum = 0;
    for (; i < count; ++i) {
        sum += a[i] * b[i];
    }
    for (std::int64_t lane = 0; lane < kLanes; ++lane) {
        sum += lanes[lane];
    }
    return sum;
}

/// e^x. For float a branch-free polynomial after splitting off the power of two (relative error below 2e-7), which
/// vectorises where a library call does not.
template <class Real>
JACOBI_INLINE Real exponential(Real x)
{
    if constexpr (std::is_same_v<Real, float>) {
        const float above = x > -87.0F ? x : -87.0F;
        const float clamped = above < 88.0F ? above : 88.0F;
        const float whole = std::nearbyint(clamped * 1.44269504F);
        const float rest = (clamped - whole * 0.693359375F) + whole * 2.12194440e-4F;
        float sum = 1.9875691500e-4F;
        sum = sum * rest + 1.3981999507e-3F;
        sum = sum * rest + 8.3334519073e-3F;
        sum = sum * rest + 4.1665795894e-2F;
        sum = sum * rest + 1.6666665459e-1F;
        sum = sum * rest + 5.0000001201e-1F;
        sum = sum * rest * rest + rest + 1.0F;
        const std::int32_t bits = (static_cast<std::int32_t>(whole) + 127) * (1 << 23);
        float power;
        __builtin_memcpy(&power, &bits, sizeof power); // std::bit_cast keeps GCC 12 from vectorising
        return sum * power;
    } else {
        return std::exp(x);
    }
}

} // namespace jacobi::kernels
