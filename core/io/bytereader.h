// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <type_traits>

namespace jacobi {

static_assert(std::endian::native == std::endian::little,
              "files are little-endian and so is every machine we build for");

/// Reads little-endian numbers out of bytes that somebody else wrote; never beyond their end. A read that does not
/// fit returns false (or nothing) and moves nothing. Does not own the bytes.
class ByteReader {
public:
    explicit ByteReader(std::span<const std::byte> bytes) : m_bytes(bytes) {}

    std::size_t position() const { return m_position; }
    std::size_t left() const { return m_bytes.size() - m_position; }

    template <class T>
    requires std::is_arithmetic_v<T>
    [[nodiscard]] bool read(T& value)
    {
        if (left() < sizeof(T)) {
            return false;
        }
        std::memcpy(&value, m_bytes.data() + m_position, sizeof(T));
        m_position += sizeof(T);
        return true;
    }

    /// The next count bytes.
    [[nodiscard]] std::optional<std::span<const std::byte>> take(std::uint64_t count)
    {
        if (count > left()) {
            return std::nullopt;
        }
        const auto taken = m_bytes.subspan(m_position, static_cast<std::size_t>(count));
        m_position += static_cast<std::size_t>(count);
        return taken;
    }

private:
    std::span<const std::byte> m_bytes;
    std::size_t m_position = 0;
};

} // namespace jacobi
