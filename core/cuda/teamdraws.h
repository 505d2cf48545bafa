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

/// The two first of some codes to arrive, and the code of the first; of equal arrivals the lowest code's. A set of codes has one
/// such triple, in whatever order and grouping they are met.
struct Arrivals {
    static constexpr std::uint32_t kNone = 0xFFFFFFFFU;
    double best = kNoArrival;
    double second = kNoArrival;
    std::uint32_t code = kNone;

    JACOBI_DEVICE static Arrivals both(const Arrivals& a, const Arrivals& b)
    {
        const bool aFirst = a.best < b.best || (a.best == b.best && a.code < b.code);
        const Arrivals& first = aFirst ? a : b;
        const Arrivals& other = aFirst ? b : a;
        return Arrivals{first.best, other.best < first.second ? other.best : first.second, first.code};
    }
    template <class Real>
    JACOBI_DEVICE Arrivals with(double u, Real p, std::uint32_t code) const
    {
        return both(*this, {arrivalTime(u, static_cast<double>(p)), kNoArrival, code});
    }
};

/// Of all codes of a law, by fours that share their random numbers.
template <class Real, class Team>
JACOBI_DEVICE Arrivals arrivalsInRow(Team& team, const CounterRandom& random, std::uint32_t position,
                                     std::uint32_t codes, const Real* row)
{
    return team.fold((codes + 3) / 4, Arrivals{},
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
                         const auto u = random.uniforms(position, 0, Purpose::Draw, block);
                         for (std::uint32_t v = first; v < last; ++v) {
                             if (row[v] > Real(0)) {
                                 sofar = sofar.with(u[v - first], row[v], v);
                             }
                         }
                         return sofar;
                     },
                     [](const Arrivals& a, const Arrivals& b) { return Arrivals::both(a, b); });
}

/// Of the codes in a list.
template <class Real, class Team>
JACOBI_DEVICE Arrivals arrivalsInList(Team& team, const CounterRandom& random, std::uint32_t position,
                                      std::uint32_t count, const std::uint32_t* list, const Real* row)
{
    return team.fold(
        count, Arrivals{},
        [&](const Arrivals& sofar, std::uint32_t i) {
            const std::uint32_t v = list[i];
            return sofar.with(random.uniform(position, 0, Purpose::Draw, v), row[v], v);
        },
        [](const Arrivals& a, const Arrivals& b) { return Arrivals::both(a, b); });
}

template <class Real, class Team>
JACOBI_DEVICE_CALL typename TeamDraws<Real, Team>::Drawn TeamDraws<Real, Team>::drawWithMargin(
    std::uint32_t position, std::span<const Real> p) const
{
    const Real* row = p.data();
    const auto codes = static_cast<std::uint32_t>(p.size());
    const auto isLeft = [row](std::uint32_t v) { return row[v] > Real(0); };
    // Top-k or top-p leave few codes. Among all codes nearly every lane that has none to look at waits for others' logarithms;
    // in a list each lane has its own. They are counted before they are gathered, for which lanes queue up.
    auto* const list = reinterpret_cast<std::uint32_t*>(m_team->laneValues());
    const auto room = static_cast<std::uint32_t>(2 * m_team->lanes() * sizeof(double) / sizeof(std::uint32_t));
    const std::uint32_t left = countOf(*m_team, codes, isLeft);
    Arrivals found;
    if (left <= room) {
        m_team->gather(
            codes, isLeft, [](std::uint32_t v) { return v; }, list, room);
        found = arrivalsInList(*m_team, m_random, position, left, list, row);
    } else {
        found = arrivalsInRow(*m_team, m_random, position, codes, row);
    }
    return {found.code == Arrivals::kNone ? 0 : static_cast<std::int32_t>(found.code),
            found.second == kNoArrival ? std::numeric_limits<double>::infinity() : std::log(found.second / found.best)};
}

/// Tells drawResidual() that the team holds what it needs.
struct TeamScratch {};

/// Drawn from weights; -1 where there are none.
template <class Real, class Team, class Weight>
JACOBI_DEVICE std::int32_t drawWeighted(const DraftRow<Real>& row, TeamDraws<Real, Team>& draws, Weight weight)
{
    const auto codes = static_cast<std::uint32_t>(row.p.size());
    const double total = sumOf(draws.team(), codes, [=](std::uint32_t v) { return static_cast<double>(weight(v)); });
    return total > 0.0 ? draws.residual(row.position, row.pass, codes, total, weight) : -1;
}

/// Drawn from max(0, p - q), none of which is written down; -1 where that is nothing. residualWeight() with the label's kind
/// asked for once, and what the label has in registers, instead of for every code.
template <class Real, class Team>
JACOBI_DEVICE std::int32_t drawLeftOver(const DraftRow<Real>& row, TeamDraws<Real, Team>& draws)
{
    using Kind = typename Label<Real>::Kind;
    const auto over = [](Real p, Real q) { return p - q > Real(0) ? p - q : Real(0); };
    const Real* const p = row.p.data();
    if (row.q.kind == Kind::Row) {
        const Real* const q = row.q.row;
        return drawWeighted(row, draws, [=](std::uint32_t v) { return over(p[v], q[v]); });
    }
    if (row.q.kind == Kind::Uniform) {
        const Real each = row.q.each;
        const std::uint8_t* const legal = row.q.legal;
        return drawWeighted(row, draws, [=](std::uint32_t v) {
            return over(p[v], legal == nullptr || legal[v] != 0 ? each : Real(0));
        });
    }
    const auto code = static_cast<std::uint32_t>(row.q.code);
    return drawWeighted(row, draws, [=](std::uint32_t v) { return over(p[v], v == code ? Real(1) : Real(0)); });
}

template <class Real, class Team>
JACOBI_DEVICE_CALL std::int32_t drawResidual(const DraftRow<Real>& row, TeamDraws<Real, Team>& draws, TeamScratch&)
{
    if (const std::int32_t code = drawLeftOver(row, draws); code >= 0) {
        return code;
    }
    const Real* const p = row.p.data(); // p equals q and only rounding rejected
    return draws.residual(row.position, row.pass, static_cast<std::uint32_t>(row.p.size()), 1.0,
                          [p](std::uint32_t v) { return p[v]; });
}

} // namespace jacobi
