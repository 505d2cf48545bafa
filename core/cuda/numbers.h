// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/devicecode.h"

#include <cstdint>
#include <cstring>
#include <type_traits>

namespace jacobi {

/// A bfloat16 in memory: the upper half of a float32.
struct BFloat16 {
    std::uint16_t bits = 0;
};

/// What is computed with where numbers of this kind lie in memory.
template <class Stored>
using RealOf = std::conditional_t<std::is_same_v<Stored, double>, double, float>;

JACOBI_DEVICE inline float load(float x)
{
    return x;
}
JACOBI_DEVICE inline double load(double x)
{
    return x;
}
JACOBI_DEVICE inline float load(BFloat16 x)
{
    const std::uint32_t bits = static_cast<std::uint32_t>(x.bits) << 16;
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/// Rounded to nearest, ties to even; a NaN stays one.
JACOBI_DEVICE inline void store(BFloat16& to, float x)
{
    std::uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    if ((bits & 0x7FFFFFFFU) > 0x7F800000U) {
        to.bits = static_cast<std::uint16_t>((bits >> 16) | 0x40U);
        return;
    }
    to.bits = static_cast<std::uint16_t>((bits + 0x7FFFU + ((bits >> 16) & 1U)) >> 16);
}
JACOBI_DEVICE inline void store(float& to, float x)
{
    to = x;
}
JACOBI_DEVICE inline void store(double& to, double x)
{
    to = x;
}

/// The bits of a real number as an unsigned one of the same order: -infinity < ... < -0 < +0 < ... < +infinity.
JACOBI_DEVICE inline std::uint32_t orderedKey(float x)
{
    std::uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return (bits >> 31) != 0 ? ~bits : bits | 0x80000000U;
}
JACOBI_DEVICE inline std::uint64_t orderedKey(double x)
{
    std::uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return (bits >> 63) != 0 ? ~bits : bits | 0x8000000000000000ULL;
}
JACOBI_DEVICE inline float realOfKey(std::uint32_t key)
{
    const std::uint32_t bits = (key >> 31) != 0 ? key & 0x7FFFFFFFU : ~key;
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}
JACOBI_DEVICE inline double realOfKey(std::uint64_t key)
{
    const std::uint64_t bits = (key >> 63) != 0 ? key & 0x7FFFFFFFFFFFFFFFULL : ~key;
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/// The largest key in [low, high] for which enough(key) holds, by bisection: at most 32 or 64 questions. enough must hold
/// up to some key and not after it; at low it is taken to hold, unasked.
template <class Key, class Enough>
JACOBI_DEVICE Key largestKeyWith(Key low, Key high, Enough enough)
{
    while (low < high) {
        const Key middle = high - (high - low) / 2; // above low
        if (enough(middle)) {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    return low;
}

/// The same by asking of kBounds keys at once, which are evenly apart: 11 questions instead of 32, or 22 instead of 64. howMany(keys):
/// for how many of them, which ascend, enough holds.
template <int kBounds, class Key, class HowMany>
JACOBI_DEVICE Key largestKeyByMany(Key low, Key high, HowMany howMany)
{
    while (low < high) {
        const Key step = (high - low) / (kBounds + 1) + 1;
        Key keys[kBounds];
        JACOBI_UNROLL
        for (int i = 0; i < kBounds; ++i) {
            const Key offset = step * static_cast<Key>(i + 1);
            keys[i] = offset < high - low ? low + offset : high;
        }
        const int many = howMany(keys);
        JACOBI_UNROLL
        for (int i = kBounds - 1; i >= 0; --i) { // below the first that is too much, from the last that is not
            high = i >= many ? static_cast<Key>(keys[i] - 1) : high;
        }
        JACOBI_UNROLL
        for (int i = 0; i < kBounds; ++i) {
            low = i < many ? keys[i] : low;
        }
    }
    return low;
}

} // namespace jacobi
