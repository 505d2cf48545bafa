// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/core/io/files.h"

#include <QByteArray>

#include <cstdint>
#include <string>
#include <vector>

namespace jacobi::test {

inline constexpr const char* kPngSignature = "\x89PNG\r\n\x1A\n";

struct PngChunk {
    std::string type;
    std::string data;
    std::size_t begin = 0; ///< of its length, in the file
    std::size_t end = 0;
};

inline std::string bigEndian(std::uint32_t value)
{
    std::string text;
    for (const unsigned shift : {24U, 16U, 8U, 0U}) {
        text += static_cast<char>(static_cast<unsigned char>(value >> shift));
    }
    return text;
}

/// CRC-32 as in PNG's appendix D, bit by bit.
inline std::uint32_t pngCrc(std::string_view bytes)
{
    std::uint32_t crc = 0xFFFFFFFFU;
    for (const char c : bytes) {
        crc ^= static_cast<unsigned char>(c);
        for (int bit = 0; bit < 8; ++bit) {
            crc = crc >> 1U ^ ((crc & 1U) != 0 ? 0xEDB88320U : 0U);
        }
    }
    return ~crc;
}

inline std::string pngChunk(const std::string& type, const std::string& data)
{
    std::string bytes = bigEndian(static_cast<std::uint32_t>(data.size()));
    bytes += type;
    bytes += data;
    bytes += bigEndian(pngCrc(std::string_view(bytes).substr(4)));
    return bytes;
}

inline std::string pngHeader(std::uint32_t width, std::uint32_t height, int depth, int colourType, int interlace = 0)
{
    std::string data = bigEndian(width) + bigEndian(height);
    for (const int byte : {depth, colourType, 0, 0, interlace}) {
        data += static_cast<char>(byte);
    }
    return pngChunk("IHDR", data);
}

/// A zlib stream.
inline std::string deflated(const std::string& bytes)
{
    return qCompress(QByteArray::fromStdString(bytes)).mid(4).toStdString();
}

inline std::vector<PngChunk> pngChunks(const std::string& file)
{
    std::vector<PngChunk> chunks;
    for (std::size_t at = 8; at + 12 <= file.size();) {
        std::size_t length = 0;
        for (std::size_t i = 0; i < 4; ++i) {
            length = length << 8U | static_cast<unsigned char>(file[at + i]);
        }
        chunks.push_back({file.substr(at + 4, 4), file.substr(at + 8, length), at, at + 12 + length});
        at += 12 + length;
    }
    return chunks;
}

} // namespace jacobi::test
