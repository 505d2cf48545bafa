// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/cuda/blockmemory.cuh"

#include <cstdint>
#include <type_traits>

namespace jacobi {

/// The Team of serialteam.h as a block of threads: blockDim.x of them, a multiple of 32. Sums join inside a warp first,
/// then over the warps, always in one order. Shared memory: kBytesFor(lanes), aligned to 16.
class BlockTeam {
public:
    static constexpr std::uint32_t kWarp = 32;
    static constexpr std::uint32_t kLargestValue = 40; ///< bytes of what a fold gathers

    /// For 2 * lanes doubles and a value of every warp.
    static __host__ __device__ constexpr std::uint32_t bytesFor(std::uint32_t lanes)
    {
        return 2 * lanes * static_cast<std::uint32_t>(sizeof(double)) + kWarp * kLargestValue;
    }

    explicit __device__ BlockTeam(unsigned char* shared)
        : m_values(reinterpret_cast<double*>(shared + kWarp * kLargestValue)), m_warps(shared)
    {
    }

    __device__ std::uint32_t lanes() const { return blockDim.x; }
    __device__ double* laneValues() { return m_values; }

    template <class F>
    __device__ void each(std::uint32_t count, F f)
    {
        __syncthreads();
        for (std::uint32_t i = threadIdx.x; i < count; i += blockDim.x) {
            f(i);
        }
        __syncthreads();
    }
    template <class T, class Make>
    __device__ void change(std::uint32_t count, T* row, Make make)
    {
        constexpr std::uint32_t kAhead = 8;
        __syncthreads();
        std::uint32_t i = threadIdx.x;
        for (; i + (kAhead - 1) * blockDim.x < count; i += kAhead * blockDim.x) {
            T read[kAhead];
#pragma unroll
            for (std::uint32_t n = 0; n < kAhead; ++n) {
                read[n] = row[i + n * blockDim.x];
            }
#pragma unroll
            for (std::uint32_t n = 0; n < kAhead; ++n) {
                row[i + n * blockDim.x] = make(i + n * blockDim.x, read[n]);
            }
        }
        for (; i < count; i += blockDim.x) {
            row[i] = make(i, row[i]);
        }
        __syncthreads();
    }
    template <class F>
    __device__ void eachLane(F f)
    {
        __syncthreads();
        f(threadIdx.x);
        __syncthreads();
    }
    template <class F>
    __device__ void once(F f)
    {
        __syncthreads();
        if (threadIdx.x == 0) {
            f();
        }
        __syncthreads();
    }

    template <class T, class Add, class Join>
    __device__ T fold(std::uint32_t count, T start, Add add, Join join)
    {
        T mine = start;
        for (std::uint32_t i = threadIdx.x; i < count; i += blockDim.x) {
            mine = add(mine, i);
        }
        return joined(mine, start, join);
    }

    template <class T, class Fetch, class Add, class Join>
    __device__ T foldAhead(std::uint32_t count, T start, Fetch fetch, Add add, Join join)
    {
        constexpr std::uint32_t kAhead = 4;
        T mine = start;
        std::uint32_t i = threadIdx.x;
        for (; i + (kAhead - 1) * blockDim.x < count; i += kAhead * blockDim.x) {
            decltype(fetch(i)) fetched[kAhead];
#pragma unroll
            for (std::uint32_t n = 0; n < kAhead; ++n) {
                fetched[n] = fetch(i + n * blockDim.x);
            }
#pragma unroll
            for (std::uint32_t n = 0; n < kAhead; ++n) {
                mine = add(mine, i + n * blockDim.x, fetched[n]);
            }
        }
        for (; i < count; i += blockDim.x) {
            mine = add(mine, i, fetch(i));
        }
        return joined(mine, start, join);
    }

    template <class T, class Wanted, class Make>
    __device__ std::uint32_t gather(std::uint32_t count, Wanted wanted, Make make, T* list, std::uint32_t room)
    {
        std::uint32_t* const found = reinterpret_cast<std::uint32_t*>(m_warps);
        once([&] { *found = 0; });
        for (std::uint32_t i = threadIdx.x; i < count; i += blockDim.x) {
            if (wanted(i)) {
                const std::uint32_t slot = atomicAdd(found, 1U);
                if (slot < room) {
                    list[slot] = make(i);
                }
            }
        }
        __syncthreads();
        const std::uint32_t result = *found;
        __syncthreads();
        return result;
    }
    __device__ static void publish(std::uint64_t* where, std::uint64_t number)
    {
        __threadfence_system(); // on every lane: what any of them wrote comes first
        __syncthreads();
        if (threadIdx.x == 0) {
            *reinterpret_cast<volatile std::uint64_t*>(where) = number;
            __threadfence_system();
        }
    }

private:
    /// Of what the lanes have gathered, on every lane.
    template <class T, class Join>
    __device__ T joined(T mine, const T& start, Join join)
    {
        static_assert(sizeof(T) <= kLargestValue && sizeof(T) % 4 == 0 && std::is_trivially_copyable_v<T>);
        mine = joinedInWarp(mine, join);
        T* const warps = reinterpret_cast<T*>(m_warps);
        if (threadIdx.x % kWarp == 0) {
            warps[threadIdx.x / kWarp] = mine;
        }
        __syncthreads();
        if (threadIdx.x < kWarp) {
            mine = joinedInWarp(threadIdx.x < blockDim.x / kWarp ? warps[threadIdx.x] : start, join);
            if (threadIdx.x == 0) {
                warps[0] = mine;
            }
        }
        __syncthreads();
        const T result = warps[0];
        __syncthreads();
        return result;
    }

    /// Right on lane 0 of a warp; all its lanes take part.
    template <class T, class Join>
    __device__ static T joinedInWarp(T value, Join join)
    {
        for (std::uint32_t offset = kWarp / 2; offset > 0; offset /= 2) {
            value = join(value, fromLaneAbove(value, offset));
        }
        return value;
    }
    template <class T>
    __device__ static T fromLaneAbove(const T& value, std::uint32_t offset)
    {
        constexpr std::uint32_t kWords = sizeof(T) / 4;
        std::uint32_t words[kWords];
        memcpy(words, &value, sizeof(T));
        for (std::uint32_t i = 0; i < kWords; ++i) {
            words[i] = __shfl_down_sync(0xFFFFFFFFU, words[i], offset);
        }
        T above;
        memcpy(&above, words, sizeof(T));
        return above;
    }

    double* m_values;
    unsigned char* m_warps;
};

} // namespace jacobi
