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

/// A code that stands among the candidates for a record, and its probability.
struct CodeOfRow {
    float p;
    std::int32_t code;

    JACOBI_DEVICE bool standsAbove(const CodeOfRow& other) const
    {
        return p > other.p || (p == other.p && code < other.code);
    }
};

/// A probability that the most probable codes reach, and not many others: lanes are dealt into classes, and the largest of
/// one class after the other stands for it.
template <class Real, class Team>
JACOBI_DEVICE float candidatesReach(Team& team, std::uint32_t codes, const Real* p)
{
    constexpr std::uint32_t kClasses = 32;
    if (team.lanes() < 2 * kClasses) {
        return 0.0F;
    }
    double* const lanes = team.laneValues();
    double* const classes = lanes + team.lanes();
    team.eachLane([&](std::uint32_t lane) {
        Real most = 0;
        for (std::uint32_t v = lane; v < codes; v += team.lanes()) {
            most = p[v] > most ? p[v] : most;
        }
        lanes[lane] = static_cast<double>(most);
    });
    team.each(kClasses, [&](std::uint32_t c) {
        double most = 0.0;
        for (std::uint32_t lane = c; lane < team.lanes(); lane += kClasses) {
            most = lanes[lane] > most ? lanes[lane] : most;
        }
        classes[c] = most;
    });
    return team.fold(
        kClasses, 0.0F,
        [&](float found, std::uint32_t c) {
            std::uint32_t above = 0;
            for (std::uint32_t other = 0; other < kClasses; ++other) {
                above += classes[other] > classes[c] || (classes[other] == classes[c] && other < c) ? 1U : 0U;
            }
            return above + 1 == kRecordedCandidates ? static_cast<float>(classes[c]) : found;
        },
        [](float a, float b) { return b > a ? b : a; });
}

/// topCandidates (core/decode/candidates.h). The codes that may be among them are gathered and ranked; where they are too many, as
/// where all are equal, the next most probable code after the one before is looked for eight times.
template <class Real, class Team, class Law>
JACOBI_DEVICE_CALL void findCandidates(Team& team, std::uint32_t codes, const Real* p, const Law& q,
                                       RecordedCandidate* top)
{
    const auto at = [p](std::uint32_t v) { return CodeOfRow{static_cast<float>(p[v]), static_cast<std::int32_t>(v)}; };
    const auto put = [&](std::uint32_t slot, const CodeOfRow& found) {
        top[slot] = RecordedCandidate{found.code, found.p, static_cast<float>(q(found.code))};
    };
    const float reach = candidatesReach(team, codes, p);
    CodeOfRow* const list = reinterpret_cast<CodeOfRow*>(team.laneValues());
    const std::uint32_t room = roomForRanked<CodeOfRow>(team, kMostRanked);
    const std::uint32_t found = team.gather(
        codes, [&](std::uint32_t v) { return at(v).p > 0.0F && at(v).p >= reach; }, at, list, room);
    if (found <= room) {
        team.each(found, [&](std::uint32_t i) {
            std::uint32_t slot = 0;
            for (std::uint32_t j = 0; j < found; ++j) {
                slot += list[j].standsAbove(list[i]) ? 1U : 0U;
            }
            if (slot < kRecordedCandidates) {
                put(slot, list[i]);
            }
        });
        team.each(kRecordedCandidates, [&](std::uint32_t slot) {
            if (slot >= found) {
                top[slot] = RecordedCandidate{-1, 0.0F, 0.0F};
            }
        });
        return;
    }
    CodeOfRow last{std::numeric_limits<float>::infinity(), -1};
    for (std::uint32_t slot = 0; slot < kRecordedCandidates; ++slot) {
        last = team.fold(
            codes, CodeOfRow{0.0F, 0x7FFFFFFF},
            [&](const CodeOfRow& best, std::uint32_t v) {
                return last.standsAbove(at(v)) && at(v).standsAbove(best) ? at(v) : best;
            },
            [](const CodeOfRow& a, const CodeOfRow& b) { return b.standsAbove(a) ? b : a; });
        team.once([&] {
            if (last.p > 0.0F) {
                put(slot, last);
            } else {
                top[slot] = RecordedCandidate{-1, 0.0F, 0.0F};
            }
        });
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

/// A draft that waits for its turn: it stays whatever the row says now.
template <class Team>
JACOBI_DEVICE void keepDraft(Team& team, std::int32_t draft, RowDecision& decision)
{
    team.once([&] {
        decision.redrawn = draft;
        decision.redrawnU = std::numeric_limits<float>::quiet_NaN();
    });
}

/// The first noisy row: its token is free, as that of the row beyond the drafts is.
template <class Coupling, class Real, class Team>
JACOBI_DEVICE void decideFreeToken(TeamDraws<Real, Team>& draws, std::uint32_t position, std::span<const Real> p,
                                   RowDecision& decision)
{
    const Verdict<Real> free = exactDraw(position, p, draws);
    draws.team().once([&] {
        decision.accepted = 1;
        decision.verified = free.code;
        decision.margin = Coupling::kIsExact ? free.margin : std::numeric_limits<double>::infinity();
        decision.u = std::numeric_limits<float>::quiet_NaN();
        decision.p = static_cast<float>(p[static_cast<std::size_t>(free.code)]);
    });
}

/// The row beyond the drafts: a free token, drawn as sequential sampling draws it, or the newest draft.
template <class Coupling, class Real, class Team>
JACOBI_DEVICE void decideFree(TeamDraws<Real, Team>& draws, std::uint32_t position, std::uint32_t pass,
                              std::span<const Real> p, RowDecision& decision)
{
    decideFreeToken<Coupling>(draws, position, p, decision);
    const std::int32_t next = Coupling::extend(position, pass, p, draws);
    draws.team().once([&] {
        constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
        decision.redrawn = next;
        decision.redrawnU = kNan;
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
    TeamDraws<Real, Team> draws(*job.seed + item, team);
    const std::span<const Real> p(row, codes);
    if (k < counters.drafts && memory.drafts[k] >= 0) {
        decideDraft<Coupling>(draws, DraftRow<Real>{position, counters.pass, memory.drafts[k], memory.labels[k], p},
                              decision);
        if (job.noise.refines == 0 && memory.levels[k] == 0) {
            keepDraft(team, memory.drafts[k], decision);
        }
        if (k == counters.clear) {
            decideFreeToken<Coupling>(draws, position, p, decision);
        }
        findCandidates(team, codes, row, memory.labels[k], decision.top);
    } else {
        decideFree<Coupling>(draws, position, counters.pass, p, decision);
        findCandidates(
            team, codes, row, [](std::int32_t) { return std::numeric_limits<float>::quiet_NaN(); }, decision.top);
    }
}

} // namespace jacobi
