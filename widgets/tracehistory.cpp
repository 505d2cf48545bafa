// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// TraceModel's answers about one position: what each pass did to it.
#include "widgets/tracemodel.h"

#include "widgets/stepcolumns.h"

#include <algorithm>
#include <iterator>
#include <limits>

namespace jacobi {

std::int32_t TraceModel::tokenAt(int pass, int position) const
{
    if (position < 0 || position >= m_positions) {
        return -1;
    }
    const auto& changes = m_changes[static_cast<std::size_t>(position)];
    const auto after = std::upper_bound(changes.begin(), changes.end(), pass,
                                        [](int value, const Change& change) { return value < change.pass; });
    return after == changes.begin() ? -1 : std::prev(after)->token;
}

int TraceModel::changesOf(int position, int untilPass) const
{
    if (position < 0 || position >= m_positions) {
        return 0;
    }
    const auto& changes = m_changes[static_cast<std::size_t>(position)];
    const auto after = std::upper_bound(changes.begin(), changes.end(), untilPass,
                                        [](int value, const Change& change) { return value < change.pass; });
    return std::max(0, static_cast<int>(after - changes.begin()) - 1); // the first draw is no change
}

CellState TraceModel::stateAt(int pass, int position) const
{
    if (pass < 0 || pass >= passes() || position < 0 || position >= m_positions) {
        return CellState::Outside;
    }
    if (position < committedEnd(pass)) {
        return position < committedBefore(pass) ? CellState::AcceptedBefore : CellState::AcceptedNow;
    }
    if (!holds(pass, position)) {
        return CellState::Outside;
    }
    const TokenState* state = entry(step(pass), step(pass).state, position);
    if (state == nullptr) { // no state column: what the tokens themselves say
        const auto before = tokenAt(pass - 1, position);
        return before < 0 ? CellState::New : before == tokenAt(pass, position) ? CellState::Kept : CellState::Redrawn;
    }
    switch (*state) {
    case TokenState::New: return CellState::New;
    case TokenState::Noisy: return CellState::Noisy;
    case TokenState::Redrawn: return CellState::Redrawn;
    default: return CellState::Kept;
    }
}

float TraceModel::noiseAt(int pass, int position) const
{
    return holds(pass, position)
               ? entryOr(step(pass), step(pass).noiseLevel, position, std::numeric_limits<float>::quiet_NaN())
               : std::numeric_limits<float>::quiet_NaN();
}

int TraceModel::passOfAcceptance(int position) const
{
    return position >= 0 && position < m_positions ? m_passOfAcceptance[static_cast<std::size_t>(position)] : -1;
}

TokenMoment TraceModel::momentAt(int pass, int position) const
{
    int at = std::min(pass, passes() - 1);
    while (at >= 0 && !holds(at, position)) {
        --at;
    }
    TokenMoment moment;
    if (at < 0) {
        return moment;
    }
    const Step& now = step(at);
    const float nothing = std::numeric_limits<float>::quiet_NaN();
    moment.pass = at;
    moment.token = tokenAt(at, position);
    moment.draft = entryOr(now, now.draft, position, -1);
    moment.state = entryOr(now, now.state, position, TokenState::Kept);
    moment.p = entryOr(now, now.p, position, nothing);
    moment.q = entryOr(now, now.q, position, nothing);
    moment.u = entryOr(now, now.u, position, nothing);
    moment.entropy = entryOr(now, now.entropy, position, nothing);
    moment.noise = entryOr(now, now.noiseLevel, position, nothing);
    return moment;
}

std::vector<TokenMoment> TraceModel::history(int position) const
{
    std::vector<TokenMoment> moments;
    for (int pass = 0; pass < passes(); ++pass) {
        if (holds(pass, position)) {
            moments.push_back(momentAt(pass, position));
        }
    }
    return moments;
}

std::vector<Candidate> TraceModel::candidatesAt(int pass, int position) const
{
    std::vector<Candidate> used;
    if (!holds(pass, position)) {
        return used;
    }
    if (const Candidates* all = entry(step(pass), step(pass).topK, position)) {
        std::copy_if(all->begin(), all->end(), std::back_inserter(used), [](const Candidate& c) { return c.code >= 0; });
    }
    return used;
}

} // namespace jacobi
