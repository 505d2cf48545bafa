// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/cuda/learnsteps.h"

#include "core/cuda/dispatch.h"
#include "core/cuda/earlylaunch.cuh"
#include "core/cuda/kernels.h"

#include <cuda_runtime.h>

#include <cstdint>

namespace jacobi {
namespace {

constexpr unsigned kWarp = 32;
constexpr unsigned kLanes = 256; ///< of a block
constexpr unsigned kWarps = kLanes / kWarp;
constexpr unsigned kMostFours = 8; ///< of a row that a warp has: 1024 numbers
constexpr unsigned kMostHead = 128;

/// Neighbouring lanes of a warp, a power of two of them.
template <unsigned kSize>
struct LaneGroup {
    __device__ std::uint32_t lane() const { return threadIdx.x % kSize; }
    __device__ std::uint32_t lanes() const { return kSize; }
    __device__ float sum(float x) const
    {
        const unsigned first = threadIdx.x % kWarp / kSize * kSize;
        const unsigned mask = kSize == kWarp ? 0xFFFFFFFFU : ((1U << (kSize % kWarp)) - 1U) << first;
#pragma unroll
        for (unsigned step = kSize / 2; step > 0; step /= 2) {
            x += __shfl_xor_sync(mask, x, step);
        }
        return x;
    }
};

template <class Stored, unsigned kFours>
__global__ void __launch_bounds__(kLanes) sumNorm(const __grid_constant__ SumNormJob job)
{
    awaitEarlierWork();
    const LaneGroup<kWarp> group;
    const std::uint32_t row = blockIdx.x * kWarps + threadIdx.x / kWarp;
    if (row < job.rows) {
        sumNormRow<Stored, kFours>(group, job, row);
    }
}

template <class Stored, unsigned kFours>
__global__ void __launch_bounds__(kLanes) sumNormBack(const __grid_constant__ SumNormBackJob job)
{
    __shared__ Four<float> found[kWarps][kFours * kWarp];
    awaitEarlierWork();
    const LaneGroup<kWarp> group;
    const unsigned warp = threadIdx.x / kWarp;
    Four<float> scales[kFours] = {};
    for (std::uint32_t row = blockIdx.x * kWarps + warp; row < job.rows; row += gridDim.x * kWarps) {
        sumNormBackRow<Stored, kFours>(group, job, row, scales);
    }
#pragma unroll
    for (unsigned k = 0; k < kFours; ++k) {
        found[warp][k * kWarp + group.lane()] = scales[k];
    }
    __syncthreads();
    for (std::uint32_t i = threadIdx.x; i < job.width; i += kLanes) {
        float sum = 0.0F;
        for (unsigned w = 0; w < kWarps; ++w) {
            sum += found[w][i / 4].values[i % 4];
        }
        job.dScale[std::uint64_t{blockIdx.x} * job.width + i] = sum;
    }
}

/// blockIdx.y: queries, keys, values.
template <class Stored, unsigned kSize>
__global__ void __launch_bounds__(kLanes) splitHeads(const __grid_constant__ SplitHeadsJob job)
{
    awaitEarlierWork();
    const LaneGroup<kSize> group;
    const std::uint32_t item = blockIdx.x * (kLanes / kSize) + threadIdx.x / kSize;
    if (item >= headItems(job)) {
        return;
    }
    if (blockIdx.y == 2) {
        splitValues<Stored>(group, job, item);
    } else {
        splitHead<Stored, 1>(group, job, item, blockIdx.y);
    }
}

template <class Stored, unsigned kSize>
__global__ void __launch_bounds__(kLanes) splitHeadsBack(const __grid_constant__ SplitHeadsBackJob job)
{
    constexpr unsigned kGroups = kLanes / kSize;
    __shared__ HalvedHead<1> found[kWarps][kSize];
    awaitEarlierWork();
    const LaneGroup<kSize> group;
    const std::uint32_t items = headItems(job.forward);
    HalvedHead<1> scales = {};
    for (std::uint32_t item = blockIdx.x * kGroups + threadIdx.x / kSize; item < items; item += gridDim.x * kGroups) {
        if (blockIdx.y == 2) {
            splitValuesBack<Stored>(group, job, item);
        } else {
            splitHeadBack<Stored, 1>(group, job, item, blockIdx.y, scales);
        }
    }
    if (blockIdx.y == 2) {
        return;
    }
    __syncwarp();
    // The groups of a warp, then the warps: always in this order.
#pragma unroll
    for (unsigned step = kSize; step < kWarp; step *= 2) {
#pragma unroll
        for (unsigned n = 0; n < 4; ++n) {
            scales.a[0].values[n] += __shfl_xor_sync(0xFFFFFFFFU, scales.a[0].values[n], step);
            scales.b[0].values[n] += __shfl_xor_sync(0xFFFFFFFFU, scales.b[0].values[n], step);
        }
    }
    if (threadIdx.x % kWarp < kSize) {
        found[threadIdx.x / kWarp][group.lane()] = scales;
    }
    __syncthreads();
    const std::uint32_t size = job.forward.headSize;
    if (threadIdx.x < size) {
        const std::uint32_t half = size / 2;
        const std::uint32_t i = threadIdx.x % half;
        float sum = 0.0F;
        for (unsigned w = 0; w < kWarps; ++w) {
            const HalvedHead<1>& part = found[w][i / 4];
            sum += threadIdx.x < half ? part.a[0].values[i % 4] : part.b[0].values[i % 4];
        }
        job.dScales[(std::uint64_t{blockIdx.x} * 2 + blockIdx.y) * size + threadIdx.x] = sum;
    }
}

template <class Stored>
__global__ void __launch_bounds__(kLanes) gateBack(const __grid_constant__ GateBackJob job)
{
    awaitEarlierWork();
    const std::uint32_t fours = job.width / 4;
    const std::uint64_t i = std::uint64_t{blockIdx.x} * kLanes + threadIdx.x;
    if (i < std::uint64_t{job.rows} * fours) {
        gateBackFour<Stored>(job, static_cast<std::uint32_t>(i / fours), static_cast<std::uint32_t>(i % fours));
    }
}

template <class Stored>
__global__ void __launch_bounds__(kLanes) gateFours(const __grid_constant__ GateJob job)
{
    admitLaterWork();
    awaitEarlierWork();
    const std::uint32_t fours = job.width / 4;
    const std::uint64_t i = std::uint64_t{blockIdx.x} * kLanes + threadIdx.x;
    if (i < std::uint64_t{job.rows} * fours) {
        gateFour<Stored>(job, static_cast<std::uint32_t>(i / fours), static_cast<std::uint32_t>(i % fours));
    }
}

bool isAligned(std::initializer_list<const void*> memory)
{
    for (const void* each : memory) {
        if (reinterpret_cast<std::uintptr_t>(each) % 16 != 0) {
            return false;
        }
    }
    return true;
}

template <class Job>
int launch(void (*kernel)(Job), const Job& job, dim3 grid, void* stream)
{
    return grid.x == 0
               ? 0
               : static_cast<int>(launchEarly<Job>(kernel, job, grid, kLanes, 0, static_cast<cudaStream_t>(stream)));
}

constexpr unsigned blocksFor(std::uint64_t items, unsigned perBlock)
{
    return static_cast<unsigned>((items + perBlock - 1) / perBlock);
}

/// visit(std::integral_constant) with the fours that a lane of a warp has of such a row.
template <class Visit>
int withFours(std::uint32_t width, Visit visit)
{
    if (width % 4 != 0 || width > kMostFours * 4 * kWarp) {
        return kDeviceNotSupported;
    }
    if (width <= 256) {
        return visit(std::integral_constant<unsigned, 2>());
    }
    return width <= 512 ? visit(std::integral_constant<unsigned, 4>()) : visit(std::integral_constant<unsigned, 8>());
}

/// visit(std::integral_constant) with the lanes that take such a head.
template <class Visit>
int withHeadLanes(std::uint32_t headSize, Visit visit)
{
    switch (headSize) {
    case 32: return visit(std::integral_constant<unsigned, 4>());
    case 64: return visit(std::integral_constant<unsigned, 8>());
    case kMostHead: return visit(std::integral_constant<unsigned, 16>());
    default: return kDeviceNotSupported;
    }
}

/// visit(TypeTag) with float or BFloat16.
template <class Visit>
int withLearntType(NumberType type, Visit visit)
{
    switch (type) {
    case NumberType::Float32: return visit(TypeTag<float>());
    case NumberType::BFloat16: return visit(TypeTag<BFloat16>());
    default: return kDeviceNotSupported;
    }
}

} // namespace

int launchSumNorm(const SumNormJob& job, void* stream)
{
    if (!isAligned({job.x, job.delta, job.scale, job.sum, job.y})) {
        return kDeviceNotSupported;
    }
    return withLearntType(job.type, [&](auto tag) {
        return withFours(job.width, [&](auto fours) {
            return launch<SumNormJob>(sumNorm<typename decltype(tag)::Type, decltype(fours)::value>, job,
                                      dim3(blocksFor(job.rows, kWarps)), stream);
        });
    });
}

int launchSumNormBack(const SumNormBackJob& job, void* stream)
{
    if (!isAligned({job.sum, job.scale, job.dy, job.dSum, job.dx, job.dDelta})) {
        return kDeviceNotSupported;
    }
    return withLearntType(job.type, [&](auto tag) {
        return withFours(job.width, [&](auto fours) {
            return launch<SumNormBackJob>(sumNormBack<typename decltype(tag)::Type, decltype(fours)::value>, job,
                                          dim3(job.teams), stream);
        });
    });
}

int launchSplitHeads(const SplitHeadsJob& job, void* stream)
{
    if (!isAligned({job.qkv, job.queryScale, job.keyScale, job.cosine, job.sine, job.q, job.k, job.v})) {
        return kDeviceNotSupported;
    }
    return withLearntType(job.type, [&](auto tag) {
        return withHeadLanes(job.headSize, [&](auto size) {
            const dim3 grid(blocksFor(headItems(job), kLanes / decltype(size)::value), 3);
            return launch<SplitHeadsJob>(splitHeads<typename decltype(tag)::Type, decltype(size)::value>, job, grid,
                                         stream);
        });
    });
}

int launchSplitHeadsBack(const SplitHeadsBackJob& job, void* stream)
{
    const SplitHeadsJob& forward = job.forward;
    if (!isAligned({forward.qkv, forward.queryScale, forward.keyScale, forward.cosine, forward.sine, job.dq, job.dk,
                    job.dv, job.dQkv})) {
        return kDeviceNotSupported;
    }
    return withLearntType(forward.type, [&](auto tag) {
        return withHeadLanes(forward.headSize, [&](auto size) {
            return launch<SplitHeadsBackJob>(splitHeadsBack<typename decltype(tag)::Type, decltype(size)::value>, job,
                                             dim3(job.teams, 3), stream);
        });
    });
}

int launchGateBack(const GateBackJob& job, void* stream)
{
    if (job.width % 4 != 0 || !isAligned({job.gateUp, job.dy, job.dGateUp})) {
        return kDeviceNotSupported;
    }
    return withLearntType(job.type, [&](auto tag) {
        return launch<GateBackJob>(gateBack<typename decltype(tag)::Type>, job,
                                   dim3(blocksFor(std::uint64_t{job.rows} * (job.width / 4), kLanes)), stream);
    });
}

bool isGatedByFours(const GateJob& job)
{
    return job.type != NumberType::Float64 && job.width % 4 == 0 && job.gateUpSums.parts == nullptr &&
           isAligned({job.gateUp, job.y});
}

int launchGateFours(const GateJob& job, void* stream)
{
    return withLearntType(job.type, [&](auto tag) {
        return launch<GateJob>(gateFours<typename decltype(tag)::Type>, job,
                               dim3(blocksFor(std::uint64_t{job.rows} * (job.width / 4), kLanes)), stream);
    });
}

} // namespace jacobi
