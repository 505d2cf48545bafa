// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/cuda/readahead.h"

#include <cuda_runtime.h>

#include <cstdint>

namespace jacobi {

// For the file of this name in core/cuda: what is asked for must be there.

inline void askAhead(const ReadAhead& next, unsigned block, unsigned blocks)
{
    constexpr std::uint64_t kPiece = 4096;
    const auto* const from = static_cast<const volatile unsigned char*>(next.from);
    for (std::uint64_t piece = std::uint64_t{threadIdx.x} * blocks + block; piece < next.bytes / kPiece;
         piece += std::uint64_t{blockDim.x} * blocks) {
        (void)from[piece * kPiece];
        (void)from[piece * kPiece + kPiece - 1];
    }
}

} // namespace jacobi
