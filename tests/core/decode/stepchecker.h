// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/decode/layout.h"
#include "core/trace/step.h"

#include <QString>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

namespace jacobi::test {

/// What must hold of one picture's steps, whoever made them. Feed it every step in order; check() returns what is wrong
/// with it, empty where nothing is.
class StepChecker {
public:
    /// speculative: drafts are committed by the test u q < p; otherwise by being equal to the draw. Leaves entropy to
    /// the caller: a window on its own does not fill it.
    StepChecker(const TokenLayout& layout, std::uint32_t window, bool speculative)
        : m_layout(&layout), m_window(window), m_speculative(speculative), m_tokens(layout.positions(), -1)
    {
    }

    /// tokens: the picture as the decoder has it after the step.
    QString check(const Step& step, const std::vector<std::int64_t>& tokens)
    {
        const std::uint32_t left = m_layout->positions() - m_committed;
        const std::uint32_t drafts = std::min(m_window, left) - 1;
        if (step.pass != m_passes || step.begin != m_committed || m_ended) {
            return "the step does not follow the one before";
        }
        if (step.committedEnd <= step.begin || step.committedEnd > step.begin + drafts + 1) {
            return "not between 1 and L + 1 tokens were committed";
        }
        if (step.end < step.committedEnd || step.end > m_layout->positions()) {
            return "the window ends in the wrong place";
        }
        const std::size_t length = step.end - step.begin;
        for (const std::size_t columnLength :
             {step.token.size(), step.state.size(), step.draft.size(), step.p.size(), step.q.size(), step.u.size()}) {
            if (columnLength != length) {
                return "a column has the wrong length";
            }
        }
        if (step.topK.size() != (step.topK.empty() ? 0 : length)) {
            return "the candidates have the wrong length";
        }
        for (std::uint32_t k = 0; k < length; ++k) {
            if (const QString wrong = checkPosition(step, k, drafts); !wrong.isEmpty()) {
                return wrong + " (k = " + QString::number(k) + ")";
            }
        }
        for (std::uint32_t k = 0; k < length; ++k) {
            m_tokens[step.begin + k] = step.token[k];
        }
        m_committed = step.committedEnd;
        ++m_passes;
        const auto behind = tokens.begin() + static_cast<std::ptrdiff_t>(step.end);
        return std::equal(tokens.begin(), behind, m_tokens.begin())
                   ? QString()
                   : "the decoder's tokens are not the last values of its steps";
    }

    std::uint32_t committed() const { return m_committed; }
    std::uint32_t passes() const { return m_passes; }
    bool ended() const { return m_ended; } ///< by a terminal token

private:
    QString checkPosition(const Step& step, std::uint32_t k, std::uint32_t drafts)
    {
        const std::uint32_t position = step.begin + k;
        const std::int32_t token = step.token[k];
        const std::int32_t draft = step.draft[k];
        const bool commits = position < step.committedEnd;
        const bool last = position + 1 == step.committedEnd;
        const bool terminal =
            std::find(m_layout->terminals.begin(), m_layout->terminals.end(), token) != m_layout->terminals.end();
        if (commits && m_ended) {
            return "a token behind a terminal one was committed";
        }
        m_ended = m_ended || (commits && terminal);
        if (!legal(position, token)) {
            return "an illegal token";
        }
        if (k < drafts ? (m_passes > 0 && draft != m_tokens[position]) || draft < 0 : draft != -1) {
            return "the draft is not the token of the pass before";
        }
        if (!step.topK.empty() && !candidatesFit(step, k)) {
            return "candidates that are not the row's";
        }
        return checkState(step, k, commits, last);
    }

    /// Largest first, equal ones by code, unused slots behind them; none where the model did not read the position.
    static bool candidatesFit(const Step& step, std::uint32_t k)
    {
        const Candidates& candidates = step.topK[k];
        if (std::isnan(step.p[k])) {
            return candidates == Candidates();
        }
        const std::int32_t evaluated = step.draft[k] >= 0 ? step.draft[k] : step.token[k];
        float sum = 0.0F;
        for (std::size_t i = 0; i < candidates.size(); ++i) {
            const Candidate& c = candidates[i];
            const bool inOrder =
                i == 0 || candidates[i - 1].p > c.p || (candidates[i - 1].p == c.p && candidates[i - 1].code < c.code);
            if (c.code < 0 ? c != Candidate() : !inOrder || !(c.p > 0.0F)) {
                return false;
            }
            if (c.code >= 0 && std::isnan(c.q) != (step.draft[k] < 0)) {
                return false;
            }
            if (c.code == evaluated && (c.p != step.p[k] || (step.draft[k] >= 0 && c.q != step.q[k]))) {
                return false;
            }
            sum += c.p;
        }
        return candidates[0].code >= 0 && sum < 1.0001F;
    }

    QString checkState(const Step& step, std::uint32_t k, bool commits, bool last) const
    {
        const bool hadDraft = step.draft[k] >= 0;
        const bool same = step.token[k] == step.draft[k];
        const float uq = step.u[k] * step.q[k]; // the columns are rounded: near a tie either verdict may be right
        const bool passes = uq < step.p[k] * 1.000001F;
        const bool fails = !(uq < step.p[k] * 0.999999F);
        const bool tested = !std::isnan(step.u[k]);
        const bool probable = std::isnan(step.p[k]) || (step.p[k] >= 0.0F && step.p[k] <= 1.0001F);
        if (!probable || (hadDraft && !(step.q[k] > 0.0F))) {
            return "p or q is no probability of a draft";
        }
        switch (step.state[k]) {
        case TokenState::Accepted:
            return commits && hadDraft && same && tested == m_speculative && (passes || !m_speculative) ? ""
                                                                                                        : "Accepted";
        case TokenState::Resampled:
            return commits && last && hadDraft && tested == m_speculative && (m_speculative ? fails : !same)
                       ? ""
                       : "Resampled";
        case TokenState::Bonus: return commits && last && !hadDraft && !tested ? "" : "Bonus";
        case TokenState::Forced: return commits && last && !hadDraft && step.p[k] == 1.0F ? "" : "Forced";
        case TokenState::Kept: return !commits && hadDraft && same ? "" : "Kept";
        case TokenState::Redrawn: return !commits && hadDraft && !same ? "" : "Redrawn";
        case TokenState::New: return !commits && !hadDraft && !tested ? "" : "New";
        default: return "a state that token decoders do not have";
        }
    }

    bool legal(std::uint32_t position, std::int32_t token) const
    {
        if (token < 0 || token >= static_cast<std::int32_t>(m_layout->codes)) {
            return false;
        }
        const PositionRule rule = m_layout->rules.empty() ? PositionRule{} : m_layout->rules[position];
        return rule.forced >= 0 ? token == rule.forced
                                : !rule.legal || (*rule.legal)[static_cast<std::size_t>(token)] != 0;
    }

    const TokenLayout* m_layout;
    std::uint32_t m_window;
    bool m_speculative;
    std::uint32_t m_committed = 0;
    std::uint32_t m_passes = 0;
    bool m_ended = false;
    std::vector<std::int32_t> m_tokens; ///< last value of every position; -1: none yet
};

} // namespace jacobi::test
