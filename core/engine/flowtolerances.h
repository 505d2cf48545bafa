// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/engine/flowtrial.h"

#include <vector>

namespace jacobi {

/// What plain Jacobi takes in one block at a tolerance, and what it leaves.
struct ToleranceLevel {
    double tolerance = 0.0;
    double passes = 0.0; ///< mean over the latents it was measured with
    double error = 0.0;  ///< largest that may be left, as an error of the picture

    bool operator==(const ToleranceLevel&) const = default;
};

/// Every change from 2 down to 1e-4, eight to a factor of ten.
std::vector<double> triedTolerances();

/// A level for each tolerance of triedTolerances(). growth: an error of the picture over one of the block's output.
std::vector<ToleranceLevel> toleranceLevels(const std::vector<BlockTrajectory>& trajectories, double growth);

/// A block's levels, the start they belong to, and the level chosen.
struct BlockTolerances {
    std::vector<ToleranceLevel> levels; ///< loosest first
    FlowStart start = FlowStart::Input;
    std::size_t at = 0;

    const ToleranceLevel& level() const { return levels[at]; }
    /// The next looser level that takes fewer passes, or `at` where there is none.
    std::size_t looser() const;
    /// Passes of the loosest level whose error is within the share.
    double passesWithin(double error) const;
};

/// Chooses a level for each block: everything as loose as it gets, then tighter where that costs fewest passes for what
/// it gains, until the errors add up to the goal (or nothing is left to gain).
void shareOutError(std::vector<BlockTolerances>& blocks, double goal);

/// Plain Jacobi with the chosen tolerances; blocks in their order.
std::vector<FlowBlockPlan> plansOf(const std::vector<BlockTolerances>& blocks);

} // namespace jacobi
