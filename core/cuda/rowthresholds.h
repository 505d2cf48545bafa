// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/cuda/numbers.h"
#include "core/cuda/rowfolds.h"

#include <cstdint>

namespace jacobi {

// Top-k and top-p without sorting, by a team of lanes. A threshold is closed in on by counting (or weighing) what reaches a few
// bounds at once, evenly apart between the least and the largest number; as soon as few are left between two bounds, these are
// gathered and ranked against each other. Where numbers lie so close that bounds do not part them, their ordered bits are
// divided up instead. The result is exact, and the same in any order of lanes.

/// Bounds that counts are made for at a time, and sums of mass, whose additions in double precision are what cards for games are slow
/// at.
inline constexpr int kCountedAtOnce = 7;
inline constexpr int kWeighedAtOnce = 3;

/// Looks at a row before the bits of its numbers are divided up.
inline constexpr int kLooksByValue = 6;

/// Numbers that are ranked against each other at most, and as many as a team's memory has room for.
inline constexpr std::uint32_t kMostRanked = 128;
inline constexpr std::uint32_t kMostSummed = 64; ///< of these each also adds up what is above it
template <class T, class Team>
JACOBI_DEVICE std::uint32_t roomForRanked(const Team& team, std::uint32_t most)
{
    const auto room = static_cast<std::uint32_t>(2 * team.lanes() * sizeof(double) / sizeof(T));
    return room < most ? room : most;
}

/// Where a threshold lies: at `low` or above and, once there is a bound above it, below `high`.
template <class Real>
struct Bracket {
    Real low;
    Real high;
    bool isOpen = true; ///< `high` is the largest number, which may be the threshold

    /// A bound between them, counted from one.
    template <int kBounds>
    JACOBI_DEVICE Real bound(int i) const
    {
        return low + (high - low) * (static_cast<Real>(i) / static_cast<Real>(kBounds + 1));
    }
    JACOBI_DEVICE bool holds(Real x) const { return x >= low && (isOpen || x < high); }
    JACOBI_DEVICE void closeBelow(Real bound)
    {
        high = bound;
        isOpen = false;
    }
};

/// How many numbers reach each bound.
template <class Real, class Team>
struct BoundCounts {
    std::uint32_t of[kCountedAtOnce];

    JACOBI_DEVICE static BoundCounts make(Team& team, std::uint32_t codes, const Real* row,
                                          const Real (&bounds)[kCountedAtOnce])
    {
        return team.foldAhead(
            codes, BoundCounts{}, [&](std::uint32_t v) { return row[v]; },
            [&](BoundCounts before, std::uint32_t, Real x) {
                JACOBI_UNROLL
                for (int i = 0; i < kCountedAtOnce; ++i) {
                    before.of[i] += x >= bounds[i] ? 1U : 0U;
                }
                return before;
            },
            [](BoundCounts a, const BoundCounts& b) {
                JACOBI_UNROLL
                for (int i = 0; i < kCountedAtOnce; ++i) {
                    a.of[i] += b.of[i];
                }
                return a;
            });
    }
    /// For how many bounds, which ascend, at least k numbers reach them.
    JACOBI_DEVICE int reachedBy(std::uint32_t k) const
    {
        int many = 0;
        JACOBI_UNROLL
        for (int i = 0; i < kCountedAtOnce; ++i) {
            many += of[i] >= k ? 1 : 0;
        }
        return many;
    }
};

/// The k-th largest number of a row. At least k numbers reach `least`: `count` of them.
template <class Real, class Team>
JACOBI_DEVICE_CALL Real kthLargest(Team& team, std::uint32_t codes, std::uint32_t k, Real least, Real largest,
                                   std::uint32_t count, const Real* row)
{
    using Counts = BoundCounts<Real, Team>;
    Bracket<Real> bracket{least, largest};
    std::uint32_t reachLow = count, reachHigh = 0; // numbers that do
    const std::uint32_t room = roomForRanked<Real>(team, kMostRanked);
    for (int look = 0; look < kLooksByValue && reachLow - reachHigh > room; ++look) {
        Real bounds[kCountedAtOnce];
        JACOBI_UNROLL
        for (int i = 0; i < kCountedAtOnce; ++i) {
            bounds[i] = bracket.template bound<kCountedAtOnce>(i + 1);
        }
        const Counts counts = Counts::make(team, codes, row, bounds);
        const int many = counts.reachedBy(k);
        JACOBI_UNROLL
        for (int i = kCountedAtOnce - 1; i >= 0; --i) {
            if (i >= many) {
                bracket.closeBelow(bounds[i]);
                reachHigh = counts.of[i];
            }
        }
        JACOBI_UNROLL
        for (int i = 0; i < kCountedAtOnce; ++i) {
            if (i < many) {
                bracket.low = bounds[i];
                reachLow = counts.of[i];
            }
        }
    }
    if (reachLow - reachHigh > room) {
        return realOfKey(
            largestKeyByMany<kCountedAtOnce>(orderedKey(bracket.low), orderedKey(bracket.high), [&](const auto& keys) {
                Real bounds[kCountedAtOnce];
                JACOBI_UNROLL
                for (int i = 0; i < kCountedAtOnce; ++i) {
                    bounds[i] = realOfKey(keys[i]);
                }
                return Counts::make(team, codes, row, bounds).reachedBy(k);
            }));
    }
    Real* const list = reinterpret_cast<Real*>(team.laneValues());
    const std::uint32_t found = team.gather(
        codes, [&](std::uint32_t v) { return bracket.holds(row[v]); }, [&](std::uint32_t v) { return row[v]; }, list,
        room);
    // The least of those that fewer than k numbers are above.
    return team.fold(
        found, largest,
        [&](Real kth, std::uint32_t i) {
            std::uint32_t above = reachHigh;
            for (std::uint32_t j = 0; j < found; ++j) {
                above += list[j] > list[i] ? 1U : 0U;
            }
            return above < k && list[i] < kth ? list[i] : kth;
        },
        [](Real a, Real b) { return b < a ? b : a; });
}

/// Rules out what is below the k-th largest of the finite ones; everything equal to it stays.
template <class Real, class Team>
JACOBI_DEVICE void keepTopK(Team& team, std::uint32_t codes, std::uint32_t k, Real largest, Real* row)
{
    struct Finite {
        Real least;
        std::uint32_t count;
    };
    const Finite finite = team.foldAhead(
        codes, Finite{largest, 0}, [&](std::uint32_t v) { return row[v]; },
        [](const Finite& f, std::uint32_t, Real x) {
            return x == kMinusInfinity<Real> ? f : Finite{x < f.least ? x : f.least, f.count + 1};
        },
        [](const Finite& a, const Finite& b) {
            return Finite{b.least < a.least ? b.least : a.least, a.count + b.count};
        });
    if (finite.count <= k) {
        return;
    }
    const Real threshold = kthLargest(team, codes, k, finite.least, largest, finite.count, row);
    team.change(codes, row, [=](std::uint32_t, Real x) { return x >= threshold ? x : kMinusInfinity<Real>; });
}

/// How many numbers reach each bound, and the sum of these.
struct BoundMasses {
    double mass[kWeighedAtOnce];
    std::uint32_t count[kWeighedAtOnce + 1]; // one more, for its size
};

/// The largest number of a law that together with everything above it holds topP of the mass; the least, where rounding leaves
/// none. `count` numbers are not zero, from `least` to `most`.
template <class Real, class Team>
JACOBI_DEVICE_CALL Real thresholdOfMass(Team& team, std::uint32_t codes, double topP, Real least, Real most,
                                        std::uint32_t count, const Real* row)
{
    Bracket<Real> bracket{least, most};
    std::uint32_t reachLow = count, reachHigh = 0;
    double massHigh = 0.0;                                                     // of what reaches `high`
    const std::uint32_t room = roomForRanked<Real>(team, 2 * kMostSummed) / 2; // twice, to sort them
    for (int look = 0; look < kLooksByValue && reachLow - reachHigh > room; ++look) {
        Real bounds[kWeighedAtOnce];
        JACOBI_UNROLL
        for (int i = 0; i < kWeighedAtOnce; ++i) {
            bounds[i] = bracket.template bound<kWeighedAtOnce>(i + 1);
        }
        const BoundMasses masses = team.foldAhead(
            codes, BoundMasses{}, [&](std::uint32_t v) { return row[v]; },
            [&](BoundMasses before, std::uint32_t, Real x) {
                JACOBI_UNROLL
                for (int i = 0; i < kWeighedAtOnce; ++i) {
                    before.mass[i] += x >= bounds[i] ? static_cast<double>(x) : 0.0;
                    before.count[i] += x >= bounds[i] ? 1U : 0U;
                }
                return before;
            },
            [](BoundMasses a, const BoundMasses& b) {
                JACOBI_UNROLL
                for (int i = 0; i < kWeighedAtOnce; ++i) {
                    a.mass[i] += b.mass[i];
                    a.count[i] += b.count[i];
                }
                return a;
            });
        JACOBI_UNROLL
        for (int i = kWeighedAtOnce - 1; i >= 0; --i) {
            if (!(masses.mass[i] >= topP)) {
                bracket.closeBelow(bounds[i]);
                reachHigh = masses.count[i];
                massHigh = masses.mass[i];
            }
        }
        JACOBI_UNROLL
        for (int i = 0; i < kWeighedAtOnce; ++i) {
            if (masses.mass[i] >= topP) {
                bracket.low = bounds[i];
                reachLow = masses.count[i];
            }
        }
    }
    if (reachLow - reachHigh > room) {
        return realOfKey(largestKeyWith(orderedKey(bracket.low), orderedKey(bracket.high), [&](auto bound) {
            return sumOf(team, codes, [&](std::uint32_t v) {
                       return row[v] > Real(0) && orderedKey(row[v]) >= bound ? static_cast<double>(row[v]) : 0.0;
                   }) >= topP;
        }));
    }
    Real* const list = reinterpret_cast<Real*>(team.laneValues());
    Real* const sorted = list + room;
    const std::uint32_t found = team.gather(
        codes, [&](std::uint32_t v) { return bracket.holds(row[v]); }, [&](std::uint32_t v) { return row[v]; }, list,
        room);
    team.each(found, [&](std::uint32_t i) {
        std::uint32_t above = 0;
        for (std::uint32_t j = 0; j < found; ++j) {
            above += list[j] > list[i] || (list[j] == list[i] && j < i) ? 1U : 0U;
        }
        sorted[above] = list[i];
    });
    return team.fold(
        found, bracket.low,
        [&](Real largest, std::uint32_t i) {
            double mass = massHigh;
            for (std::uint32_t j = 0; j < found && sorted[j] >= sorted[i]; ++j) {
                mass += static_cast<double>(sorted[j]);
            }
            return mass >= topP && sorted[i] > largest ? sorted[i] : largest;
        },
        [](Real a, Real b) { return b > a ? b : a; });
}

/// Keeps the most probable codes that hold topP of the mass, equal ones together, and normalises again.
template <class Real, class Team>
JACOBI_DEVICE void keepTopP(Team& team, std::uint32_t codes, double topP, Real* row)
{
    struct Range {
        Real least;
        Real most;
        std::uint32_t count;
        std::uint32_t unused;
    };
    const Range range = team.foldAhead(
        codes, Range{Real(2), Real(0), 0, 0}, [&](std::uint32_t v) { return row[v]; },
        [](const Range& r, std::uint32_t, Real x) {
            return x > Real(0) ? Range{x < r.least ? x : r.least, x > r.most ? x : r.most, r.count + 1, 0} : r;
        },
        [](const Range& a, const Range& b) {
            return Range{b.least < a.least ? b.least : a.least, b.most > a.most ? b.most : a.most, a.count + b.count,
                         0};
        });
    const Real threshold = thresholdOfMass(team, codes, topP, range.least, range.most, range.count, row);
    const double kept = sumOf(team, codes, [&](std::uint32_t v) {
        row[v] = row[v] >= threshold ? row[v] : Real(0);
        return static_cast<double>(row[v]);
    });
    const Real normaliser = static_cast<Real>(1.0 / kept);
    team.change(codes, row, [=](std::uint32_t, Real x) { return x * normaliser; });
}

} // namespace jacobi
