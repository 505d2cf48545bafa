// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/engine/modelfamily.h"
#include "core/engine/runheader.h"
#include "core/trace/flowstrategy.h"

#include <cstdint>
#include <functional>
#include <stop_token>
#include <vector>

namespace jacobi {

/// Largest difference from the sequential inverse, in the picture in [-1, 1] before the step along the score, that a
/// measured strategy is made for. Less is aimed at, so that it also holds on latents it was not found with.
inline constexpr double kFlowAccuracy = 1e-2;

/// The guidance that a strategy for this one is measured with: the next half up, so that a slider does not bring a
/// measurement at every notch. More guidance makes tokens depend more on those before them, so what is exact enough with a
/// little more is exact enough with this. 0 stays 0: without guidance there is no second branch.
double measuredGuidance(double guidance);

/// What a measured strategy of a flow stands for here.
struct FlowChoice {
    FlowStrategy strategy;
    double passes = 0.0; ///< network passes of a run with it, mean
    double sequentialPasses = 0.0;
    double seconds = 0.0; ///< of a run with it, median
    double sequentialSeconds = 0.0;
    double error = 0.0;              ///< largest difference from sequential on latents it was checked with
    std::vector<double> blockPasses; ///< [blocks] that a picture takes in it, mean; pictures may be in several at once

    bool operator==(const FlowChoice&) const = default;
};

/// Finds `auto-passes` (fewest passes one after the other), `auto-blocks` (the same, one block after the other) or
/// `auto-time` (least time here), whichever context.request.strategy names, on latents of its own seeds:
///
/// 1. The sequential inverse gives each block's exact input and output.
/// 2. For each block, how much an error of its output grows until it is one of the picture.
/// 3. auto-blocks, and auto-passes where blocks cannot overlap, on 256 pictures or as many as it has patience for: plain Jacobi's iterates, from the start that brings
///    the block near its output soonest, tell for each picture its change and its error pass by pass. Of the tolerances
///    under which no picture's errors of all blocks add up to more than its limit, those of fewest passes are chosen; whole
///    runs then lower the limits of pictures that show more than 80 % of kFlowAccuracy, until none does. auto-time: each
///    block has an equal share of half of kFlowAccuracy; for each way to invert it the loosest tolerance within the share is
///    found and timed repeatedly, and the fastest is taken where it beats sequential by 15 %. Where plain Jacobi, exact
///    enough, takes no more than half as long again as sequential, what auto-blocks and auto-passes would find are strategies
///    to choose from, too: else they are not looked for, which takes by far the longest.
///    auto-passes: blocks overlap; of as many pictures each pass's largest change and the picture's error are recorded, and
///    the loosest tolerance is taken at which none ends with more than 80 % of kFlowAccuracy.
/// 4. Whole runs on latents that nothing was tuned on check it: while the error is above 90 % of kFlowAccuracy, the tolerance
///    that does most about it is made tighter; auto-time also times them in turn with sequential runs, takes the fastest, and
///    is sequential where that does not gain 15 %.
///
/// Where the request has a class, pictures get the model's in turn, so that a strategy serves whichever is asked for. `tell`
/// gets the share that is done, 0..1, by the time it is expected to take. Errors: Cancelled, and what a run can fail with.
/// May throw what libtorch throws. Worker thread only.
Result<FlowChoice> measureFlow(LoadedModel& model, const RunContext& context, const std::stop_token& stop,
                               const std::function<void(double fraction)>& tell);

/// Passes of plain Jacobi from the input until each block's output is within kMeasuredError of the exact one, mean over
/// so many latents (FlowBlockMetrics::passes). [blocks]
Result<std::vector<double>> measureBlockPasses(LoadedModel& model, std::uint32_t latents, const std::stop_token& stop);

} // namespace jacobi
