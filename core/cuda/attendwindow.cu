// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/cuda/blockmemory.cuh"
#include "core/cuda/earlylaunch.cuh"
#include "core/cuda/kernels.h"
#include "core/cuda/matrixunits.cuh"

#include <cuda_bf16.h>
#include <cuda_runtime.h>

// Attention of a few rows against a long cache, with online softmax as in FlashAttention-2 (Dao 2023), and with the cache
// shared out among blocks and their results joined as in Flash-Decoding (Dao et al. 2023): a window has too few rows to keep
// a GPU busy otherwise. Products run on the matrix units: bfloat16 in, float32 out.
//
// A block is four warps of 16 query rows each and walks over its part of the cache in tiles of 64 keys, the next tile on its
// way while one is worked on. Query heads that share keys (grouped queries) are rows of one block. Which numbers of a 16 x 16
// or 16 x 8 matrix a lane holds is fixed by the instruction (PTX, "mma.m16n8k16"): rows g and g + 8, columns 2 t and 2 t + 1,
// for lane 4 g + t.

namespace jacobi {
namespace {

constexpr int kWarps = 4;
constexpr int kLanes = 32 * kWarps;
constexpr int kTileKeys = 64;
constexpr int kPadding = 8; ///< numbers behind a row in shared memory: rows of a column lie in different banks
constexpr float kLog2E = 1.4426950408889634F;

/// The largest, or the sum, over the four lanes that hold a row.
__device__ float largestOfRow(float x)
{
    x = fmaxf(x, __shfl_xor_sync(0xFFFFFFFFU, x, 1));
    return fmaxf(x, __shfl_xor_sync(0xFFFFFFFFU, x, 2));
}
__device__ float sumOfRow(float x)
{
    x += __shfl_xor_sync(0xFFFFFFFFU, x, 1);
    return x + __shfl_xor_sync(0xFFFFFFFFU, x, 2);
}

/// Where a block's work lies: `rows` counts rows and the query heads that share a key head.
struct Place {
    const AttendJob& job;
    int lane, keyHead, firstRow, group, rows;

    __device__ explicit Place(const AttendJob& j)
        : job(j),
          lane(static_cast<int>(blockIdx.z)),
          keyHead(static_cast<int>(blockIdx.y / j.rowTiles())),
          firstRow(static_cast<int>(blockIdx.y % j.rowTiles() * AttendJob::kTileRows)),
          group(static_cast<int>(j.heads / j.keyHeads)),
          rows(static_cast<int>(j.rows * (j.heads / j.keyHeads)))
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
        return ((split * job.lanes + lane) * gridDim.y + blockIdx.y) * AttendJob::kTileRows + (row - firstRow);
    }
};

template <int kSize>
__global__ void __launch_bounds__(kLanes) attendWindow(const __grid_constant__ AttendJob job)
{
    constexpr int kStride = kSize + kPadding;
    constexpr int kTile = kTileKeys * kStride;
    JACOBI_BLOCK_MEMORY(std::uint16_t, shared); // two stages of keys, then values
    admitLaterWork();
    awaitEarlierWork();
    const Place place(job);
    const int length = job.lengths[place.lane];
    const int total = min(length + static_cast<int>(job.rows), static_cast<int>(job.capacity));
    const int splits = static_cast<int>(job.splits);
    const int share = ((total + splits - 1) / splits + kTileKeys - 1) / kTileKeys * kTileKeys;
    const int begin = static_cast<int>(blockIdx.x) * share;
    const int end = min(begin + share, total);

    const int warp = static_cast<int>(threadIdx.x) / 32;
    const int laneInWarp = static_cast<int>(threadIdx.x) % 32;
    const int g = laneInWarp / 4;
    const int t = laneInWarp % 4;
    const int mine = place.firstRow + 16 * warp + g; // and the row 8 below
    const bool isIdle = place.firstRow + 16 * warp >= place.rows;
    int row[2];
    int limit[2]; // the last key a row sees
    for (int i = 0; i < 2; ++i) {
        row[i] = min(mine + 8 * i, place.rows - 1);
        limit[i] = length + row[i] / place.group;
    }

    const auto* q = static_cast<const std::uint16_t*>(job.q);
    Word queries[kSize / 16][4];
#pragma unroll
    for (int k = 0; k < kSize / 16; ++k) {
#pragma unroll
        for (int part = 0; part < 4; ++part) {
            const std::uint16_t* from = q + place.offset(row[part % 2], kSize) + 16 * k + 8 * (part / 2) + 2 * t;
            queries[k][part] = *reinterpret_cast<const Word*>(from);
        }
    }

    const auto fetch = [&](int tile) {
        std::uint16_t* const to = shared + (tile % 2) * 2 * kTile;
        constexpr int kChunks = kSize / 8; // of 16 bytes, in a row
        for (int i = static_cast<int>(threadIdx.x); i < kTileKeys * kChunks; i += kLanes) {
            const int key = begin + tile * kTileKeys + i / kChunks;
            const std::size_t from =
                ((static_cast<std::size_t>(place.lane) * job.capacity + min(key, end - 1)) * job.keyHeads +
                 place.keyHead) *
                    kSize +
                i % kChunks * 8;
            const int at = i / kChunks * kStride + i % kChunks * 8;
            startCopy(to + at, static_cast<const std::uint16_t*>(job.keys) + from, key < end);
            startCopy(to + kTile + at, static_cast<const std::uint16_t*>(job.values) + from, key < end);
        }
        endCopies();
    };

    const float scale = job.scale * kLog2E; // exponentials to base 2
    float out[kSize / 8][4] = {};
    float largest[2] = {-INFINITY, -INFINITY};
    float sum[2] = {0.0F, 0.0F}; // of this lane's columns
    const int tiles = begin < end ? (end - begin + kTileKeys - 1) / kTileKeys : 0;
    if (tiles > 0) {
        fetch(0);
    }
    for (int tile = 0; tile < tiles; ++tile) {
        if (tile + 1 < tiles) {
            fetch(tile + 1);
            awaitCopies<1>();
        } else {
            awaitCopies<0>();
        }
        __syncthreads();
        if (!isIdle) {
            const std::uint16_t* const keys = shared + (tile % 2) * 2 * kTile;
            const std::uint16_t* const values = keys + kTile;
            float scores[kTileKeys / 8][4] = {};
#pragma unroll
            for (int n = 0; n < kTileKeys / 8; ++n) {
#pragma unroll
                for (int k = 0; k < kSize / 16; ++k) {
                    const std::uint16_t* const key = keys + (8 * n + g) * kStride + 16 * k + 2 * t;
                    multiplyAdd(scores[n], queries[k], *reinterpret_cast<const Word*>(key),
                                *reinterpret_cast<const Word*>(key + 8));
                }
            }
            const int firstKey = begin + tile * kTileKeys + 2 * t;
            float best[2] = {-INFINITY, -INFINITY};
#pragma unroll
            for (int n = 0; n < kTileKeys / 8; ++n) {
#pragma unroll
                for (int i = 0; i < 4; ++i) {
                    const int key = firstKey + 8 * n + i % 2;
                    const bool isSeen = key <= limit[i / 2] && key < end;
                    scores[n][i] = isSeen ? scores[n][i] * scale : -INFINITY;
                    best[i / 2] = fmaxf(best[i / 2], scores[n][i]);
                }
            }
            float base[2];
            float kept[2];
#pragma unroll
            for (int i = 0; i < 2; ++i) {
                const float now = fmaxf(largest[i], largestOfRow(best[i]));
                base[i] = now == -INFINITY ? 0.0F : now; // a row that sees nothing here
                kept[i] = exp2f(largest[i] - base[i]);
                largest[i] = now;
                sum[i] *= kept[i];
            }
#pragma unroll
            for (int n = 0; n < kTileKeys / 8; ++n) {
#pragma unroll
                for (int i = 0; i < 4; ++i) {
                    scores[n][i] = exp2f(scores[n][i] - base[i / 2]);
                    sum[i / 2] += scores[n][i];
                }
            }
#pragma unroll
            for (int n = 0; n < kSize / 8; ++n) {
#pragma unroll
                for (int i = 0; i < 4; ++i) {
                    out[n][i] *= kept[i / 2];
                }
            }
            // The weights lie in the registers as the next product's left factor wants them.
#pragma unroll
            for (int k = 0; k < kTileKeys / 16; ++k) {
                const Word weights[4] = {packed(scores[2 * k][0], scores[2 * k][1]),
                                         packed(scores[2 * k][2], scores[2 * k][3]),
                                         packed(scores[2 * k + 1][0], scores[2 * k + 1][1]),
                                         packed(scores[2 * k + 1][2], scores[2 * k + 1][3])};
                const int matrix = laneInWarp / 8;
                const std::uint16_t* const value =
                    values + (16 * k + (matrix % 2) * 8 + laneInWarp % 8) * kStride + (matrix / 2) * 8;
#pragma unroll
                for (int n = 0; n < kSize / 16; ++n) {
                    Word columns[4];
                    loadTransposed(columns, value + 16 * n);
                    multiplyAdd(out[2 * n], weights, columns[0], columns[1]);
                    multiplyAdd(out[2 * n + 1], weights, columns[2], columns[3]);
                }
            }
        }
        __syncthreads(); // before the next tile is written over this one
    }

    auto* const sums = static_cast<float*>(job.partials);
    auto* const weights = reinterpret_cast<float2*>(sums + std::size_t{job.splits} * job.lanes * gridDim.y *
                                                               AttendJob::kTileRows * kSize);
    for (int i = 0; i < 2; ++i) {
        const float whole = sumOfRow(sum[i]);
        if (mine + 8 * i >= place.rows) {
            continue;
        }
        if (splits == 1) {
            auto* const to = static_cast<std::uint16_t*>(job.out) + place.offset(row[i], kSize) + 2 * t;
#pragma unroll
            for (int n = 0; n < kSize / 8; ++n) {
                *reinterpret_cast<Word*>(to + 8 * n) = packed(out[n][2 * i] / whole, out[n][2 * i + 1] / whole);
            }
            continue;
        }
        const std::size_t at = place.partial(blockIdx.x, row[i]);
#pragma unroll
        for (int n = 0; n < kSize / 8; ++n) {
            *reinterpret_cast<float2*>(sums + at * kSize + 8 * n + 2 * t) =
                make_float2(out[n][2 * i], out[n][2 * i + 1]);
        }
        if (t == 0) {
            weights[at] = make_float2(largest[i], whole);
        }
    }
}

/// Joins what the splits found of one row of one head: a warp.
template <int kSize>
__global__ void __launch_bounds__(kLanes) joinSplits(const __grid_constant__ AttendJob job)
{
    constexpr int kMine = kSize / 32; // neighbouring columns of a lane
    struct alignas(kMine * 4) Columns {
        float values[kMine];
    };
    admitLaterWork();
    awaitEarlierWork();
    const unsigned number = blockIdx.x * kWarps + threadIdx.x / 32;
    if (number >= job.lanes * job.rows * job.heads) {
        return;
    }
    const unsigned group = job.heads / job.keyHeads;
    const unsigned head = number % job.heads;
    const unsigned row = number / job.heads % job.rows * group + head % group; // among those that share a key head
    const unsigned lane = number / job.heads / job.rows;
    const unsigned tiles = job.keyHeads * job.rowTiles();
    const unsigned tile = head / group * job.rowTiles() + row / AttendJob::kTileRows;
    const auto partial = [&](std::size_t split) {
        return ((split * job.lanes + lane) * tiles + tile) * AttendJob::kTileRows + row % AttendJob::kTileRows;
    };
    const auto* const sums = static_cast<const float*>(job.partials);
    const auto* const weights = reinterpret_cast<const float2*>(sums + std::size_t{job.splits} * job.lanes * tiles *
                                                                           AttendJob::kTileRows * kSize);

    // A lane looks after the weight of one split: its largest score, and the sum of its exponentials.
    const unsigned laneInWarp = threadIdx.x % 32;
    const float2 weight = laneInWarp < job.splits ? weights[partial(laneInWarp)] : make_float2(-INFINITY, 0.0F);
    float largest = weight.x;
    for (int offset = 16; offset > 0; offset /= 2) {
        largest = fmaxf(largest, __shfl_xor_sync(0xFFFFFFFFU, largest, offset));
    }
    const float factor = weight.y > 0.0F ? exp2f(weight.x - largest) : 0.0F;
    float total = weight.y * factor;
    for (int offset = 16; offset > 0; offset /= 2) {
        total += __shfl_xor_sync(0xFFFFFFFFU, total, offset);
    }
    float sum[kMine] = {};
#pragma unroll 4
    for (unsigned split = 0; split < job.splits; ++split) {
        const float share = __shfl_sync(0xFFFFFFFFU, factor, static_cast<int>(split));
        const Columns columns = reinterpret_cast<const Columns*>(sums + partial(split) * kSize)[laneInWarp];
#pragma unroll
        for (int i = 0; i < kMine; ++i) {
            sum[i] += share * columns.values[i];
        }
    }
    auto* const out = static_cast<std::uint16_t*>(job.out) + std::size_t{number} * kSize + laneInWarp * kMine;
    // Whole words: copied byte by byte, the lower bytes came out wrong on a card.
    if constexpr (kMine == 1) {
        *out = __bfloat16_as_ushort(__float2bfloat16_rn(sum[0] / total));
    } else {
#pragma unroll
        for (int i = 0; i < kMine; i += 2) {
            *reinterpret_cast<Word*>(out + i) = packed(sum[i] / total, sum[i + 1] / total);
        }
    }
}

template <int kSize>
cudaError_t launch(const AttendJob& job, cudaStream_t stream)
{
    constexpr int kBytes = 2 * 2 * kTileKeys * (kSize + kPadding) * static_cast<int>(sizeof(std::uint16_t));
    if (const cudaError_t error =
            cudaFuncSetAttribute(attendWindow<kSize>, cudaFuncAttributeMaxDynamicSharedMemorySize, kBytes);
        error != cudaSuccess) {
        return error;
    }
    const dim3 grid(job.splits, job.keyHeads * job.rowTiles(), job.lanes);
    if (const cudaError_t error = launchEarly<AttendJob>(attendWindow<kSize>, job, grid, kLanes, kBytes, stream);
        error != cudaSuccess || job.splits == 1) {
        return error;
    }
    const dim3 joins((job.lanes * job.rows * job.heads + kWarps - 1) / kWarps);
    return launchEarly<AttendJob>(joinSplits<kSize>, job, joins, kLanes, 0, stream);
}

} // namespace

int launchAttend(const AttendJob& job, void* stream)
{
    int major = 0;
    if (const cudaError_t error = computeMajor(major); error != cudaSuccess) {
        return error;
    }
    if (major < 8 || job.type != NumberType::BFloat16) {
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
