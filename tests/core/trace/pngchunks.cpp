// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/trace/pngchunks.h"

#include <cstdint>
#include <string_view>

namespace jacobi::test {
namespace {

// CRC-32 as in PNG's annex D, bit by bit.
std::uint32_t crc32(std::string_view bytes)
{
    std::uint32_t crc = 0xFFFFFFFFU;
    for (const char byte : bytes) {
        crc ^= static_cast<unsigned char>(byte);
        for (int bit = 0; bit < 8; ++bit) {
            crc = (crc >> 1U) ^ ((crc & 1U) != 0 ? 0xEDB88320U : 0U);
        }
    }
    return ~crc;
}

std::uint32_t bigEndian(std::string_view bytes)
{
    std::uint32_t value = 0;
    for (const char byte : bytes.substr(0, 4)) {
        value = value << 8U | static_cast<unsigned char>(byte);
    }
    return value;
}

} // namespace

std::vector<Chunk> chunksOf(std::span<const std::byte> png)
{
    constexpr std::string_view kSignature("\x89PNG\r\n\x1A\n", 8);
    constexpr std::size_t kAround = 12; // length, type, checksum
    std::string_view rest(reinterpret_cast<const char*>(png.data()), png.size());
    if (!rest.starts_with(kSignature)) {
        return {};
    }
    rest.remove_prefix(kSignature.size());
    std::vector<Chunk> chunks;
    while (!rest.empty()) {
        if (rest.size() < kAround || rest.size() - kAround < bigEndian(rest)) {
            return {};
        }
        const std::size_t length = bigEndian(rest);
        const bool isRight = crc32(rest.substr(4, 4 + length)) == bigEndian(rest.substr(8 + length));
        chunks.push_back({std::string(rest.substr(4, 4)), std::string(rest.substr(8, length)), isRight});
        rest.remove_prefix(kAround + length);
    }
    return chunks;
}

} // namespace jacobi::test
