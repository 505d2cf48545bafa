// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/trace/step.h"

#include <algorithm>
#include <cstdint>
#include <span>

namespace jacobi {

/// The most probable codes of a row, largest first, equal ones in order of their codes; those of probability 0 are left
/// out. Large, equal and 0 are what a step records: float32. q(code): the probability under the law the draft came from.
/// One pass over the row.
template <class Real, class Law>
Candidates topCandidates(std::span<const Real> p, const Law& q)
{
    Candidates best;
    std::size_t used = 0;
    float least = 0.0F; // of the candidates once all slots are used: most codes end here
    for (std::size_t v = 0; v < p.size(); ++v) {
        const auto value = static_cast<float>(p[v]);
        if (!(value > least)) {
            continue;
        }
        used = std::min(used + 1, best.size());
        std::size_t slot = used - 1;
        for (; slot > 0 && value > best[slot - 1].p; --slot) {
            best[slot] = best[slot - 1];
        }
        best[slot] = {static_cast<std::int32_t>(v), value, 0.0F};
        least = used == best.size() ? best.back().p : 0.0F;
    }
    for (std::size_t slot = 0; slot < used; ++slot) {
        best[slot].q = static_cast<float>(q(best[slot].code));
    }
    return best;
}

} // namespace jacobi
