// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/cuda/numbers.h"

#include <cstdint>

// What the kernels of core/cuda use of CUDA's header of this name; see block.h.

using __nv_bfloat16 = jacobi::BFloat16;

struct __nv_bfloat162 {
    __nv_bfloat16 x, y;
};

inline __nv_bfloat16 __float2bfloat16_rn(float x)
{
    __nv_bfloat16 rounded;
    jacobi::store(rounded, x);
    return rounded;
}
inline float __bfloat162float(__nv_bfloat16 x)
{
    return jacobi::load(x);
}
inline std::uint16_t __bfloat16_as_ushort(__nv_bfloat16 x)
{
    return x.bits;
}
inline __nv_bfloat162 __hsub2(__nv_bfloat162 a, __nv_bfloat162 b)
{
    return {__float2bfloat16_rn(__bfloat162float(a.x) - __bfloat162float(b.x)),
            __float2bfloat16_rn(__bfloat162float(a.y) - __bfloat162float(b.y))};
}
