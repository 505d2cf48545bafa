// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/device/networkdescription.h"
#include "core/engine/vqdecoder.h"

#include <array>
#include <cstdint>
#include <string_view>

namespace jacobi {

/// A published model's sizes: what a pass of it reads decides what it can cost.
struct BenchShape {
    std::string_view name;
    TransformerShape shape;
    std::int64_t rows = 1; ///< of a picture's tokens
    std::int64_t columns = 1;
    std::int64_t wholeHead = 0; ///< codes before the head was cut to the legal ones
    VqShape pictures{};         ///< what makes pixels of the codes
};

/// Of LlamaGen's tokenizer, which Janus has too; of Chameleon's; and of Emu3's, as a decoder of single pictures: it makes
/// frames by convolutions in three dimensions.
inline constexpr VqShape kLlamaGenPictures{8, 256, 128, {1, 1, 2, 2, 4}, 2, true};
inline constexpr VqShape kChameleonPictures{256, 256, 128, {1, 1, 2, 2, 4}, 2, false};
inline constexpr VqShape kEmu3Pictures{4, 4, 256, {1, 2, 2, 4, 0}, 2, true};

/// Sizes as in the models' published configurations; heads cut to picture tokens.
inline constexpr std::array<BenchShape, 6> kBenchShapes{{
    {"tiny", {2, 64, 4, 4, 16, 96, 128}, 8, 8, 256, {8, 32, 32, {1, 2, 0, 0, 0}, 1, true}},
    {"llamagen-xl", {36, 1280, 20, 20, 64, 3456, 16384}, 32, 32, 16384, kLlamaGenPictures},
    {"janus-pro-1b", {24, 2048, 16, 16, 128, 5632, 16384}, 24, 24, 102400, kLlamaGenPictures},
    {"janus-pro-7b", {30, 4096, 32, 32, 128, 11008, 16384}, 24, 24, 102400, kLlamaGenPictures},
    {"lumina-mgpt-7b", {32, 4096, 32, 32, 128, 11008, 8197}, 48, 49, 65536, kChameleonPictures},
    {"emu3-8b", {32, 4096, 32, 8, 128, 14336, 32768}, 90, 91, 184622, kEmu3Pictures},
}};

/// Tokens that each pass of one picture of a former built-in model committed: jacobi generate --method sjd --window 32 --init
/// sample-left --guidance 3 --seed 1 --prompt "a red house on the left and a blue boat, the sun low on the left".
inline constexpr std::array<std::uint32_t, 53> kRecordedRuns{
    1, 1, 1, 1, 1, 1, 1, 1, 1,  1, 1, 1, 1, 1,  1, 1,  15, 15, 1, 5, 1,  1,  1, 7,  1, 1, 32,
    1, 3, 2, 8, 1, 8, 2, 1, 27, 1, 1, 1, 1, 15, 1, 15, 1,  13, 1, 2, 12, 15, 1, 14, 2, 11};

} // namespace jacobi
