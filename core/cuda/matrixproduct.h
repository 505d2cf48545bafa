// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/devicecode.h"
#include "core/cuda/invariantproduct.h"
#include "core/cuda/splitsums.h"

#include <cstdint>

namespace jacobi {

/// What a matrix of our own product is kept as.
enum class ProductWeights : std::uint32_t {
    BFloat16 = 0, ///< as bfloat16Place() says
    Int8 = 1,     ///< as int8Place() says, with a scale for each row
    Float32 = 2   ///< as float32Place() says (invariantproduct.h)
};

/// Sizes of what one lane of a matrix unit reads: of 16 rows by 32 columns of the matrix, 16 bytes of int8 or 32 of bfloat16.
inline constexpr std::uint32_t kTileOut = 16;
inline constexpr std::uint32_t kTileIn = 32;

JACOBI_ANYWHERE inline std::uint32_t paddedOut(std::uint32_t out)
{
    return (out + kTileOut - 1) / kTileOut * kTileOut;
}

/// y [rows, out] = (x [rows, in] times the transposed weights) * scale, summed up in float32; x, scale and y are bfloat16, the matrix
/// has paddedOut() rows. `in` is shared out among `splits` blocks, whose sums are added up in a fixed order: a row's result
/// depends neither on the run nor on the other rows. y null: the sums stay in parts, see sums(). Where isOwnProduct() does not
/// hold, and on a GPU below compute capability 8.0: kDeviceNotSupported.
///
/// With Float32 everything is float32, the matrix has invariantPaddedOut() rows, isInvariantProduct() holds, splits is 1, and a
/// number's sum has the order of invariantSum() whatever tiles is. What is shared out below is not of Float32.
struct ProductJob {
    static constexpr std::uint32_t kWarps = 8;     ///< of a block, each with its own rows of the matrix
    static constexpr std::uint32_t kTileRows = 64; ///< rows of x that a block takes at most

    ProductWeights kind = ProductWeights::BFloat16;
    const void* x = nullptr;
    const void* weights = nullptr;
    const void* scale = nullptr; ///< [out], of Int8
    void* y = nullptr;
    float* partials = nullptr; ///< partialFloats(); with one split nobody looks at it
    std::uint32_t rows = 0, in = 0, out = 0;
    std::uint32_t tiles =
        1; ///< of 16 rows of the matrix that a warp has, or with Float32 of 32 that a block has: 1 or 2
    std::uint32_t splits = 1; ///< up to parts()

    JACOBI_ANYWHERE std::uint32_t blockOut() const { return kWarps * kTileOut * tiles; }
    JACOBI_ANYWHERE std::uint32_t outBlocks() const { return (out + blockOut() - 1) / blockOut(); }
    JACOBI_ANYWHERE std::uint32_t rowTiles() const { return (rows + kTileRows - 1) / kTileRows; }
    /// Groups of 8 rows that a block multiplies; those that are not there are zeros.
    JACOBI_ANYWHERE std::uint32_t rowGroups() const { return rows <= 8 ? 1 : rows <= 16 ? 2 : rows <= 32 ? 4 : 8; }
    /// Columns that a block takes at once: of either kind as many bytes of the matrix.
    JACOBI_ANYWHERE std::uint32_t blockIn() const { return kind == ProductWeights::Int8 ? 64 : 32; }
    JACOBI_ANYWHERE std::uint32_t parts() const { return (in + blockIn() - 1) / blockIn(); }
    JACOBI_ANYWHERE std::uint64_t partialFloats() const
    {
        return splits == 1 ? 0 : std::uint64_t{splits} * rows * paddedOut(out);
    }
    JACOBI_ANYWHERE SplitSums sums() const
    {
        return {partials, std::uint64_t{rows} * paddedOut(out), paddedOut(out), splits};
    }
};

/// Whether our kernel takes a matrix.
JACOBI_ANYWHERE inline bool isOwnProduct(std::uint64_t out, std::uint64_t in)
{
    return out > 0 && in > 0 && in % kTileIn == 0;
}

// Where a number of the matrix [out, in] lies: lane 4 g + t of a tile has rows g and g + 8 and columns 8 t to 8 t + 7. The order
// of columns within a product is free as long as both factors have the same, and with this one a lane reads its part of either
// factor for two steps of the matrix unit ("mma.m16n8k16") in pieces of 16 bytes.

/// A step of a lane are 16 bytes: its four pairs of neighbouring columns in the order in which the unit takes them.
JACOBI_ANYWHERE inline std::uint64_t bfloat16Place(std::uint32_t row, std::uint32_t column, std::uint32_t in)
{
    const std::uint64_t tile = std::uint64_t{row / kTileOut} * (in / kTileIn) + column / kTileIn;
    const std::uint32_t step = column % 8 / 4;
    const std::uint32_t lane = row % 8 * 4 + column % kTileIn / 8;
    const std::uint32_t pair = column % 4 / 2 * 2 + row % kTileOut / 8;
    return ((tile * 2 + step) * 32 + lane) * 8 + pair * 2 + column % 2;
}

/// Both steps of a lane are 16 bytes. Of four columns the middle two have changed places: bytes 0 and 2 of a word become one pair
/// of bfloat16, bytes 1 and 3 the other.
JACOBI_ANYWHERE inline std::uint64_t int8Place(std::uint32_t row, std::uint32_t column, std::uint32_t in)
{
    const std::uint64_t tile = std::uint64_t{row / kTileOut} * (in / kTileIn) + column / kTileIn;
    const std::uint32_t lane = row % 8 * 4 + column % kTileIn / 8;
    const std::uint32_t word = row % kTileOut / 8 * 2 + column % 8 / 4;
    return tile * (kTileOut * kTileIn) + lane * 16 + word * 4 + column % 2 * 2 + column % 4 / 2;
}

/// Bytes 0 and 2 of a word, as int8, are the pair of bfloat16 `from` less the pair `less`. Both are exact: the lower seven bits of
/// a byte are the mantissa of a number from 128 to 255, and what is to be subtracted is 128, or 256 where the sign bit is set.
struct Int8Pair {
    std::uint32_t from, less;
};
JACOBI_ANYWHERE inline Int8Pair int8Pair(std::uint32_t word)
{
    constexpr std::uint32_t k128 = 0x43004300U;
    return {(word & 0x007F007FU) | k128, (word & 0x00800080U) | k128};
}

inline constexpr std::uint32_t kMostSplits = 16;

/// Sets tiles and splits for a card with so many multiprocessors, from kind, in and out: those that leave the busiest of them the
/// least to read, with what adding up costs. They do not hang on the rows, so that a window's size changes no result (up to 128
/// rows: DeviceMatrix takes fewer splits of more).
inline void shareOut(ProductJob& job, std::uint32_t multiprocessors)
{
    if (job.kind == ProductWeights::Float32) {
        const auto busiest = [&](std::uint32_t tiles) { // tiles that it has
            const std::uint32_t blocks = (job.out + tiles * kInvariantOut - 1) / (tiles * kInvariantOut);
            return tiles * ((blocks + multiprocessors - 1) / multiprocessors);
        };
        job.tiles = busiest(2) <= busiest(1) ? 2 : 1;
        job.splits = 1;
        return;
    }
    constexpr std::uint64_t kTileCost = 32;     // of reading a part of the matrix, a tile; about 0.35 us
    constexpr std::uint64_t kRowsCost = 4;      // of reading the part of x with it
    constexpr std::uint64_t kSumsPerCost = 172; // numbers of a window of 16 that are written and read again in one unit
    std::uint64_t least = ~std::uint64_t{0};
    ProductJob tried = job;
    for (tried.tiles = 1; tried.tiles <= 2; ++tried.tiles) {
        for (tried.splits = 1; tried.splits <= kMostSplits && tried.splits <= tried.parts(); ++tried.splits) {
            const std::uint64_t blocks = std::uint64_t{tried.outBlocks()} * tried.splits;
            const std::uint64_t each = (blocks + multiprocessors - 1) / multiprocessors;
            const std::uint64_t parts = (tried.parts() + tried.splits - 1) / tried.splits;
            const std::uint64_t sums = std::uint64_t{tried.splits} * paddedOut(tried.out) / kSumsPerCost;
            const std::uint64_t cost =
                each * parts * (tried.tiles * kTileCost + kRowsCost) + (tried.splits == 1 ? 0 : kTileCost + sums);
            if (cost < least) {
                least = cost;
                job.tiles = tried.tiles;
                job.splits = tried.splits;
            }
        }
    }
}

} // namespace jacobi
