// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/cuda/readahead.h"

#include <cuda_runtime.h>

#include <cstdint>

namespace jacobi {

/// Asks for this block's share of what will be read; `blocks` call it, on every thread. Before awaitEarlierWork(), when the card's
/// memory may be idle already. Copies are on their way to the cache that all multiprocessors share when this returns.
__device__ inline void askAhead(const ReadAhead& next, unsigned block, unsigned blocks)
{
#if __CUDA_ARCH__ >= 900
    constexpr std::uint64_t kPiece = 4096;
    const std::uint64_t pieces = next.bytes / kPiece; // what is left over is not worth asking for
    for (std::uint64_t piece = std::uint64_t{threadIdx.x} * blocks + block; piece < pieces;
         piece += std::uint64_t{blockDim.x} * blocks) {
        asm volatile("cp.async.bulk.prefetch.L2.global [%0], %1;\n" ::"l"(static_cast<const unsigned char*>(next.from) +
                                                                          piece * kPiece),
                     "r"(static_cast<unsigned>(kPiece)));
    }
#endif
}

} // namespace jacobi
