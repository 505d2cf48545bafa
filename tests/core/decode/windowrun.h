// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/decode/draftwindow.h"
#include "core/decode/draws.h"
#include "tests/core/decode/stepchecker.h"
#include "tests/core/decode/tokentable.h"

namespace jacobi::test {

/// One pass of a DraftWindow over a table: fills every row, then advances. laws: after F.
template <class Window>
Step passOver(const TokenTable& laws, Window& window, std::uint32_t pass)
{
    const auto& tokens = window.tokens();
    for (std::uint32_t k = 0; k < window.rows(); ++k) {
        const std::uint32_t position = window.committed() + k;
        const auto p = laws.row(position, position > 1 ? tokens[position - 2] : -1, window.input(k));
        const auto row = window.row(k);
        for (std::size_t v = 0; v < p.size(); ++v) {
            row[v] = static_cast<typename decltype(row)::value_type>(p[v]);
        }
    }
    Step step;
    step.pass = pass;
    window.advance(step);
    return step;
}

template <class Coupling>
using PhiloxWindow = DraftWindow<double, Coupling, PhiloxDraws<double>>;

/// Runs a window to its end; every step is checked. Returns what is wrong, or nothing.
template <class Window>
QString runChecked(const TokenTable& laws, Window& window, StepChecker& checker)
{
    while (!window.done()) {
        const Step step = passOver(laws, window, checker.passes());
        if (QString wrong = checker.check(step, window.tokens()); !wrong.isEmpty()) {
            return wrong;
        }
    }
    return checker.committed() == window.committed() ? "" : "committed() disagrees with the steps";
}

/// Calls visit with one object of every coupling.
template <class Visit>
void eachCoupling(const Visit& visit)
{
    visit(IndependentCoupling());
    visit(MaximalCoupling());
    visit(GumbelExactCoupling());
    visit(GumbelSpecCoupling());
}

template <class Coupling>
constexpr bool kSpeculative = Coupling::kName != GumbelExactCoupling::kName;

} // namespace jacobi::test
