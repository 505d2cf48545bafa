// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/cuda/teamdraws.h"
#include "core/cuda/windowmemory.h"

#include <cstdint>

namespace jacobi {

// New drafts at the right end of a window: DraftWindow::freshDraft (core/decode/draftwindow.h), with the layout's rules in
// device memory. Every lane finds the same label; where a law is drawn from, the team shares the work.

/// Drafts that still matter.
JACOBI_DEVICE inline std::uint32_t draftsWanted(const WindowJob& job, const WindowCounters& counters)
{
    const std::uint32_t left = job.layout.positions - counters.committed;
    return (job.window < left ? job.window : left) - 1;
}

/// Whether what may stand at one position may stand at the other: no line end, the same legal codes.
JACOBI_DEVICE inline bool isAlike(const LayoutView& layout, std::uint32_t neighbour, std::uint32_t position)
{
    return layout.forcedAt(neighbour) < 0 && layout.setAt(neighbour) == layout.setAt(position);
}

/// The law the token at an earlier position was last drawn from.
template <class Real>
JACOBI_DEVICE Label<Real> lawOf(const WindowJob& job, const WindowMemory<Real>& memory, std::uint32_t position)
{
    const WindowCounters& c = *memory.counters;
    const std::uint32_t codes = job.layout.codes;
    if (position >= c.committed) {
        return memory.labels[position - c.committed];
    }
    if (position + 1 == c.committed && job.freshDrafts == FreshDrafts::SampleLeft) {
        return Label<Real>::ofRow(memory.rowBefore(c.lastLaw, codes));
    }
    return Label<Real>::ofRow(memory.above + std::uint64_t{position % job.layout.columns} * codes);
}

template <class Real, class Draws>
JACOBI_DEVICE std::int32_t uniformDraft(const WindowJob& job, const Draws& draws, std::uint32_t position,
                                        std::uint32_t pass, Label<Real>& label)
{
    const LayoutView& layout = job.layout;
    const std::int32_t set = layout.setAt(position);
    const std::uint32_t count = set < 0 ? layout.codes : static_cast<std::uint32_t>(layout.legalCount[set]);
    label.kind = Label<Real>::Kind::Uniform;
    label.each = Real(1) / static_cast<Real>(count);
    label.legal = layout.legalAt(position);
    const std::uint32_t chosen = draws.initialiseAmong(position, pass, count);
    return set < 0 ? static_cast<std::int32_t>(chosen)
                   : layout.legalCodes[static_cast<std::uint64_t>(set) * layout.codes + chosen];
}

/// The draft of one position, and its label.
template <class Real, class Draws>
JACOBI_DEVICE std::int32_t freshDraft(const WindowJob& job, const WindowMemory<Real>& memory, const Draws& draws,
                                      std::uint32_t position, Label<Real>& label)
{
    const LayoutView& layout = job.layout;
    const std::uint32_t pass = memory.counters->pass;
    if (const std::int32_t forced = layout.forcedAt(position); forced >= 0) {
        label = Label<Real>::oneHot(forced);
        return forced;
    }
    using enum FreshDrafts;
    const bool fromLeft = job.freshDrafts == Left || job.freshDrafts == SampleLeft;
    const bool hasNeighbour = fromLeft ? position % layout.columns > 0 : position >= layout.columns;
    if (job.freshDrafts == Uniform || !hasNeighbour) {
        return uniformDraft(job, draws, position, pass, label);
    }
    const std::uint32_t neighbour = fromLeft ? position - 1 : position - layout.columns;
    if (!isAlike(layout, neighbour, position)) {
        return uniformDraft(job, draws, position, pass, label);
    }
    if (job.freshDrafts == Left || job.freshDrafts == Above) {
        label = Label<Real>::oneHot(memory.tokens[neighbour]);
        return label.code;
    }
    label = lawOf(job, memory, neighbour);
    if (label.kind == Label<Real>::Kind::OneHot) {
        return label.code;
    }
    if (label.kind == Label<Real>::Kind::Row) {
        return draws.initialise(position, pass, std::span<const Real>(label.row, layout.codes));
    }
    return uniformDraft(job, draws, position, pass, label);
}

/// How many drafts come before the first noisy one.
template <class Real, class Team>
JACOBI_DEVICE std::uint32_t clearDrafts(Team& team, const WindowMemory<Real>& memory)
{
    const std::uint32_t drafts = memory.counters->drafts;
    return team.fold(
        drafts, drafts,
        [&](std::uint32_t first, std::uint32_t k) { return memory.levels[k] > 0 && k < first ? k : first; },
        [](std::uint32_t a, std::uint32_t b) { return a < b ? a : b; });
}

/// Puts fresh drafts, or noise, until the window is full or the picture's end is in it.
template <class Real, class Team>
JACOBI_DEVICE void refill(Team& team, const WindowJob& job, const WindowMemory<Real>& memory, std::uint32_t item)
{
    WindowCounters& c = *memory.counters;
    if (isDone(c, job.layout)) {
        return;
    }
    const TeamDraws<Real, Team> draws(*job.seed + item, team);
    const std::uint32_t wanted = draftsWanted(job, c);
    for (std::uint32_t k = c.drafts; k < wanted; ++k) {
        const std::uint32_t position = c.committed + k;
        const bool isNoisy = job.noise.steps > 0 && job.layout.forcedAt(position) < 0;
        Label<Real> label;
        const std::int32_t code = isNoisy ? -1 : freshDraft(job, memory, draws, position, label);
        team.each(1, [&](std::uint32_t) {
            memory.drafts[k] = code;
            memory.labels[k] = label;
            memory.levels[k] = isNoisy ? job.noise.steps : 0;
            memory.tokens[position] =
                isNoisy ? job.noise.shown[std::uint64_t{item} * job.layout.positions + position] : code;
            c.drafts = k + 1;
        });
    }
    const std::uint32_t clear = job.noise.steps > 0 ? clearDrafts(team, memory) : c.drafts;
    team.once([&] { c.clear = clear; });
}

} // namespace jacobi
