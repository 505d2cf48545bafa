// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/core/cuda/emulation/block.h"

#include <cuda_bf16.h>
#include <cuda_runtime.h>

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>

namespace jacobi {

// What the file of this name in core/cuda asks of a card, from the description of its instructions (PTX ISA,
// "mma.m16n8k16", "ldmatrix", "ex2", "cp.async").

using Word = unsigned;

inline Word packed(float low, float high)
{
    const unsigned lower = __bfloat16_as_ushort(__float2bfloat16_rn(low));
    const unsigned upper = __bfloat16_as_ushort(__float2bfloat16_rn(high));
    return lower | upper << 16;
}

inline float halfOf(Word word, unsigned upper)
{
    return __uint_as_float(upper != 0 ? word & 0xFFFF0000U : word << 16);
}

inline void multiplyAdd(float (&c)[4], const Word (&a)[4], Word b0, Word b1)
{
    struct Factors {
        Word a[4];
        Word b[2];
    };
    const Factors mine{{a[0], a[1], a[2], a[3]}, {b0, b1}};
    const unsigned lane = threadIdx.x % 32, g = lane / 4, t = lane % 4;
    Factors all[32];
    emulation::shareInWarp(0xFFFFFFFFU, mine, all);
    for (unsigned i = 0; i < 4; ++i) {
        const unsigned row = g + i / 2 * 8, column = 2 * t + i % 2;
        double sum = 0.0;
        for (unsigned k = 0; k < 16; ++k) {
            const Word left = all[row % 8 * 4 + k % 8 / 2].a[row / 8 + k / 8 * 2];
            const Word right = all[column * 4 + k % 8 / 2].b[k / 8];
            sum += static_cast<double>(halfOf(left, k % 2)) * static_cast<double>(halfOf(right, k % 2));
        }
        c[i] = static_cast<float>(static_cast<double>(c[i]) + sum);
    }
}

inline void loadMatrices(Word (&b)[4], const std::uint16_t* row)
{
    const unsigned lane = threadIdx.x % 32, g = lane / 4, t = lane % 4;
    const std::uint16_t* rows[32];
    emulation::shareInWarp(0xFFFFFFFFU, row, rows);
    for (unsigned matrix = 0; matrix < 4; ++matrix) {
        std::memcpy(&b[matrix], rows[matrix * 8 + g] + 2 * t, sizeof(Word));
    }
}

inline void loadTransposed(Word (&b)[4], const std::uint16_t* row)
{
    const unsigned lane = threadIdx.x % 32, g = lane / 4, t = lane % 4;
    const std::uint16_t* rows[32];
    emulation::shareInWarp(0xFFFFFFFFU, row, rows);
    for (unsigned matrix = 0; matrix < 4; ++matrix) {
        const Word lower = rows[matrix * 8 + 2 * t][g], upper = rows[matrix * 8 + 2 * t + 1][g];
        b[matrix] = lower | upper << 16;
    }
}

inline float powerOfTwo(float x)
{
    const float y = std::exp2(x);
    return y < std::numeric_limits<float>::min() ? 0.0F : y;
}

inline void startCopy(void* to, const void* from, bool isThere)
{
    emulation::startCopy(to, from, isThere);
}
inline void endCopies()
{
    emulation::endCopies();
}
template <int kMayRun>
void awaitCopies()
{
    emulation::awaitCopies(kMayRun);
}

} // namespace jacobi
