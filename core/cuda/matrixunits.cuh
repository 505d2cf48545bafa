// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cuda_bf16.h>
#include <cuda_runtime.h>

#include <cstdint>
#include <cstring>

namespace jacobi {

// Products of small matrices by the matrix units, and copies to shared memory that run beside them: compute capability 8.0.

using Word = unsigned; ///< two bfloat16

__device__ inline Word packed(float low, float high)
{
    const __nv_bfloat162 both = __floats2bfloat162_rn(low, high);
    Word word;
    memcpy(&word, &both, sizeof word);
    return word;
}

/// c += a b.
__device__ inline void multiplyAdd(float (&c)[4], const Word (&a)[4], Word b0, Word b1)
{
#if __CUDA_ARCH__ >= 800
    asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "
                 "{%0, %1, %2, %3};\n"
                 : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
                 : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
#endif
}

/// Four 8 x 8 matrices in shared memory; every lane names one of their rows.
__device__ inline void loadMatrices(Word (&b)[4], const std::uint16_t* row)
{
    const auto address = static_cast<unsigned>(__cvta_generic_to_shared(row));
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];\n"
                 : "=r"(b[0]), "=r"(b[1]), "=r"(b[2]), "=r"(b[3])
                 : "r"(address));
}
/// The same, transposed.
__device__ inline void loadTransposed(Word (&b)[4], const std::uint16_t* row)
{
    const auto address = static_cast<unsigned>(__cvta_generic_to_shared(row));
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];\n"
                 : "=r"(b[0]), "=r"(b[1]), "=r"(b[2]), "=r"(b[3])
                 : "r"(address));
}

/// 2 to the x, within two units in the last place; what is too small for a normal number is 0.
__device__ inline float powerOfTwo(float x)
{
    float y;
    asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
    return y;
}

/// 16 bytes on their way to shared memory, or zeros. What lies there before must have been used.
__device__ inline void startCopy(void* to, const void* from, bool isThere)
{
#if __CUDA_ARCH__ >= 800
    const auto address = static_cast<unsigned>(__cvta_generic_to_shared(to));
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;\n" ::"r"(address), "l"(from), "r"(isThere ? 16 : 0));
#endif
}
__device__ inline void endCopies()
{
#if __CUDA_ARCH__ >= 800
    asm volatile("cp.async.commit_group;\n");
#endif
}
template <int kMayRun>
__device__ void awaitCopies()
{
#if __CUDA_ARCH__ >= 800
    asm volatile("cp.async.wait_group %0;\n" ::"n"(kMayRun) : "memory"); // nothing is read before
#endif
}

} // namespace jacobi
