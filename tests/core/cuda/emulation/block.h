// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>

namespace jacobi::emulation {

// A card that runs on the processor: the kernels of core/cuda, compiled as C++ against the headers of this folder, block after
// block. The threads of a block take turns on one thread of the processor and give way only where they wait for each
// other, so that a thread that does not wait where it must reads what is not there yet. Shared memory starts out as noise,
// and a copy to it is made no sooner than it is waited for, or in every other block at once, so that what others still read must
// not be written over either. Where threads wait for others that never come, the program ends
// with what they wait for.

/// Runs one block after the other; body: what a thread does. lanes: a multiple of 32 up to 1024.
void runBlocks(const unsigned (&grid)[3], unsigned lanes, std::size_t sharedBytes, const std::function<void()>& body);

/// Shared memory of a multiprocessor; 228 KiB before anything is set.
void setSharedBytes(int bytes);
int sharedBytes();

void* blockMemory();
void awaitBlock();
void awaitWarp(unsigned mask);

void startCopy(void* to, const void* from, bool isThere); ///< 16 bytes
void endCopies();
void awaitCopies(int mayRun);

/// Memory of the warp, 64 bytes a lane, for what its lanes tell each other.
std::byte* warpSlots();

/// What every lane of the mask has.
template <class T>
void shareInWarp(unsigned mask, const T& mine, T (&all)[32]);

} // namespace jacobi::emulation

#include <cuda_runtime.h>

namespace jacobi::emulation {

template <class T>
void shareInWarp(unsigned mask, const T& mine, T (&all)[32])
{
    static_assert(sizeof(T) <= 64);
    std::memcpy(warpSlots() + threadIdx.x % 32 * 64, &mine, sizeof(T));
    awaitWarp(mask);
    for (unsigned lane = 0; lane < 32; ++lane) {
        std::memcpy(&all[lane], warpSlots() + lane * 64, sizeof(T));
    }
    awaitWarp(mask); // before anyone writes the next
}

} // namespace jacobi::emulation
