// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/cuda/numbers.h"
#include "core/cuda/windowjob.h"

#include <cmath>
#include <cstdint>
#include <limits>

namespace jacobi {

// The pipeline F of one row, raw logits -> law, by a team of lanes: the formulas of core/decode/warp.cpp in their order,
// with sums that run lane by lane and thresholds that are found by bisection instead of sorting. A team of one lane gives
// the CPU's numbers bit for bit (with its exp).

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
    return team.fold(
        codes, Best{kMinusInfinity<Real>, 0xFFFFFFFFU},
        [&](const Best& best, std::uint32_t v) { return better(best, Best{row[v], v}); }, better);
}

template <class Team, class Weight>
JACOBI_DEVICE double sumOf(Team& team, std::uint32_t count, Weight weight)
{
    return team.fold(
        count, 0.0, [&](double sum, std::uint32_t v) { return sum + weight(v); },
        [](double a, double b) { return a + b; });
}

template <class Team, class Test>
JACOBI_DEVICE std::uint32_t countOf(Team& team, std::uint32_t count, Test test)
{
    return team.fold(
        count, 0U, [&](std::uint32_t n, std::uint32_t v) { return n + (test(v) ? 1U : 0U); },
        [](std::uint32_t a, std::uint32_t b) { return a + b; });
}

/// Guidance on the raw logits; what either branch rules out stays out. False where a logit is NaN or +infinity.
template <class Real, class Logit, class Team>
JACOBI_DEVICE bool guide(Team& team, std::uint32_t codes, const Logit* conditional, const Logit* unconditional,
                         Real scale, Real* row)
{
    const auto poisonOf = [](Real x) { return x == kMinusInfinity<Real> ? Real(0) : x * Real(0); };
    const std::uint32_t bad = countOf(team, codes, [&](std::uint32_t v) {
        const Real c = load(conditional[v]);
        const Real u = unconditional == nullptr ? c : load(unconditional[v]);
        const bool ruledOut = c == kMinusInfinity<Real> || u == kMinusInfinity<Real>;
        const Real guided = unconditional == nullptr ? c : u + scale * (c - u);
        row[v] = ruledOut ? kMinusInfinity<Real> : guided;
        return poisonOf(c) + poisonOf(u) + poisonOf(row[v]) != Real(0); // NaN is not 0
    });
    return bad == 0;
}

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
    const auto key = largestKeyWith(orderedKey(finite.least), orderedKey(largest), [&](auto bound) {
        return countOf(team, codes, [&](std::uint32_t v) { return orderedKey(row[v]) >= bound; }) >= k;
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
        [&](const Range& r, std::uint32_t v) { return row[v] > Real(0) ? wider(r, Range{row[v], row[v]}) : r; }, wider);
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

/// row = softmax of row, which is shifted so that its largest is 0. Returns the entropy in nats.
template <class Real, class Team>
JACOBI_DEVICE double normalise(Team& team, std::uint32_t codes, Real* row)
{
    struct Sums {
        double mass;
        double weighted; ///< of e^z z
    };
    const Sums sums = team.fold(
        codes, Sums{0.0, 0.0},
        [&](const Sums& s, std::uint32_t v) {
            const Real z = row[v];
            const Real e = std::exp(z);
            row[v] = e;
            return Sums{s.mass + static_cast<double>(e),
                        s.weighted + (e > Real(0) ? static_cast<double>(e) * static_cast<double>(z) : 0.0)};
        },
        [](const Sums& a, const Sums& b) { return Sums{a.mass + b.mass, a.weighted + b.weighted}; });
    const Real normaliser = static_cast<Real>(1.0 / sums.mass);
    team.each(codes, [&](std::uint32_t v) { row[v] *= normaliser; });
    return std::log(sums.mass) - sums.weighted / sums.mass;
}

/// All mass on one code.
template <class Real, class Team>
JACOBI_DEVICE double certain(Team& team, std::uint32_t codes, std::uint32_t code, Real* row)
{
    team.each(codes, [&](std::uint32_t v) { row[v] = v == code ? Real(1) : Real(0); });
    return 0.0;
}

/// Warp::operator() (core/decode/warp.h) for the row that predicts `position`. row: [codes], receives the law; shared
/// memory where it fits. unconditional: null without guidance. Returns the entropy, or NaN as the original does.
template <class Real, class Logit, class Team>
JACOBI_DEVICE_CALL double warpRow(Team& team, const LayoutView& layout, const WarpKnobs& knobs, std::uint32_t position,
                             const Logit* conditional, const Logit* unconditional, Real* row)
{
    constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
    const std::uint32_t codes = layout.codes;
    if (!guide(team, codes, conditional, unconditional, static_cast<Real>(knobs.guidance), row)) {
        return kNan;
    }
    if (const std::int32_t forced = layout.forcedAt(position); forced >= 0) {
        return certain(team, codes, static_cast<std::uint32_t>(forced), row);
    }
    if (const std::uint8_t* legal = layout.legalAt(position); legal != nullptr) {
        team.each(codes, [&](std::uint32_t v) { row[v] = legal[v] != 0 ? row[v] : kMinusInfinity<Real>; });
    }
    const Largest<Real> largest = largestOf(team, codes, row);
    if (largest.value == kMinusInfinity<Real>) {
        return kNan;
    }
    if (knobs.temperature == 0.0) {
        return certain(team, codes, largest.code, row);
    }
    constexpr double kMost = std::numeric_limits<Real>::max(); // not infinity: 0 times it must be 0
    const double inverse = 1.0 / knobs.temperature;
    const Real inverseTemperature = static_cast<Real>(inverse < kMost ? inverse : kMost);
    team.each(codes, [&](std::uint32_t v) { row[v] = (row[v] - largest.value) * inverseTemperature; });
    const std::int32_t own = layout.topKAt(position);
    const std::int32_t k = own >= 0 ? own : knobs.topK;
    if (k > 0 && static_cast<std::uint32_t>(k) < codes) {
        keepTopK(team, codes, static_cast<std::uint32_t>(k), Real(0), row);
    }
    const double entropy = normalise(team, codes, row);
    if (knobs.topP >= 1.0) {
        return entropy;
    }
    keepTopP(team, codes, knobs.topP, row);
    return sumOf(team, codes, [&](std::uint32_t v) {
        const auto x = static_cast<double>(row[v]);
        return x > 0.0 ? -(x * std::log(x)) : 0.0;
    });
}

} // namespace jacobi
