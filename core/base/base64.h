// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace jacobi {

/// Base64 (RFC 4648, section 4: with padding, no line breaks).
std::string base64(std::span<const std::uint8_t> bytes);

/// The bytes, or nothing where the text is not exactly what base64() writes for them.
std::optional<std::vector<std::uint8_t>> fromBase64(std::string_view text);

} // namespace jacobi
