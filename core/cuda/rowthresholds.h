// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/cuda/numbers.h"
#include "core/cuda/rowfolds.h"

#include <cstdint>

namespace jacobi {

// Top-k and top-p without sorting, by a team of lanes: the threshold is found by dividing up the ordered bits of the
// numbers, which is exact and the same in any order of lanes: in eight for counts, in two for sums of mass, whose additions in
// double precision are what cards for games are slow at.

/// Bounds that a row is held against at a time.
inline constexpr int kCountedAtOnce = 7;

/// Rules out what is below the k-th largest of the finite ones; everything equal to it stays.
template <class Real, class Team>
JACOBI_DEVICE void keepTopK(Team& team, std::uint32_t codes, std::uint32_t k, Real largest, Real* row)
{
    struct Finite {
        Real least;
        std::uint32_t count;
    };
    const Finite finite = team.fold(
        codes, Finite{largest, 0},
        [&](const Finite& f, std::uint32_t v) {
            return row[v] == kMinusInfinity<Real> ? f : Finite{row[v] < f.least ? row[v] : f.least, f.count + 1};
        },
        [](const Finite& a, const Finite& b) {
            return Finite{b.least < a.least ? b.least : a.least, a.count + b.count};
        });
    if (finite.count <= k) {
        return;
    }
    struct Counts {
        std::uint32_t of[kCountedAtOnce];
    };
    const auto key =
        largestKeyByMany<kCountedAtOnce>(orderedKey(finite.least), orderedKey(largest), [&](const auto& bounds) {
            const Counts counts = team.fold(
                codes, Counts{},
                [&](Counts before, std::uint32_t v) {
                    const auto here = orderedKey(row[v]);
                    JACOBI_UNROLL
                    for (int i = 0; i < kCountedAtOnce; ++i) {
                        before.of[i] += here >= bounds[i] ? 1U : 0U;
                    }
                    return before;
                },
                [](Counts a, const Counts& b) {
                    JACOBI_UNROLL
                    for (int i = 0; i < kCountedAtOnce; ++i) {
                        a.of[i] += b.of[i];
                    }
                    return a;
                });
            int many = 0;
            JACOBI_UNROLL
            for (int i = 0; i < kCountedAtOnce; ++i) {
                many += counts.of[i] >= k ? 1 : 0;
            }
            return many;
        });
    const Real threshold = realOfKey(key);
    team.each(codes, [&](std::uint32_t v) { row[v] = row[v] >= threshold ? row[v] : kMinusInfinity<Real>; });
}

/// Keeps the most probable codes that hold topP of the mass, equal ones together, and normalises again.
template <class Real, class Team>
JACOBI_DEVICE void keepTopP(Team& team, std::uint32_t codes, double topP, Real* row)
{
    struct Range {
        Real least;
        Real most;
    };
    const auto wider = [](const Range& a, const Range& b) {
        return Range{b.least < a.least ? b.least : a.least, b.most > a.most ? b.most : a.most};
    };
    const Range range = team.fold(
        codes, Range{Real(2), Real(0)},
        [&](const Range& r, std::uint32_t v) {
            return row[v] > Real(0) ? wider(r, Range{row[v], row[v]}) : r;
        },
        wider);
    const auto key = largestKeyWith(orderedKey(range.least), orderedKey(range.most), [&](auto bound) {
        return sumOf(team, codes, [&](std::uint32_t v) {
                   return row[v] > Real(0) && orderedKey(row[v]) >= bound ? static_cast<double>(row[v]) : 0.0;
               }) >= topP;
    });
    const Real threshold = realOfKey(key);
    const double kept = sumOf(team, codes, [&](std::uint32_t v) {
        row[v] = row[v] >= threshold ? row[v] : Real(0);
        return static_cast<double>(row[v]);
    });
    const Real normaliser = static_cast<Real>(1.0 / kept);
    team.each(codes, [&](std::uint32_t v) { row[v] *= normaliser; });
}

} // namespace jacobi
