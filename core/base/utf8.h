// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace jacobi {

/// The code point that text begins with; one byte and U+FFFD where that is none (overlong, surrogate, cut, too high).
struct DecodedUtf8 {
    char32_t codePoint = 0xFFFD;
    std::size_t bytes = 1;
    bool isValid = false;
};

/// text must not be empty.
DecodedUtf8 decodeUtf8(std::string_view text);

/// Code points of UTF-8 text; each byte that belongs to none (overlong, surrogate, cut, above U+10FFFF) becomes U+FFFD.
std::vector<char32_t> codePoints(std::string_view utf8);

bool isValidUtf8(std::string_view text);

/// The text with what is not UTF-8 replaced by U+FFFD.
std::string repairedUtf8(std::string_view text);

/// One code point as UTF-8.
std::string toUtf8(char32_t codePoint);

} // namespace jacobi
