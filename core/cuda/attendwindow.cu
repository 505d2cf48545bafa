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
// one block, up to 128, so that so many read a cache once. Which numbers of a 16 x 16 or 16 x 8 matrix a lane holds is fixed by
// the instruction (PTX, "mma.m16n8k16"): rows g and g + 8, columns 2 t and 2 t + 1, for lane 4 g + t.

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

/// What a lane of a warp holds of the warp's 16 rows, of which it has two, g and 8 below.
template <class T>
struct WarpRows {
    Word queries[T::kSize / 16][4];
    int limit[2]; ///< the last key a row sees
    float out[T::kSize / 8][4] = {};
    float largest[2] = {-INFINITY, -INFINITY};
    float sum[2] = {0.0F, 0.0F}; ///< of this lane's columns
};

template <class T>
__device__ void loadQueries(WarpRows<T>& mine, const AttendPlace& place, int length, int firstRow)
{
    const int g = static_cast<int>(threadIdx.x) % 32 / 4;
    const int t = static_cast<int>(threadIdx.x) % 4;
    int row[2];
    for (int i = 0; i < 2; ++i) {
        row[i] = min(firstRow + g + 8 * i, place.rows - 1);
        mine.limit[i] = length + row[i] / place.group;
    }
    const auto* q = static_cast<const std::uint16_t*>(place.job.q);
#pragma unroll
    for (int k = 0; k < T::kSize / 16; ++k) {
#pragma unroll
        for (int part = 0; part < 4; ++part) {
            const std::uint16_t* from = q + place.offset(row[part % 2], T::kSize) + 16 * k + 8 * (part / 2) + 2 * t;
            mine.queries[k][part] = *reinterpret_cast<const Word*>(from);
        }
    }
}

/// Brings the keys begin .. end - 1 of a cache to shared memory, tile by tile: a thread copies the same columns of every few keys.
template <class T>
class TileCopies {
public:
    __device__ TileCopies(const AttendPlace& place, int begin, int end, std::uint16_t* shared)
        : m_keys(static_cast<const std::uint16_t*>(place.job.keys)),
          m_values(static_cast<const std::uint16_t*>(place.job.values)),
          m_keyStride(std::size_t{place.job.keyHeads} * T::kSize),
          m_count(end - begin - static_cast<int>(threadIdx.x) / kChunks)
    {
        const int key = static_cast<int>(threadIdx.x) / kChunks;
        const int column = static_cast<int>(threadIdx.x) % kChunks * 8;
        m_first = (static_cast<std::size_t>(place.lane) * place.job.capacity + begin + key) * m_keyStride +
                  place.keyHead * T::kSize + column;
        m_to = shared + key * T::kStride + column;
    }
    /// Where there are no more keys nothing is read.
    __device__ void start(int tile) const
    {
        std::uint16_t* to = m_to + tile % T::kStages * 2 * T::kTile;
        std::size_t from = m_first + tile * T::kTileKeys * m_keyStride;
        int left = m_count - tile * T::kTileKeys;
#pragma unroll
        for (int i = 0; i < T::kTileKeys; i += kAtOnce) {
            startCopy(to, m_keys + from, left > 0);
            startCopy(to + T::kTile, m_values + from, left > 0);
            to += kAtOnce * T::kStride;
            from += kAtOnce * m_keyStride;
            left -= kAtOnce;
        }
    }

private:
    static constexpr int kChunks = T::kSize / 8; ///< of 16 bytes, in a row
    static constexpr int kAtOnce = T::kLanes / kChunks;
    const std::uint16_t* m_keys;
    const std::uint16_t* m_values;
    std::size_t m_keyStride;
    int m_count;
    std::size_t m_first;
    std::uint16_t* m_to;
};

/// A lane's part of a warp's rows times some keys.
template <class T>
using Scores = float[T::kKeys / 8][4];

template <class T>
__device__ void scoreKeys(Scores<T>& scores, const WarpRows<T>& mine, const std::uint16_t* keys)
{
    const int laneInWarp = static_cast<int>(threadIdx.x) % 32;
    const int matrix = laneInWarp / 8; // whose row this lane names
    const std::uint16_t* const key = keys + (matrix / 2 * 8 + laneInWarp % 8) * T::kStride + matrix % 2 * 8;
#pragma unroll
    for (int k = 0; k < T::kSize / 16; ++k) {
#pragma unroll
        for (int n = 0; n < T::kKeys / 8; n += 2) {
            Word rows[4];
            loadMatrices(rows, key + 8 * n * T::kStride + 16 * k);
            multiplyAdd(scores[n], mine.queries[k], rows[0], rows[1]);
            multiplyAdd(scores[n + 1], mine.queries[k], rows[2], rows[3]);
        }
    }
}

/// first: the first of the keys.
template <class T>
__device__ void hideKeys(Scores<T>& scores, const WarpRows<T>& mine, int first, int end)
{
#pragma unroll
    for (int n = 0; n < T::kKeys / 8; ++n) {
#pragma unroll
        for (int i = 0; i < 4; ++i) {
            const int key = first + 8 * n + 2 * (static_cast<int>(threadIdx.x) % 4) + i % 2;
            if (key > mine.limit[i / 2] || key >= end) {
                scores[n][i] = -INFINITY;
            }
        }
    }
}

/// Makes weights of scores, and everything that was found before relative to the largest score so far. scale: above 0.
template <class T>
__device__ void weigh(Scores<T>& scores, WarpRows<T>& mine, float scale)
{
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
        const float now = fmaxf(mine.largest[i], largestOfRow(best[i]) * scale);
        base[i] = now == -INFINITY ? 0.0F : now; // a row that sees nothing here
        kept[i] = powerOfTwo(mine.largest[i] - base[i]);
        mine.largest[i] = now;
        mine.sum[i] *= kept[i];
    }
#pragma unroll
    for (int n = 0; n < T::kKeys / 8; ++n) {
#pragma unroll
        for (int i = 0; i < 4; ++i) {
            scores[n][i] = powerOfTwo(fmaf(scores[n][i], scale, -base[i / 2]));
            mine.sum[i / 2] += scores[n][i];
        }
    }
    if (__any_sync(0xFFFFFFFFU, kept[0] != 1.0F || kept[1] != 1.0F)) { // rarely, past the first few tiles
#pragma unroll
        for (int n = 0; n < T::kSize / 8; ++n) {
#pragma unroll
            for (int i = 0; i < 4; ++i) {
                mine.out[n][i] *= kept[i / 2];
            }
        }
    }
}

/// The weights lie in the registers as a product's left factor wants them.
template <class T>
__device__ void addValues(WarpRows<T>& mine, const Scores<T>& weights, const std::uint16_t* values)
{
    const int laneInWarp = static_cast<int>(threadIdx.x) % 32;
    const int matrix = laneInWarp / 8;
    const std::uint16_t* const value = values + (matrix % 2 * 8 + laneInWarp % 8) * T::kStride + matrix / 2 * 8;
#pragma unroll
    for (int k = 0; k < T::kKeys / 16; ++k) {
        const Word left[4] = {
            packed(weights[2 * k][0], weights[2 * k][1]), packed(weights[2 * k][2], weights[2 * k][3]),
            packed(weights[2 * k + 1][0], weights[2 * k + 1][1]), packed(weights[2 * k + 1][2], weights[2 * k + 1][3])};
#pragma unroll
        for (int n = 0; n < T::kSize / 16; ++n) {
            Word columns[4];
            loadTransposed(columns, value + 16 * k * T::kStride + 16 * n);
            multiplyAdd(mine.out[2 * n], left, columns[0], columns[1]);
            multiplyAdd(mine.out[2 * n + 1], left, columns[2], columns[3]);
        }
    }
}

/// Where the block's other warps can read it.
template <class T>
__device__ void tellRows(const WarpRows<T>& mine, float* sums, float2* weights)
{
    const int g = static_cast<int>(threadIdx.x) % 32 / 4;
    const int t = static_cast<int>(threadIdx.x) % 4;
    for (int i = 0; i < 2; ++i) {
        const float whole = sumOfRow(mine.sum[i]);
        const int at = static_cast<int>(threadIdx.x) / 32 * 16 + g + 8 * i;
#pragma unroll
        for (int n = 0; n < T::kSize / 8; ++n) {
            *reinterpret_cast<float2*>(sums + at * T::kSumStride + 8 * n + 2 * t) =
                make_float2(mine.out[n][2 * i], mine.out[n][2 * i + 1]);
        }
        if (t == 0) {
            weights[at] = make_float2(mine.largest[i], whole);
        }
    }
}

template <class T>
__global__ void __launch_bounds__(T::kLanes) attendWindow(const __grid_constant__ AttendJob job)
{
    JACOBI_BLOCK_MEMORY(std::uint16_t, shared); // stages of keys, then values
    admitLaterWork();
    awaitEarlierWork();
    const AttendPlace place(job);
    const int length = job.lengths[place.lane];
    const int total = min(length + static_cast<int>(job.rows), static_cast<int>(job.capacity));
    const int splits = static_cast<int>(job.splits);
    const int share = ((total + splits - 1) / splits + T::kTileKeys - 1) / T::kTileKeys * T::kTileKeys;
    const int begin = static_cast<int>(blockIdx.x) * share;
    const int end = min(begin + share, total);
    const int tiles = begin < end ? (end - begin + T::kTileKeys - 1) / T::kTileKeys : 0;

    const int warp = static_cast<int>(threadIdx.x) / 32;
    const int firstRow = place.firstRow + 16 * (warp % T::kRowWarps);
    const int keysBefore = warp / T::kRowWarps * T::kKeys; // of a tile
    const float scale = job.scale * kLog2E;                // exponentials to base 2
    WarpRows<T> mine;
    loadQueries(mine, place, length, firstRow);
    const TileCopies<T> copies(place, begin, end, shared);
#pragma unroll
    for (int tile = 0; tile < T::kStages - 1; ++tile) {
        if (tile < tiles) {
            copies.start(tile);
        }
        endCopies();
    }
    for (int tile = 0; tile < tiles; ++tile) {
        awaitCopies<T::kStages - 2>();
        __syncthreads(); // this tile is there for all warps, and all are done with the one before, which the next copy writes over
        if (tile + T::kStages - 1 < tiles) {
            copies.start(tile + T::kStages - 1);
        }
        endCopies();
        if (firstRow < place.rows) {
            const std::uint16_t* const keys = shared + tile % T::kStages * 2 * T::kTile + keysBefore * T::kStride;
            Scores<T> scores = {};
            scoreKeys(scores, mine, keys);
            const int first = begin + tile * T::kTileKeys;
            if (first + T::kTileKeys > min(end, length + 1)) { // else every row sees every key
                hideKeys(scores, mine, first + keysBefore, end);
            }
            weigh(scores, mine, scale);
            addValues(mine, scores, keys + T::kTile);
        }
    }

    auto* const sums = reinterpret_cast<float*>(shared);
    auto* const weights = reinterpret_cast<float2*>(sums + T::kWarps * 16 * T::kSumStride);
    __syncthreads(); // before what was found is written over the last tiles
    tellRows(mine, sums, weights);
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
    const dim3 joins((job.lanes * job.rows * job.heads + kAttendJoinWarps - 1) / kAttendJoinWarps);
    return launchEarly<AttendJob>(joinSplits<T::kSize>, job, joins, 32 * kAttendJoinWarps, 0, stream);
}

/// With three tiles where eight warps on a processor have room for them, else with two.
template <int kSize, int kRowWarps, int kKeyWarps>
cudaError_t launchDeepest(const AttendJob& job, int sharedBytes, cudaStream_t stream)
{
    using Deep = AttendTeam<kSize, kRowWarps, kKeyWarps, 3>;
    constexpr int kReserved = 1024; // of each block, by the driver
    constexpr int kWanted = 8 / Deep::kWarps * (Deep::kBytes + kReserved);
    constexpr int kLeast = 100 * 1024; // every card with these matrix units has it
    if constexpr (kWanted > kLeast) {
        if (kWanted > sharedBytes) {
            return launchTeam<AttendTeam<kSize, kRowWarps, kKeyWarps, 2>>(job, stream);
        }
    }
    return launchTeam<Deep>(job, stream);
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
    if (major < 8 || job.type == NumberType::Float64) {
        return cudaErrorNotSupported;
    }
    if (job.type == NumberType::Float32) {
        return launchAttendInvariantly(job, stream);
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
