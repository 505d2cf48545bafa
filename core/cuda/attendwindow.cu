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
// A block is some warps of 16 query rows each and walks over its part of the cache in tiles of 64 keys, the next one, or two where
// there is room, on their way while one is worked on. Where there are fewer rows than warps, several warps share the keys of a tile, and what they find
// is joined at the end. Query heads that share keys (grouped queries) are rows of one block, so that a cache is read once.
// Which numbers of a 16 x 16 or 16 x 8 matrix a lane holds is fixed by the instruction (PTX, "mma.m16n8k16"): rows g and g + 8,
// columns 2 t and 2 t + 1, for lane 4 g + t.

namespace jacobi {
namespace {

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

/// Neighbouring columns of a row, of one lane of a warp that holds the row.
template <int kSize>
struct alignas(kSize / 32 * 4) Columns {
    float values[kSize / 32];
};

/// A row of `out`, by a warp: the weighted sum over the sum of the weights.
template <int kSize>
__device__ void storeRow(std::uint16_t* out, int laneInWarp, const Columns<kSize>& sum, float total)
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
struct Place {
    const AttendJob& job;
    int lane, keyHead, firstRow, group, rows;

    __device__ explicit Place(const AttendJob& j)
        : job(j),
          lane(static_cast<int>(blockIdx.z)),
          keyHead(static_cast<int>(blockIdx.y / j.rowTiles())),
          firstRow(static_cast<int>(blockIdx.y % j.rowTiles() * j.tileRows())),
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
        return ((split * job.lanes + lane) * gridDim.y + blockIdx.y) * job.tileRows() + (row - firstRow);
    }
};

/// How a block's warps are shared out, over rows, 16 each, and over the keys of a tile; and how many tiles it has room for.
template <int kSizeOfHead, int kRowWarpCount, int kKeyWarpCount, int kStageCount>
struct Team {
    static constexpr int kSize = kSizeOfHead;
    static constexpr int kRowWarps = kRowWarpCount;
    static constexpr int kKeyWarps = kKeyWarpCount;
    static constexpr int kStages = kStageCount;
    static constexpr int kWarps = kRowWarps * kKeyWarps;
    static constexpr int kLanes = 32 * kWarps;
    static constexpr int kRows = 16 * kRowWarps;
    static constexpr int kKeys = kTileKeys / kKeyWarps; ///< of a tile, for a warp

    // Shared memory: tiles of keys and of values, and, when these are done with, what the warps found.
    static constexpr int kStride = kSize + kPadding;
    static constexpr int kTile = kTileKeys * kStride; ///< numbers
    static constexpr int kSumStride = kSize + kPadding;
    static constexpr int kTileBytes = kStages * 2 * kTile * static_cast<int>(sizeof(std::uint16_t));
    static constexpr int kSumBytes = 16 * kWarps * static_cast<int>(kSumStride * sizeof(float) + sizeof(float2));
    static constexpr int kBytes = kTileBytes > kSumBytes ? kTileBytes : kSumBytes;
};

/// Joins what the warps of a block found of its rows, and writes it: to `out`, or, with several splits, to the partials.
template <class T>
__device__ void writeRows(const AttendJob& job, const Place& place, const float* sums, const float2* weights)
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
        Columns<kSize> sum{};
        float total = 0.0F;
#pragma unroll
        for (int keyWarp = 0; keyWarp < T::kKeyWarps; ++keyWarp) {
            const float2 weight = weights[ofWarp(keyWarp)];
            const float factor = weight.y > 0.0F ? powerOfTwo(weight.x - largest) : 0.0F;
            total += weight.y * factor;
            const Columns<kSize> columns =
                reinterpret_cast<const Columns<kSize>*>(sums + ofWarp(keyWarp) * T::kSumStride)[laneInWarp];
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
        reinterpret_cast<Columns<kSize>*>(partialSums + at * kSize)[laneInWarp] = sum;
        if (laneInWarp == 0) {
            partialWeights[at] = make_float2(largest, total);
        }
    }
}

template <class T>
__global__ void __launch_bounds__(T::kLanes) attendWindow(const __grid_constant__ AttendJob job)
{
    constexpr int kSize = T::kSize;
    constexpr int kStride = T::kStride;
    constexpr int kStages = T::kStages;
    JACOBI_BLOCK_MEMORY(std::uint16_t, shared); // stages of keys, then values
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
    const int rowWarp = warp % T::kRowWarps;
    const int keyWarp = warp / T::kRowWarps;
    const int laneInWarp = static_cast<int>(threadIdx.x) % 32;
    const int g = laneInWarp / 4;
    const int t = laneInWarp % 4;
    const int mine = place.firstRow + 16 * rowWarp + g; // and the row 8 below
    const bool isIdle = place.firstRow + 16 * rowWarp >= place.rows;
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

    // A thread copies the same columns of every few keys. Where there are no more keys nothing is read.
    constexpr int kChunks = kSize / 8; // of 16 bytes, in a row
    constexpr int kAtOnce = T::kLanes / kChunks;
    const std::size_t keyStride = std::size_t{job.keyHeads} * kSize;
    const int myKey = static_cast<int>(threadIdx.x) / kChunks;
    const int myColumn = static_cast<int>(threadIdx.x) % kChunks * 8;
    const std::size_t first = (static_cast<std::size_t>(place.lane) * job.capacity + begin + myKey) * keyStride +
                              place.keyHead * kSize + myColumn;
    const auto fetch = [&](int tile) {
        std::uint16_t* to = shared + tile % kStages * 2 * T::kTile + myKey * kStride + myColumn;
        std::size_t from = first + tile * kTileKeys * keyStride;
        int left = end - begin - tile * kTileKeys - myKey;
#pragma unroll
        for (int i = 0; i < kTileKeys; i += kAtOnce) {
            startCopy(to, static_cast<const std::uint16_t*>(job.keys) + from, left > 0);
            startCopy(to + T::kTile, static_cast<const std::uint16_t*>(job.values) + from, left > 0);
            to += kAtOnce * kStride;
            from += kAtOnce * keyStride;
            left -= kAtOnce;
        }
    };

    const float scale = job.scale * kLog2E; // exponentials to base 2
    float out[kSize / 8][4] = {};
    float largest[2] = {-INFINITY, -INFINITY};
    float sum[2] = {0.0F, 0.0F}; // of this lane's columns
    const int tiles = begin < end ? (end - begin + kTileKeys - 1) / kTileKeys : 0;
#pragma unroll
    for (int tile = 0; tile < kStages - 1; ++tile) {
        if (tile < tiles) {
            fetch(tile);
        }
        endCopies();
    }
    for (int tile = 0; tile < tiles; ++tile) {
        if (tile + kStages - 1 < tiles) {
            fetch(tile + kStages - 1);
        }
        endCopies();
        awaitCopies<kStages - 1>();
        __syncthreads();
        if (!isIdle) {
            const std::uint16_t* const keys = shared + tile % kStages * 2 * T::kTile + keyWarp * T::kKeys * kStride;
            const std::uint16_t* const values = keys + T::kTile;
            const int matrix = laneInWarp / 8; // whose row this lane names
            float scores[T::kKeys / 8][4] = {};
            const std::uint16_t* const key = keys + (matrix / 2 * 8 + laneInWarp % 8) * kStride + matrix % 2 * 8;
#pragma unroll
            for (int k = 0; k < kSize / 16; ++k) {
#pragma unroll
                for (int n = 0; n < T::kKeys / 8; n += 2) {
                    Word rows[4];
                    loadMatrices(rows, key + 8 * n * kStride + 16 * k);
                    multiplyAdd(scores[n], queries[k], rows[0], rows[1]);
                    multiplyAdd(scores[n + 1], queries[k], rows[2], rows[3]);
                }
            }
            const int tileEnd = begin + (tile + 1) * kTileKeys;
            if (tileEnd > min(end, length + 1)) { // else every row sees every key
                const int firstKey = begin + tile * kTileKeys + keyWarp * T::kKeys + 2 * t;
#pragma unroll
                for (int n = 0; n < T::kKeys / 8; ++n) {
#pragma unroll
                    for (int i = 0; i < 4; ++i) {
                        const int place = firstKey + 8 * n + i % 2;
                        if (place > limit[i / 2] || place >= end) {
                            scores[n][i] = -INFINITY;
                        }
                    }
                }
            }
            float best[2] = {-INFINITY, -INFINITY};
#pragma unroll
            for (int n = 0; n < T::kKeys / 8; ++n) {
#pragma unroll
                for (int i = 0; i < 4; ++i) {
                    best[i / 2] = fmaxf(best[i / 2], scores[n][i]);
                }
            }
            float base[2];
            float kept[2];
#pragma unroll
            for (int i = 0; i < 2; ++i) {
                const float now = fmaxf(largest[i], largestOfRow(best[i]) * scale);
                base[i] = now == -INFINITY ? 0.0F : now; // a row that sees nothing here
                kept[i] = powerOfTwo(largest[i] - base[i]);
                largest[i] = now;
                sum[i] *= kept[i];
            }
#pragma unroll
            for (int n = 0; n < T::kKeys / 8; ++n) {
#pragma unroll
                for (int i = 0; i < 4; ++i) {
                    scores[n][i] = powerOfTwo(fmaf(scores[n][i], scale, -base[i / 2]));
                    sum[i / 2] += scores[n][i];
                }
            }
            if (__any_sync(0xFFFFFFFFU, kept[0] != 1.0F || kept[1] != 1.0F)) { // rarely, past the first few tiles
#pragma unroll
                for (int n = 0; n < kSize / 8; ++n) {
#pragma unroll
                    for (int i = 0; i < 4; ++i) {
                        out[n][i] *= kept[i / 2];
                    }
                }
            }
            // The weights lie in the registers as the next product's left factor wants them.
            const std::uint16_t* const value = values + (matrix % 2 * 8 + laneInWarp % 8) * kStride + matrix / 2 * 8;
#pragma unroll
            for (int k = 0; k < T::kKeys / 16; ++k) {
                const Word weights[4] = {packed(scores[2 * k][0], scores[2 * k][1]),
                                         packed(scores[2 * k][2], scores[2 * k][3]),
                                         packed(scores[2 * k + 1][0], scores[2 * k + 1][1]),
                                         packed(scores[2 * k + 1][2], scores[2 * k + 1][3])};
#pragma unroll
                for (int n = 0; n < kSize / 16; ++n) {
                    Word columns[4];
                    loadTransposed(columns, value + 16 * k * kStride + 16 * n);
                    multiplyAdd(out[2 * n], weights, columns[0], columns[1]);
                    multiplyAdd(out[2 * n + 1], weights, columns[2], columns[3]);
                }
            }
        }
        __syncthreads(); // before the next tile, or what was found, is written over this one
    }

    auto* const sums = reinterpret_cast<float*>(shared);
    auto* const weights = reinterpret_cast<float2*>(sums + T::kWarps * 16 * T::kSumStride);
    for (int i = 0; i < 2; ++i) {
        const float whole = sumOfRow(sum[i]);
        const int at = 16 * warp + g + 8 * i;
#pragma unroll
        for (int n = 0; n < kSize / 8; ++n) {
            *reinterpret_cast<float2*>(sums + at * T::kSumStride + 8 * n + 2 * t) =
                make_float2(out[n][2 * i], out[n][2 * i + 1]);
        }
        if (t == 0) {
            weights[at] = make_float2(largest[i], whole);
        }
    }
    __syncthreads();
    writeRows<T>(job, place, sums, weights);
}

constexpr int kJoinWarps = 4;

/// Joins what the splits found of one row of one head: a warp.
template <int kSize>
__global__ void __launch_bounds__(32 * kJoinWarps) joinSplits(const __grid_constant__ AttendJob job)
{
    admitLaterWork();
    awaitEarlierWork();
    const unsigned number = blockIdx.x * kJoinWarps + threadIdx.x / 32;
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
    Columns<kSize> sum{};
#pragma unroll 4
    for (unsigned split = 0; split < job.splits; ++split) {
        const float share = __shfl_sync(0xFFFFFFFFU, factor, static_cast<int>(split));
        const Columns<kSize> columns =
            reinterpret_cast<const Columns<kSize>*>(sums + partial(split) * kSize)[laneInWarp];
#pragma unroll
        for (int i = 0; i < kSize / 32; ++i) {
            sum.values[i] += share * columns.values[i];
        }
    }
    storeRow<kSize>(static_cast<std::uint16_t*>(job.out) + std::size_t{number} * kSize, static_cast<int>(laneInWarp),
                    sum, total);
}

template <class T>
cudaError_t launchTeam(const AttendJob& job, cudaStream_t stream)
{
    if (const cudaError_t error =
            cudaFuncSetAttribute(attendWindow<T>, cudaFuncAttributeMaxDynamicSharedMemorySize, T::kBytes);
        error != cudaSuccess) {
        return error;
    }
    const dim3 grid(job.splits, job.keyHeads * job.rowTiles(), job.lanes);
    if (const cudaError_t error = launchEarly<AttendJob>(attendWindow<T>, job, grid, T::kLanes, T::kBytes, stream);
        error != cudaSuccess || job.splits == 1) {
        return error;
    }
    const dim3 joins((job.lanes * job.rows * job.heads + kJoinWarps - 1) / kJoinWarps);
    return launchEarly<AttendJob>(joinSplits<T::kSize>, job, joins, 32 * kJoinWarps, 0, stream);
}

/// With three tiles where eight warps on a processor have room for them, else with two.
template <int kSize, int kRowWarps, int kKeyWarps>
cudaError_t launchDeepest(const AttendJob& job, int sharedBytes, cudaStream_t stream)
{
    using Deep = Team<kSize, kRowWarps, kKeyWarps, 3>;
    constexpr int kBlocks = 8 / Deep::kWarps, kReserved = 1024; // of each block, by the driver
    return kBlocks * (Deep::kBytes + kReserved) <= sharedBytes
               ? launchTeam<Deep>(job, stream)
               : launchTeam<Team<kSize, kRowWarps, kKeyWarps, 2>>(job, stream);
}

template <int kSize>
cudaError_t launch(const AttendJob& job, int sharedBytes, cudaStream_t stream)
{
    switch (job.tileRows()) {
    case 16: return launchDeepest<kSize, 1, 4>(job, sharedBytes, stream);
    case 32: return launchDeepest<kSize, 2, 2>(job, sharedBytes, stream);
    case 64: return launchDeepest<kSize, 4, 1>(job, sharedBytes, stream);
    default: return launchDeepest<kSize, 8, 1>(job, sharedBytes, stream);
    }
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
    int device = 0;
    int sharedBytes = 0; // of a processor
    if (const cudaError_t error = cudaGetDevice(&device); error != cudaSuccess) {
        return error;
    }
    if (const cudaError_t error =
            cudaDeviceGetAttribute(&sharedBytes, cudaDevAttrMaxSharedMemoryPerMultiprocessor, device);
        error != cudaSuccess) {
        return error;
    }
    switch (job.headSize) {
    case 32: return launch<32>(job, sharedBytes, static_cast<cudaStream_t>(stream));
    case 64: return launch<64>(job, sharedBytes, static_cast<cudaStream_t>(stream));
    case 128: return launch<128>(job, sharedBytes, static_cast<cudaStream_t>(stream));
    default: return cudaErrorNotSupported;
    }
}

} // namespace jacobi
