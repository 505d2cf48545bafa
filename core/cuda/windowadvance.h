// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/cuda/freshdraft.h"
#include "core/cuda/windowmemory.h"
#include "core/cuda/windowrecord.h"

#include <cstdint>
#include <type_traits>

namespace jacobi {

// What DraftWindow::advance (core/decode/draftwindow.h) does once its rows are decided, by one team an item: commit the
// run of accepted drafts, keep what was redrawn, slide, put fresh drafts, count, and leave a record.

/// Below this margin, in log probability, another kind of pass might have drawn another token: DraftWindow's numbers.
template <class Real>
inline constexpr double kNearTieMargin = std::is_same_v<Real, float> ? 1e-3 : 1e-10;

/// How many tokens are committed (counters.accepted, bonus), and these tokens.
template <class Real, class Team>
JACOBI_DEVICE void commitRun(Team& team, const WindowJob& job, const WindowMemory<Real>& memory)
{
    WindowCounters& c = *memory.counters;
    constexpr std::uint32_t kNone = 0xFFFFFFFFU;
    const std::uint32_t scripted = job.runs != nullptr ? job.runs[c.pass % job.runCount] : 0;
    const std::uint32_t last = team.fold( // draft after which nothing more is committed
        c.clear, kNone,
        [&](std::uint32_t first, std::uint32_t k) {
            const RowDecision& decision = memory.decisions[k];
            const bool goesOn = scripted > 0 ? k + 1 < scripted : decision.accepted != 0;
            return k < first && (!goesOn || job.layout.isTerminal(decision.verified)) ? k : first;
        },
        [](std::uint32_t a, std::uint32_t b) { return a < b ? a : b; });
    const bool whole = last == kNone;
    const std::uint32_t accepted = whole ? c.clear + 1 : last + 1;
    const std::uint32_t nearTies =
        countOf(team, accepted, [&](std::uint32_t k) { return memory.decisions[k].margin < kNearTieMargin<Real>; });
    team.each(accepted, [&](std::uint32_t k) { memory.tokens[c.committed + k] = memory.decisions[k].verified; });
    team.once([&] {
        c.accepted = accepted;
        c.bonus = whole ? 1 : 0;
        c.nearTies += nearTies;
        c.ended = job.layout.isTerminal(memory.decisions[accepted - 1].verified) ? 1 : 0;
    });
}

/// What sampling from a neighbour's law will ask for: the laws of the tokens just committed.
template <class Real, class Team>
JACOBI_DEVICE void keepLaws(Team& team, const WindowJob& job, const WindowMemory<Real>& memory)
{
    if (memory.above == nullptr) {
        return;
    }
    const WindowCounters& c = *memory.counters;
    const std::uint32_t codes = job.layout.codes;
    for (std::uint32_t k = 0; k < c.accepted; ++k) {
        const Real* from = memory.row(k, codes);
        Real* to = memory.above + std::uint64_t{(c.committed + k) % job.layout.columns} * codes;
        team.each(codes, [&](std::uint32_t v) { to[v] = from[v]; });
    }
}

/// Of drafts that stay without being redrawn the labels: each is still the law it was drawn from. Where that lies in the rows of
/// the pass before, it is carried on; others go over the place of one to their left, so one after the other.
template <class Real, class Team>
JACOBI_DEVICE void keepLabels(Team& team, const WindowJob& job, const WindowMemory<Real>& memory, std::uint32_t kept)
{
    const WindowCounters& c = *memory.counters;
    const std::uint32_t codes = job.layout.codes;
    for (std::uint32_t i = 0; i < kept; ++i) {
        const std::uint32_t k = c.accepted + i;
        const bool waits = k < c.drafts && memory.levels[k] == 0;
        Real* const row = memory.row(k, codes);
        if (waits && memory.labels[k].kind == Label<Real>::Kind::Row) {
            const Real* const from = memory.labels[k].row;
            team.each(codes, [&](std::uint32_t v) { row[v] = from[v]; });
        }
        team.once([&] {
            const bool isRow = !waits || memory.labels[k].kind == Label<Real>::Kind::Row;
            memory.labels[i] = isRow ? Label<Real>::ofRow(row) : memory.labels[k];
        });
    }
}

/// The window moves on: rows after the run stay as drafts, labelled with the law they were drawn from.
template <class Real, class Team>
JACOBI_DEVICE void slide(Team& team, const WindowJob& job, const WindowMemory<Real>& memory)
{
    WindowCounters& c = *memory.counters;
    const std::uint32_t m = c.accepted;
    const std::uint32_t kept = c.drafts + 1 - m;
    const bool keeps = job.noise.steps > 0 && job.noise.refines == 0;
    if (keeps) {
        keepLabels(team, job, memory, kept);
    }
    team.each(kept, [&](std::uint32_t i) {
        const std::int32_t draft = memory.decisions[m + i].redrawn;
        memory.drafts[i] = draft;
        memory.levels[i] = memory.decisions[m + i].level;
        if (!keeps) {
            memory.labels[i] = Label<Real>::ofRow(memory.row(m + i, job.layout.codes));
        }
        memory.tokens[c.committed + m + i] = draft;
    });
    team.once([&] {
        c.committed += m;
        c.lastLaw = static_cast<std::int32_t>(m) - 1;
        c.parity = 1 - c.parity; // labels point into the other buffer until the end of the next pass
        c.pass += 1;
        const std::uint32_t wanted = isDone(c, job.layout) ? 0 : draftsWanted(job, c);
        c.drafts = kept < wanted ? kept : wanted;
    });
}

/// Whether and where a law could not be made.
template <class Team>
JACOBI_DEVICE std::uint32_t firstBadRow(Team& team, std::uint32_t rows, const RowDecision* decisions)
{
    const auto lower = [](std::uint32_t a, std::uint32_t b) { return a < b ? a : b; };
    return team.fold(
        rows, 0xFFFFFFFFU,
        [&](std::uint32_t first, std::uint32_t k) { return decisions[k].bad != 0 ? lower(first, k) : first; }, lower);
}

/// One item's whole pass, after decideRow() of its rows. held: this pass must change nothing.
template <class Real, class Team>
JACOBI_DEVICE void advanceWindow(Team& team, const WindowJob& job, std::uint32_t item, bool held)
{
    const WindowMemory<Real> memory = windowOf<Real>(job, item);
    WindowCounters& c = *memory.counters;
    const std::uint64_t slot = (c.replays % job.ringSlots) * job.items + item;
    const PassRecord record =
        recordAt(static_cast<unsigned char*>(job.ring) + slot * recordBytes(job.window), job.window);
    PassRecordHead head;
    head.pass = c.pass;
    head.begin = c.committed;
    head.evaluatedEnd = c.committed;
    head.flags = (held ? kPassHeld : 0) | (isDone(c, job.layout) ? kPassIdle : 0);
    std::uint32_t badRow = 0xFFFFFFFFU;
    if (head.flags == 0 && c.bad == 0) {
        badRow = firstBadRow(team, c.drafts + 1, memory.decisions);
    }
    const bool bad = c.bad != 0 || badRow != 0xFFFFFFFFU;
    const std::uint32_t badPosition = c.bad != 0 ? c.bad - 1 : c.committed + badRow;
    team.once([&] {
        c.replays += 1;
        c.bad = bad ? badPosition + 1 : 0;
        c.denoises = head.flags == 0 && !bad ? 1 : 0;
        c.begun = c.committed + c.drafts;
    });
    if (head.flags != 0 || bad) {
        head.end = bad ? badPosition : c.committed;
        head.flags |= bad ? kPassBad : 0;
    } else {
        commitRun(team, job, memory);
        recordRows(team, job, memory, record);
        keepLaws(team, job, memory);
        head.evaluatedEnd = c.committed + c.drafts + 1;
        const std::uint32_t advanced = c.accepted;
        slide(team, job, memory);
        team.once([&] {
            for (std::uint32_t branch = 0; job.cacheLengths != nullptr && branch < job.branches; ++branch) {
                job.cacheLengths[item * job.branches + branch] += static_cast<std::int32_t>(advanced);
            }
        });
        refill(team, job, memory, item);
        head.end = c.committed + c.drafts > head.evaluatedEnd ? c.committed + c.drafts : head.evaluatedEnd;
        recordFresh(team, memory, record, head);
        recordNoise(team, job, memory, record, head);
    }
    team.once([&] {
        head.nearTies = c.nearTies;
        head.committedEnd = c.committed;
        head.flags |= isDone(c, job.layout) ? kPassDone : 0;
        *record.head = head;
    });
    team.publish(&record.head->sequence, c.replays);
}

/// A picture's start: nothing committed, the first drafts put.
template <class Real, class Team>
JACOBI_DEVICE void beginWindow(Team& team, const WindowJob& job, std::uint32_t item)
{
    const WindowMemory<Real> memory = windowOf<Real>(job, item);
    team.once([&] {
        *memory.counters = WindowCounters{};
        memory.counters->denoises = 1;
    });
    team.each(job.layout.positions, [&](std::uint32_t position) { memory.tokens[position] = 0; });
    refill(team, job, memory, item);
}

} // namespace jacobi
