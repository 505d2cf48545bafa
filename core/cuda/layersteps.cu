// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/cuda/layersteps.h"

#include "core/cuda/blockteam.cuh"
#include "core/cuda/dispatch.h"
#include "core/cuda/earlylaunch.cuh"
#include "core/cuda/embedstep.h"
#include "core/cuda/kernels.h"
#include "core/cuda/matrixunits.cuh"

#include <cuda_runtime.h>

#include <cmath>
#include <cstdint>

namespace jacobi {
namespace {

template <class Stored>
__global__ void __launch_bounds__(kNormLanes) addNorm(const __grid_constant__ NormJob job)
{
    JACOBI_BLOCK_MEMORY(unsigned char, shared);
    admitLaterWork();
    awaitEarlierWork();
    BlockTeam team(shared);
    addNormRow<Stored>(team, job, blockIdx.x);
}

template <class Stored>
__global__ void __launch_bounds__(kLayerLanes) gateUp(const __grid_constant__ GateJob job)
{
    JACOBI_BLOCK_MEMORY(unsigned char, shared);
    admitLaterWork();
    awaitEarlierWork();
    BlockTeam team(shared);
    gatePart<Stored>(team, job, blockIdx.x, blockIdx.y * kGateColumns, kGateColumns);
}

template <class Stored>
__global__ void __launch_bounds__(kHeadLanes) placeHeads(const __grid_constant__ HeadsJob job)
{
    JACOBI_BLOCK_MEMORY(unsigned char, shared);
    admitLaterWork();
    awaitEarlierWork();
    BlockTeam team(shared);
    placeHead<Stored>(team, job, blockIdx.z, blockIdx.y, blockIdx.x);
}

template <class Stored>
__global__ void __launch_bounds__(kLayerLanes) embedRows(const __grid_constant__ EmbedJob job)
{
    JACOBI_BLOCK_MEMORY(unsigned char, shared);
    admitLaterWork();
    awaitEarlierWork();
    BlockTeam team(shared);
    embedRow<Stored>(team, job, blockIdx.y, blockIdx.x);
}

/// addNormRow with 16 bytes at a time and the row in registers between its two uses; the same numbers but for the order in
/// which squares are summed up. kMostChunks: of a lane.
constexpr unsigned kChunk = 8;
constexpr unsigned kMostChunks = 4;

/// kCount neighbouring numbers that lie in parts: each as numberOf() has it. column: a multiple of kCount.
template <int kCount>
__device__ void numbersOf(float (&numbers)[kCount], const SplitSums& sums, std::uint64_t row, unsigned column)
{
    struct alignas(kCount * 4 < 16 ? kCount * 4 : 16) Some {
        float values[kCount < 4 ? kCount : 4];
    };
    constexpr int kSomes = kCount < 4 ? 1 : kCount / 4;
    constexpr int kEach = kCount / kSomes;
    const float* part = sums.parts + row * sums.width + column;
#pragma unroll
    for (float& number : numbers) {
        number = 0.0F;
    }
#pragma unroll 4
    for (unsigned split = 0; split < sums.splits; ++split, part += sums.apart) {
#pragma unroll
        for (int i = 0; i < kSomes; ++i) {
            const Some more = reinterpret_cast<const Some*>(part)[i];
#pragma unroll
            for (int n = 0; n < kEach; ++n) {
                float& number = numbers[i * kEach + n];
                number = split == 0 ? more.values[n] : number + more.values[n];
            }
        }
    }
#pragma unroll
    for (float& number : numbers) {
        number = __bfloat162float(__float2bfloat16_rn(number));
    }
}

__global__ void __launch_bounds__(kNormLanes) addNormWide(const __grid_constant__ NormJob job)
{
    struct alignas(16) Chunk {
        BFloat16 values[kChunk];
    };
    JACOBI_BLOCK_MEMORY(unsigned char, shared);
    admitLaterWork();
    awaitEarlierWork();
    BlockTeam team(shared);
    const unsigned chunks = job.width / kChunk;
    const std::uint64_t offset = std::uint64_t{blockIdx.x} * chunks;
    auto* const x = static_cast<Chunk*>(job.x) + offset;
    const Chunk* const delta = job.delta != nullptr ? static_cast<const Chunk*>(job.delta) + offset : nullptr;
    const auto* const scale = static_cast<const Chunk*>(job.scale);
    Chunk mine[kMostChunks];
    Chunk scales[kMostChunks];
    double squares = 0.0;
#pragma unroll
    for (unsigned k = 0; k < kMostChunks; ++k) {
        const unsigned i = threadIdx.x + k * kNormLanes;
        if (i >= chunks) {
            break;
        }
        mine[k] = x[i];
        scales[k] = scale[i];
        if (delta != nullptr) {
            const Chunk more = delta[i];
#pragma unroll
            for (unsigned n = 0; n < kChunk; ++n) {
                store(mine[k].values[n], load(mine[k].values[n]) + load(more.values[n]));
            }
            x[i] = mine[k];
        } else if (job.deltaSums.parts != nullptr) {
            float more[kChunk];
            numbersOf(more, job.deltaSums, blockIdx.x, i * kChunk);
#pragma unroll
            for (unsigned n = 0; n < kChunk; ++n) {
                store(mine[k].values[n], load(mine[k].values[n]) + more[n]);
            }
            x[i] = mine[k];
        }
#pragma unroll
        for (unsigned n = 0; n < kChunk; ++n) {
            const auto value = static_cast<double>(load(mine[k].values[n]));
            squares += value * value;
        }
    }
    if (job.y == nullptr) {
        return;
    }
    const double sum = team.fold(
        kNormLanes, 0.0, [&](double before, std::uint32_t) { return before + squares; },
        [](double a, double b) { return a + b; });
    const auto factor = static_cast<float>(1.0 / sqrt(sum / job.width + job.epsilon));
    auto* const y = static_cast<Chunk*>(job.y) + offset;
#pragma unroll
    for (unsigned k = 0; k < kMostChunks; ++k) {
        const unsigned i = threadIdx.x + k * kNormLanes;
        if (i >= chunks) {
            break;
        }
        Chunk made;
#pragma unroll
        for (unsigned n = 0; n < kChunk; ++n) {
            store(made.values[n], load(mine[k].values[n]) * factor * load(scales[k].values[n]));
        }
        y[i] = made;
    }
}

bool isAligned(const void* memory)
{
    return reinterpret_cast<std::uintptr_t>(memory) % 16 == 0;
}

bool fitsWide(const NormJob& job)
{
    return job.type == NumberType::BFloat16 && job.width % kChunk == 0 &&
           job.width <= kChunk * kMostChunks * kNormLanes && isAligned(job.x) && isAligned(job.delta) &&
           isAligned(job.scale) && isAligned(job.y);
}

/// Neighbouring numbers of a head, of one lane of the warp that places it, in whole words.
template <int kMine>
struct HeadPart {
    Word words[kMine / 2];

    __device__ float operator[](int i) const
    {
        return __uint_as_float(i % 2 == 0 ? words[i / 2] << 16 : words[i / 2] & 0xFFFF0000U);
    }
};

/// placeHead() with a warp for each head, whose numbers, kMine a lane, stay in registers; the same numbers but for the order in which
/// squares are summed up.
template <int kMine>
__global__ void __launch_bounds__(kLayerLanes) placeHeadsWide(const __grid_constant__ HeadsJob job)
{
    using Part = HeadPart<kMine>;
    constexpr unsigned kSize = 32 * kMine;
    constexpr unsigned kAll = 0xFFFFFFFFU;
    admitLaterWork();
    awaitEarlierWork();
    const unsigned all = job.heads + 2 * job.keyHeads;
    const unsigned number = (blockIdx.x * kLayerLanes + threadIdx.x) / 32;
    if (number >= job.lanes * job.rows * all) {
        return; // the whole warp
    }
    const unsigned mine = threadIdx.x % 32;
    const unsigned head = number % all;
    const unsigned row = number / all; // of all lanes'
    const unsigned lane = row / job.rows;
    const unsigned place = static_cast<unsigned>(job.lengths[lane]) + row % job.rows;
    const bool isQuery = head < job.heads;
    if (!isQuery && place >= job.capacity) {
        return;
    }
    float x[kMine];
    if (job.qkvSums.parts != nullptr) {
        numbersOf(x, job.qkvSums, row, head * kSize + mine * kMine);
    } else {
        const Part part = static_cast<const Part*>(job.qkv)[(std::size_t{row} * all + head) * 32 + mine];
#pragma unroll
        for (int i = 0; i < kMine; ++i) {
            x[i] = part[i];
        }
    }
    const unsigned keyHead = (head - job.heads) % job.keyHeads;
    const std::size_t cached = (std::size_t{lane} * job.capacity + place) * job.keyHeads + keyHead;
    const bool isKey = !isQuery && head < job.heads + job.keyHeads;
    void* const heads = isQuery ? job.q : isKey ? job.keys : job.values;
    Part* const to = static_cast<Part*>(heads) + (isQuery ? std::size_t{row} * job.heads + head : cached) * 32 + mine;
    float y[kMine];
#pragma unroll
    for (int i = 0; i < kMine; ++i) {
        y[i] = x[i];
    }
    if (isQuery || isKey) {
        if (const auto* const scales = static_cast<const Part*>(isQuery ? job.queryScale : job.keyScale);
            scales != nullptr) {
            double squares = 0.0;
#pragma unroll
            for (int i = 0; i < kMine; ++i) {
                squares += static_cast<double>(x[i]) * static_cast<double>(x[i]);
            }
            for (int offset = 16; offset > 0; offset /= 2) {
                squares += __shfl_xor_sync(kAll, squares, offset);
            }
            const auto factor = static_cast<float>(1.0 / sqrt(squares / kSize + job.epsilon));
            const Part scale = scales[mine];
#pragma unroll
            for (int i = 0; i < kMine; ++i) {
                x[i] = x[i] * factor * scale[i];
            }
        }
        const std::size_t turns = std::size_t{min(place, job.tableRows - 1)} * (kSize / 2);
        const bool isHalves = job.pairs == RotaryPairs::Halves;
#pragma unroll
        for (int i = 0; i < kMine; ++i) {
            const bool isFirst = isHalves ? mine < 16 : i % 2 == 0;
            const float across = __shfl_xor_sync(kAll, x[i], 16);
            const float other = isHalves ? across : x[i ^ 1];
            const unsigned pair = isHalves ? mine % 16 * kMine + i : (mine * kMine + i) / 2;
            const float cosine = job.cosine[turns + pair];
            const float sine = job.sine[turns + pair];
            y[i] = isFirst ? x[i] * cosine - other * sine : other * sine + x[i] * cosine;
        }
    }
    Part made;
#pragma unroll
    for (int i = 0; i < kMine / 2; ++i) {
        made.words[i] = packed(y[2 * i], y[2 * i + 1]);
    }
    *to = made;
}

bool fitsWide(const HeadsJob& job)
{
    return job.type == NumberType::BFloat16 && (job.headSize == 64 || job.headSize == 128) && isAligned(job.qkv) &&
           isAligned(job.queryScale) && isAligned(job.keyScale) && isAligned(job.q) && isAligned(job.keys) &&
           isAligned(job.values);
}

/// gatePart() of what lies in parts: four columns a lane.
__global__ void __launch_bounds__(kLayerLanes) gateParts(const __grid_constant__ GateJob job)
{
    admitLaterWork();
    awaitEarlierWork();
    const unsigned row = blockIdx.x;
    const unsigned column = (blockIdx.y * kLayerLanes + threadIdx.x) * 4;
    if (column >= job.width) {
        return;
    }
    float gate[4];
    float up[4];
    numbersOf(gate, job.gateUpSums, row, column);
    numbersOf(up, job.gateUpSums, row, job.width + column);
#pragma unroll
    for (int i = 0; i < 4; ++i) {
        gate[i] = silu(gate[i]) * up[i];
    }
    auto* const y = static_cast<std::uint16_t*>(job.y) + std::size_t{row} * job.width + column;
    *reinterpret_cast<uint2*>(y) = make_uint2(packed(gate[0], gate[1]), packed(gate[2], gate[3]));
}

template <class Job>
int launch(void (*kernel)(Job), const Job& job, dim3 grid, unsigned lanes, void* stream)
{
    if (grid.x == 0 || grid.y == 0 || grid.z == 0) {
        return 0;
    }
    return launchEarly<Job>(kernel, job, grid, lanes, BlockTeam::bytesFor(lanes), static_cast<cudaStream_t>(stream));
}

} // namespace

int launchAddNorm(const NormJob& job, void* stream)
{
    if (fitsWide(job)) {
        return launch<NormJob>(addNormWide, job, dim3(job.rows), kNormLanes, stream);
    }
    return withNumberType(job.type, [&](auto tag) {
        return launch<NormJob>(addNorm<typename decltype(tag)::Type>, job, dim3(job.rows), kNormLanes, stream);
    });
}

int launchPlaceHeads(const HeadsJob& job, void* stream)
{
    if (fitsWide(job)) {
        const dim3 grid((job.lanes * job.rows * (job.heads + 2 * job.keyHeads) * 32 + kLayerLanes - 1) / kLayerLanes);
        return launch<HeadsJob>(job.headSize == 64 ? placeHeadsWide<2> : placeHeadsWide<4>, job, grid, kLayerLanes,
                                stream);
    }
    return withNumberType(job.type, [&](auto tag) {
        const dim3 grid(job.heads + 2 * job.keyHeads, job.rows, job.lanes);
        return launch<HeadsJob>(placeHeads<typename decltype(tag)::Type>, job, grid, kHeadLanes, stream);
    });
}

int launchGate(const GateJob& job, void* stream)
{
    if (isGatedByFours(job)) {
        return launchGateFours(job, stream);
    }
    if (job.gateUpSums.parts != nullptr && job.type == NumberType::BFloat16 && job.width % 4 == 0 && isAligned(job.y)) {
        const dim3 grid(job.rows, (job.width / 4 + kLayerLanes - 1) / kLayerLanes);
        return launch<GateJob>(gateParts, job, grid, kLayerLanes, stream);
    }
    // Rows along x: a grid has at most 65,535 blocks along y, and training more rows.
    return withNumberType(job.type, [&](auto tag) {
        const dim3 grid(job.rows, (job.width + kGateColumns - 1) / kGateColumns);
        return launch<GateJob>(gateUp<typename decltype(tag)::Type>, job, grid, kLayerLanes, stream);
    });
}

int launchEmbedRows(const EmbedJob& job, void* stream)
{
    return withNumberType(job.type, [&](auto tag) {
        const dim3 grid(job.windows.window, job.windows.items * job.windows.branches);
        return launch<EmbedJob>(embedRows<typename decltype(tag)::Type>, job, grid, kLayerLanes, stream);
    });
}

} // namespace jacobi
