// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/devicecode.h"

#include <cstdint>
#include <limits>

namespace jacobi {

// What a team of lanes (serialteam.h) gathers from a row: maxima, sums, counts.

template <class Real>
inline constexpr Real kMinusInfinity = -std::numeric_limits<Real>::infinity();

/// Which code a maximum is at; the lowest among equals.
template <class Real>
struct Largest {
    Real value;
    std::uint32_t code;
};

template <class Real, class Team>
JACOBI_DEVICE Largest<Real> largestOf(Team& team, std::uint32_t codes, const Real* row)
{
    using Best = Largest<Real>;
    const auto better = [](const Best& a, const Best& b) {
        return b.value > a.value || (b.value == a.value && b.code < a.code) ? b : a;
    };
    return team.foldAhead(
        codes, Best{kMinusInfinity<Real>, 0xFFFFFFFFU}, [&](std::uint32_t v) { return row[v]; },
        [&](const Best& best, std::uint32_t v, Real x) {
            return better(best, Best{x, v});
        },
        better);
}

template <class Team, class Weight>
JACOBI_DEVICE double sumOf(Team& team, std::uint32_t count, Weight weight)
{
    return team.foldAhead(
        count, 0.0, weight, [](double sum, std::uint32_t, double x) { return sum + x; },
        [](double a, double b) { return a + b; });
}

template <class Team, class Test>
JACOBI_DEVICE std::uint32_t countOf(Team& team, std::uint32_t count, Test test)
{
    return team.fold(
        count, 0U, [&](std::uint32_t n, std::uint32_t v) { return n + (test(v) ? 1U : 0U); },
        [](std::uint32_t a, std::uint32_t b) { return a + b; });
}

} // namespace jacobi
