// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/cuda/layersteps.h"

#include "core/cuda/blockteam.cuh"
#include "core/cuda/dispatch.h"
#include "core/cuda/earlylaunch.cuh"
#include "core/cuda/embedstep.h"
#include "core/cuda/kernels.h"

#include <cuda_runtime.h>

#include <cmath>
#include <cstdint>

namespace jacobi {
namespace {

template <class Stored>
__global__ void __launch_bounds__(kNormLanes) addNorm(const __grid_constant__ NormJob job)
{
    extern __shared__ __align__(16) unsigned char shared[];
    awaitEarlierWork();
    BlockTeam team(shared);
    addNormRow<Stored>(team, job, blockIdx.x);
}

template <class Stored>
__global__ void __launch_bounds__(kLayerLanes) gateUp(const __grid_constant__ GateJob job)
{
    extern __shared__ __align__(16) unsigned char shared[];
    awaitEarlierWork();
    BlockTeam team(shared);
    gatePart<Stored>(team, job, blockIdx.y, blockIdx.x * kGateColumns, kGateColumns);
}

template <class Stored>
__global__ void __launch_bounds__(kHeadLanes) placeHeads(const __grid_constant__ HeadsJob job)
{
    extern __shared__ __align__(16) unsigned char shared[];
    awaitEarlierWork();
    BlockTeam team(shared);
    placeHead<Stored>(team, job, blockIdx.z, blockIdx.y, blockIdx.x);
}

template <class Stored>
__global__ void __launch_bounds__(kLayerLanes) embedRows(const __grid_constant__ EmbedJob job)
{
    extern __shared__ __align__(16) unsigned char shared[];
    awaitEarlierWork();
    BlockTeam team(shared);
    embedRow<Stored>(team, job, blockIdx.y, blockIdx.x);
}

/// addNormRow with 16 bytes at a time and the row in registers between its two uses; the same numbers but for the order in
/// which squares are summed up. kMostChunks: of a lane.
constexpr unsigned kChunk = 8;
constexpr unsigned kMostChunks = 4;

__global__ void __launch_bounds__(kNormLanes) addNormWide(const __grid_constant__ NormJob job)
{
    struct alignas(16) Chunk {
        BFloat16 values[kChunk];
    };
    extern __shared__ __align__(16) unsigned char shared[];
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

bool fitsWide(const NormJob& job)
{
    const auto isAligned = [](const void* memory) { return reinterpret_cast<std::uintptr_t>(memory) % 16 == 0; };
    return job.type == NumberType::BFloat16 && job.width % kChunk == 0 &&
           job.width <= kChunk * kMostChunks * kNormLanes && isAligned(job.x) && isAligned(job.delta) &&
           isAligned(job.scale) && isAligned(job.y);
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
    return withNumberType(job.type, [&](auto tag) {
        const dim3 grid((job.width + kGateColumns - 1) / kGateColumns, job.rows);
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
