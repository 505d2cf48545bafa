// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/cuda/attendrows.cuh"
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
// A block is some warps of 16 query rows each and walks over its part of the cache in tiles of 64 keys, the next one, or two
// where there is room, on their way while one is worked on. Where there are fewer rows than warps, several warps share the keys
// of a tile, and what they find is joined at the end (attendrows.cuh). Query heads that share keys (grouped queries) are rows of
// one block, so that a cache is read once. Which numbers of a 16 x 16 or 16 x 8 matrix a lane holds is fixed by the instruction
// (PTX, "mma.m16n8k16"): rows g and g + 8, columns 2 t and 2 t + 1, for lane 4 g + t.

namespace jacobi {
namespace {

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

template <class T>
__global__ void __launch_bounds__(T::kLanes) attendWindow(const __grid_constant__ AttendJob job)
{
    constexpr int kSize = T::kSize;
    constexpr int kStride = T::kStride;
    constexpr int kStages = T::kStages;
    JACOBI_BLOCK_MEMORY(std::uint16_t, shared); // stages of keys, then values
    admitLaterWork();
    awaitEarlierWork();
    const AttendPlace place(job);
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
    using Deep = AttendTeam<kSize, kRowWarps, kKeyWarps, 3>;
    constexpr int kBlocks = 8 / Deep::kWarps, kReserved = 1024; // of each block, by the driver
    return kBlocks * (Deep::kBytes + kReserved) <= sharedBytes
               ? launchTeam<Deep>(job, stream)
               : launchTeam<AttendTeam<kSize, kRowWarps, kKeyWarps, 2>>(job, stream);
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
