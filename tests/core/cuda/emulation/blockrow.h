// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/cuda/rowwarp.h"
#include "core/cuda/teamdraws.h"

#include <cstdint>
#include <span>
#include <vector>

namespace jacobi::test {

/// What a team makes of one row: its law, and what it draws from that.
template <class Real>
struct TeamRow {
    std::vector<Real> p; ///< [codes]
    double entropy = 0.0;
    std::int32_t drawn = -1;
    double margin = 0.0;
    std::int32_t residual = -1; ///< of a draft whose label is uniform
};

template <class Real, class Team>
void makeRow(Team& team, const std::vector<Real>& logits, const WarpKnobs& knobs, TeamRow<Real>& out)
{
    LayoutView layout;
    layout.positions = layout.columns = 1;
    layout.codes = static_cast<std::uint32_t>(logits.size());
    const double entropy = warpRow<Real, Real>(team, layout, knobs, 0, logits.data(), nullptr, out.p.data());
    TeamDraws<Real, Team> draws(9, team);
    const std::span<const Real> p(out.p);
    const auto drawn = draws.drawWithMargin(0, p);
    Label<Real> label;
    label.kind = Label<Real>::Kind::Uniform;
    label.each = Real(1) / static_cast<Real>(layout.codes);
    TeamScratch none;
    const std::int32_t residual = drawResidual(DraftRow<Real>{0, 1, 0, label, p}, draws, none);
    team.once([&] {
        out.entropy = entropy;
        out.drawn = drawn.code;
        out.margin = drawn.margin;
        out.residual = residual;
    });
}

/// By a block of the emulated card.
TeamRow<float> rowByBlock(std::uint32_t lanes, const std::vector<float>& logits, const WarpKnobs& knobs);
TeamRow<double> rowByBlock(std::uint32_t lanes, const std::vector<double>& logits, const WarpKnobs& knobs);

} // namespace jacobi::test
