// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace jacobi {

/// Whether this program was built with libpng. Where it was not (the preset `device` on a bare machine), this and all below
/// fail as Unsupported with a sentence that says what to do. To be asked before what ends in a file is computed. Any thread.
Result<void> pngSupport();

inline constexpr std::size_t kMaxPngKeyLength = 79; ///< the format's own limit

/// One text chunk of a PNG: a Latin-1 keyword of 1 to kMaxPngKeyLength characters and its text as UTF-8.
struct PngText {
    std::string key;
    std::string text;
    bool operator==(const PngText&) const = default;
};

/// A decoded picture: [height, width, 3] uint8, alpha removed, 16 bits shortened to 8.
struct PngPicture {
    std::uint32_t width = 0;
    std::uint32_t height = 0;
    std::vector<std::uint8_t> rgb;
};

/// How much time goes into a small file. Fast: a quarter larger, five times as quickly (drawn scenes of 384 x 384).
enum class PngEffort { Usual, Fast };

/// Encodes [height, width, 3] uint8 as 8-bit RGB. The same picture and texts give the same bytes. Texts come before the
/// pixels, never compressed (many programs read only such ones): as tEXt where Latin-1 can say them, else as iTXt.
/// Errors: a size of 0 or beyond the limits, a key that PNG does not allow, too many texts or one too long. Any thread.
Result<std::vector<std::byte>> encodePng(std::uint32_t width, std::uint32_t height, std::span<const std::uint8_t> rgb,
                                         std::span<const PngText> texts = {}, PngEffort effort = PngEffort::Usual);

/// encodePng into a file, whole or not at all (AtomicFile).
Result<void> writePng(const std::filesystem::path& path, std::uint32_t width, std::uint32_t height,
                      std::span<const std::uint8_t> rgb, std::span<const PngText> texts = {});

/// What a picture may ask for before anything is allocated.
struct PngLimits {
    std::uint32_t side;
    std::uint64_t pixels;
};

/// Decodes a PNG that a stranger made, of any colour type: a picture beyond the limits (those of core/base/limits.h
/// unless others are given), one that claims more pixels than its bytes can hold, and a damaged one are errors.
Result<PngPicture> decodePng(std::span<const std::byte> bytes);
Result<PngPicture> decodePng(std::span<const std::byte> bytes, const PngLimits& limits);

/// The texts of a PNG (tEXt, zTXt, iTXt; before or after the pixels) in file order, the pixels left alone. Damaged or
/// oversized text chunks are left out.
Result<std::vector<PngText>> readPngTexts(std::span<const std::byte> bytes);

} // namespace jacobi
