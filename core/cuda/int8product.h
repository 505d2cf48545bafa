// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/devicecode.h"

#include <cstdint>

namespace jacobi {

/// y [rows, out] = (x [rows, in] times the transposed weights) * scale, summed up in float32; x, scale and y are bfloat16. The
/// weights are int8 and lie as int8Place() says. `in` is shared out among `splits` blocks, whose sums are joined in a fixed
/// order: a row's result depends neither on the run nor on the other rows. Where isInt8Product() does not hold, and on a GPU below
/// compute capability 8.0: kDeviceNotSupported.
struct Int8ProductJob {
    static constexpr std::uint32_t kBlockOut = 256; ///< columns of y that a block makes
    static constexpr std::uint32_t kBlockIn = 64;   ///< columns of x that it takes at once
    static constexpr std::uint32_t kTileRows = 64;  ///< rows that it takes at most

    const void* x = nullptr;
    const std::int8_t* weights = nullptr;
    const void* scale = nullptr; ///< [out]
    void* y = nullptr;
    float* partials = nullptr; ///< partialFloats(); with one split nobody looks at it
    std::uint32_t rows = 0, in = 0, out = 0;
    std::uint32_t splits = 1; ///< up to int8Parts()

    JACOBI_ANYWHERE std::uint32_t rowTiles() const { return (rows + kTileRows - 1) / kTileRows; }
    JACOBI_ANYWHERE std::uint32_t outBlocks() const { return (out + kBlockOut - 1) / kBlockOut; }
    /// Groups of 8 rows that a block multiplies; those that are not there are zeros.
    JACOBI_ANYWHERE std::uint32_t rowGroups() const { return rows <= 8 ? 1 : rows <= 16 ? 2 : rows <= 32 ? 4 : 8; }
    JACOBI_ANYWHERE std::uint64_t partialFloats() const
    {
        return splits == 1 ? 0 : std::uint64_t{splits} * rowTiles() * rowGroups() * 8 * outBlocks() * kBlockOut;
    }
};

/// Sizes of what one lane of a matrix unit reads: 16 rows by 32 columns of the matrix are 16 bytes a lane.
inline constexpr std::uint32_t kInt8TileOut = 16;
inline constexpr std::uint32_t kInt8TileIn = 32;

/// Whether a matrix can lie as int8Place() says.
JACOBI_ANYWHERE inline bool isInt8Product(std::uint64_t out, std::uint64_t in)
{
    return out > 0 && in > 0 && out % kInt8TileOut == 0 && in % kInt8TileIn == 0;
}

/// Where a number of the matrix [out, in] lies: lane 4 g + t of a tile has rows g and g + 8 and columns 8 t to 8 t + 7. The order
/// of columns within a product is free as long as both factors have the same, and with this one a lane reads its part of either
/// factor for two steps of the matrix unit ("mma.m16n8k16") as 16 bytes. Of four columns the middle two have changed places:
/// bytes 0 and 2 of a word become one pair of bfloat16, bytes 1 and 3 the other.
JACOBI_ANYWHERE inline std::uint64_t int8Place(std::uint32_t row, std::uint32_t column, std::uint32_t in)
{
    const std::uint64_t tile = std::uint64_t{row / kInt8TileOut} * (in / kInt8TileIn) + column / kInt8TileIn;
    const std::uint32_t lane = row % 8 * 4 + column % kInt8TileIn / 8;
    const std::uint32_t word = row % kInt8TileOut / 8 * 2 + column % 8 / 4;
    return tile * (kInt8TileOut * kInt8TileIn) + lane * 16 + word * 4 + column % 2 * 2 + column % 4 / 2;
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

/// Parts of kBlockIn that `in` can be shared out in.
JACOBI_ANYWHERE inline std::uint32_t int8Parts(std::uint32_t in)
{
    return (in + Int8ProductJob::kBlockIn - 1) / Int8ProductJob::kBlockIn;
}

/// Splits for a card with so many multiprocessors: those that leave the busiest of them the least to read, where joining costs
/// about as much as reading a few parts. They do not hang on the rows, so that a window's size changes no result (up to 128
/// rows: DeviceMatrix takes fewer of more).
inline std::uint32_t int8Splits(std::uint32_t out, std::uint32_t in, std::uint32_t multiprocessors)
{
    constexpr std::uint32_t kMostSplits = 16;
    constexpr std::uint32_t kUnit = 64; // of the cost: a part is so many
    const std::uint32_t blocks = (out + Int8ProductJob::kBlockOut - 1) / Int8ProductJob::kBlockOut;
    const std::uint32_t parts = int8Parts(in);
    std::uint32_t best = 1;
    std::uint64_t least = ~std::uint64_t{0};
    for (std::uint32_t splits = 1; splits <= kMostSplits && splits <= parts; ++splits) {
        const std::uint64_t each = (std::uint64_t{blocks} * splits + multiprocessors - 1) / multiprocessors;
        const std::uint64_t joins = splits == 1 ? 0 : 2 * kUnit + std::uint64_t{splits} * blocks;
        const std::uint64_t cost = each * ((parts + splits - 1) / splits) * kUnit + joins;
        if (cost < least) {
            least = cost;
            best = splits;
        }
    }
    return best;
}

} // namespace jacobi
