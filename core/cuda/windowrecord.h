// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/cuda/windowmemory.h"
#include "core/trace/step.h"

#include <cstdint>
#include <limits>

namespace jacobi {

// The columns that a pass leaves in its record: what DraftWindow writes into a Step, a lane a position.

/// The level of the draft that row k leaves. The row behind the last draft read no noise: its first guess is a level's worth.
template <class Real>
JACOBI_DEVICE std::uint32_t levelAfter(const WindowJob& job, const WindowMemory<Real>& memory, std::uint32_t k)
{
    const WindowCounters& c = *memory.counters;
    const bool isForced = job.layout.forcedAt(c.committed + k) >= 0;
    const std::uint32_t before = k < c.drafts ? memory.levels[k] : isForced ? 0 : job.noise.steps;
    return before > 0 ? before - 1 : 0;
}

/// The columns of the rows the network read.
template <class Real, class Team>
JACOBI_DEVICE void recordRows(Team& team, const WindowJob& job, const WindowMemory<Real>& memory,
                              const PassRecord& record)
{
    const WindowCounters& c = *memory.counters;
    team.each(c.drafts + 1, [&](std::uint32_t k) {
        const RowDecision& decision = memory.decisions[k];
        const bool commits = k < c.accepted;
        const bool hasDraft = commits ? k < c.clear : k < c.drafts && memory.drafts[k] >= 0;
        const std::int32_t code = commits ? decision.verified : decision.redrawn;
        const std::uint32_t level = levelAfter(job, memory, k);
        memory.decisions[k].level = level;
        TokenState state = TokenState::New;
        if (commits) {
            state =
                !hasDraft ? TokenState::Bonus : (decision.accepted != 0 ? TokenState::Accepted : TokenState::Resampled);
            if (state != TokenState::Accepted && job.layout.forcedAt(c.committed + k) >= 0) {
                state = TokenState::Forced;
            }
        } else if (level > 0) {
            state = TokenState::Noisy;
        } else if (hasDraft) {
            state = code == memory.drafts[k] ? TokenState::Kept : TokenState::Redrawn;
        }
        record.token[k] = code;
        record.state[k] = static_cast<std::uint8_t>(state);
        record.draft[k] = hasDraft ? memory.drafts[k] : -1;
        record.p[k] = commits ? decision.p : decision.redrawnP;
        record.q[k] = hasDraft ? decision.q : std::numeric_limits<float>::quiet_NaN();
        record.u[k] = commits ? decision.u : decision.redrawnU;
        record.entropy[k] = decision.entropy;
    });
    team.each((c.drafts + 1) * kRecordedCandidates, [&](std::uint32_t i) {
        const std::uint32_t k = i / kRecordedCandidates;
        RecordedCandidate candidate = memory.decisions[k].top[i % kRecordedCandidates];
        if (k < c.accepted && k >= c.clear && candidate.code >= 0) { // a free token, whatever the noise was a guess of
            candidate.q = std::numeric_limits<float>::quiet_NaN();
        }
        record.top[i] = candidate;
    });
}

/// Columns of drafts that entered after the pass; the network has not read them.
template <class Real, class Team>
JACOBI_DEVICE void recordFresh(Team& team, const WindowMemory<Real>& memory, const PassRecord& record,
                               const PassRecordHead& head)
{
    constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
    const WindowCounters& c = *memory.counters;
    team.each(head.end - head.evaluatedEnd, [&](std::uint32_t i) {
        const std::uint32_t column = head.evaluatedEnd - head.begin + i;
        const std::uint32_t k = head.evaluatedEnd + i - c.committed;
        const bool isNoisy = memory.levels[k] > 0;
        record.token[column] = memory.tokens[head.evaluatedEnd + i];
        record.state[column] = static_cast<std::uint8_t>(isNoisy ? TokenState::Noisy : TokenState::New);
        record.draft[column] = -1;
        record.p[column] = kNan;
        record.q[column] = isNoisy ? kNan : static_cast<float>(memory.labels[k](memory.drafts[k]));
        record.u[column] = kNan;
        record.entropy[column] = kNan;
        for (std::uint32_t slot = 0; slot < kRecordedCandidates; ++slot) {
            record.top[column * kRecordedCandidates + slot] = RecordedCandidate{};
        }
    });
}

/// How noisy each position of the record is after the pass.
template <class Real, class Team>
JACOBI_DEVICE void recordNoise(Team& team, const WindowJob& job, const WindowMemory<Real>& memory,
                               const PassRecord& record, const PassRecordHead& head)
{
    if (job.noise.steps == 0) {
        return;
    }
    const WindowCounters& c = *memory.counters;
    team.each(head.end - head.begin, [&](std::uint32_t column) {
        const std::uint32_t position = head.begin + column;
        const bool isDraft = position >= c.committed && position < c.committed + c.drafts;
        record.noise[column] =
            isDraft ? static_cast<float>(job.noise.levels[memory.levels[position - c.committed]].sigma) : 0.0F;
        // The picture's last position is predicted and never read: what was drawn there is a token, whatever its level.
        if (position >= c.committed + c.drafts &&
            record.state[column] == static_cast<std::uint8_t>(TokenState::Noisy)) {
            record.state[column] = static_cast<std::uint8_t>(TokenState::New);
        }
    });
}

} // namespace jacobi
