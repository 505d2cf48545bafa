// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/cuda/invariantproduct.h"

#include "core/cuda/blockmemory.cuh"
#include "core/cuda/earlylaunch.cuh"
#include "core/cuda/kernels.h"
#include "core/cuda/matrixunits.cuh"

#include <cuda_runtime.h>

// A block has 32 rows of the matrix, or 64, and some of x. Its warps share the columns out (invariantproduct.h), and a warp's lanes
// the numbers of the result, so that what a lane reads serves several; these stay in registers. Each warp brings its own
// parts of both factors to shared memory, several ahead of the one it works on, and waits for nobody else before the sums
// are added up. How many rows of either a block takes, and which lane has which, changes no number's sum.

namespace jacobi {
namespace {

constexpr int kWarps = static_cast<int>(kInvariantWarps);
constexpr int kLanes = 32 * kWarps;
constexpr int kUnits = static_cast<int>(kInvariantPart) / 4; ///< of four columns, in a part

/// kRows of x and kOuts times 32 of the matrix.
template <int kRows, int kOuts>
struct Block {
    static constexpr int kWide = kOuts * static_cast<int>(kInvariantOut);

    // A lane's numbers: rows g, g + kRowLanes, ... of x and o, o + kOutLanes, ... of the matrix.
    static constexpr int kRowLanes = kRows <= 8 ? 2 : 4;
    static constexpr int kOutLanes = 32 / kRowLanes;
    static constexpr int kMyRows = kRows / kRowLanes;
    static constexpr int kMyOuts = kWide / kOutLanes;

    // What lies in shared memory: parts of each warp, in units; when these are done with, its sums.
    static constexpr int kWeights = kUnits * kWide;
    static constexpr int kPart = kWeights + kUnits * kRows;
    static constexpr int kUnitBytes = static_cast<int>(sizeof(float4));
    static constexpr int stages()
    {
        constexpr int kRoom = 96 * 1024, kMost = 8; // every card with these copies has it
        constexpr int kFit = kRoom / (kWarps * kPart * kUnitBytes);
        return kFit < kMost ? kFit : kMost;
    }
    static constexpr int kStages = stages();
    static constexpr int kOfWarp = kStages * kPart;
    static constexpr int kSums = kRows * kWide;
    static constexpr int kPartBytes = kWarps * kOfWarp * kUnitBytes;
    static constexpr int kSumBytes = kWarps * kSums * static_cast<int>(sizeof(float));
    static constexpr int kBytes = kPartBytes > kSumBytes ? kPartBytes : kSumBytes;
    static_assert(kStages >= 4 && kBytes <= 96 * 1024);
};

template <int kRows, int kOuts>
__global__ void __launch_bounds__(kLanes, 2) multiplyInvariantly(const __grid_constant__ ProductJob job)
{
    using B = Block<kRows, kOuts>;
    JACOBI_BLOCK_MEMORY(float4, shared);
    const int warp = static_cast<int>(threadIdx.x) / 32;
    const int lane = static_cast<int>(threadIdx.x) % 32;
    const unsigned units = job.in / 4;
    const unsigned firstTile = blockIdx.z * kOuts;
    const unsigned tiles = invariantPaddedOut(job.out) / kInvariantOut;
    const unsigned firstRow = blockIdx.x * kRows;
    const int parts = static_cast<int>((job.in + kInvariantPart - 1) / kInvariantPart);
    const int count = (parts - warp + kWarps - 1) / kWarps; // of this warp

    float4* const mine = shared + warp * B::kOfWarp;
    const auto stageOf = [&](int part) { return mine + part % B::kStages * B::kPart; };
    const auto firstUnit = [&](int part) { return static_cast<unsigned>((warp + part * kWarps) * kUnits); };
    const auto fetchWeights = [&](int part) {
        const auto* const weights = static_cast<const float4*>(job.weights);
#pragma unroll
        for (int i = 0; i < kUnits * kOuts; ++i) {
            const unsigned tile = firstTile + i / kUnits;
            const unsigned unit = firstUnit(part) + i % kUnits;
            const bool isThere = tile < tiles && unit < units;
            const std::size_t at = (std::size_t{tile} * units + unit) * 32 + lane;
            startCopy(stageOf(part) + i * 32 + lane, weights + (isThere ? at : 0), isThere);
        }
    };
    const auto fetchRows = [&](int part) {
        const auto* const x = static_cast<const float4*>(job.x);
#pragma unroll
        for (int i = lane; i < kUnits * kRows; i += 32) {
            const unsigned row = firstRow + i / kUnits;
            const unsigned unit = firstUnit(part) + i % kUnits;
            const bool isThere = row < job.rows && unit < units;
            const std::size_t at = std::size_t{row} * units + unit;
            startCopy(stageOf(part) + B::kWeights + i, x + (isThere ? at : 0), isThere);
        }
    };

    // Nothing that ran before has written to the weights: they need not wait for it.
    admitLaterWork();
    constexpr int kAhead = B::kStages - 1;
    for (int part = 0; part < min(kAhead, count); ++part) {
        fetchWeights(part);
    }
    awaitEarlierWork();
    for (int part = 0; part < kAhead; ++part) {
        if (part < count) {
            fetchRows(part);
        }
        endCopies();
    }

    const int o = lane % B::kOutLanes;
    const int g = lane / B::kOutLanes;
    constexpr int kUnrolled = B::kMyOuts * B::kMyRows < 48 ? kUnits : 1; // registers do not suffice for more
    float sums[B::kMyOuts][B::kMyRows] = {};
    for (int part = 0; part < count; ++part) {
        awaitCopies<kAhead - 1>();
        __syncwarp(); // what the other lanes copied is there, and they are done with the part before, which is written over
        if (part + kAhead < count) {
            fetchWeights(part + kAhead);
            fetchRows(part + kAhead);
        }
        endCopies(); // also of nothing: they are counted
        const float4* const stage = stageOf(part);
#pragma unroll kUnrolled
        for (int unit = 0; unit < kUnits; ++unit) {
            float4 w[B::kMyOuts];
#pragma unroll
            for (int i = 0; i < B::kMyOuts; ++i) {
                const int out = o + i * B::kOutLanes;
                w[i] = stage[(out / 32 * kUnits + unit) * 32 + out % 32];
            }
#pragma unroll
            for (int k = 0; k < B::kMyRows; ++k) {
                const float4 x = stage[B::kWeights + (g + k * B::kRowLanes) * kUnits + unit];
#pragma unroll
                for (int i = 0; i < B::kMyOuts; ++i) {
                    float& sum = sums[i][k];
                    sum = fmaf(x.x, w[i].x, sum);
                    sum = fmaf(x.y, w[i].y, sum);
                    sum = fmaf(x.z, w[i].z, sum);
                    sum = fmaf(x.w, w[i].w, sum);
                }
            }
        }
    }

    auto* const all = reinterpret_cast<float*>(shared); // [warp, row, out]
    __syncthreads();                                    // before sums are written over what others still read
#pragma unroll
    for (int k = 0; k < B::kMyRows; ++k) {
#pragma unroll
        for (int i = 0; i < B::kMyOuts; ++i) {
            const int number = (g + k * B::kRowLanes) * B::kWide + o + i * B::kOutLanes;
            all[warp * B::kSums + number] = sums[i][k];
        }
    }
    __syncthreads();
    for (int i = static_cast<int>(threadIdx.x); i < B::kSums; i += kLanes) {
        const unsigned row = firstRow + i / B::kWide;
        const unsigned column = firstTile * kInvariantOut + i % B::kWide;
        if (row >= job.rows || column >= job.out) {
            continue;
        }
        float sum = all[i];
#pragma unroll
        for (int of = 1; of < kWarps; ++of) {
            sum += all[of * B::kSums + i];
        }
        static_cast<float*>(job.y)[std::size_t{row} * job.out + column] = sum;
    }
}

template <int kRows, int kOuts>
cudaError_t launch(const ProductJob& job, cudaStream_t stream)
{
    constexpr int kBytes = Block<kRows, kOuts>::kBytes;
    void (*const kernel)(ProductJob) = multiplyInvariantly<kRows, kOuts>;
    if (const cudaError_t error = cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, kBytes);
        error != cudaSuccess) {
        return error;
    }
    const unsigned outs = kOuts * kInvariantOut;
    const dim3 grid((job.rows + kRows - 1) / kRows, 1, (job.out + outs - 1) / outs);
    return launchEarly<ProductJob>(kernel, job, grid, kLanes, kBytes, stream);
}

template <int kOuts>
cudaError_t launch(const ProductJob& job, cudaStream_t stream)
{
    constexpr unsigned kMost = 32;
    const unsigned blocks = (job.rows + kMost - 1) / kMost;
    const unsigned each = (job.rows + blocks - 1) / blocks;
    return each <= 4    ? launch<4, kOuts>(job, stream)
           : each <= 8  ? launch<8, kOuts>(job, stream)
           : each <= 16 ? launch<16, kOuts>(job, stream)
           : each <= 24 ? launch<24, kOuts>(job, stream)
                        : launch<32, kOuts>(job, stream);
}

bool fits(const ProductJob& job)
{
    const auto isAligned = [](const void* memory) { return reinterpret_cast<std::uintptr_t>(memory) % 16 == 0; };
    return isInvariantProduct(job.out, job.in) && job.splits == 1 && (job.tiles == 1 || job.tiles == 2) &&
           job.y != nullptr && isAligned(job.x) && isAligned(job.weights);
}

} // namespace

int launchMultiplyInvariantly(const ProductJob& job, void* stream)
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
    auto* const where = static_cast<cudaStream_t>(stream);
    return job.tiles == 1 ? launch<1>(job, where) : launch<2>(job, where);
}

} // namespace jacobi
