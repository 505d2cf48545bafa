// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/utf8.h"

namespace jacobi {

DecodedUtf8 decodeUtf8(std::string_view text)
{
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char first = byte(0);
    if (first < 0x80) {
        return {first, 1, true};
    }
    const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4 || length > text.size()) {
        return {};
    }
    char32_t value = first & (0xFFU >> (length + 1));
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xC0U) != 0x80U) {
            return {};
        }
        value = value << 6U | (byte(i) & 0x3FU);
    }
    const bool overlong = (length == 3 && value < 0x800) || (length == 4 && value < 0x10000);
    const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
    if (overlong || surrogate || value > 0x10FFFF) {
        return {};
    }
    return {value, length, true};
}

std::vector<char32_t> codePoints(std::string_view utf8)
{
    std::vector<char32_t> result;
    result.reserve(utf8.size());
    for (std::size_t at = 0; at < utf8.size();) {
        const DecodedUtf8 decoded = decodeUtf8(utf8.substr(at));
        result.push_back(decoded.codePoint);
        at += decoded.bytes;
    }
    return result;
}

bool isValidUtf8(std::string_view text)
{
    for (std::size_t at = 0; at < text.size();) {
        const DecodedUtf8 decoded = decodeUtf8(text.substr(at));
        if (!decoded.isValid) {
            return false;
        }
        at += decoded.bytes;
    }
    return true;
}

std::string repairedUtf8(std::string_view text)
{
    std::string result;
    result.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        const DecodedUtf8 decoded = decodeUtf8(text.substr(at));
        result += toUtf8(decoded.codePoint);
        at += decoded.bytes;
    }
    return result;
}

std::string toUtf8(char32_t codePoint)
{
    const auto byte = [](char32_t value) { return static_cast<char>(static_cast<unsigned char>(value)); };
    if (codePoint < 0x80) {
        return {byte(codePoint)};
    }
    if (codePoint < 0x800) {
        return {byte(0xC0U | codePoint >> 6U), byte(0x80U | (codePoint & 0x3FU))};
    }
    if (codePoint < 0x10000) {
        return {byte(0xE0U | codePoint >> 12U), byte(0x80U | (codePoint >> 6U & 0x3FU)),
                byte(0x80U | (codePoint & 0x3FU))};
    }
    return {byte(0xF0U | codePoint >> 18U), byte(0x80U | (codePoint >> 12U & 0x3FU)),
            byte(0x80U | (codePoint >> 6U & 0x3FU)), byte(0x80U | (codePoint & 0x3FU))};
}

} // namespace jacobi
