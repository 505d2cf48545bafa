// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/devicecode.h"

#include <cstdint>
#include <limits>
#include <span>
#include <string_view>
#include <vector>

namespace jacobi {

/// The distribution a draft was really drawn from, given everything attached to earlier positions. This one rule,
/// with a network that is causal, is what makes every coupling below lossless: if each draft follows its label, the
/// speculative test turns it into a draw from p, so by induction over positions the result follows sequential sampling.
template <class Real>
struct Label {
    enum class Kind : std::uint8_t { Row, Uniform, OneHot };
    Kind kind = Kind::OneHot;
    std::int32_t code = 0;               ///< OneHot
    const Real* row = nullptr;           ///< Row: [codes], owned by the window, valid for one pass
    Real each = 0;                       ///< Uniform: 1 / number of legal codes
    const std::uint8_t* legal = nullptr; ///< Uniform: [codes] 0/1, null: all

    JACOBI_DEVICE Real operator()(std::int32_t v) const
    {
        switch (kind) {
        case Kind::Row: return row[v];
        case Kind::Uniform: return legal == nullptr || legal[v] != 0 ? each : Real(0);
        case Kind::OneHot: break;
        }
        return v == code ? Real(1) : Real(0);
    }
    JACOBI_DEVICE static Label ofRow(const Real* row)
    {
        Label label;
        label.kind = Kind::Row;
        label.row = row;
        return label;
    }
    JACOBI_DEVICE static Label oneHot(std::int32_t code)
    {
        Label label;
        label.code = code;
        return label;
    }
};

/// One row of a pass that has a draft: what the coupling is given.
template <class Real>
struct DraftRow {
    std::uint32_t position = 0; ///< of the result
    std::uint32_t pass = 0;
    std::int32_t draft = 0;
    Label<Real> q;           ///< law of the draft
    std::span<const Real> p; ///< [codes] the model's law now
};

/// What becomes of a draft.
template <class Real>
struct Verdict {
    bool accepted = false;
    std::int32_t code = 0;                           ///< the draft, or what replaces it
    Real u = std::numeric_limits<Real>::quiet_NaN(); ///< the uniform of the test, where there was one
    double margin =
        std::numeric_limits<double>::infinity(); ///< by how much the code won, in log probability; else infinite
};

/// max(0, p - q) of one code.
template <class Real>
JACOBI_DEVICE Real residualWeight(const DraftRow<Real>& row, std::int32_t v)
{
    const Real r = row.p[static_cast<std::size_t>(v)] - row.q(v);
    return r > Real(0) ? r : Real(0);
}

/// Drawn from max(0, p - q). residual: scratch. A GPU's block has its own (core/cuda/teamdraws.h).
template <class Real, class Draws>
std::int32_t drawResidual(const DraftRow<Real>& row, Draws& draws, std::vector<Real>& residual)
{
    residual.resize(row.p.size());
    double total = 0.0;
    for (std::size_t v = 0; v < row.p.size(); ++v) {
        residual[v] = residualWeight(row, static_cast<std::int32_t>(v));
        total += static_cast<double>(residual[v]);
    }
    if (total > 0.0) {
        return draws.residual(row.position, row.pass, std::span<const Real>(residual), total);
    }
    return draws.residual(row.position, row.pass, row.p, 1.0); // p equals q and only rounding rejected
}

/// The speculative test (Leviathan et al. 2023, Chen et al. 2023; SJD equation 4): keep the draft with probability
/// min(1, p / q), otherwise draw from max(0, p - q). Sends q to p. The residual is never warped again.
template <class Real, class Draws, class Scratch>
JACOBI_DEVICE Verdict<Real> speculativeTest(const DraftRow<Real>& row, Draws& draws, Scratch& scratch)
{
    Verdict<Real> verdict;
    const auto d = static_cast<std::size_t>(row.draft);
    verdict.accepted = draws.accept(row.position, row.pass, row.p[d], row.q(row.draft), verdict.u);
    verdict.code = verdict.accepted ? row.draft : drawResidual(row, draws, scratch);
    return verdict;
}

/// What sequential sampling draws at a position, with the margin it won by where the draws can tell.
template <class Real, class Draws>
JACOBI_DEVICE Verdict<Real> exactDraw(std::uint32_t position, std::span<const Real> p, Draws& draws)
{
    Verdict<Real> verdict;
    if constexpr (requires { draws.drawWithMargin(position, p); }) {
        const auto drawn = draws.drawWithMargin(position, p);
        verdict.code = drawn.code;
        verdict.margin = drawn.margin;
    } else {
        verdict.code = draws.draw(position, p);
    }
    return verdict;
}

/// How a coupling decides and redraws. verify() is asked for rows in order up to the first rejection; redraw() for the
/// rows after it, whose drafts stay in the window; extend() for the last row, which had no draft, when it becomes one.
/// kIsExact: the result is the sequential one, token for token. kRedrawIsVerify: redraw() is verify(). Each new draft
/// follows the row's p given all earlier positions, so its label is p.

/// SJD (2410.01699, section 4): rows after the first rejection are drawn afresh.
struct IndependentCoupling {
    static constexpr std::string_view kName = "independent";
    static constexpr bool kIsExact = false;
    static constexpr bool kRedrawIsVerify = false;
    template <class Real, class Draws, class Scratch>
    JACOBI_DEVICE static Verdict<Real> verify(const DraftRow<Real>& row, Draws& draws, Scratch& scratch)
    {
        return speculativeTest(row, draws, scratch);
    }
    template <class Real, class Draws, class Scratch>
    JACOBI_DEVICE static Verdict<Real> redraw(const DraftRow<Real>& row, Draws& draws, Scratch&)
    {
        return {false, draws.redraw(row.position, row.pass, row.p)};
    }
    template <class Real, class Draws>
    JACOBI_DEVICE static std::int32_t extend(std::uint32_t position, std::uint32_t pass, std::span<const Real> p,
                                             Draws& draws)
    {
        return draws.redraw(position, pass, p);
    }
};

/// Maximal coupling (MC-SJD / SCD, 2510.24211; SJD-PAC's adaptive continuation, 2603.18599): rows after the first
/// rejection take the same test, so a draft stays with probability 1 - TV(p, q), the most any coupling allows.
struct MaximalCoupling {
    static constexpr std::string_view kName = "maximal";
    static constexpr bool kIsExact = false;
    static constexpr bool kRedrawIsVerify = true;
    template <class Real, class Draws, class Scratch>
    JACOBI_DEVICE static Verdict<Real> verify(const DraftRow<Real>& row, Draws& draws, Scratch& scratch)
    {
        return speculativeTest(row, draws, scratch);
    }
    template <class Real, class Draws, class Scratch>
    JACOBI_DEVICE static Verdict<Real> redraw(const DraftRow<Real>& row, Draws& draws, Scratch& scratch)
    {
        return speculativeTest(row, draws, scratch);
    }
    template <class Real, class Draws>
    JACOBI_DEVICE static std::int32_t extend(std::uint32_t position, std::uint32_t pass, std::span<const Real> p,
                                             Draws& draws)
    {
        return draws.redraw(position, pass, p);
    }
};

/// Predictive sampling (Wiggers and Hoogeboom 2020): fixed Gumbel noise makes sampling a deterministic recursion;
/// a draft is right iff it equals argmax(log p + g). The result is that of sequential sampling, token for token.
struct GumbelExactCoupling {
    static constexpr std::string_view kName = "gumbel-exact";
    static constexpr bool kIsExact = true;
    static constexpr bool kRedrawIsVerify = true;
    template <class Real, class Draws, class Scratch>
    JACOBI_DEVICE static Verdict<Real> verify(const DraftRow<Real>& row, Draws& draws, Scratch&)
    {
        Verdict<Real> verdict = exactDraw(row.position, row.p, draws);
        verdict.accepted = verdict.code == row.draft;
        return verdict;
    }
    template <class Real, class Draws, class Scratch>
    JACOBI_DEVICE static Verdict<Real> redraw(const DraftRow<Real>& row, Draws& draws, Scratch& scratch)
    {
        return verify(row, draws, scratch);
    }
    template <class Real, class Draws>
    JACOBI_DEVICE static std::int32_t extend(std::uint32_t position, std::uint32_t, std::span<const Real> p,
                                             Draws& draws)
    {
        return draws.draw(position, p);
    }
};

/// SCD's shared Gumbel noise (2510.24211): drafts are redrawn with the position's fixed noise, committed by the
/// speculative test. Lossless in law, not the sequential picture.
struct GumbelSpecCoupling {
    static constexpr std::string_view kName = "gumbel-spec";
    static constexpr bool kIsExact = false;
    static constexpr bool kRedrawIsVerify = false;
    template <class Real, class Draws, class Scratch>
    JACOBI_DEVICE static Verdict<Real> verify(const DraftRow<Real>& row, Draws& draws, Scratch& scratch)
    {
        return speculativeTest(row, draws, scratch);
    }
    template <class Real, class Draws, class Scratch>
    JACOBI_DEVICE static Verdict<Real> redraw(const DraftRow<Real>& row, Draws& draws, Scratch&)
    {
        return {false, draws.draw(row.position, row.p)};
    }
    template <class Real, class Draws>
    JACOBI_DEVICE static std::int32_t extend(std::uint32_t position, std::uint32_t, std::span<const Real> p,
                                             Draws& draws)
    {
        return draws.draw(position, p);
    }
};

} // namespace jacobi
