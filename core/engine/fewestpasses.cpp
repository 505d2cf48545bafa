// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/flowtolerances.h"
#include "core/engine/flowtuning.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace jacobi {
namespace {

constexpr double kAimed = 0.8; // of the accuracy asked for: what whole runs may show while tolerances are loosened

/// The search for auto-passes.
class FewestPasses {
public:
    explicit FewestPasses(FlowTuning& tuning) : m_tuning(tuning) {}
    Result<std::vector<FlowBlockPlan>> find();

private:
    struct WholeRun {
        std::uint64_t seed = 0;
        at::Tensor picture; ///< of the sequential inverse
    };
    Result<BlockTolerances> tolerancesOf(std::uint32_t block, FlowStart start);
    Result<void> loosen(std::vector<BlockTolerances>& blocks);
    Result<bool> keepsAim(const std::vector<FlowBlockPlan>& plans);

    FlowTuning& m_tuning;
    std::vector<WholeRun> m_runs;
};

Result<BlockTolerances> FewestPasses::tolerancesOf(std::uint32_t block, FlowStart start)
{
    std::vector<BlockTrajectory> trajectories;
    for (const ExactRun& run : m_tuning.exact) {
        auto trajectory = m_tuning.trials.trajectory(run, block, start);
        if (!trajectory) {
            return tl::unexpected(trajectory.error());
        }
        trajectory->iterates.clear();
        trajectories.push_back(std::move(*trajectory));
    }
    BlockTolerances tolerances;
    tolerances.levels = toleranceLevels(trajectories, m_tuning.growth[block]);
    tolerances.start = start;
    return tolerances;
}

Result<std::vector<FlowBlockPlan>> FewestPasses::find()
{
    std::vector<FlowStart> starts{FlowStart::Input, FlowStart::Zeros};
    if (m_tuning.trials.hasFittedStart()) {
        starts.push_back(FlowStart::Fitted);
    }
    std::vector<BlockTolerances> blocks;
    for (std::uint32_t block = 0; block < m_tuning.blocks(); ++block) {
        BlockTolerances best;
        for (const FlowStart start : starts) {
            auto found = tolerancesOf(block, start);
            if (!found) {
                return tl::unexpected(found.error());
            }
            const double share = kFlowAccuracy / static_cast<double>(m_tuning.blocks());
            if (best.levels.empty() || found->passesWithin(share) < best.passesWithin(share)) {
                best = std::move(*found);
            }
        }
        blocks.push_back(std::move(best));
        m_tuning.tell(0.3 * (block + 1) / m_tuning.blocks());
    }
    if (auto loosened = loosen(blocks); !loosened) {
        return tl::unexpected(loosened.error());
    }
    return plansOf(blocks);
}

/// Worst cases of all blocks hardly ever meet, so their sum is far above what whole runs show: as much of it is allowed
/// as keeps the whole runs within what is aimed at; then each block is tried one step looser.
Result<void> FewestPasses::loosen(std::vector<BlockTolerances>& blocks)
{
    for (int latent = 0; latent < m_tuning.wholes; ++latent) {
        const auto seed = flowSeed(kTuningSeed, static_cast<int>(m_tuning.exact.size()) + latent, m_tuning.batch);
        auto exact = m_tuning.trials.whole(seed, sequentialStrategy(m_tuning.blocks()));
        if (!exact) {
            return tl::unexpected(exact.error());
        }
        m_runs.push_back({seed, std::move(exact->picture)});
    }
    constexpr int kRungs = 24; // of the sum of errors, a factor of 1.3 each
    constexpr std::uint32_t kSweeps = 2;
    const auto rung = [&](int at) {
        std::vector<BlockTolerances> shared = blocks;
        shareOutError(shared, kAimed * kFlowAccuracy * std::pow(1.3, at));
        return shared;
    };
    std::vector<BlockTolerances> best = rung(0);
    int fits = 0;
    int tooLoose = kRungs;
    while (tooLoose - fits > 1) {
        const int middle = (fits + tooLoose) / 2;
        std::vector<BlockTolerances> shared = rung(middle);
        const Result<bool> kept = keepsAim(plansOf(shared));
        if (!kept) {
            return tl::unexpected(kept.error());
        }
        (*kept ? fits : tooLoose) = middle;
        if (*kept) {
            best = std::move(shared);
        }
        m_tuning.tell(0.3 + 0.2 * (kRungs - (tooLoose - fits)) / kRungs);
    }
    for (std::uint32_t turn = 0; turn < kSweeps * m_tuning.blocks(); ++turn) {
        const std::uint32_t block = turn % m_tuning.blocks();
        std::vector<BlockTolerances> looser = best;
        while (looser[block].looser() != looser[block].at) {
            looser[block].at = looser[block].looser();
            const Result<bool> kept = keepsAim(plansOf(looser));
            if (!kept) {
                return tl::unexpected(kept.error());
            }
            if (!*kept) {
                break;
            }
            best = looser;
        }
        m_tuning.tell(0.5 + 0.5 * (turn + 1) / (kSweeps * m_tuning.blocks()));
    }
    blocks = std::move(best);
    return {};
}

/// Whether whole runs with these plans stay within what is aimed at. A run that does not goes first the next time.
Result<bool> FewestPasses::keepsAim(const std::vector<FlowBlockPlan>& plans)
{
    FlowStrategy strategy;
    strategy.blocks = plans;
    for (std::size_t i = 0; i < m_runs.size(); ++i) {
        const auto whole = m_tuning.trials.whole(m_runs[i].seed, strategy);
        if (!whole) {
            return tl::unexpected(whole.error());
        }
        if (largestDifference(whole->picture, m_runs[i].picture) > kAimed * kFlowAccuracy) {
            std::rotate(m_runs.begin(), m_runs.begin() + static_cast<std::ptrdiff_t>(i),
                        m_runs.begin() + static_cast<std::ptrdiff_t>(i) + 1);
            return false;
        }
    }
    return true;
}

} // namespace

Result<std::vector<FlowBlockPlan>> fewestPasses(FlowTuning& tuning)
{
    return FewestPasses(tuning).find();
}

} // namespace jacobi
