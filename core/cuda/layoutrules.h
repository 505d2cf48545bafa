// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/decode/layout.h"

#include <cstdint>
#include <vector>

namespace jacobi {

/// The rules of a layout as arrays. Sets are numbered by identity, which is what DraftWindow compares.
struct LayoutRules {
    std::vector<std::int32_t> forced, topK, set, legalCodes, legalCount;
    std::vector<std::uint8_t> legal;
};
LayoutRules rulesOf(const TokenLayout& layout);

} // namespace jacobi
