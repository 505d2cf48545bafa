// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/flowtolerances.h"
#include "core/engine/flowtuning.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace jacobi {
namespace {

constexpr double kSafety = 0.5;   // of the accuracy asked for: what the blocks' errors may add up to
constexpr double kSpare = 0.5;    // of a tolerance that just fits
constexpr double kNoise = 1.2;    // of sequential's time, timed once: what is beyond has lost
constexpr int kTries = 3;         // before it has
constexpr int kRepeats = 3;       // of a timing
constexpr double kPrepared = 0.4; // of the search, by time

/// The search for auto-time.
class LeastTime {
public:
    explicit LeastTime(FlowTuning& tuning) : m_tuning(tuning) {}
    Result<LeastTimePlans> find();

private:
    Result<void> prepare();
    Result<void> growAndTime(std::uint32_t block);
    Result<double> leastPasses(const ExactRun& run, std::uint32_t block, const std::vector<double>& growth);
    Result<BlockTrial> fairTrial(const ExactRun& run, const FlowBlockPlan& plan);
    Result<FlowBlockPlan> fastest(std::uint32_t block);
    Result<bool> fitsShare(FlowBlockPlan& plan, double share);

    FlowTuning& m_tuning;
    std::vector<ExactRun> m_exact;
    std::vector<double> m_growth; ///< [blocks] largest
    double m_sequential = 0.0;    ///< seconds of all blocks of a batch, and
    double m_jacobi = 0.0;        ///< those of plain Jacobi until each block by itself is exact enough
};

Result<void> LeastTime::prepare()
{
    // What comes for the first time takes longer, and a device records it: the first run does not count.
    for (int latent = -1; latent < m_tuning.batches; ++latent) {
        auto run = m_tuning.trials.exact(flowSeed(kTuningSeed, std::max(0, latent), m_tuning.batch));
        if (!run) {
            return tl::unexpected(run.error());
        }
        if (latent >= 0) {
            m_exact.push_back(std::move(*run));
        }
    }
    m_growth.assign(m_tuning.blocks(), 0.0);
    for (std::uint32_t block = 0; block < m_tuning.blocks(); ++block) {
        if (auto done = growAndTime(block); !done) {
            return done;
        }
        m_tuning.tell(kPrepared * (block + 1) / m_tuning.blocks());
    }
    return {};
}

Result<void> LeastTime::growAndTime(std::uint32_t block)
{
    FlowBlockPlan loosest;
    loosest.block = block;
    loosest.method = FlowMethod::Jacobi;
    loosest.stop = FlowStop::Max;
    loosest.start = m_tuning.trials.hasFittedStart() ? FlowStart::Fitted : FlowStart::Input;
    loosest.tolerance = triedTolerances().front();
    const std::size_t runs = std::min<std::size_t>(2, m_exact.size());
    double least = std::numeric_limits<double>::infinity(); // passes
    double ofPass = least;                                  // seconds
    for (std::size_t i = 0; i < runs; ++i) {
        const auto trajectory = m_tuning.trials.trajectory(m_exact[i], block, FlowStart::Input);
        if (!trajectory) {
            return tl::unexpected(trajectory.error());
        }
        const auto growth = errorGrowth(m_tuning.trials, m_exact[i], block, *trajectory);
        if (!growth) {
            return tl::unexpected(growth.error());
        }
        m_growth[block] = std::max(m_growth[block], *std::ranges::max_element(*growth));
        const auto trial = fairTrial(m_exact[i], loosest);
        if (!trial) {
            return tl::unexpected(trial.error());
        }
        const Result<double> passes = leastPasses(m_exact[i], block, *growth);
        if (!passes) {
            return tl::unexpected(passes.error());
        }
        least = std::min(least, *passes);
        ofPass = std::min(ofPass, trial->seconds / std::max(1.0, trial->passes));
    }
    // What else runs on the machine only adds to a time: the least of all is what the machine can do.
    const auto ofBlock = [=](const ExactRun& run) { return run.seconds[block]; };
    m_sequential += std::ranges::min_element(m_exact, {}, ofBlock)->seconds[block];
    m_jacobi += least * ofPass;
    m_growth[block] = m_growth[block] > 0.0 ? m_growth[block] : 1.0;
    return {};
}

/// Passes of plain Jacobi until the block by itself leaves no larger error in the picture than a strategy may, mean over
/// pictures, which may be left one by one.
Result<double> LeastTime::leastPasses(const ExactRun& run, std::uint32_t block, const std::vector<double>& growth)
{
    const FlowStart start = m_tuning.trials.hasFittedStart() ? FlowStart::Fitted : FlowStart::Input;
    const auto trajectory = m_tuning.trials.trajectory(run, block, start);
    if (!trajectory) {
        return tl::unexpected(trajectory.error());
    }
    const double most = *std::ranges::max_element(growth);
    double sum = 0.0;
    for (std::size_t picture = 0; picture < growth.size(); ++picture) {
        const double own = growth[picture] > 0.0 ? growth[picture] : most > 0.0 ? most : 1.0; // 0: it could not be told
        const auto enough = std::ranges::find_if(trajectory->error, [&](const std::vector<double>& errors) {
            return errors[picture] * own <= kFlowAccuracy;
        });
        const auto before = static_cast<std::size_t>(enough - trajectory->error.begin());
        sum += static_cast<double>(std::min(before + 1, trajectory->error.size()));
    }
    return sum / static_cast<double>(growth.size());
}

/// A trial that loses may have been the first with passes of its widths, so it gets further tries.
Result<BlockTrial> LeastTime::fairTrial(const ExactRun& run, const FlowBlockPlan& plan)
{
    auto trial = m_tuning.trials.block(run, plan);
    for (int tries = 1; trial && tries < kTries && trial->seconds > kNoise * run.seconds[plan.block]; ++tries) {
        trial = m_tuning.trials.block(run, plan);
    }
    return trial;
}

/// Sets the loosest tolerance with which the error of the plan stays within the share. False where none does, or where
/// that is slower than sequential even before it is as exact: tighter only takes longer.
Result<bool> LeastTime::fitsShare(FlowBlockPlan& plan, double share)
{
    for (const double tolerance : {1.0, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001}) {
        plan.tolerance = tolerance;
        bool fits = true;
        for (std::size_t i = 0; i < m_exact.size() && fits; ++i) {
            const auto trial = fairTrial(m_exact[i], plan);
            if (!trial) {
                return tl::unexpected(trial.error());
            }
            if (trial->seconds > kNoise * m_exact[i].seconds[plan.block]) {
                return false;
            }
            fits = trial->error * m_growth[plan.block] <= share;
        }
        if (fits) {
            plan.tolerance *= kSpare; // for latents that were not tried
            return true;
        }
    }
    return false;
}

Result<FlowBlockPlan> LeastTime::fastest(std::uint32_t block)
{
    const double share = kSafety * kFlowAccuracy / static_cast<double>(m_tuning.blocks());
    FlowBlockPlan sequential;
    sequential.block = block;
    std::vector<FlowBlockPlan> candidates;
    const auto add = [&](FlowMethod method, std::uint32_t number) {
        FlowBlockPlan plan;
        plan.block = block;
        plan.method = method;
        plan.stop = FlowStop::Max;
        plan.start = m_tuning.trials.hasFittedStart() ? FlowStart::Fitted : FlowStart::Input;
        plan.segments = method == FlowMethod::Segments ? number : 1;
        plan.window = method == FlowMethod::Front ? number : 1;
        candidates.push_back(plan);
    };
    add(FlowMethod::Jacobi, 1);
    for (const std::uint32_t segments : {4U, 8U}) {
        if (segments < m_tuning.trials.tokens()) {
            add(FlowMethod::Segments, segments);
        }
    }
    for (const std::uint32_t window : {4U, 8U, 16U, 32U, 64U}) {
        if (window <= m_tuning.trials.tokens()) {
            add(FlowMethod::Front, window);
        }
    }
    // Of all repeats in turn, so that a drift of the machine's speed meets everything alike.
    std::vector<std::vector<double>> seconds(candidates.size() + 1);
    std::vector<char> fits(candidates.size(), 0);
    for (std::size_t i = 0; i < candidates.size(); ++i) {
        const Result<bool> found = fitsShare(candidates[i], share);
        if (!found) {
            return tl::unexpected(found.error());
        }
        fits[i] = *found ? 1 : 0;
    }
    for (int repeat = -1; repeat < kRepeats; ++repeat) { // the first does not count, as above
        for (std::size_t i = 0; i <= candidates.size(); ++i) {
            const bool isSequential = i == candidates.size();
            if (!isSequential && fits[i] == 0) {
                continue;
            }
            double sum = 0.0;
            for (const ExactRun& run : m_exact) {
                const auto trial = m_tuning.trials.block(run, isSequential ? sequential : candidates[i]);
                if (!trial) {
                    return tl::unexpected(trial.error());
                }
                sum += trial->seconds;
            }
            // After one round what is far behind needs no further one.
            if (!isSequential && repeat >= 0 &&
                sum > 1.5 * m_exact.front().seconds[block] * static_cast<double>(m_exact.size())) {
                fits[i] = 0;
            }
            if (repeat >= 0) {
                seconds[i].push_back(sum);
            }
        }
    }
    FlowBlockPlan best = sequential;
    double least = kTimeMargin * medianOf(seconds.back());
    for (std::size_t i = 0; i < candidates.size(); ++i) {
        if (fits[i] != 0 && medianOf(seconds[i]) < least) {
            least = medianOf(seconds[i]);
            best = candidates[i];
        }
    }
    return best;
}

Result<LeastTimePlans> LeastTime::find()
{
    if (auto prepared = prepare(); !prepared) {
        return tl::unexpected(prepared.error());
    }
    LeastTimePlans found;
    found.sequentialSeconds = m_sequential;
    found.jacobiSeconds = m_jacobi;
    for (std::uint32_t block = 0; block < m_tuning.blocks(); ++block) {
        const auto plan = fastest(block);
        if (!plan) {
            return tl::unexpected(plan.error());
        }
        found.plans.push_back(*plan);
        m_tuning.tell(kPrepared + (1.0 - kPrepared) * (block + 1) / m_tuning.blocks());
    }
    return found;
}

} // namespace

Result<LeastTimePlans> leastTime(FlowTuning& tuning)
{
    return LeastTime(tuning).find();
}

} // namespace jacobi
