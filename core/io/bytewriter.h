// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/io/bytereader.h"

#include <string_view>
#include <vector>

namespace jacobi {

/// Appends little-endian numbers to bytes of its own: ByteReader's counterpart.
class ByteWriter {
public:
    template <class T>
    requires std::is_arithmetic_v<T>
    void write(T value) { append(std::as_bytes(std::span(&value, 1))); }

    void append(std::span<const std::byte> bytes) { m_bytes.insert(m_bytes.end(), bytes.begin(), bytes.end()); }
    void append(std::string_view text) { append(std::as_bytes(std::span(text))); }

    std::span<const std::byte> bytes() const { return m_bytes; }
    std::vector<std::byte> take() { return std::move(m_bytes); }

private:
    std::vector<std::byte> m_bytes;
};

} // namespace jacobi
