// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/cuda/rowwarp.h"
#include "core/cuda/teamdraws.h"
#include "core/cuda/windowmemory.h"

#include <cstdint>

namespace jacobi {

// Everything about one row of a pass that needs its whole law, by a team of its own: so all rows of a window go at once,
// and what is left for advanceWindow() are single numbers. Random numbers are counters, so that deciding a row that turns
// out not to be asked for disturbs nothing.

/// topCandidates (core/decode/candidates.h): the next most probable code after the one before, eight times.
template <class Real, class Team, class Law>
JACOBI_DEVICE_CALL void findCandidates(Team& team, std::uint32_t codes, const Real* p, const Law& q,
                                       RecordedCandidate* top)
{
    const auto before = [](const RecordedCandidate& a, const RecordedCandidate& b) { // a stands above b
        return a.p > b.p || (a.p == b.p && a.code < b.code);
    };
    const RecordedCandidate none{0x7FFFFFFF, 0.0F, 0.0F};
    RecordedCandidate last{-1, std::numeric_limits<float>::infinity(), 0.0F};
    for (std::uint32_t slot = 0; slot < kRecordedCandidates; ++slot) {
        const RecordedCandidate found = team.fold(
            codes, none,
            [&](const RecordedCandidate& best, std::uint32_t v) {
                const RecordedCandidate here{static_cast<std::int32_t>(v), static_cast<float>(p[v]), 0.0F};
                return here.p > 0.0F && before(last, here) && before(here, best) ? here : best;
            },
            [&](const RecordedCandidate& a, const RecordedCandidate& b) { return before(b, a) ? b : a; });
        const bool any = found.code != none.code;
        team.once([&] {
            top[slot] = any ? RecordedCandidate{found.code, found.p, static_cast<float>(q(found.code))}
                            : RecordedCandidate{-1, 0.0F, 0.0F};
        });
        last = any ? found : RecordedCandidate{0x7FFFFFFF, 0.0F, 0.0F};
    }
}

/// A row with a draft.
template <class Coupling, class Real, class Team>
JACOBI_DEVICE void decideDraft(TeamDraws<Real, Team>& draws, const DraftRow<Real>& row, RowDecision& decision)
{
    TeamScratch scratch;
    const Verdict<Real> verified = Coupling::verify(row, draws, scratch);
    Verdict<Real> redrawn = verified;
    if constexpr (!Coupling::kRedrawIsVerify) {
        redrawn = Coupling::redraw(row, draws, scratch);
    }
    draws.team().once([&] {
        decision.accepted = verified.accepted ? 1 : 0;
        decision.verified = verified.code;
        decision.margin = verified.margin;
        decision.u = static_cast<float>(verified.u);
        decision.redrawn = redrawn.code;
        decision.redrawnU = static_cast<float>(redrawn.u);
        decision.p = static_cast<float>(row.p[static_cast<std::size_t>(row.draft)]);
        decision.redrawnP = decision.p;
        decision.q = static_cast<float>(row.q(row.draft));
    });
}

/// The row beyond the drafts: a free token, drawn as sequential sampling draws it, or the newest draft.
template <class Coupling, class Real, class Team>
JACOBI_DEVICE void decideFree(TeamDraws<Real, Team>& draws, std::uint32_t position, std::uint32_t pass,
                              std::span<const Real> p, RowDecision& decision)
{
    const Verdict<Real> free = exactDraw(position, p, draws);
    const std::int32_t next = Coupling::extend(position, pass, p, draws);
    draws.team().once([&] {
        constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
        decision.accepted = 1;
        decision.verified = free.code;
        decision.margin = Coupling::kIsExact ? free.margin : std::numeric_limits<double>::infinity();
        decision.u = kNan;
        decision.redrawn = next;
        decision.redrawnU = kNan;
        decision.p = static_cast<float>(p[static_cast<std::size_t>(free.code)]);
        decision.redrawnP = static_cast<float>(p[static_cast<std::size_t>(next)]);
        decision.q = kNan;
    });
}

/// The law of row k and what the coupling makes of its draft. logits: of this item, [branches, window, codes]. row:
/// [codes] scratch, shared memory where it fits; may be the row's own place in memory. Writes that place, and
/// decisions[k].
template <class Coupling, class Real, class Logit, class Team>
JACOBI_DEVICE void decideRow(Team& team, const WindowJob& job, const WindowMemory<Real>& memory, std::uint32_t item,
                             std::uint32_t k, Real* row)
{
    const WindowCounters& counters = *memory.counters;
    const std::uint32_t codes = job.layout.codes;
    if (isDone(counters, job.layout) || counters.bad != 0 || k > counters.drafts) {
        return;
    }
    const std::uint32_t position = counters.committed + k;
    const Logit* logits = static_cast<const Logit*>(job.logits) +
                          std::uint64_t{item} * job.branches * job.window * codes + std::uint64_t{k} * codes;
    const Logit* unconditional = job.branches == 2 ? logits + std::uint64_t{job.window} * codes : nullptr;
    const double entropy = warpRow(team, job.layout, job.knobs, position, logits, unconditional, row);
    RowDecision& decision = memory.decisions[k];
    const bool bad = !(entropy == entropy);
    team.once([&] {
        decision.bad = bad ? 1 : 0;
        decision.entropy = static_cast<float>(entropy);
    });
    if (bad) {
        return;
    }
    if (Real* place = memory.row(k, codes); place != row) {
        team.each(codes, [&](std::uint32_t v) { place[v] = row[v]; });
    }
    TeamDraws<Real, Team> draws(job.seed + item, team);
    const std::span<const Real> p(row, codes);
    if (k < counters.drafts) {
        decideDraft<Coupling>(draws, DraftRow<Real>{position, counters.pass, memory.drafts[k], memory.labels[k], p},
                              decision);
        findCandidates(team, codes, row, memory.labels[k], decision.top);
    } else {
        decideFree<Coupling>(draws, position, counters.pass, p, decision);
        findCandidates(
            team, codes, row, [](std::int32_t) { return std::numeric_limits<float>::quiet_NaN(); }, decision.top);
    }
}

} // namespace jacobi
