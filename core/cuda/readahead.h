// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

namespace jacobi {

/// Memory that a kernel soon after this one reads: between products a card's memory has little to do, so it may be brought
/// nearer meanwhile. A hint that changes no result; kernels without a use for it leave it alone. On a multiple of 16 bytes.
struct ReadAhead {
    const void* from = nullptr;
    std::uint64_t bytes = 0;
};

} // namespace jacobi
