// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/engine/flowchoice.h"
#include "core/engine/flowtrial.h"

#include <cstdint>
#include <functional>
#include <vector>

namespace jacobi {

// What the two searches for a measured strategy (flowchoice.h) share. Worker thread; may throw what libtorch throws.

/// Latents that are tuned on, and others, which nothing is tuned on. Neither are the user's.
inline constexpr std::uint64_t kTuningSeed = 0x464C4F57;
inline constexpr std::uint64_t kCheckSeed = 0x464C4F570000;

/// The first of the pictures of a batch.
inline std::uint64_t flowSeed(std::uint64_t first, int latent, std::int64_t batch)
{
    return first + static_cast<std::uint64_t>(latent * batch);
}

/// Of sequential's time: what has to be beaten.
inline constexpr double kTimeMargin = 0.85;

FlowStrategy sequentialStrategy(std::uint32_t blocks);
double medianOf(std::vector<double> values);

/// What is known of a flow before a search.
struct FlowTuning {
    FlowTrials& trials;
    std::int64_t batch = 1;
    int batches = 1;                  ///< to tune on, at most
    std::function<void(double)> tell; ///< gets the share of the search that is done

    std::uint32_t blocks() const { return trials.blocks(); }
};

/// How each picture's error grows from the output of a block to the picture, measured where Jacobi's iterate is about as
/// wrong as it will be when it is left. [batch]; 0 where no iterate is wrong by so little.
Result<std::vector<double>> errorGrowth(FlowTrials& trials, const ExactRun& run, std::uint32_t block,
                                        const BlockTrajectory& trajectory);

/// The plans of auto-blocks.
Result<std::vector<FlowBlockPlan>> fewestPasses(FlowTuning& tuning);

/// The strategy of auto-passes, where the model's blocks can overlap (FlowTrials::canOverlap): one tolerance for all blocks,
/// the loosest under which no run on the latents to tune on ends with too much error.
Result<FlowStrategy> overlappedPasses(FlowTuning& tuning);

/// The plans of auto-time as far as blocks tell, each by itself.
struct LeastTimePlans {
    std::vector<FlowBlockPlan> plans;
    double sequentialSeconds = 0.0; ///< of a batch
    double jacobiSeconds =
        0.0; ///< of plain Jacobi, with all of kFlowAccuracy for each block by itself: what it takes at least

    /// Whether what fewestPasses() and overlappedPasses() would find can be anywhere near as fast as sequential: otherwise it is
    /// not worth looking for.
    bool isJacobiFast() const { return jacobiSeconds <= kClearlySlower * sequentialSeconds; }
    static constexpr double kClearlySlower = 1.5;
};
Result<LeastTimePlans> leastTime(FlowTuning& tuning);

} // namespace jacobi
