// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/decode/candidates.h"
#include "core/decode/coupling.h"
#include "core/decode/initialisation.h"
#include "core/decode/layout.h"
#include "core/trace/step.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <span>
#include <type_traits>
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
///
/// For SJD2 (sjd2.h) new drafts begin as noise, of which a pass takes one level away: level(k) > 0 is a noisy row, whose
/// d[k] is a guess of what it will be, -1 before the first. Levels rise to the right, so that the drafts that can be
/// verified come first. A guess is drawn as a draft is and labelled as a draft is. Without noise this is SJD.
template <class Real, class Coupling, class Draws>
class DraftWindow {
public:
    struct Noise {
        std::uint32_t steps = 0; ///< passes a new draft spends as noise
        bool refines = true;     ///< drafts that are no noise any more are redrawn; else they wait as they are
    };

    DraftWindow(const TokenLayout& layout, std::uint32_t window, Draws draws,
                Initialisation initialisation = Initialisation::Uniform, Noise noise = {})
        : m_layout(&layout),
          m_window(window),
          m_initialisation(initialisation),
          m_noise(noise),
          m_draws(std::move(draws)),
          m_p(static_cast<std::size_t>(window) * layout.codes),
          m_q(m_p.size()),
          m_tokens(layout.positions(), 0)
    {
        if (initialisation == Initialisation::SampleAbove) {
            m_above.resize(std::size_t{layout.columns} * layout.codes);
        }
        refill();
    }
    DraftWindow(const DraftWindow&) = delete; // labels point into the window's own rows; moving keeps them
    DraftWindow& operator=(const DraftWindow&) = delete;
    DraftWindow(DraftWindow&&) noexcept = default;
    DraftWindow& operator=(DraftWindow&&) noexcept = default;

    bool done() const { return m_n >= m_layout->positions() || m_ended; }
    std::uint32_t committed() const { return m_n; }
    std::uint32_t drafts() const { return static_cast<std::uint32_t>(m_d.size()); }
    std::uint32_t rows() const { return drafts() + 1; }
    std::uint32_t level(std::uint32_t k) const { return m_levels[k]; } ///< of draft k; 0: a token
    std::int32_t guess(std::uint32_t k) const { return m_d[k]; }       ///< draft k; -1: noise, and nothing known of it
    /// What noise that has no guess yet is to be shown as.
    void show(std::uint32_t k, std::int32_t code) { m_tokens[m_n + k] = code; }
    const std::vector<std::int64_t>& tokens() const { return m_tokens; }
    /// Committed tokens whose choice hung on less than kNearTie: with the rounding of another kind of pass they might
    /// have been others. Only couplings that promise the sequential picture count them.
    std::uint64_t nearTies() const { return m_nearTies; }

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
        const auto C = static_cast<std::uint32_t>( // drafts that are tokens; all of them, but for SJD2
            std::ranges::find_if(m_levels, [](std::uint32_t level) { return level > 0; }) - m_levels.begin());
        beginRecord(step);

        // Verify from the left; the first rejection is replaced and ends the run, and so does a terminal token.
        std::uint32_t m = 0;
        while (m < C && !m_ended) {
            const Verdict<Real> verdict = Coupling::verify(draftRow(m, step.pass), m_draws, m_scratch);
            record(step, m, verdict, verdict.accepted ? TokenState::Accepted : TokenState::Resampled);
            m_tokens[m_n + m] = verdict.code;
            m_nearTies += verdict.margin < kNearTie ? 1 : 0;
            m_ended = isTerminal(verdict.code);
            ++m;
            if (!verdict.accepted) {
                break;
            }
        }
        const bool allAccepted = m == C && !m_ended && (C == 0 || step.state[C - 1] == TokenState::Accepted);
        if (allAccepted) { // the row beyond the drafts is a free token, drawn as sequential sampling draws it
            const Verdict<Real> free = Coupling::kIsExact ? exactDraw(m_n + C, constRow(C), m_draws)
                                                          : Verdict<Real>{true, m_draws.draw(m_n + C, constRow(C))};
            const std::int32_t code = free.code;
            record(step, C, {true, code}, TokenState::Bonus);
            m_nearTies += free.margin < kNearTie ? 1 : 0;
            m_tokens[m_n + C] = code;
            m_ended = isTerminal(code);
            m = C + 1;
        }

        // Redraw what stays in the window; every new draft follows the p of its row, which becomes its label.
        Drafts next;
        for (std::uint32_t k = m; k <= L; ++k) {
            const std::uint32_t level = levelAfter(k, L);
            if (k < L && !m_noise.refines && m_levels[k] == 0) {
                keep(step, k, next);
                continue;
            }
            if (k < L && m_d[k] >= 0) {
                const Verdict<Real> verdict = Coupling::redraw(draftRow(k, step.pass), m_draws, m_scratch);
                const TokenState state = verdict.code == m_d[k] ? TokenState::Kept : TokenState::Redrawn;
                record(step, k, verdict, level > 0 ? TokenState::Noisy : state);
                next.add(verdict.code, Label<Real>::ofRow(row(k).data()), level);
            } else {
                const std::int32_t code = Coupling::extend(m_n + k, step.pass, constRow(k), m_draws);
                record(step, k, {true, code}, level > 0 ? TokenState::Noisy : TokenState::New);
                next.add(code, Label<Real>::ofRow(row(k).data()), level);
            }
            m_tokens[m_n + k] = next.codes.back();
        }

        slide(step, m, std::move(next));
    }

private:
    static constexpr double kNearTie = std::is_same_v<Real, float> ? 1e-3 : 1e-10; ///< in log probability
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

    /// The drafts of the next pass.
    struct Drafts {
        std::vector<std::int32_t> codes;
        std::vector<Label<Real>> labels;
        std::vector<std::uint32_t> levels;
        void add(std::int32_t code, Label<Real> label, std::uint32_t level)
        {
            codes.push_back(code);
            labels.push_back(label);
            levels.push_back(level);
        }
    };

    bool isForced(std::uint32_t position) const
    {
        return !m_layout->rules.empty() && m_layout->rules[position].forced >= 0;
    }

    /// Of the draft that row k leaves. The row behind the last draft read no noise: its first guess is a level's worth.
    std::uint32_t levelAfter(std::uint32_t k, std::uint32_t L) const
    {
        const std::uint32_t before = k < L ? m_levels[k] : isForced(m_n + k) ? 0 : m_noise.steps;
        return before > 0 ? before - 1 : 0;
    }

    /// A draft that waits for its turn: it keeps the law it was drawn from, whatever the row says now.
    void keep(Step& step, std::uint32_t k, Drafts& next)
    {
        record(step, k, {false, m_d[k]}, TokenState::Kept);
        Label<Real> label = m_labels[k];
        if (label.kind == Label<Real>::Kind::Row) { // it lies in the rows of the pass before: carry it on
            std::copy_n(label.row, m_layout->codes, row(k).begin());
            label = Label<Real>::ofRow(row(k).data());
        }
        next.add(m_d[k], label, 0);
    }

    void slide(Step& step, std::uint32_t m, Drafts next)
    {
        keepLaws(m);
        m_n += m;
        m_d = std::move(next.codes);
        m_labels = std::move(next.labels);
        m_levels = std::move(next.levels);
        std::swap(m_p, m_q); // labels point into m_q until the end of the next pass
        m_pass = step.pass + 1;
        const std::uint32_t evaluatedEnd = step.begin + static_cast<std::uint32_t>(step.token.size());
        if (done()) {
            m_d.clear();
            m_labels.clear();
            m_levels.clear();
        } else {
            refill();
        }
        step.committedEnd = m_n;
        step.end = std::max(evaluatedEnd, m_n + drafts());
        for (std::uint32_t position = evaluatedEnd; position < step.end; ++position) {
            appendFresh(step, position);
        }
    }

    /// What sampling from a neighbour's law will ask for: the laws the m tokens just committed were drawn from.
    void keepLaws(std::uint32_t m)
    {
        m_lastLaw = row(m - 1).data();
        if (m_above.empty()) {
            return;
        }
        for (std::uint32_t k = 0; k < m; ++k) {
            std::ranges::copy(row(k), m_above.begin() + aboveSlot(m_n + k));
        }
    }
    /// The slot of a position serves the position below it, and is free again once that one is committed.
    std::ptrdiff_t aboveSlot(std::uint32_t position) const
    {
        return static_cast<std::ptrdiff_t>(std::size_t{position % m_layout->columns} * m_layout->codes);
    }

    /// Trims drafts that no longer matter and puts fresh ones at the right end, each labelled as what it is (the official
    /// code calls all of them one-hot, which is lossless too where they are copies, but rejects nearly all the others).
    void refill()
    {
        const std::uint32_t left = m_layout->positions() - m_n;
        const std::uint32_t wanted = std::min(m_window - 1, left - 1);
        if (m_d.size() > wanted) {
            m_d.resize(wanted);
            m_labels.resize(wanted);
            m_levels.resize(wanted);
        }
        while (m_d.size() < wanted) {
            const std::uint32_t position = m_n + drafts();
            const bool noisy = m_noise.steps > 0 && !isForced(position);
            Label<Real> label;
            m_d.push_back(noisy ? -1 : freshDraft(position, label));
            m_labels.push_back(label);
            m_levels.push_back(noisy ? m_noise.steps : 0);
            m_tokens[position] = noisy ? 0 : m_d.back();
        }
    }

    const PositionRule* ruleOf(std::uint32_t position) const
    {
        return m_layout->rules.empty() ? nullptr : &m_layout->rules[position];
    }

    std::int32_t freshDraft(std::uint32_t position, Label<Real>& label)
    {
        const PositionRule* rule = ruleOf(position);
        if (rule != nullptr && rule->forced >= 0) {
            label = Label<Real>::oneHot(rule->forced);
            return rule->forced;
        }
        using enum Initialisation;
        const bool fromLeft = m_initialisation == Left || m_initialisation == SampleLeft;
        const bool hasNeighbour = fromLeft ? position % m_layout->columns > 0 : position >= m_layout->columns;
        if (m_initialisation == Uniform || !hasNeighbour) {
            return uniformDraft(position, label);
        }
        const std::uint32_t neighbour = fromLeft ? position - 1 : position - m_layout->columns;
        if (!isAlike(neighbour, position)) {
            return uniformDraft(position, label);
        }
        if (m_initialisation == Left || m_initialisation == Above) {
            const auto code = static_cast<std::int32_t>(m_tokens[neighbour]);
            label = Label<Real>::oneHot(code);
            return code;
        }
        label = lawOf(neighbour);
        switch (label.kind) {
        case Label<Real>::Kind::OneHot: return label.code;
        case Label<Real>::Kind::Row:
            return m_draws.initialise(position, m_pass, std::span<const Real>(label.row, m_layout->codes));
        case Label<Real>::Kind::Uniform: break;
        }
        return uniformDraft(position, label);
    }

    /// Whether what may stand at one position may stand at the other: no line end, the same legal codes.
    bool isAlike(std::uint32_t neighbour, std::uint32_t position) const
    {
        const PositionRule* from = ruleOf(neighbour);
        return from == nullptr || (from->forced < 0 && from->legal == ruleOf(position)->legal);
    }

    /// The law the token at an earlier position was last drawn from. It depends on positions before that one only.
    Label<Real> lawOf(std::uint32_t position) const
    {
        if (position >= m_n) {
            return m_labels[position - m_n];
        }
        if (position + 1 == m_n && m_initialisation == Initialisation::SampleLeft) {
            return Label<Real>::ofRow(m_lastLaw);
        }
        return Label<Real>::ofRow(m_above.data() + aboveSlot(position));
    }

    std::int32_t uniformDraft(std::uint32_t position, Label<Real>& label)
    {
        const PositionRule* rule = ruleOf(position);
        const std::vector<std::uint8_t>* legal = rule != nullptr ? rule->legal.get() : nullptr;
        std::uint32_t count = m_layout->codes;
        if (legal != nullptr) {
            count = static_cast<std::uint32_t>(std::count_if(legal->begin(), legal->end(), [](auto x) { return x != 0; }));
        }
        label.kind = Label<Real>::Kind::Uniform;
        label.each = Real(1) / static_cast<Real>(count);
        label.legal = legal != nullptr ? legal->data() : nullptr;
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
        step.topK.clear();
        step.topK.reserve(room);
        step.token.clear();
        step.state.clear();
        step.draft.clear();
    }
    void record(Step& step, std::uint32_t k, const Verdict<Real>& verdict, TokenState state)
    {
        const bool hasDraft = k < drafts() && m_d[k] >= 0 && state != TokenState::Bonus;
        const std::int32_t tested = hasDraft ? m_d[k] : verdict.code;
        const bool forced = isForced(m_n + k);
        const bool commits = state == TokenState::Accepted || state == TokenState::Resampled || state == TokenState::Bonus;
        // The run is read back by state, so a forced token is marked once the decision is made.
        step.state.push_back(forced && commits && state != TokenState::Accepted ? TokenState::Forced : state);
        step.token.push_back(verdict.code);
        step.draft.push_back(hasDraft ? m_d[k] : -1);
        step.p.push_back(static_cast<float>(row(k)[static_cast<std::size_t>(tested)]));
        step.q.push_back(hasDraft ? static_cast<float>(m_labels[k](tested)) : kNone);
        step.u.push_back(static_cast<float>(verdict.u));
        if (hasDraft) {
            step.topK.push_back(topCandidates(constRow(k), m_labels[k]));
        } else {
            step.topK.push_back(topCandidates(constRow(k), [](std::int32_t) { return kNone; }));
        }
    }
    void appendFresh(Step& step, std::uint32_t position)
    {
        const std::uint32_t k = position - m_n;
        const bool noisy = m_levels[k] > 0;
        step.state.push_back(noisy ? TokenState::Noisy : TokenState::New);
        step.token.push_back(static_cast<std::int32_t>(m_tokens[position]));
        step.draft.push_back(-1);
        step.p.push_back(kNone);
        step.q.push_back(noisy ? kNone : static_cast<float>(m_labels[k](m_d[k])));
        step.u.push_back(kNone);
        step.topK.emplace_back();
    }

    const TokenLayout* m_layout;
    std::uint32_t m_window;
    Initialisation m_initialisation;
    Noise m_noise;
    Draws m_draws;
    std::uint32_t m_n = 0;
    std::uint32_t m_pass = 0;
    bool m_ended = false;
    std::uint64_t m_nearTies = 0;
    std::vector<std::int32_t> m_d;
    std::vector<Label<Real>> m_labels;
    std::vector<std::uint32_t> m_levels; ///< of noise, [L]
    std::vector<Real> m_p; ///< [W, codes] this pass
    std::vector<Real> m_q; ///< [W, codes] the pass before: what the labels point into
    std::vector<Real> m_above; ///< [columns, codes] laws of the last committed row, for sample-above
    const Real* m_lastLaw = nullptr; ///< [codes] of the last committed token, valid as long as the labels
    std::vector<Real> m_scratch;
    std::vector<std::int64_t> m_tokens; ///< [positions] committed, then drafts
};

} // namespace jacobi
