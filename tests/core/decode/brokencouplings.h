// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/decode/coupling.h"
#include "tests/core/decode/enumerateddraws.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <span>
#include <vector>

namespace jacobi::test {

// Mistakes that were really made, in papers' code or in ours. Every one runs, looks plausible and is slightly wrong;
// enumeration must notice each.

/// Label p_new instead of q in the test: everything passes.
struct TestsAgainstNewLaw : MaximalCoupling {
    template <class Real, class Draws>
    static Verdict<Real> verify(DraftRow<Real> row, Draws& draws, std::vector<Real>& scratch)
    {
        row.q = Label<Real>::ofRow(row.p.data());
        return speculativeTest(row, draws, scratch);
    }
};

/// A kept draft keeps the label it had, though keeping looked at p.
struct RememberingDraws : EnumeratedDraws {
    using EnumeratedDraws::EnumeratedDraws;
    std::map<std::uint32_t, std::vector<double>> staleLabels = {};
};
struct StaleLabelOfKeptDraft : MaximalCoupling {
    static Verdict<double> verify(DraftRow<double> row, RememberingDraws& draws, std::vector<double>& scratch)
    {
        if (const auto stale = draws.staleLabels.find(row.position); stale != draws.staleLabels.end()) {
            row.q = Label<double>::ofRow(stale->second.data());
        }
        return speculativeTest(row, draws, scratch);
    }
    static Verdict<double> redraw(const DraftRow<double>& row, RememberingDraws& draws, std::vector<double>& scratch)
    {
        const Verdict<double> verdict = verify(row, draws, scratch);
        auto& stale = draws.staleLabels;
        if (!verdict.accepted) {
            stale.erase(row.position);
        } else if (!stale.contains(row.position)) {
            for (std::size_t v = 0; v < row.p.size(); ++v) {
                stale[row.position].push_back(row.q(static_cast<std::int32_t>(v)));
            }
        }
        return verdict;
    }
};

/// Keeps a draft that looks likely, redraws it otherwise.
struct ThresholdReuse : IndependentCoupling {
    template <class Real, class Draws>
    static Verdict<Real> redraw(const DraftRow<Real>& row, Draws& draws, std::vector<Real>& scratch)
    {
        return row.p[static_cast<std::size_t>(row.draft)] > Real(0.4)
                   ? Verdict<Real>{true, row.draft}
                   : IndependentCoupling::redraw(row, draws, scratch);
    }
};

/// Draws a replacement from p instead of the residual.
struct ReplacementFromP : IndependentCoupling {
    template <class Real, class Draws>
    static Verdict<Real> verify(const DraftRow<Real>& row, Draws& draws, std::vector<Real>& scratch)
    {
        Verdict<Real> verdict = speculativeTest(row, draws, scratch);
        if (!verdict.accepted) {
            verdict.code = draws.redraw(row.position, row.pass, row.p);
        }
        return verdict;
    }
};

/// Goes on as if nothing was rejected: rows that saw the rejected draft are committed, and so is the extra token.
struct BonusAlthoughRejected : IndependentCoupling {
    template <class Real, class Draws>
    static Verdict<Real> verify(const DraftRow<Real>& row, Draws& draws, std::vector<Real>& scratch)
    {
        return {true, speculativeTest(row, draws, scratch).code};
    }
};

/// The residual goes through the pipeline again: temperature 0.7.
struct ResidualWithTemperature : EnumeratedDraws {
    using EnumeratedDraws::EnumeratedDraws;
    std::int32_t residual(std::uint32_t position, std::uint32_t pass, std::span<const double> weights, double)
    {
        const std::vector<double> w = plainLaw(weights, {}, {.temperature = 0.7}, nullptr);
        return EnumeratedDraws::residual(position, pass, w, 1.0);
    }
};
/// The same with top-p 0.9.
struct ResidualWithTopP : EnumeratedDraws {
    using EnumeratedDraws::EnumeratedDraws;
    std::int32_t residual(std::uint32_t position, std::uint32_t pass, std::span<const double> weights, double)
    {
        const std::vector<double> w = plainLaw(weights, {}, {.topP = 0.9}, nullptr);
        return EnumeratedDraws::residual(position, pass, w, 1.0);
    }
};

/// The uniform that rejected the draft also picks the replacement: given the rejection it is not uniform any more.
struct AcceptUniformPicksReplacement : EnumeratedDraws {
    using EnumeratedDraws::EnumeratedDraws;
    UnknownUniform known = {};
    bool accept(std::uint32_t, std::uint32_t, double p, double q, double&)
    {
        known = {};
        const double a = chance(p, q);
        return known.find(std::vector<double>{a, 1.0 - a}, choices()) == 0;
    }
    std::int32_t residual(std::uint32_t, std::uint32_t, std::span<const double> weights, double total)
    {
        std::vector<double> shares(weights.begin(), weights.end());
        for (double& x : shares) {
            x /= total;
        }
        return static_cast<std::int32_t>(known.find(shares, choices()));
    }
};

/// A position's accept uniform is the same in every pass.
struct AcceptUniformOfThePosition : EnumeratedDraws {
    using EnumeratedDraws::EnumeratedDraws;
    std::map<std::uint32_t, UnknownUniform> known = {};
    bool accept(std::uint32_t position, std::uint32_t, double p, double q, double&)
    {
        const double a = chance(p, q);
        return known[position].find(std::vector<double>{a, 1.0 - a}, choices()) == 0;
    }
};

/// Knows the token that stands at every position now, which only those who take decisions from it can tell it.
/// initialiseAmong's answers are codes: for layouts that allow every code.
struct WatchingDraws : EnumeratedDraws {
    using EnumeratedDraws::EnumeratedDraws;
    std::map<std::uint32_t, std::int32_t> token = {};
    std::map<std::uint32_t, std::int32_t> leftOfFresh = {}; ///< of drafts nobody has tested yet: the token at the left
    std::int32_t residual(std::uint32_t position, std::uint32_t pass, std::span<const double> weights, double total)
    {
        return put(position, EnumeratedDraws::residual(position, pass, weights, total));
    }
    std::int32_t redraw(std::uint32_t position, std::uint32_t pass, std::span<const double> p)
    {
        return put(position, EnumeratedDraws::redraw(position, pass, p));
    }
    std::int32_t draw(std::uint32_t position, std::span<const double> p)
    {
        return put(position, EnumeratedDraws::draw(position, p));
    }
    std::int32_t initialise(std::uint32_t position, std::uint32_t pass, std::span<const double> p)
    {
        return fresh(position, EnumeratedDraws::initialise(position, pass, p));
    }
    std::uint32_t initialiseAmong(std::uint32_t position, std::uint32_t pass, std::uint32_t count)
    {
        const std::uint32_t code = EnumeratedDraws::initialiseAmong(position, pass, count);
        fresh(position, static_cast<std::int32_t>(code));
        return code;
    }

protected:
    std::int32_t put(std::uint32_t position, std::int32_t code)
    {
        leftOfFresh.erase(position);
        return token[position] = code;
    }
    std::int32_t fresh(std::uint32_t position, std::int32_t code)
    {
        put(position, code);
        if (position > 0) {
            leftOfFresh[position] = token[position - 1];
        }
        return code;
    }
};

/// New drafts copy the token to the left, but are labelled as uniform.
struct CopiedDraftCalledUniform : WatchingDraws {
    using WatchingDraws::WatchingDraws;
    std::uint32_t initialiseAmong(std::uint32_t position, std::uint32_t pass, std::uint32_t count)
    {
        return position == 0 ? WatchingDraws::initialiseAmong(position, pass, count)
                             : static_cast<std::uint32_t>(fresh(position, token[position - 1]));
    }
};

/// New drafts copy the token to the left, but are labelled with the law that one was drawn from: it has been drawn.
struct CopiedDraftCalledSampled : WatchingDraws {
    using WatchingDraws::WatchingDraws;
    std::int32_t initialise(std::uint32_t position, std::uint32_t, std::span<const double>)
    {
        return fresh(position, token[position - 1]);
    }
};

/// A draft sampled from the law of its neighbour is labelled as uniform.
struct SampledDraftCalledUniform : IndependentCoupling {
    static Verdict<double> verify(DraftRow<double> row, WatchingDraws& draws, std::vector<double>& scratch)
    {
        if (draws.leftOfFresh.contains(row.position)) {
            row.q.kind = Label<double>::Kind::Uniform;
            row.q.each = 1.0 / static_cast<double>(row.p.size());
        }
        return speculativeTest(row, draws, scratch);
    }
};

/// A draft sampled from the law of its neighbour is labelled as the neighbour's token for certain, as if it were a copy.
struct SampledDraftCalledCopied : IndependentCoupling {
    static Verdict<double> verify(DraftRow<double> row, WatchingDraws& draws, std::vector<double>& scratch)
    {
        if (const auto left = draws.leftOfFresh.find(row.position); left != draws.leftOfFresh.end()) {
            row.q = Label<double>::oneHot(left->second);
        }
        return speculativeTest(row, draws, scratch);
    }
};

/// No mistake, though it looks like one (and is what the official code does): a draft sampled in whatever way is
/// labelled as itself for certain. Whoever knows the draft may say so; it is only rejected more often.
struct SampledDraftCalledItself : IndependentCoupling {
    static Verdict<double> verify(DraftRow<double> row, WatchingDraws& draws, std::vector<double>& scratch)
    {
        row.q = draws.leftOfFresh.contains(row.position) ? Label<double>::oneHot(row.draft) : row.q;
        return speculativeTest(row, draws, scratch);
    }
};

} // namespace jacobi::test
