// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

namespace jacobi {

/// What may stand at one position. A function of the position alone, so that a whole window can be masked at once.
struct PositionRule {
    std::int32_t forced = -1; ///< the only legal code, or -1
    std::int32_t topK = -1;   ///< replaces the request's top-k here, or -1
    std::shared_ptr<const std::vector<std::uint8_t>> legal; ///< [codes] 0/1; null: every code
};

/// How the positions of a result lie and what may stand there. Supplied by a model; immutable.
struct TokenLayout {
    std::uint32_t rows = 0;
    std::uint32_t columns = 0; ///< positions are in raster order
    std::uint32_t codes = 0;   ///< vocabulary of the result
    std::vector<PositionRule> rules;     ///< [positions], or empty: every code everywhere
    std::vector<std::int32_t> terminals; ///< a committed one of these ends the result

    std::uint32_t positions() const { return rows * columns; }
};

} // namespace jacobi
