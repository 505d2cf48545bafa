// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/cuda/passrecord.h"
#include "core/cuda/windowjob.h"
#include "core/decode/coupling.h"

#include <cstdint>

namespace jacobi {

/// Where a picture stands: DraftWindow's own numbers (core/decode/draftwindow.h).
struct WindowCounters {
    std::uint64_t replays = 0; ///< of the pass, whether they changed anything or not
    std::uint64_t nearTies = 0;
    std::uint32_t committed = 0; ///< n
    std::uint32_t drafts = 0;    ///< L
    std::uint32_t clear = 0;     ///< of them, those before the first noisy one: they can be verified
    std::uint32_t pass = 0;
    std::uint32_t ended = 0;   ///< a terminal token was committed
    std::uint32_t bad = 0;     ///< a law could not be made: nothing more happens
    std::uint32_t parity = 0;  ///< which of the two row buffers this pass writes
    std::int32_t lastLaw = -1; ///< row of the other buffer that the last committed token was drawn from
    // For denoiseRow() after the pass:
    std::uint32_t begun = 0;    ///< positions from here on were not in the window before
    std::uint32_t denoises = 0; ///< the pass changed something
    // Of the pass under way:
    std::uint32_t accepted = 0; ///< m: tokens this pass commits
    std::uint32_t bonus = 0;    ///< one of them without a draft
};

/// What a row would have happen, found for all rows at once: verify() of the coupling should the run of accepted drafts
/// reach it, redraw() should it end before. Of the last row, which has no draft: the free token, and the draft it becomes. Of
/// SJD2's first noisy row: the free token, and what the noise is a guess of.
struct RowDecision {
    double margin = 0.0;
    std::int32_t verified = 0;
    std::int32_t redrawn = 0;
    float u = 0.0F; ///< of the test, where there was one
    float redrawnU = 0.0F;
    float p = 0.0F;        ///< of the draft; without one, of the free token
    float redrawnP = 0.0F; ///< without a draft: of the draft it becomes
    float q = 0.0F;        ///< of the draft under its label
    float entropy = 0.0F;
    std::uint32_t accepted = 0;
    std::uint32_t bad = 0;
    std::uint32_t level = 0; ///< of noise, of the draft that the row leaves
    RecordedCandidate top[kRecordedCandidates];
};

/// One item's part of WindowJob::windows. Real: what is computed with.
template <class Real>
struct WindowMemory {
    WindowCounters* counters = nullptr;
    Label<Real>* labels = nullptr;      ///< [window]
    RowDecision* decisions = nullptr;   ///< [window]
    std::int32_t* drafts = nullptr;     ///< [window]; -1: noise, and nothing known of it
    std::uint32_t* levels = nullptr;    ///< [window] of noise; 0: a token
    std::int32_t* tokens = nullptr;     ///< [positions] committed, then drafts
    Real* rows[2] = {nullptr, nullptr}; ///< [window, codes] each: laws of this pass, and of the one before
    Real* above = nullptr;              ///< [columns, codes] laws of the last committed row; null where nobody asks

    JACOBI_DEVICE Real* row(std::uint32_t k, std::uint32_t codes) const
    {
        return rows[counters->parity] + std::uint64_t{k} * codes;
    }
    JACOBI_DEVICE Real* rowBefore(std::int32_t k, std::uint32_t codes) const
    {
        return rows[1 - counters->parity] + static_cast<std::uint64_t>(k) * codes;
    }
};

/// The query row k of the next pass: the token before the position it predicts; -1 where there is none.
template <class Real>
JACOBI_DEVICE std::int32_t inputOf(const WindowMemory<Real>& memory, std::uint32_t k)
{
    const std::uint32_t position = memory.counters->committed + k;
    return position == 0 ? -1 : memory.tokens[position - 1];
}

JACOBI_DEVICE inline bool isDone(const WindowCounters& counters, const LayoutView& layout)
{
    return counters.committed >= layout.positions || counters.ended != 0;
}

/// Lays the parts of a WindowMemory out from an address on, each on a multiple of 64 bytes; returns the bytes they take.
template <class Real>
JACOBI_DEVICE std::uint64_t layOut(const WindowJob& job, std::uintptr_t base, WindowMemory<Real>& memory)
{
    std::uint64_t used = 0;
    const auto take = [&](std::uint64_t bytes) {
        const std::uintptr_t part = base + used;
        used += (bytes + 63) / 64 * 64;
        return part;
    };
    const std::uint64_t rowBytes = std::uint64_t{job.layout.codes} * sizeof(Real);
    memory.counters = reinterpret_cast<WindowCounters*>(take(sizeof(WindowCounters)));
    memory.labels = reinterpret_cast<Label<Real>*>(take(job.window * sizeof(Label<Real>)));
    memory.decisions = reinterpret_cast<RowDecision*>(take(job.window * sizeof(RowDecision)));
    memory.drafts = reinterpret_cast<std::int32_t*>(take(job.window * sizeof(std::int32_t)));
    memory.levels = reinterpret_cast<std::uint32_t*>(take(job.window * sizeof(std::uint32_t)));
    memory.tokens = reinterpret_cast<std::int32_t*>(take(job.layout.positions * sizeof(std::int32_t)));
    memory.rows[0] = reinterpret_cast<Real*>(take(job.window * rowBytes));
    memory.rows[1] = reinterpret_cast<Real*>(take(job.window * rowBytes));
    if (job.freshDrafts == FreshDrafts::SampleAbove) {
        memory.above = reinterpret_cast<Real*>(take(job.layout.columns * rowBytes));
    }
    return used;
}

/// Of one item.
template <class Real>
JACOBI_DEVICE std::uint64_t windowBytesOf(const WindowJob& job)
{
    WindowMemory<Real> memory;
    return layOut<Real>(job, 0, memory);
}
JACOBI_DEVICE inline std::uint64_t windowBytes(const WindowJob& job)
{
    return job.logitsType == NumberType::Float64 ? windowBytesOf<double>(job) : windowBytesOf<float>(job);
}

template <class Real>
JACOBI_DEVICE WindowMemory<Real> windowOf(const WindowJob& job, std::uint32_t item)
{
    WindowMemory<Real> memory;
    layOut<Real>(job, reinterpret_cast<std::uintptr_t>(job.windows) + item * windowBytesOf<Real>(job), memory);
    return memory;
}

} // namespace jacobi
