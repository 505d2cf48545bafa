// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/cuda/windowmemory.h"
#include "core/trace/step.h"

#include <cstdint>
#include <limits>

namespace jacobi {

// The columns that a pass leaves in its record: what DraftWindow writes into a Step, a lane a position.

/// The columns of the rows the network read.
template <class Real, class Team>
JACOBI_DEVICE void recordRows(Team& team, const WindowJob& job, const WindowMemory<Real>& memory,
                              const PassRecord& record)
{
    const WindowCounters& c = *memory.counters;
    team.each(c.drafts + 1, [&](std::uint32_t k) {
        const RowDecision& decision = memory.decisions[k];
        const bool hasDraft = k < c.drafts;
        const bool commits = k < c.accepted;
        const std::int32_t code = commits ? decision.verified : decision.redrawn;
        TokenState state = TokenState::New;
        if (commits) {
            state =
                !hasDraft ? TokenState::Bonus : (decision.accepted != 0 ? TokenState::Accepted : TokenState::Resampled);
            if (state != TokenState::Accepted && job.layout.forcedAt(c.committed + k) >= 0) {
                state = TokenState::Forced;
            }
        } else if (hasDraft) {
            state = code == memory.drafts[k] ? TokenState::Kept : TokenState::Redrawn;
        }
        record.token[k] = code;
        record.state[k] = static_cast<std::uint8_t>(state);
        record.draft[k] = hasDraft ? memory.drafts[k] : -1;
        record.p[k] = commits ? decision.p : decision.redrawnP;
        record.q[k] = decision.q;
        record.u[k] = commits ? decision.u : decision.redrawnU;
        record.entropy[k] = decision.entropy;
    });
    team.each((c.drafts + 1) * kRecordedCandidates, [&](std::uint32_t i) {
        record.top[i] = memory.decisions[i / kRecordedCandidates].top[i % kRecordedCandidates];
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
        record.token[column] = memory.drafts[k];
        record.state[column] = static_cast<std::uint8_t>(TokenState::New);
        record.draft[column] = -1;
        record.p[column] = kNan;
        record.q[column] = static_cast<float>(memory.labels[k](memory.drafts[k]));
        record.u[column] = kNan;
        record.entropy[column] = kNan;
        for (std::uint32_t slot = 0; slot < kRecordedCandidates; ++slot) {
            record.top[column * kRecordedCandidates + slot] = RecordedCandidate{};
        }
    });
}

} // namespace jacobi
