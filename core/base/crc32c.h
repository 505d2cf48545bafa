// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace jacobi {

/// CRC32C (Castagnoli; RFC 3720, appendix B.4) of bytes; `previous` is the value of the bytes before them.
/// crc32c("123456789") is 0xE3069283. Any thread.
std::uint32_t crc32c(std::span<const std::byte> bytes, std::uint32_t previous = 0);

} // namespace jacobi
