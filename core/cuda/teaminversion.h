// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/devicecode.h"

#include <cstdint>

namespace jacobi {

/// drawByInversion (core/decode/draws.h) by a team: every lane sums a stretch of the codes, learns what lies before it, and
/// looks for the first code whose cumulative weight passes u * total. weight(v): not negative.
template <class Team, class Weight>
JACOBI_DEVICE std::int32_t teamInversion(Team& team, std::uint32_t codes, double total, double u, Weight weight)
{
    const std::uint32_t lanes = team.lanes();
    // An odd stretch: lanes that walk in step then never meet in one bank of shared memory.
    const std::uint32_t stretch = ((codes + lanes - 1) / lanes) | 1U;
    const auto walk = [&](std::uint32_t lane, auto visit) {
        const std::uint64_t begin = std::uint64_t{lane} * stretch;
        for (std::uint64_t v = begin; v < begin + stretch && v < codes; ++v) {
            if (!visit(static_cast<std::uint32_t>(v))) {
                break;
            }
        }
    };
    double* from = team.laneValues();
    double* to = from + lanes;
    team.eachLane([&](std::uint32_t lane) {
        double sum = 0.0;
        walk(lane, [&](std::uint32_t v) {
            sum += static_cast<double>(weight(v));
            return true;
        });
        from[lane] = sum;
    });
    for (std::uint32_t offset = 1; offset < lanes; offset *= 2) { // inclusive sums (Hillis and Steele 1986)
        team.eachLane(
            [&](std::uint32_t lane) { to[lane] = lane >= offset ? from[lane - offset] + from[lane] : from[lane]; });
        double* const swapped = from;
        from = to;
        to = swapped;
    }
    struct Found {
        std::uint32_t first; ///< code whose cumulative weight passes the target
        std::uint32_t last;  ///< one past the last code of any weight
    };
    const double target = u * total;
    const Found found = team.fold(
        lanes, Found{0xFFFFFFFFU, 0},
        [&](const Found& before, std::uint32_t lane) {
            double cumulative = lane == 0 ? 0.0 : from[lane - 1];
            Found here = before;
            walk(lane, [&](std::uint32_t v) {
                const auto w = static_cast<double>(weight(v));
                if (!(w > 0.0)) {
                    return true;
                }
                cumulative += w;
                here.last = v + 1;
                if (target < cumulative) {
                    here.first = v < here.first ? v : here.first;
                    return false;
                }
                return true;
            });
            return here;
        },
        [](const Found& a, const Found& b) {
            return Found{b.first < a.first ? b.first : a.first, b.last > a.last ? b.last : a.last};
        });
    if (found.first != 0xFFFFFFFFU) {
        return static_cast<std::int32_t>(found.first);
    }
    return found.last == 0 ? 0 : static_cast<std::int32_t>(found.last - 1);
}

} // namespace jacobi
