// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/base64.h"

#include <algorithm>
#include <array>

namespace jacobi {
namespace {

constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr std::array<std::int8_t, 256> makeValues()
{
    std::array<std::int8_t, 256> values{};
    for (std::int8_t& value : values) {
        value = -1;
    }
    for (std::size_t i = 0; i < kDigits.size(); ++i) {
        values[static_cast<unsigned char>(kDigits[i])] = static_cast<std::int8_t>(i);
    }
    return values;
}

constexpr std::array<std::int8_t, 256> kValues = makeValues();

} // namespace

std::string base64(std::span<const std::uint8_t> bytes)
{
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        const std::size_t count = std::min<std::size_t>(3, bytes.size() - at);
        std::uint32_t bits = std::uint32_t{bytes[at]} << 16U;
        bits |= count > 1 ? std::uint32_t{bytes[at + 1]} << 8U : 0U;
        bits |= count > 2 ? std::uint32_t{bytes[at + 2]} : 0U;
        for (std::size_t digit = 0; digit < 4; ++digit) {
            text += digit <= count ? kDigits[bits >> (18 - 6 * digit) & 0x3FU] : '=';
        }
    }
    return text;
}

std::optional<std::vector<std::uint8_t>> fromBase64(std::string_view text)
{
    if (text.size() % 4 != 0) {
        return std::nullopt;
    }
    const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
    std::vector<std::uint8_t> bytes;
    bytes.reserve(text.size() / 4 * 3);
    for (std::size_t at = 0; at < text.size(); at += 4) {
        const std::size_t digits = at + 4 == text.size() ? 4 - padding : 4;
        std::uint32_t bits = 0;
        for (std::size_t digit = 0; digit < digits; ++digit) {
            const std::int8_t value = kValues[static_cast<unsigned char>(text[at + digit])];
            if (value < 0) {
                return std::nullopt;
            }
            bits |= static_cast<std::uint32_t>(value) << (18 - 6 * digit);
        }
        const std::uint32_t unused = digits == 4 ? 0U : digits == 3 ? 0xFFU : 0xFFFFU;
        if ((bits & unused) != 0) {
            return std::nullopt;
        }
        for (std::size_t byte = 0; byte + 1 < digits; ++byte) {
            bytes.push_back(static_cast<std::uint8_t>(bits >> (16 - 8 * byte)));
        }
    }
    return bytes;
}

} // namespace jacobi
