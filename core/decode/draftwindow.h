// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/decode/coupling.h"
#include "core/trace/step.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace jacobi {

/// The sliding window of one picture: W - 1 drafts with their labels, and everything SJD does between two passes of the
/// network (SJD, 2410.01699, algorithm 1; the recipe of the couplings is in coupling.h). Free of torch and of real
/// random numbers, so that the tests enumerate the very code that decodes.
///
///     n      committed positions           d[k]  draft for position n + k, k = 0 .. L - 1
///     p[k]   law of position n + k now     q[k]  label of d[k]: the law it was drawn from
///
/// One pass: the caller reads rows() and input(), puts p[0] .. p[L] into row(k), then calls advance().
template <class Real, class Coupling, class Draws>
class DraftWindow {
public:
    DraftWindow(const TokenLayout& layout, std::uint32_t window, Draws draws)
        : m_layout(&layout), m_window(window), m_draws(std::move(draws)),
          m_p(static_cast<std::size_t>(window) * layout.codes), m_q(m_p.size()), m_tokens(layout.positions(), 0)
    {
        refill();
    }

    bool done() const { return m_n >= m_layout->positions() || m_ended; }
    std::uint32_t committed() const { return m_n; }
    std::uint32_t drafts() const { return static_cast<std::uint32_t>(m_d.size()); }
    std::uint32_t rows() const { return drafts() + 1; }
    const std::vector<std::int64_t>& tokens() const { return m_tokens; }

    /// The pass's query rows: the last committed token (-1 where there is none), then the drafts.
    std::int64_t input(std::uint32_t k) const
    {
        const std::uint32_t position = m_n + k;
        return position == 0 ? -1 : m_tokens[position - 1];
    }
    /// Where p[k] goes: [codes].
    std::span<Real> row(std::uint32_t k) { return {m_p.data() + std::size_t{k} * m_layout->codes, m_layout->codes}; }

    /// Verify, redraw, slide, refill. Fills begin .. committedEnd and the token columns of the step; step.pass is read.
    void advance(Step& step)
    {
        const std::uint32_t L = drafts();
        beginRecord(step);

        // Verify from the left; the first rejection is replaced and ends the run, and so does a terminal token.
        std::uint32_t m = 0;
        while (m < L && !m_ended) {
            const Verdict<Real> verdict = Coupling::verify(draftRow(m, step.pass), m_draws, m_scratch);
            record(step, m, verdict, verdict.accepted ? TokenState::Accepted : TokenState::Resampled);
            m_tokens[m_n + m] = verdict.code;
            m_ended = isTerminal(verdict.code);
            ++m;
            if (!verdict.accepted) {
                break;
            }
        }
        const bool allAccepted = m == L && !m_ended && (L == 0 || step.state[L - 1] == TokenState::Accepted);
        if (allAccepted) { // the row beyond the drafts is a free token, drawn as sequential sampling draws it
            const std::int32_t code = m_draws.draw(m_n + L, constRow(L));
            record(step, L, {true, code}, TokenState::Bonus);
            m_tokens[m_n + L] = code;
            m_ended = isTerminal(code);
            m = L + 1;
        }

        // Redraw what stays in the window; every new draft follows the p of its row, which becomes its label.
        std::vector<std::int32_t> next;
        std::vector<Label<Real>> labels;
        for (std::uint32_t k = m; k <= L; ++k) {
            const std::uint32_t position = m_n + k;
            if (k < L) {
                const Verdict<Real> verdict = Coupling::redraw(draftRow(k, step.pass), m_draws, m_scratch);
                record(step, k, verdict, verdict.code == m_d[k] ? TokenState::Kept : TokenState::Redrawn);
                next.push_back(verdict.code);
            } else {
                const std::int32_t code = Coupling::extend(position, step.pass, constRow(L), m_draws);
                record(step, L, {true, code}, TokenState::New);
                next.push_back(code);
            }
            labels.push_back(Label<Real>::ofRow(row(k).data()));
            m_tokens[position] = next.back();
        }

        slide(step, m, std::move(next), std::move(labels));
    }

private:
    static constexpr float kNone = std::numeric_limits<float>::quiet_NaN();

    bool isTerminal(std::int32_t code) const
    {
        const auto& terminals = m_layout->terminals;
        return std::find(terminals.begin(), terminals.end(), code) != terminals.end();
    }
    std::span<const Real> constRow(std::uint32_t k) { return row(k); }
    DraftRow<Real> draftRow(std::uint32_t k, std::uint32_t pass)
    {
        return {m_n + k, pass, m_d[k], m_labels[k], constRow(k)};
    }

    void slide(Step& step, std::uint32_t m, std::vector<std::int32_t> next, std::vector<Label<Real>> labels)
    {
        m_n += m;
        m_d = std::move(next);
        m_labels = std::move(labels);
        std::swap(m_p, m_q); // labels point into m_q until the end of the next pass
        m_pass = step.pass + 1;
        const std::uint32_t evaluatedEnd = step.begin + static_cast<std::uint32_t>(step.token.size());
        if (done()) {
            m_d.clear();
            m_labels.clear();
        } else {
            refill();
        }
        step.committedEnd = m_n;
        step.end = std::max(evaluatedEnd, m_n + drafts());
        for (std::uint32_t position = evaluatedEnd; position < step.end; ++position) {
            appendFresh(step, position);
        }
    }

    /// Trims drafts that no longer matter and puts fresh ones at the right end: uniform over the legal codes, labelled as
    /// what they are (the official code calls them one-hot, which is lossless too but rejects nearly all).
    void refill()
    {
        const std::uint32_t left = m_layout->positions() - m_n;
        const std::uint32_t wanted = std::min(m_window - 1, left - 1);
        if (m_d.size() > wanted) {
            m_d.resize(wanted);
            m_labels.resize(wanted);
        }
        while (m_d.size() < wanted) {
            const std::uint32_t position = m_n + drafts();
            Label<Real> label;
            m_d.push_back(uniformDraft(position, label));
            m_labels.push_back(label);
            m_tokens[position] = m_d.back();
        }
    }

    std::int32_t uniformDraft(std::uint32_t position, Label<Real>& label)
    {
        const PositionRule* rule = m_layout->rules.empty() ? nullptr : &m_layout->rules[position];
        if (rule != nullptr && rule->forced >= 0) {
            label = Label<Real>::oneHot(rule->forced);
            return rule->forced;
        }
        const std::vector<std::uint8_t>* legal = rule != nullptr ? rule->legal.get() : nullptr;
        std::uint32_t count = m_layout->codes;
        if (legal != nullptr) {
            count = static_cast<std::uint32_t>(std::count_if(legal->begin(), legal->end(), [](auto x) { return x != 0; }));
        }
        label.kind = Label<Real>::Kind::Uniform;
        label.each = Real(1) / static_cast<Real>(count);
        label.legal = legal;
        std::uint32_t chosen = m_draws.initialiseAmong(position, m_pass, count);
        if (legal == nullptr) {
            return static_cast<std::int32_t>(chosen);
        }
        std::uint32_t v = 0;
        for (;; ++v) {
            if ((*legal)[v] != 0 && chosen-- == 0) {
                return static_cast<std::int32_t>(v);
            }
        }
    }

    void beginRecord(Step& step)
    {
        step.begin = m_n;
        const std::size_t room = std::size_t{2} * m_window;
        for (auto* column : {&step.p, &step.q, &step.u}) {
            column->clear();
            column->reserve(room);
        }
        step.token.clear();
        step.state.clear();
        step.draft.clear();
    }
    void record(Step& step, std::uint32_t k, const Verdict<Real>& verdict, TokenState state)
    {
        const bool hasDraft = k < drafts();
        const std::int32_t tested = hasDraft ? m_d[k] : verdict.code;
        const bool forced = !m_layout->rules.empty() && m_layout->rules[m_n + k].forced >= 0;
        const bool commits = state == TokenState::Accepted || state == TokenState::Resampled || state == TokenState::Bonus;
        // The run is read back by state, so a forced token is marked once the decision is made.
        step.state.push_back(forced && commits && state != TokenState::Accepted ? TokenState::Forced : state);
        step.token.push_back(verdict.code);
        step.draft.push_back(hasDraft ? m_d[k] : -1);
        step.p.push_back(static_cast<float>(row(k)[static_cast<std::size_t>(tested)]));
        step.q.push_back(hasDraft ? static_cast<float>(m_labels[k](tested)) : kNone);
        step.u.push_back(static_cast<float>(verdict.u));
    }
    void appendFresh(Step& step, std::uint32_t position)
    {
        const std::uint32_t k = position - m_n;
        step.state.push_back(TokenState::New);
        step.token.push_back(m_d[k]);
        step.draft.push_back(-1);
        step.p.push_back(kNone);
        step.q.push_back(static_cast<float>(m_labels[k](m_d[k])));
        step.u.push_back(kNone);
    }

    const TokenLayout* m_layout;
    std::uint32_t m_window;
    Draws m_draws;
    std::uint32_t m_n = 0;
    std::uint32_t m_pass = 0;
    bool m_ended = false;
    std::vector<std::int32_t> m_d;
    std::vector<Label<Real>> m_labels;
    std::vector<Real> m_p; ///< [W, codes] this pass
    std::vector<Real> m_q; ///< [W, codes] the pass before: what the labels point into
    std::vector<Real> m_scratch;
    std::vector<std::int64_t> m_tokens; ///< [positions] committed, then drafts
};

} // namespace jacobi
