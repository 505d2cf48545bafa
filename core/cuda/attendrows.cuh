// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/cuda/deviceops.h"
#include "core/cuda/earlylaunch.cuh"
#include "core/cuda/matrixunits.cuh"

#include <cuda_bf16.h>
#include <cuda_runtime.h>

// How attention's blocks (attendwindow.cu) are made up, and what becomes of what they find: warps of a block, and then the blocks
// that shared out a cache, each bring a sum of values for every row, the sum of its weights, and the largest score, to base 2, which
// was taken off every score before its weight was made.

namespace jacobi {

/// Neighbouring columns of a row, of one lane of a warp that holds the row.
template <int kSize>
struct alignas(kSize / 32 * 4) RowColumns {
    float values[kSize / 32];
};

/// A row of `out`, by a warp: the weighted sum over the sum of the weights.
template <int kSize>
__device__ void storeRow(std::uint16_t* out, int laneInWarp, const RowColumns<kSize>& sum, float total)
{
    constexpr int kMine = kSize / 32;
    const float share = 1.0F / total;
    // Whole words: copied byte by byte, the lower bytes came out wrong on a card.
    if constexpr (kMine == 1) {
        out[laneInWarp] = __bfloat16_as_ushort(__float2bfloat16_rn(sum.values[0] * share));
    } else {
#pragma unroll
        for (int i = 0; i < kMine; i += 2) {
            *reinterpret_cast<Word*>(out + laneInWarp * kMine + i) =
                packed(sum.values[i] * share, sum.values[i + 1] * share);
        }
    }
}

/// Where a block's work lies: `rows` counts rows and the query heads that share a key head.
struct AttendPlace {
    const AttendJob& job;
    int lane, keyHead, firstRow, group, rows;

    __device__ explicit AttendPlace(const AttendJob& j)
        : job(j),
          lane(static_cast<int>(blockIdx.z)),
          keyHead(static_cast<int>(blockIdx.y / j.rowTiles())),
          firstRow(static_cast<int>(blockIdx.y % j.rowTiles() * j.tileRows())),
          group(static_cast<int>(j.heads / j.keyHeads)),
          rows(static_cast<int>(j.groupedRows()))
    {
    }
    /// Offset of a query row's head in q and out.
    __device__ std::size_t offset(int row, int size) const
    {
        const std::size_t inLane = static_cast<std::size_t>(lane) * job.rows + row / group;
        return (inLane * job.heads + static_cast<std::size_t>(keyHead) * group + row % group) * size;
    }
    /// Number of a row among all of a split's.
    __device__ std::size_t partial(std::size_t split, int row) const
    {
        return ((split * job.lanes + lane) * gridDim.y + blockIdx.y) * job.tileRows() + (row - firstRow);
    }
};

/// How a block's warps are shared out, over rows, 16 each, and over the keys of a tile; and how many tiles it has room for.
template <int kSizeOfHead, int kRowWarpCount, int kKeyWarpCount, int kStageCount>
struct AttendTeam {
    static constexpr int kSize = kSizeOfHead;
    static constexpr int kRowWarps = kRowWarpCount;
    static constexpr int kKeyWarps = kKeyWarpCount;
    static constexpr int kStages = kStageCount;
    static constexpr int kWarps = kRowWarps * kKeyWarps;
    static constexpr int kLanes = 32 * kWarps;
    static constexpr int kRows = 16 * kRowWarps;
    static constexpr int kTileKeys = 64;
    static constexpr int kKeys = kTileKeys / kKeyWarps; ///< of a tile, for a warp

    // Shared memory: tiles of keys and of values, and, when these are done with, what the warps found.
    static constexpr int kPadding = 8; ///< numbers behind a row: rows of a column lie in different banks
    static constexpr int kStride = kSize + kPadding;
    static constexpr int kTile = kTileKeys * kStride; ///< numbers
    static constexpr int kSumStride = kSize + kPadding;
    static constexpr int kTileBytes = kStages * 2 * kTile * static_cast<int>(sizeof(std::uint16_t));
    static constexpr int kSumBytes = 16 * kWarps * static_cast<int>(kSumStride * sizeof(float) + sizeof(float2));
    static constexpr int kBytes = kTileBytes > kSumBytes ? kTileBytes : kSumBytes;
};

/// Joins what the warps of a block found of its rows, and writes it: to `out`, or, with several splits, to the partials.
template <class T>
__device__ void writeRows(const AttendJob& job, const AttendPlace& place, const float* sums, const float2* weights)
{
    constexpr int kSize = T::kSize;
    const int warp = static_cast<int>(threadIdx.x) / 32;
    const int laneInWarp = static_cast<int>(threadIdx.x) % 32;
    auto* const partialSums = static_cast<float*>(job.partials);
    auto* const partialWeights =
        reinterpret_cast<float2*>(partialSums + std::size_t{job.splits} * job.lanes * gridDim.y * T::kRows * kSize);
    for (int i = warp; i < T::kRows && place.firstRow + i < place.rows; i += T::kWarps) {
        const int row = place.firstRow + i;
        const auto ofWarp = [&](int keyWarp) { return (keyWarp * T::kRowWarps + i / 16) * 16 + i % 16; };
        float largest = -INFINITY;
#pragma unroll
        for (int keyWarp = 0; keyWarp < T::kKeyWarps; ++keyWarp) {
            largest = fmaxf(largest, weights[ofWarp(keyWarp)].x);
        }
        RowColumns<kSize> sum{};
        float total = 0.0F;
#pragma unroll
        for (int keyWarp = 0; keyWarp < T::kKeyWarps; ++keyWarp) {
            const float2 weight = weights[ofWarp(keyWarp)];
            const float factor = weight.y > 0.0F ? powerOfTwo(weight.x - largest) : 0.0F;
            total += weight.y * factor;
            const RowColumns<kSize> columns =
                reinterpret_cast<const RowColumns<kSize>*>(sums + ofWarp(keyWarp) * T::kSumStride)[laneInWarp];
#pragma unroll
            for (int column = 0; column < kSize / 32; ++column) {
                sum.values[column] += factor * columns.values[column];
            }
        }
        if (job.splits == 1) {
            storeRow<kSize>(static_cast<std::uint16_t*>(job.out) + place.offset(row, kSize), laneInWarp, sum, total);
            continue;
        }
        const std::size_t at = place.partial(blockIdx.x, row);
        reinterpret_cast<RowColumns<kSize>*>(partialSums + at * kSize)[laneInWarp] = sum;
        if (laneInWarp == 0) {
            partialWeights[at] = make_float2(largest, total);
        }
    }
}

constexpr int kAttendJoinWarps = 4;

/// Joins what the splits found of one row of one head: a warp.
template <int kSize>
__global__ void __launch_bounds__(32 * kAttendJoinWarps) joinSplits(const __grid_constant__ AttendJob job)
{
    admitLaterWork();
    awaitEarlierWork();
    const unsigned number = blockIdx.x * kAttendJoinWarps + threadIdx.x / 32;
    if (number >= job.lanes * job.rows * job.heads) {
        return;
    }
    const unsigned group = job.heads / job.keyHeads;
    const unsigned head = number % job.heads;
    const unsigned row = number / job.heads % job.rows * group + head % group; // among those that share a key head
    const unsigned lane = number / job.heads / job.rows;
    const unsigned tileRows = job.tileRows();
    const unsigned tiles = job.keyHeads * job.rowTiles();
    const unsigned tile = head / group * job.rowTiles() + row / tileRows;
    const auto partial = [&](std::size_t split) {
        return ((split * job.lanes + lane) * tiles + tile) * tileRows + row % tileRows;
    };
    const auto* const sums = static_cast<const float*>(job.partials);
    const auto* const weights =
        reinterpret_cast<const float2*>(sums + std::size_t{job.splits} * job.lanes * tiles * tileRows * kSize);

    // A lane looks after the weight of one split: its largest score, and the sum of its exponentials.
    const unsigned laneInWarp = threadIdx.x % 32;
    const float2 weight = laneInWarp < job.splits ? weights[partial(laneInWarp)] : make_float2(-INFINITY, 0.0F);
    float largest = weight.x;
    for (int offset = 16; offset > 0; offset /= 2) {
        largest = fmaxf(largest, __shfl_xor_sync(0xFFFFFFFFU, largest, offset));
    }
    const float factor = weight.y > 0.0F ? powerOfTwo(weight.x - largest) : 0.0F;
    float total = weight.y * factor;
    for (int offset = 16; offset > 0; offset /= 2) {
        total += __shfl_xor_sync(0xFFFFFFFFU, total, offset);
    }
    RowColumns<kSize> sum{};
#pragma unroll 4
    for (unsigned split = 0; split < job.splits; ++split) {
        const float share = __shfl_sync(0xFFFFFFFFU, factor, static_cast<int>(split));
        const RowColumns<kSize> columns =
            reinterpret_cast<const RowColumns<kSize>*>(sums + partial(split) * kSize)[laneInWarp];
#pragma unroll
        for (int i = 0; i < kSize / 32; ++i) {
            sum.values[i] += share * columns.values[i];
        }
    }
    storeRow<kSize>(static_cast<std::uint16_t*>(job.out) + std::size_t{number} * kSize, static_cast<int>(laneInWarp),
                    sum, total);
}

} // namespace jacobi
