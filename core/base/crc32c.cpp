// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/crc32c.h"

#include <array>
#include <cstring>

#if defined(__x86_64__) && defined(__GNUC__)
#include <nmmintrin.h>
#define JACOBI_CRC32C_INSTRUCTION
#endif

namespace jacobi {
namespace {

constexpr std::array<std::uint32_t, 256> makeTable()
{
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t i = 0; i < 256; ++i) {
        std::uint32_t value = i;
        for (int bit = 0; bit < 8; ++bit) {
            value = value >> 1U ^ ((value & 1U) != 0 ? 0x82F63B78U : 0U);
        }
        table[i] = value;
    }
    return table;
}

constexpr std::array<std::uint32_t, 256> kTable = makeTable();

std::uint32_t byTable(std::span<const std::byte> bytes, std::uint32_t value)
{
    for (const std::byte byte : bytes) {
        value = value >> 8U ^ kTable[(value ^ std::to_integer<std::uint32_t>(byte)) & 0xFFU];
    }
    return value;
}

#ifdef JACOBI_CRC32C_INSTRUCTION
/// Every processor of this family since 2008 computes this very sum, eight bytes an instruction.
__attribute__((target("sse4.2"))) std::uint32_t byInstruction(std::span<const std::byte> bytes, std::uint32_t value)
{
    std::uint64_t wide = value;
    while (bytes.size() >= sizeof(std::uint64_t)) {
        std::uint64_t eight = 0;
        std::memcpy(&eight, bytes.data(), sizeof eight);
        wide = _mm_crc32_u64(wide, eight);
        bytes = bytes.subspan(sizeof eight);
    }
    return byTable(bytes, static_cast<std::uint32_t>(wide));
}

bool hasInstruction()
{
    static const bool has = __builtin_cpu_supports("sse4.2") != 0;
    return has;
}
#endif

} // namespace

std::uint32_t crc32c(std::span<const std::byte> bytes, std::uint32_t previous)
{
#ifdef JACOBI_CRC32C_INSTRUCTION
    if (hasInstruction()) {
        return ~byInstruction(bytes, ~previous);
    }
#endif
    return ~byTable(bytes, ~previous);
}

} // namespace jacobi
