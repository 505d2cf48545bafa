// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/flowtolerances.h"
#include "core/engine/flowtuning.h"

#include <algorithm>
#include <chrono>

namespace jacobi {
namespace {

constexpr double kAimed = 0.8;       // of the accuracy asked for: what whole runs may show
constexpr double kOff = 1.25;        // a tolerance has to do as well when it is so much looser
constexpr double kFollowed = 1e-4;   // a change that no picture shows
constexpr int kLeastBatches = 2;     // to follow, and
constexpr double kPatience = 120.0;  // seconds after which no further one is
constexpr std::uint32_t kLagOf = 32; // tokens for a pass of lag: by then the first block has something to tell

FlowStrategy overlapping(const FlowTrials& trials, double tolerance)
{
    FlowStrategy strategy;
    strategy.lag = std::max(1U, trials.tokens() / kLagOf);
    for (std::uint32_t block = 0; block < trials.blocks(); ++block) {
        FlowBlockPlan plan;
        plan.block = block;
        plan.method = FlowMethod::Jacobi;
        plan.stop = FlowStop::Max;
        plan.start = trials.hasFittedStart() ? FlowStart::Fitted : FlowStart::Input;
        plan.tolerance = tolerance;
        strategy.blocks.push_back(plan);
    }
    return strategy;
}

/// What a picture's error is where a run ends with the first pass that changes no block by more than the tolerance.
double errorAt(const OverlapCurve& curve, double tolerance)
{
    const auto end = std::ranges::find_if(curve.change, [=](double change) { return change <= tolerance; });
    const auto pass = static_cast<std::size_t>(end - curve.change.begin());
    return curve.error[std::min(pass, curve.error.size() - 1)];
}

} // namespace

Result<FlowStrategy> overlappedPasses(FlowTuning& tuning)
{
    using Clock = std::chrono::steady_clock;
    const Clock::time_point from = Clock::now();
    std::vector<OverlapCurve> curves; // [pictures]
    for (int latent = 0; latent < tuning.batches; ++latent) {
        const double share = std::chrono::duration<double>(Clock::now() - from).count() / kPatience;
        if (latent >= kLeastBatches && share > 1.0) {
            break;
        }
        auto some = tuning.trials.overlapped(flowSeed(kTuningSeed, latent, tuning.batch),
                                             overlapping(tuning.trials, kFollowed));
        if (!some) {
            return tl::unexpected(some.error());
        }
        curves.insert(curves.end(), some->begin(), some->end());
        tuning.tell(std::max(static_cast<double>(latent + 1) / tuning.batches, std::min(1.0, share)));
    }
    for (const double tolerance : triedTolerances()) { // from the loosest on
        const bool keepsAim = std::ranges::all_of(curves, [=](const OverlapCurve& curve) {
            return std::max(errorAt(curve, tolerance), errorAt(curve, kOff * tolerance)) <= kAimed * kFlowAccuracy;
        });
        if (keepsAim) {
            return overlapping(tuning.trials, tolerance);
        }
    }
    return overlapping(tuning.trials, 0.0);
}

} // namespace jacobi
