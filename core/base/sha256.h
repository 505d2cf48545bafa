// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace jacobi {

/// SHA-256 (FIPS 180-4) of bytes that come in pieces. A value; one thread at a time.
class Sha256 {
public:
    void update(std::span<const std::byte> bytes);

    /// The digest of everything so far, as 64 lower case hexadecimal digits. Call it once, last.
    std::string finishHex();

private:
    void block(const std::byte* bytes);

    std::array<std::uint32_t, 8> m_state{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                         0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    std::array<std::byte, 64> m_pending{};
    std::uint64_t m_length = 0; ///< bytes
};

std::string sha256Hex(std::span<const std::byte> bytes);

} // namespace jacobi
