// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/cuda/rowfolds.h"
#include "core/cuda/teaminversion.h"
#include "core/decode/coupling.h"
#include "core/decode/draws.h"

#include <cmath>
#include <cstdint>
#include <limits>
#include <span>

namespace jacobi {

/// PhiloxDraws (core/decode/draws.h) for couplings that a team runs: the same numbers, each row's work shared out.
template <class Real, class Team>
class TeamDraws {
public:
    JACOBI_DEVICE TeamDraws(std::uint64_t seed, Team& team) : m_random{seed}, m_single(seed), m_team(&team) {}

    JACOBI_DEVICE bool accept(std::uint32_t position, std::uint32_t pass, Real p, Real q, Real& u) const
    {
        return m_single.accept(position, pass, p, q, u);
    }
    JACOBI_DEVICE std::uint32_t initialiseAmong(std::uint32_t position, std::uint32_t pass, std::uint32_t count) const
    {
        return m_single.initialiseAmong(position, pass, count);
    }
    template <class Weight>
    JACOBI_DEVICE std::int32_t residual(std::uint32_t position, std::uint32_t pass, std::uint32_t codes, double total,
                                        Weight weight) const
    {
        return teamInversion(*m_team, codes, total, m_random.uniform(position, pass, Purpose::Residual), weight);
    }
    JACOBI_DEVICE std::int32_t redraw(std::uint32_t position, std::uint32_t pass, std::span<const Real> p) const
    {
        return inverted(p, m_random.uniform(position, pass, Purpose::Redraw));
    }
    JACOBI_DEVICE std::int32_t initialise(std::uint32_t position, std::uint32_t pass, std::span<const Real> p) const
    {
        return inverted(p, m_random.uniform(position, pass, Purpose::Initialise));
    }
    JACOBI_DEVICE std::int32_t draw(std::uint32_t position, std::span<const Real> p) const
    {
        return drawWithMargin(position, p).code;
    }

    struct Drawn {
        std::int32_t code;
        double margin;
    };
    /// The first arrival, the lowest code among equals, and by how much it came before the second.
    JACOBI_DEVICE_CALL Drawn drawWithMargin(std::uint32_t position, std::span<const Real> p) const;

    JACOBI_DEVICE Team& team() const { return *m_team; }

private:
    JACOBI_DEVICE_CALL std::int32_t inverted(std::span<const Real> p, double u) const
    {
        const Real* row = p.data();
        return teamInversion(*m_team, static_cast<std::uint32_t>(p.size()), 1.0, u,
                             [row](std::uint32_t v) { return row[v]; });
    }

    CounterRandom m_random;
    PhiloxDraws<Real> m_single;
    Team* m_team;
};

template <class Real, class Team>
JACOBI_DEVICE_CALL typename TeamDraws<Real, Team>::Drawn TeamDraws<Real, Team>::drawWithMargin(
    std::uint32_t position, std::span<const Real> p) const
{
    struct Arrivals {
        double best;
        double second;
        std::uint32_t code;
    };
    const auto both = [](const Arrivals& a, const Arrivals& b) {
        const bool aFirst = a.best < b.best || (a.best == b.best && a.code < b.code);
        const Arrivals& first = aFirst ? a : b;
        const Arrivals& other = aFirst ? b : a;
        return Arrivals{first.best, other.best < first.second ? other.best : first.second, first.code};
    };
    const Real* row = p.data();
    const auto codes = static_cast<std::uint32_t>(p.size());
    const Arrivals found = m_team->fold(
        (codes + 3) / 4, Arrivals{kNoArrival, kNoArrival, 0xFFFFFFFFU},
        [&](Arrivals sofar, std::uint32_t block) {
            const std::uint32_t first = 4 * block;
            const std::uint32_t last = first + 4 < codes ? first + 4 : codes;
            bool any = false;
            for (std::uint32_t v = first; v < last; ++v) {
                any = any || row[v] > Real(0);
            }
            if (!any) {
                return sofar;
            }
            const auto u = m_random.uniforms(position, 0, Purpose::Draw, block);
            for (std::uint32_t v = first; v < last; ++v) {
                if (row[v] > Real(0)) {
                    sofar = both(sofar, {arrivalTime(u[v - first], static_cast<double>(row[v])), kNoArrival, v});
                }
            }
            return sofar;
        },
        both);
    const bool none = found.code == 0xFFFFFFFFU;
    return {none ? 0 : static_cast<std::int32_t>(found.code),
            found.second == kNoArrival ? std::numeric_limits<double>::infinity() : std::log(found.second / found.best)};
}

/// Tells drawResidual() that the team holds what it needs.
struct TeamScratch {};

/// Drawn from max(0, p - q), none of which is written down.
template <class Real, class Team>
JACOBI_DEVICE_CALL std::int32_t drawResidual(const DraftRow<Real>& row, TeamDraws<Real, Team>& draws, TeamScratch&)
{
    const auto codes = static_cast<std::uint32_t>(row.p.size());
    const auto weight = [&row](std::uint32_t v) { return residualWeight(row, static_cast<std::int32_t>(v)); };
    const double total = sumOf(draws.team(), codes, [&](std::uint32_t v) { return static_cast<double>(weight(v)); });
    if (total > 0.0) {
        return draws.residual(row.position, row.pass, codes, total, weight);
    }
    const Real* p = row.p.data(); // p equals q and only rounding rejected
    return draws.residual(row.position, row.pass, codes, 1.0, [p](std::uint32_t v) { return p[v]; });
}

} // namespace jacobi
