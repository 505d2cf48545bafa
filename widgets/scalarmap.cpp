// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "widgets/scalarmap.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace jacobi {

QColor scalarColour(double share)
{
    // Nine points of the published map; between them linear, which is within two steps of 255 of it.
    static constexpr std::array<std::array<int, 3>, 9> kCividis = {{{0, 34, 78},
                                                                     {24, 54, 110},
                                                                     {66, 78, 108},
                                                                     {95, 101, 111},
                                                                     {124, 123, 120},
                                                                     {155, 147, 118},
                                                                     {188, 174, 107},
                                                                     {222, 202, 87},
                                                                     {254, 232, 56}}};
    if (std::isnan(share)) {
        return Qt::transparent;
    }
    const double at = std::clamp(share, 0.0, 1.0) * (kCividis.size() - 1);
    const auto below = std::min(static_cast<std::size_t>(at), kCividis.size() - 2);
    const double rest = at - static_cast<double>(below);
    const auto channel = [&](std::size_t c) {
        return static_cast<int>(std::lround(kCividis[below][c] * (1.0 - rest) + kCividis[below + 1][c] * rest));
    };
    return {channel(0), channel(1), channel(2)};
}

} // namespace jacobi
