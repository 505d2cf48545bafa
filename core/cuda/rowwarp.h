// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/cuda/numbers.h"
#include "core/cuda/rowthresholds.h"
#include "core/cuda/windowjob.h"

#include <cmath>
#include <cstdint>
#include <limits>

namespace jacobi {

// The pipeline F of one row, raw logits -> law, by a team of lanes: the formulas of core/decode/warp.cpp in their order,
// with sums that run lane by lane and thresholds that are found by bisection instead of sorting. A team of one lane gives
// the CPU's numbers bit for bit (with its exp).

/// The least logit that min-p keeps.
template <class Real, class Logit, class Team>
JACOBI_DEVICE Real leastLogit(Team& team, std::uint32_t codes, const Logit* conditional, const std::uint8_t* legal,
                              double minP)
{
    if (minP <= 0.0) {
        return kMinusInfinity<Real>;
    }
    const Real largest = team.foldAhead(
        codes, kMinusInfinity<Real>,
        [&](std::uint32_t v) {
            return legal == nullptr || legal[v] != 0 ? load(conditional[v]) : kMinusInfinity<Real>;
        },
        [](Real most, std::uint32_t, Real c) { return c > most ? c : most; },
        [](Real a, Real b) { return b > a ? b : a; });
    return largest + static_cast<Real>(std::log(minP));
}

/// Guidance on the raw logits; what either branch rules out stays out, and what is below `least` with the prompt. False where
/// a logit is NaN or +infinity.
template <class Real, class Logit, class Team>
JACOBI_DEVICE bool guide(Team& team, std::uint32_t codes, const Logit* conditional, const Logit* unconditional,
                         Real scale, Real least, Real* row)
{
    struct Pair {
        Real c;
        Real u;
    };
    const auto poisonOf = [](Real x) { return x == kMinusInfinity<Real> ? Real(0) : x * Real(0); };
    const std::uint32_t bad = team.foldAhead(
        codes, 0U,
        [&](std::uint32_t v) {
            const Real c = load(conditional[v]);
            return Pair{c, unconditional == nullptr ? c : load(unconditional[v])};
        },
        [&](std::uint32_t before, std::uint32_t v, const Pair& logits) {
            const auto [c, u] = logits;
            const bool ruledOut = c == kMinusInfinity<Real> || u == kMinusInfinity<Real> || c < least;
            const Real guided = unconditional == nullptr ? c : u + scale * (c - u);
            const Real x = ruledOut ? kMinusInfinity<Real> : guided;
            row[v] = x;
            return before | (poisonOf(c) + poisonOf(u) + poisonOf(x) != Real(0) ? 1U : 0U); // NaN is not 0
        },
        [](std::uint32_t a, std::uint32_t b) { return a | b; });
    return bad == 0;
}

/// row = softmax of row, which is shifted so that its largest is 0. Returns the entropy in nats.
template <class Real, class Team>
JACOBI_DEVICE double normalise(Team& team, std::uint32_t codes, Real* row)
{
    struct Sums {
        double mass;
        double weighted; ///< of e^z z
    };
    const Sums sums = team.foldAhead(
        codes, Sums{0.0, 0.0}, [row](std::uint32_t v) { return row[v]; },
        [row](const Sums& s, std::uint32_t v, Real z) {
            const Real e = std::exp(z);
            row[v] = e;
            return Sums{s.mass + static_cast<double>(e),
                        s.weighted + (e > Real(0) ? static_cast<double>(e) * static_cast<double>(z) : 0.0)};
        },
        [](const Sums& a, const Sums& b) {
            return Sums{a.mass + b.mass, a.weighted + b.weighted};
        });
    const Real normaliser = static_cast<Real>(1.0 / sums.mass);
    team.change(codes, row, [=](std::uint32_t, Real x) { return x * normaliser; });
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
    const std::uint8_t* const legal = layout.legalAt(position);
    const Real least = leastLogit<Real>(team, codes, conditional, legal, knobs.minP);
    if (!guide(team, codes, conditional, unconditional, static_cast<Real>(knobs.guidance), least, row)) {
        return kNan;
    }
    if (const std::int32_t forced = layout.forcedAt(position); forced >= 0) {
        return certain(team, codes, static_cast<std::uint32_t>(forced), row);
    }
    if (legal != nullptr) {
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
    const Real most = largest.value;
    team.change(codes, row, [=](std::uint32_t, Real x) { return (x - most) * inverseTemperature; });
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
