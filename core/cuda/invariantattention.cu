// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/cuda/blockmemory.cuh"
#include "core/cuda/earlylaunch.cuh"
#include "core/cuda/kernels.h"
#include "core/cuda/matrixunits.cuh"

#include <cuda_runtime.h>

// Batch-invariant attention of float32 (see invariantproduct.h): a row's result hangs on its query and on the keys that it sees, and
// on nothing else of its window. Caches are cut at fixed places (AttendJob::kInvariantKeys), whatever their length, and
// tiles of 32 keys begin at multiples of 32. A warp has a row, or some, with online softmax; a lane scores one key of a tile, and
// then sums up neighbouring columns of the values. A block's warps share its tiles. Each part of a cache leaves a sum of values, the
// sum of its weights and the largest score, which a warp for each row joins in order.

namespace jacobi {
namespace {

constexpr unsigned kAll = 0xFFFFFFFFU;
constexpr int kWarps = 8;
constexpr int kLanes = 32 * kWarps;
constexpr int kTileKeys = 32;
constexpr int kPartKeys = static_cast<int>(AttendJob::kInvariantKeys);
constexpr int kJoinWarps = 4;
static_assert(kPartKeys % kTileKeys == 0);

template <int kSize>
struct alignas(kSize / 32 * 4) Columns {
    float values[kSize / 32];
};

__device__ float largestOfWarp(float x)
{
#pragma unroll
    for (int offset = 16; offset > 0; offset /= 2) {
        x = fmaxf(x, __shfl_xor_sync(kAll, x, offset));
    }
    return x;
}
__device__ float sumOfWarp(float x)
{
#pragma unroll
    for (int offset = 16; offset > 0; offset /= 2) {
        x += __shfl_xor_sync(kAll, x, offset);
    }
    return x;
}

/// What lies in shared memory; units of four numbers.
template <int kSize, int kRows>
struct Tiles {
    static constexpr int kUnits = kSize / 4;
    static constexpr int kStages = 2;
    static constexpr int kKeyStride = kUnits + 1; ///< so that neighbouring keys lie in different banks
    static constexpr int kKeys = kTileKeys * kKeyStride;
    static constexpr int kValues = kTileKeys * kUnits;
    static constexpr int kStage = kKeys + kValues;
    static constexpr int kBytes =
        (kStages * kStage + kWarps * kRows * kUnits) * static_cast<int>(sizeof(float4)); ///< with the queries
};

/// The number of a row of one head among all, in the order of q and out.
__device__ std::size_t numberOfRow(const AttendJob& job, int lane, int row, int head)
{
    return (static_cast<std::size_t>(lane) * job.rows + row) * job.heads + head;
}

/// The last key that a row sees.
__device__ int limitOf(const AttendJob& job, int lane, int row)
{
    return min(job.lengths[lane] + row, static_cast<int>(job.capacity) - 1);
}

template <int kSize>
__device__ Columns<kSize>* partialSums(const AttendJob& job)
{
    return static_cast<Columns<kSize>*>(job.partials);
}
/// Of each, the largest score and the sum of the weights.
template <int kSize>
__device__ float2* partialWeights(const AttendJob& job)
{
    const std::size_t all = std::size_t{job.lanes} * job.rows * job.heads * job.splits;
    return reinterpret_cast<float2*>(static_cast<float*>(job.partials) + all * kSize);
}

/// A row of a warp, of which every lane has some columns.
template <int kSize>
struct WarpRow {
    int limit = -1; ///< below 0: there is no such row
    float largest = -INFINITY;
    float total = 0.0F;
    Columns<kSize> sum{};
};

/// scores: of this lane's key, for every row. first: the first key of the tile. values: of the tile, from this lane's columns on. What
/// a row does not see adds nothing to it.
template <int kSize, int kRows>
__device__ void takeTile(WarpRow<kSize> (&rows)[kRows], const float (&scores)[kRows], int first, float scale,
                         const Columns<kSize>* values)
{
    const int lane = static_cast<int>(threadIdx.x) % 32;
    float weights[kRows];
#pragma unroll
    for (int i = 0; i < kRows; ++i) {
        WarpRow<kSize>& mine = rows[i];
        const float score = first + lane <= mine.limit ? scores[i] * scale : -INFINITY;
        const float largest = fmaxf(mine.largest, largestOfWarp(score)); // finite from the first tile that the row sees
        const float kept = expf(mine.largest - largest);
        weights[i] = expf(score - largest);
        mine.largest = largest;
        mine.total = fmaf(mine.total, kept, sumOfWarp(weights[i]));
#pragma unroll
        for (float& column : mine.sum.values) {
            column *= kept;
        }
    }
#pragma unroll 8
    for (int key = 0; key < kTileKeys; ++key) {
        const Columns<kSize> some = values[key * 32];
#pragma unroll
        for (int i = 0; i < kRows; ++i) {
            const float share = __shfl_sync(kAll, weights[i], key);
#pragma unroll
            for (int column = 0; column < kSize / 32; ++column) {
                float& sum = rows[i].sum.values[column];
                sum = fmaf(share, some.values[column], sum);
            }
        }
    }
}

template <int kSize>
__device__ void writeRow(const AttendJob& job, std::size_t number, const Columns<kSize>& sum, float total)
{
    Columns<kSize> made;
#pragma unroll
    for (int i = 0; i < kSize / 32; ++i) {
        made.values[i] = sum.values[i] / total;
    }
    static_cast<Columns<kSize>*>(job.out)[number * 32 + threadIdx.x % 32] = made;
}

/// kRows: of a warp.
template <int kSize, int kRows>
__global__ void __launch_bounds__(kLanes) attendInvariantly(const __grid_constant__ AttendJob job)
{
    using Tile = Tiles<kSize, kRows>;
    JACOBI_BLOCK_MEMORY(float4, shared);
    admitLaterWork();
    awaitEarlierWork();
    const int group = static_cast<int>(job.heads / job.keyHeads);
    const int grouped = static_cast<int>(job.groupedRows());
    const int rowTiles = (grouped + kWarps * kRows - 1) / (kWarps * kRows);
    const int cache = static_cast<int>(blockIdx.z);
    const int keyHead = static_cast<int>(blockIdx.y) / rowTiles;
    const int firstRow = static_cast<int>(blockIdx.y) % rowTiles * kWarps * kRows;
    const int lastRow = min(firstRow + kWarps * kRows, grouped) - 1;
    const int begin = static_cast<int>(blockIdx.x) * kPartKeys;
    const int end = min(begin + kPartKeys, limitOf(job, cache, lastRow / group) + 1);
    if (begin >= end) {
        return; // the whole block
    }
    const int warp = static_cast<int>(threadIdx.x) / 32;
    const int lane = static_cast<int>(threadIdx.x) % 32;
    const auto rowOf = [&](int i) { return firstRow + warp * kRows + i; };
    const auto numberOf = [&](int i) {
        return numberOfRow(job, cache, rowOf(i) / group, keyHead * group + rowOf(i) % group);
    };

    const auto startTile = [&](int tile) {
        float4* const stage = shared + tile % Tile::kStages * Tile::kStage;
        const int first = begin + tile * kTileKeys;
        for (int i = static_cast<int>(threadIdx.x); i < kTileKeys * Tile::kUnits; i += kLanes) {
            const int key = i / Tile::kUnits;
            const int unit = i % Tile::kUnits;
            const bool isThere = first + key < end;
            const std::size_t row = static_cast<std::size_t>(cache) * job.capacity + first + key;
            const std::size_t at = isThere ? (row * job.keyHeads + keyHead) * Tile::kUnits + unit : 0;
            startCopy(stage + key * Tile::kKeyStride + unit, static_cast<const float4*>(job.keys) + at, isThere);
            startCopy(stage + Tile::kKeys + i, static_cast<const float4*>(job.values) + at, isThere);
        }
        endCopies();
    };

    const int tiles = (end - begin + kTileKeys - 1) / kTileKeys;
    startTile(0);
    WarpRow<kSize> mine[kRows];
    int lastLimit = -1;                                                                          // of the warp
    float4* const queries = shared + Tile::kStages * Tile::kStage + warp * kRows * Tile::kUnits; // of this warp
#pragma unroll
    for (int i = 0; i < kRows; ++i) {
        const bool isThere = rowOf(i) < grouped;
        mine[i].limit = isThere ? limitOf(job, cache, rowOf(i) / group) : -1;
        lastLimit = max(lastLimit, mine[i].limit);
        const auto* const q = static_cast<const float4*>(job.q) + (isThere ? numberOf(i) * Tile::kUnits : 0);
        for (int unit = lane; unit < Tile::kUnits; unit += 32) {
            queries[i * Tile::kUnits + unit] = isThere ? q[unit] : make_float4(0.0F, 0.0F, 0.0F, 0.0F);
        }
    }
    for (int tile = 0; tile < tiles; ++tile) {
        awaitCopies<0>();
        __syncthreads(); // this tile is there for all, and all are done with the one before, which the next copy writes over
        if (tile + 1 < tiles) {
            startTile(tile + 1);
        }
        const int first = begin + tile * kTileKeys;
        if (first > lastLimit) {
            continue; // the whole warp
        }
        const float4* const stage = shared + tile % Tile::kStages * Tile::kStage;
        const float4* const key = stage + lane * Tile::kKeyStride;
        float scores[kRows] = {};
#pragma unroll 8
        for (int unit = 0; unit < Tile::kUnits; ++unit) {
            const float4 k = key[unit];
#pragma unroll
            for (int i = 0; i < kRows; ++i) {
                const float4 q = queries[i * Tile::kUnits + unit];
                float& score = scores[i];
                score = fmaf(q.x, k.x, score);
                score = fmaf(q.y, k.y, score);
                score = fmaf(q.z, k.z, score);
                score = fmaf(q.w, k.w, score);
            }
        }
        takeTile(mine, scores, first, job.scale, reinterpret_cast<const Columns<kSize>*>(stage + Tile::kKeys) + lane);
    }
#pragma unroll
    for (int i = 0; i < kRows; ++i) {
        if (begin > mine[i].limit) {
            continue; // it sees none of these keys, or is no row
        }
        if (mine[i].limit < kPartKeys) { // nothing to join
            writeRow(job, numberOf(i), mine[i].sum, mine[i].total);
            continue;
        }
        const std::size_t at = numberOf(i) * job.splits + blockIdx.x;
        partialSums<kSize>(job)[at * 32 + lane] = mine[i].sum;
        if (lane == 0) {
            partialWeights<kSize>(job)[at] = make_float2(mine[i].largest, mine[i].total);
        }
    }
}

/// A warp for each row of each head.
template <int kSize>
__global__ void __launch_bounds__(32 * kJoinWarps) joinParts(const __grid_constant__ AttendJob job)
{
    admitLaterWork();
    awaitEarlierWork();
    const unsigned number = blockIdx.x * kJoinWarps + threadIdx.x / 32;
    if (number >= job.lanes * job.rows * job.heads) {
        return;
    }
    const int row = static_cast<int>(number / job.heads % job.rows);
    const int limit = limitOf(job, static_cast<int>(number / job.heads / job.rows), row);
    if (limit < kPartKeys) {
        return;
    }
    const int parts = limit / kPartKeys + 1;
    const float2* const weights = partialWeights<kSize>(job) + std::size_t{number} * job.splits;
    const Columns<kSize>* const sums =
        partialSums<kSize>(job) + std::size_t{number} * job.splits * 32 + threadIdx.x % 32;
    float largest = -INFINITY;
    for (int part = 0; part < parts; ++part) {
        largest = fmaxf(largest, weights[part].x);
    }
    float total = 0.0F;
    Columns<kSize> sum{};
    for (int part = 0; part < parts; ++part) {
        const float2 weight = weights[part];
        const float factor = expf(weight.x - largest);
        total = fmaf(weight.y, factor, total);
        const Columns<kSize> some = sums[static_cast<std::size_t>(part) * 32];
#pragma unroll
        for (int i = 0; i < kSize / 32; ++i) {
            sum.values[i] = fmaf(factor, some.values[i], sum.values[i]);
        }
    }
    writeRow(job, number, sum, total);
}

template <int kSize, int kRows>
cudaError_t launch(const AttendJob& job, cudaStream_t stream)
{
    constexpr int kBytes = Tiles<kSize, kRows>::kBytes;
    void (*const kernel)(AttendJob) = attendInvariantly<kSize, kRows>;
    if (const cudaError_t error = cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, kBytes);
        error != cudaSuccess) {
        return error;
    }
    const unsigned rowTiles = (job.groupedRows() + kWarps * kRows - 1) / (kWarps * kRows);
    const dim3 grid(job.splits, job.keyHeads * rowTiles, job.lanes);
    if (const cudaError_t error = launchEarly<AttendJob>(kernel, job, grid, kLanes, kBytes, stream);
        error != cudaSuccess || job.splits == 1) {
        return error;
    }
    const dim3 joins((job.lanes * job.rows * job.heads + kJoinWarps - 1) / kJoinWarps);
    return launchEarly<AttendJob>(joinParts<kSize>, job, joins, 32 * kJoinWarps, 0, stream);
}

template <int kSize>
cudaError_t launch(const AttendJob& job, cudaStream_t stream)
{
    const unsigned rows = job.groupedRows();
    return rows <= kWarps       ? launch<kSize, 1>(job, stream)
           : rows <= 2 * kWarps ? launch<kSize, 2>(job, stream)
                                : launch<kSize, 4>(job, stream);
}

} // namespace

int launchAttendInvariantly(const AttendJob& job, void* stream)
{
    if (job.splits != AttendJob::invariantSplits(job.capacity)) {
        return cudaErrorNotSupported;
    }
    switch (job.headSize) {
    case 32: return launch<32>(job, static_cast<cudaStream_t>(stream));
    case 64: return launch<64>(job, static_cast<cudaStream_t>(stream));
    case 128: return launch<128>(job, static_cast<cudaStream_t>(stream));
    default: return cudaErrorNotSupported;
    }
}

} // namespace jacobi
