// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/cuda/int8product.h"

#include "core/cuda/earlylaunch.cuh"
#include "core/cuda/kernels.h"
#include "core/cuda/matrixunits.cuh"
#include "core/cuda/numbers.h"

#include <cuda_bf16.h>
#include <cuda_runtime.h>

// A few rows times a matrix of int8: the time is that of reading the matrix once, so everything else hides behind that. Numbers
// become bfloat16 in registers and are multiplied by the matrix units, with the matrix as the left factor: its rows, of which
// there are many, are the 16 rows of a unit's product, and the rows of x are its 8 columns.
//
// A block is eight warps with 32 rows of the matrix each. It walks over its part of the columns 64 at a time, several such
// parts on their way to shared memory while one is worked on: of the matrix every lane copies what it will read itself, of x
// the block copies what all its warps read.

namespace jacobi {
namespace {

constexpr int kWarps = 8;
constexpr int kLanes = 32 * kWarps;
constexpr int kWarpTiles = 2;                                  ///< of 16 rows of the matrix
constexpr int kSteps = Int8ProductJob::kBlockIn / kInt8TileIn; ///< of 32 columns, in a part
constexpr int kRowChunks = Int8ProductJob::kBlockIn / 8;       ///< of 16 bytes, in a part of a row of x
constexpr int kWeightChunks = kWarpTiles * kSteps * kLanes;    ///< of 16 bytes, of the matrix in a part
static_assert(kWarps * kWarpTiles * kInt8TileOut == Int8ProductJob::kBlockOut);

/// What lies in shared memory for kGroups groups of 8 rows; two blocks fit on a multiprocessor of compute capability 9.0.
template <int kGroups>
struct Stages {
    static constexpr int kCount = kGroups <= 2 ? 5 : 4;
    static constexpr int kChunks = kWeightChunks + kGroups * 8 * kRowChunks;
    static constexpr int kBytes = kCount * kChunks * static_cast<int>(sizeof(uint4));
};

/// Where a chunk of x lies among those of its part: rows change places two by two, so that the eight lanes that read at once read
/// from different banks.
__device__ int rowChunk(int row, int chunk)
{
    return row * kRowChunks + (chunk ^ (row % 2 * (kRowChunks / 2)));
}

__device__ Word difference(Int8Pair pair)
{
    __nv_bfloat162 from;
    __nv_bfloat162 less;
    memcpy(&from, &pair.from, sizeof from);
    memcpy(&less, &pair.less, sizeof less);
    const __nv_bfloat162 number = __hsub2(from, less);
    Word word;
    memcpy(&word, &number, sizeof word);
    return word;
}

/// The left factors of two steps of the matrix unit.
__device__ void widen(Word (&a)[2][4], const uint4& bytes)
{
    const Word words[4] = {bytes.x, bytes.y, bytes.z, bytes.w};
#pragma unroll
    for (int step = 0; step < 2; ++step) {
#pragma unroll
        for (int half = 0; half < 2; ++half) { // rows g and g + 8
            const Word word = words[2 * half + step];
            a[step][half] = difference(int8Pair(word));
            a[step][2 + half] = difference(int8Pair(word >> 8));
        }
    }
}

/// Scales what a warp has of 16 columns of y from `column` on and of 8 rows from `row` on, and puts it down. All lanes call this.
__device__ void put(const Int8ProductJob& job, const float4& sums, unsigned column, unsigned row)
{
    if (column >= job.out) {
        return; // the whole warp
    }
    const unsigned g = threadIdx.x % 32 / 4;
    const unsigned t = threadIdx.x % 4;
    const bool isOdd = g % 2 != 0;
    const auto* const scales = static_cast<const BFloat16*>(job.scale) + column + g;
    const float upper = load(scales[0]);
    const float lower = load(scales[8]);
    // Neighbouring lanes have neighbouring columns of two rows: one takes both columns of the first, one those of the second.
    const unsigned mine = row + 2 * t + (isOdd ? 1 : 0);
    auto* const to =
        static_cast<std::uint16_t*>(job.y) + static_cast<std::size_t>(mine) * job.out + column + (g - g % 2);
    const float first[2] = {sums.x * upper, sums.z * lower};
    const float second[2] = {sums.y * upper, sums.w * lower};
#pragma unroll
    for (int half = 0; half < 2; ++half) {
        const float other = __shfl_xor_sync(0xFFFFFFFFU, isOdd ? first[half] : second[half], 4);
        const Word word = isOdd ? packed(other, second[half]) : packed(first[half], other);
        if (mine < job.rows) {
            *reinterpret_cast<Word*>(to + 8 * half) = word;
        }
    }
}

template <int kGroups>
__global__ void __launch_bounds__(kLanes, 2) multiplyInt8(const __grid_constant__ Int8ProductJob job)
{
    using Stage = Stages<kGroups>;
    extern __shared__ __align__(16) uint4 shared[];
    const int warp = static_cast<int>(threadIdx.x) / 32;
    const int lane = static_cast<int>(threadIdx.x) % 32;
    const int g = lane / 4;
    const int t = lane % 4;
    const unsigned tiles = job.out / kInt8TileOut;
    const unsigned steps = job.in / kInt8TileIn;
    const unsigned firstTile = (blockIdx.z * kWarps + warp) * kWarpTiles;
    const unsigned firstRow = blockIdx.x * Int8ProductJob::kTileRows;
    const unsigned parts = int8Parts(job.in);
    const int begin = static_cast<int>(blockIdx.y * parts / job.splits);
    const int count = static_cast<int>((blockIdx.y + 1) * parts / job.splits) - begin;

    const auto fetchWeights = [&](int part) {
        const auto* const from = reinterpret_cast<const uint4*>(job.weights) + lane;
        uint4* const to = shared + part % Stage::kCount * Stage::kChunks + warp * (kWarpTiles * kSteps * 32) + lane;
#pragma unroll
        for (int i = 0; i < kWarpTiles * kSteps; ++i) {
            const unsigned tile = firstTile + i / kSteps;
            const unsigned step = (begin + part) * kSteps + i % kSteps;
            const bool isThere = tile < tiles && step < steps;
            startCopy(to + i * 32, from + (isThere ? (tile * steps + step) * std::size_t{32} : 0), isThere);
        }
    };
    const auto fetchRows = [&](int part) {
        uint4* const to = shared + part % Stage::kCount * Stage::kChunks + kWeightChunks;
#pragma unroll
        for (int i = static_cast<int>(threadIdx.x); i < kGroups * 8 * kRowChunks; i += kLanes) {
            const unsigned row = firstRow + i / kRowChunks;
            const unsigned column = ((begin + part) * kRowChunks + i % kRowChunks) * 8;
            const bool isThere = row < job.rows && column < job.in;
            const std::size_t at = isThere ? static_cast<std::size_t>(row) * job.in + column : 0;
            startCopy(to + rowChunk(i / kRowChunks, i % kRowChunks), static_cast<const std::uint16_t*>(job.x) + at,
                      isThere);
        }
    };

    // Nothing that ran before has written to the weights: they need not wait for it.
    constexpr int kAhead = Stage::kCount - 1;
    for (int part = 0; part < min(kAhead, count); ++part) {
        fetchWeights(part);
    }
    awaitEarlierWork();
    admitLaterWork();
    for (int part = 0; part < kAhead; ++part) {
        if (part < count) {
            fetchRows(part);
        }
        endCopies();
    }

    constexpr int kUnrolled = kGroups <= 4 ? kSteps : 1; // registers do not suffice for more
    float sums[kWarpTiles][kGroups][4] = {};
    for (int part = 0; part < count; ++part) {
        awaitCopies<kAhead - 1>();
        __syncthreads(); // what others copied is there, and what they read before may be written over
        if (part + kAhead < count) {
            fetchWeights(part + kAhead);
            fetchRows(part + kAhead);
        }
        endCopies(); // also of nothing: they are counted
        const uint4* const stage = shared + part % Stage::kCount * Stage::kChunks;
        const uint4* const weights = stage + warp * (kWarpTiles * kSteps * 32) + lane;
        const uint4* const rows = stage + kWeightChunks;
#pragma unroll kUnrolled
        for (int step = 0; step < kSteps; ++step) {
            Word a[kWarpTiles][2][4];
#pragma unroll
            for (int tile = 0; tile < kWarpTiles; ++tile) {
                widen(a[tile], weights[(tile * kSteps + step) * 32]);
            }
#pragma unroll
            for (int group = 0; group < kGroups; ++group) {
                const uint4 b = rows[rowChunk(group * 8 + g, step * 4 + t)];
#pragma unroll
                for (int tile = 0; tile < kWarpTiles; ++tile) {
                    multiplyAdd(sums[tile][group], a[tile][0], b.x, b.y);
                }
#pragma unroll
                for (int tile = 0; tile < kWarpTiles; ++tile) {
                    multiplyAdd(sums[tile][group], a[tile][1], b.z, b.w);
                }
            }
        }
    }

    const std::size_t team = static_cast<std::size_t>(blockIdx.x * gridDim.z + blockIdx.z) * job.splits + blockIdx.y;
    auto* const partials =
        reinterpret_cast<float4*>(job.partials) + team * (kWarpTiles * kGroups * kLanes) + threadIdx.x;
#pragma unroll
    for (int i = 0; i < kWarpTiles * kGroups; ++i) {
        const float(&sum)[4] = sums[i / kGroups][i % kGroups];
        const float4 four = make_float4(sum[0], sum[1], sum[2], sum[3]);
        if (job.splits == 1) {
            put(job, four, (firstTile + i / kGroups) * kInt8TileOut, firstRow + i % kGroups * 8);
        } else {
            partials[i * kLanes] = four;
        }
    }
}

/// Joins what the splits found, always in the same order. A block does one float4 of every lane of the blocks before.
__global__ void __launch_bounds__(kLanes) joinInt8(const __grid_constant__ Int8ProductJob job)
{
    awaitEarlierWork();
    const unsigned groups = job.rowGroups();
    const unsigned pieces = kWarpTiles * groups;
    const std::size_t team = static_cast<std::size_t>(blockIdx.z * gridDim.y + blockIdx.y) * job.splits;
    const float4* const partials =
        reinterpret_cast<const float4*>(job.partials) + (team * pieces + blockIdx.x) * kLanes + threadIdx.x;
    float4 sum = partials[0];
#pragma unroll 8
    for (unsigned split = 1; split < job.splits; ++split) {
        const float4 more = partials[static_cast<std::size_t>(split) * pieces * kLanes];
        sum = make_float4(sum.x + more.x, sum.y + more.y, sum.z + more.z, sum.w + more.w);
    }
    const unsigned tile = (blockIdx.y * kWarps + threadIdx.x / 32) * kWarpTiles + blockIdx.x / groups;
    put(job, sum, tile * kInt8TileOut, blockIdx.z * Int8ProductJob::kTileRows + blockIdx.x % groups * 8);
}

template <int kGroups>
cudaError_t launch(const Int8ProductJob& job, cudaStream_t stream)
{
    constexpr int kBytes = Stages<kGroups>::kBytes;
    if (const cudaError_t error =
            cudaFuncSetAttribute(multiplyInt8<kGroups>, cudaFuncAttributeMaxDynamicSharedMemorySize, kBytes);
        error != cudaSuccess) {
        return error;
    }
    const dim3 grid(job.rowTiles(), job.splits, job.outBlocks());
    if (const cudaError_t error = launchEarly<Int8ProductJob>(multiplyInt8<kGroups>, job, grid, kLanes, kBytes, stream);
        error != cudaSuccess || job.splits == 1) {
        return error;
    }
    const dim3 joins(kWarpTiles * kGroups, job.outBlocks(), job.rowTiles());
    return launchEarly<Int8ProductJob>(joinInt8, job, joins, kLanes, 0, stream);
}

bool fits(const Int8ProductJob& job)
{
    const auto isAligned = [](const void* memory) { return reinterpret_cast<std::uintptr_t>(memory) % 16 == 0; };
    return isInt8Product(job.out, job.in) && job.splits > 0 && job.splits <= int8Parts(job.in) && isAligned(job.x) &&
           isAligned(job.weights) && isAligned(job.y) && isAligned(job.partials) &&
           (job.splits == 1 || job.partials != nullptr);
}

} // namespace

int launchMultiplyInt8(const Int8ProductJob& job, void* stream)
{
    int major = 0;
    if (const cudaError_t error = computeMajor(major); error != cudaSuccess) {
        return error;
    }
    if (major < 8 || !fits(job)) {
        return cudaErrorNotSupported;
    }
    if (job.rows == 0) {
        return 0;
    }
    switch (job.rowGroups()) {
    case 1: return launch<1>(job, static_cast<cudaStream_t>(stream));
    case 2: return launch<2>(job, static_cast<cudaStream_t>(stream));
    case 4: return launch<4>(job, static_cast<cudaStream_t>(stream));
    default: return launch<8>(job, static_cast<cudaStream_t>(stream));
    }
}

} // namespace jacobi
