// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/cuda/matrixproduct.h"

#include "core/cuda/blockmemory.cuh"
#include "core/cuda/earlylaunch.cuh"
#include "core/cuda/kernels.h"
#include "core/cuda/matrixunits.cuh"

#include <cuda_bf16.h>
#include <cuda_runtime.h>

// A few rows times a matrix: the time is that of reading the matrix once, so everything else hides behind that. They are
// multiplied by the matrix units, with the matrix as the left factor: its rows, of which there are many, are the 16 rows of a
// unit's product, and the rows of x are its 8 columns. Numbers of int8 become bfloat16 in registers.
//
// A block is eight warps with 16 or 32 rows of the matrix each. It walks over its share of the columns in parts, several of them on
// their way to shared memory while one is worked on: of the matrix every lane copies what it will read itself, of x the block
// copies what all its warps read. With many rows of x, whose multiplying takes its time, warps wait for each other only every few
// parts: what one reads from shared memory then overlaps what another multiplies. The first parts of the matrix are asked for
// before the kernels before this one are done.

namespace jacobi {
namespace {

constexpr int kLanes = 32 * static_cast<int>(ProductJob::kWarps);

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

/// How a matrix lies in memory: what a lane reads of a tile for two steps of the matrix unit, and what it makes of that.
struct Int8Matrix {
    static constexpr int kIn = 64;    ///< columns of a part
    static constexpr int kChunks = 1; ///< of 16 bytes, that a lane has of a tile

    __device__ static void factors(Word (&a)[2][4], const uint4* chunks)
    {
        const uint4 bytes = *chunks;
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
};

struct BFloat16Matrix {
    static constexpr int kIn = 32;
    static constexpr int kChunks = 2;

    __device__ static void factors(Word (&a)[2][4], const uint4* chunks)
    {
#pragma unroll
        for (int step = 0; step < 2; ++step) {
            const uint4 words = chunks[step * 32];
            a[step][0] = words.x;
            a[step][1] = words.y;
            a[step][2] = words.z;
            a[step][3] = words.w;
        }
    }
};

/// What lies in shared memory for kGroups groups of 8 rows; two blocks fit on a multiprocessor of compute capability 9.0, at least
/// one on every other.
template <class Matrix, int kTiles, int kGroups>
struct Stages {
    static constexpr int kSteps = Matrix::kIn / static_cast<int>(kTileIn); ///< of 32 columns, in a part
    static constexpr int kMine = kTiles * kSteps * Matrix::kChunks; ///< chunks of the matrix, of a lane in a part
    static constexpr int kRowChunks = Matrix::kIn / 8;              ///< of 16 bytes, in a part of a row of x
    static constexpr int kMatrixPart = kMine * kLanes;              ///< chunks
    static constexpr int kRowsPart = kGroups * 8 * kRowChunks;
    static constexpr int kTogether =
        kGroups < 4 ? 1 : 128 / (Matrix::kIn * kTiles); ///< parts from one wait to the next

    /// Parts of x, from the first that a warp still reads to the last that is on its way, of which kTogether are read between two
    /// waits and must be there at the first.
    static constexpr int rowsParts(int ahead) { return ahead + 2 * kTogether - 1; }
    static constexpr int bytes(int ahead)
    {
        return ((ahead + 1) * kMatrixPart + rowsParts(ahead) * kRowsPart) * static_cast<int>(sizeof(uint4));
    }
    static constexpr int farthest()
    {
        constexpr int kRoom = 98 * 1024, kMost = 7;
        int ahead = 1;
        while (ahead < kMost && bytes(ahead + 1) <= kRoom) {
            ++ahead;
        }
        return ahead;
    }
    static constexpr int kAhead = farthest(); ///< parts of the matrix that are on their way
    static constexpr int kMatrixParts = kAhead + 1;
    static constexpr int kRowsParts = rowsParts(kAhead);
    static constexpr int kBytes = bytes(kAhead);

    /// Where a chunk of x lies among those of its part: of eight lanes that read at once each reads from other banks. Where a row is
    /// all of them, two rows change their halves.
    __device__ static int rowChunk(int row, int chunk)
    {
        return row * kRowChunks + (kRowChunks == 8 ? chunk ^ (row % 2 * 4) : chunk);
    }
};

/// Counts through the places of a ring.
template <int kPlaces>
struct Ring {
    int place = 0;

    __device__ void next() { place = place + 1 == kPlaces ? 0 : place + 1; }
};

template <class Matrix, int kTiles, int kGroups>
__global__ void __launch_bounds__(kLanes, 2) multiply(const __grid_constant__ ProductJob job)
{
    using Stage = Stages<Matrix, kTiles, kGroups>;
    constexpr int kSteps = Stage::kSteps;
    constexpr int kRowChunks = Stage::kRowChunks;
    JACOBI_BLOCK_MEMORY(uint4, shared);
    const int warp = static_cast<int>(threadIdx.x) / 32;
    const int lane = static_cast<int>(threadIdx.x) % 32;
    const int g = lane / 4;
    const int t = lane % 4;
    const unsigned tiles = paddedOut(job.out) / kTileOut;
    const unsigned steps = job.in / kTileIn;
    const unsigned firstTile = (blockIdx.z * ProductJob::kWarps + warp) * kTiles;
    const unsigned firstRow = blockIdx.x * ProductJob::kTileRows;
    const unsigned parts = (job.in + Matrix::kIn - 1) / Matrix::kIn;
    const int begin = static_cast<int>(blockIdx.y * parts / job.splits);
    const int count = static_cast<int>((blockIdx.y + 1) * parts / job.splits) - begin;

    uint4* const sharedRows = shared + Stage::kMatrixParts * Stage::kMatrixPart;

    // Both are called for one part after the other.
    const auto* weights = static_cast<const uint4*>(job.weights) + lane +
                          (std::size_t{firstTile} * steps + begin * kSteps) * (Matrix::kChunks * 32);
    unsigned weightStep = begin * kSteps;
    Ring<Stage::kMatrixParts> weightsTo;
    const auto fetchWeights = [&] {
        uint4* const to = shared + weightsTo.place * Stage::kMatrixPart + warp * (Stage::kMine * 32) + lane;
#pragma unroll
        for (int i = 0; i < Stage::kMine; ++i) {
            constexpr int kInTile = kSteps * Matrix::kChunks;
            const bool isThere = firstTile + i / kInTile < tiles && weightStep + i / Matrix::kChunks % kSteps < steps;
            const std::size_t at = std::size_t{steps} * (i / kInTile * (Matrix::kChunks * 32)) + i % kInTile * 32;
            startCopy(to + i * 32, isThere ? weights + at : static_cast<const uint4*>(job.weights), isThere);
        }
        weights += kSteps * Matrix::kChunks * 32;
        weightStep += kSteps;
        weightsTo.next();
    };
    unsigned rowsChunk = begin * kRowChunks; // of x's rows, that the next part begins with
    Ring<Stage::kRowsParts> rowsTo;
    const auto fetchRows = [&] {
        uint4* const to = sharedRows + rowsTo.place * Stage::kRowsPart;
#pragma unroll
        for (int i = static_cast<int>(threadIdx.x); i < Stage::kRowsPart; i += kLanes) {
            const unsigned row = firstRow + i / kRowChunks;
            const unsigned column = (rowsChunk + i % kRowChunks) * 8;
            const bool isThere = row < job.rows && column < job.in;
            const std::size_t at = isThere ? static_cast<std::size_t>(row) * job.in + column : 0;
            startCopy(to + Stage::rowChunk(i / kRowChunks, i % kRowChunks),
                      static_cast<const std::uint16_t*>(job.x) + at, isThere);
        }
        rowsChunk += kRowChunks;
        rowsTo.next();
    };

    // Nothing that ran before has written to the weights: they need not wait for it.
    admitLaterWork();
    constexpr int kAhead = Stage::kAhead;
    constexpr int kRowsAhead = kAhead + Stage::kTogether - 1;
    for (int part = 0; part < min(kAhead, count); ++part) {
        fetchWeights();
    }
    awaitEarlierWork();
    for (int part = 0; part < kRowsAhead; ++part) {
        if (part < count) {
            fetchRows();
        }
        if (part >= Stage::kTogether - 1) {
            endCopies();
        }
    }

    constexpr int kUnrolled = kGroups <= 4 ? kSteps : 1; // registers do not suffice for more
    float sums[kTiles][kGroups][4] = {};
    Ring<Stage::kMatrixParts> weightsFrom;
    Ring<Stage::kRowsParts> rowsFrom;
    for (int part = 0; part < count; ++part) {
        awaitCopies<kAhead - 1>(); // what this lane copied is there
        if (part % Stage::kTogether == 0) {
            __syncthreads(); // what others copied, too, and what they read before may be written over
        }
        if (part + kAhead < count) {
            fetchWeights();
        }
        if (part + kRowsAhead < count) {
            fetchRows();
        }
        endCopies(); // also of nothing: they are counted
        const uint4* const mine = shared + weightsFrom.place * Stage::kMatrixPart + warp * (Stage::kMine * 32) + lane;
        const uint4* const rows = sharedRows + rowsFrom.place * Stage::kRowsPart;
#pragma unroll kUnrolled
        for (int step = 0; step < kSteps; ++step) {
            Word a[kTiles][2][4];
#pragma unroll
            for (int tile = 0; tile < kTiles; ++tile) {
                Matrix::factors(a[tile], mine + (tile * kSteps + step) * Matrix::kChunks * 32);
            }
#pragma unroll
            for (int group = 0; group < kGroups; ++group) {
                const uint4 b = rows[Stage::rowChunk(group * 8 + g, step * 4 + t)];
#pragma unroll
                for (int tile = 0; tile < kTiles; ++tile) {
                    multiplyAdd(sums[tile][group], a[tile][0], b.x, b.y);
                }
#pragma unroll
                for (int tile = 0; tile < kTiles; ++tile) {
                    multiplyAdd(sums[tile][group], a[tile][1], b.z, b.w);
                }
            }
        }
        weightsFrom.next();
        rowsFrom.next();
    }

    // A lane has columns g and g + 8 of rows 2 t and 2 t + 1.
    const SplitSums parted = job.sums();
    float* const partials = job.partials + blockIdx.y * parted.apart;
#pragma unroll
    for (int tile = 0; tile < kTiles; ++tile) {
#pragma unroll
        for (int half = 0; half < 2; ++half) {
            const unsigned column = (firstTile + tile) * kTileOut + 8 * half + g;
            if (column >= job.out) {
                continue;
            }
            float scale = 1.0F;
            if constexpr (Matrix::kIn == Int8Matrix::kIn) {
                scale = load(static_cast<const BFloat16*>(job.scale)[column]);
            }
#pragma unroll
            for (int i = 0; i < 2 * kGroups; ++i) {
                const unsigned row = firstRow + i / 2 * 8 + 2 * t + i % 2;
                if (row >= job.rows) {
                    continue;
                }
                const float sum = sums[tile][i / 2][2 * half + i % 2] * scale;
                if (job.splits > 1) {
                    partials[static_cast<std::size_t>(row) * parted.width + column] = sum;
                } else {
                    static_cast<std::uint16_t*>(job.y)[static_cast<std::size_t>(row) * job.out + column] =
                        __bfloat16_as_ushort(__float2bfloat16_rn(sum));
                }
            }
        }
    }
}

/// Adds up what lies in parts.
__global__ void __launch_bounds__(kLanes) addParts(const __grid_constant__ ProductJob job)
{
    admitLaterWork();
    awaitEarlierWork();
    const unsigned column = blockIdx.x * kLanes + threadIdx.x;
    if (column >= job.out) {
        return;
    }
    const SplitSums sums = job.sums();
    const float* part = sums.parts + static_cast<std::size_t>(blockIdx.y) * sums.width + column;
    float sum = *part;
#pragma unroll 8
    for (unsigned split = 1; split < sums.splits; ++split) {
        part += sums.apart;
        sum += *part;
    }
    static_cast<std::uint16_t*>(job.y)[static_cast<std::size_t>(blockIdx.y) * job.out + column] =
        __bfloat16_as_ushort(__float2bfloat16_rn(sum));
}

template <class Matrix, int kTiles, int kGroups>
cudaError_t launch(const ProductJob& job, cudaStream_t stream)
{
    constexpr int kBytes = Stages<Matrix, kTiles, kGroups>::kBytes;
    void (*const kernel)(ProductJob) = multiply<Matrix, kTiles, kGroups>;
    if (const cudaError_t error = cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, kBytes);
        error != cudaSuccess) {
        return error;
    }
    const dim3 grid(job.rowTiles(), job.splits, job.outBlocks());
    if (const cudaError_t error = launchEarly<ProductJob>(kernel, job, grid, kLanes, kBytes, stream);
        error != cudaSuccess || job.splits == 1 || job.y == nullptr) {
        return error;
    }
    const dim3 sums((job.out + kLanes - 1) / kLanes, job.rows);
    return launchEarly<ProductJob>(addParts, job, sums, kLanes, 0, stream);
}

template <class Matrix, int kTiles>
cudaError_t launch(const ProductJob& job, cudaStream_t stream)
{
    switch (job.rowGroups()) {
    case 1: return launch<Matrix, kTiles, 1>(job, stream);
    case 2: return launch<Matrix, kTiles, 2>(job, stream);
    case 4: return launch<Matrix, kTiles, 4>(job, stream);
    default: return launch<Matrix, kTiles, 8>(job, stream);
    }
}

template <class Matrix>
cudaError_t launch(const ProductJob& job, cudaStream_t stream)
{
    return job.tiles == 1 ? launch<Matrix, 1>(job, stream) : launch<Matrix, 2>(job, stream);
}

bool fits(const ProductJob& job)
{
    const auto isAligned = [](const void* memory) { return reinterpret_cast<std::uintptr_t>(memory) % 16 == 0; };
    const bool hasSplits = job.splits > 0 && job.splits <= job.parts() && (job.tiles == 1 || job.tiles == 2);
    return isOwnProduct(job.out, job.in) && hasSplits && isAligned(job.x) && isAligned(job.weights) &&
           isAligned(job.partials) && (job.splits == 1 ? job.y != nullptr : job.partials != nullptr);
}

} // namespace

int launchMultiply(const ProductJob& job, void* stream)
{
    if (job.kind == ProductWeights::Float32) {
        return launchMultiplyInvariantly(job, stream);
    }
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
    auto* const where = static_cast<cudaStream_t>(stream);
    return job.kind == ProductWeights::Int8 ? launch<Int8Matrix>(job, where) : launch<BFloat16Matrix>(job, where);
}

} // namespace jacobi
