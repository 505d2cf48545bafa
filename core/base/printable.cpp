// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/printable.h"

#include "core/base/utf8.h"

namespace jacobi {
namespace {

std::string hexadecimal(char32_t value, int digits)
{
    constexpr std::string_view symbols = "0123456789ABCDEF";
    std::string result;
    for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) {
        result += symbols[(value >> shift) & 0xF];
    }
    return result;
}

} // namespace

bool isHidden(char32_t c)
{
    return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0xAD || c == 0x61C || c == 0x180E ||
           (c >= 0x200B && c <= 0x200F) || (c >= 0x2028 && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F) ||
           c == 0xFEFF || (c >= 0xFFF9 && c <= 0xFFFB) || (c >= 0xE0000 && c <= 0xE007F);
}

std::string printable(std::string_view text, std::size_t maxBytes)
{
    std::string result;
    for (std::size_t at = 0; at < text.size();) {
        if (at >= maxBytes) {
            return result.append("...");
        }
        const DecodedUtf8 decoded = decodeUtf8(text.substr(at));
        if (!decoded.isValid) {
            result.append("\\x").append(hexadecimal(static_cast<unsigned char>(text[at]), 2));
        } else if (isHidden(decoded.codePoint)) {
            const int digits = decoded.codePoint > 0xFFFF ? 6 : 4;
            result.append("\\u{").append(hexadecimal(decoded.codePoint, digits)).append("}");
        } else {
            result += text.substr(at, decoded.bytes);
        }
        at += decoded.bytes;
    }
    return result;
}

bool isPrintable(std::string_view text)
{
    for (std::size_t at = 0; at < text.size();) {
        const DecodedUtf8 decoded = decodeUtf8(text.substr(at));
        if (!decoded.isValid || isHidden(decoded.codePoint)) {
            return false;
        }
        at += decoded.bytes;
    }
    return true;
}

} // namespace jacobi
