// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/flowtuning.h"

#include <algorithm>
#include <utility>

namespace jacobi {
namespace {

constexpr double kSafety = 0.5;   // of the accuracy asked for: what the blocks' errors may add up to
constexpr double kSpare = 0.5;    // of a tolerance that just fits
constexpr double kNoise = 1.2;    // of sequential's time, timed once: what is beyond has lost
constexpr int kRepeats = 3;       // of a timing
constexpr double kPrepared = 0.4; // of the search, by time

/// The search for auto-time.
class LeastTime {
public:
    explicit LeastTime(FlowTuning& tuning) : m_tuning(tuning) {}
    Result<std::vector<FlowBlockPlan>> find();

private:
    Result<void> prepare();
    Result<FlowBlockPlan> fastest(std::uint32_t block);
    Result<bool> fitsShare(FlowBlockPlan& plan, double share);

    FlowTuning& m_tuning;
    std::vector<ExactRun> m_exact;
    std::vector<double> m_growth; ///< [blocks] largest
};

Result<void> LeastTime::prepare()
{
    for (int latent = 0; latent < m_tuning.batches; ++latent) {
        auto run = m_tuning.trials.exact(flowSeed(kTuningSeed, latent, m_tuning.batch));
        if (!run) {
            return tl::unexpected(run.error());
        }
        m_exact.push_back(std::move(*run));
    }
    m_growth.assign(m_tuning.blocks(), 0.0);
    const std::size_t runs = std::min<std::size_t>(2, m_exact.size());
    for (std::uint32_t block = 0; block < m_tuning.blocks(); ++block) {
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
        }
        m_growth[block] = m_growth[block] > 0.0 ? m_growth[block] : 1.0;
        m_tuning.tell(kPrepared * (block + 1) / m_tuning.blocks());
    }
    return {};
}

/// Sets the loosest tolerance with which the error of the plan stays within the share. False where none does, or where
/// that is slower than sequential even before it is as exact: tighter only takes longer.
Result<bool> LeastTime::fitsShare(FlowBlockPlan& plan, double share)
{
    for (const double tolerance : {1.0, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001}) {
        plan.tolerance = tolerance;
        bool fits = true;
        for (std::size_t i = 0; i < m_exact.size() && fits; ++i) {
            const auto trial = m_tuning.trials.block(m_exact[i], plan);
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
    for (int repeat = 0; repeat < kRepeats; ++repeat) {
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
            // After one round what is far behind needs no second one.
            if (!isSequential && sum > 1.5 * m_exact.front().seconds[block] * static_cast<double>(m_exact.size())) {
                fits[i] = 0;
            }
            seconds[i].push_back(sum);
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

Result<std::vector<FlowBlockPlan>> LeastTime::find()
{
    if (auto prepared = prepare(); !prepared) {
        return tl::unexpected(prepared.error());
    }
    std::vector<FlowBlockPlan> plans;
    for (std::uint32_t block = 0; block < m_tuning.blocks(); ++block) {
        const auto plan = fastest(block);
        if (!plan) {
            return tl::unexpected(plan.error());
        }
        plans.push_back(*plan);
        m_tuning.tell(kPrepared + (1.0 - kPrepared) * (block + 1) / m_tuning.blocks());
    }
    return plans;
}

} // namespace

Result<std::vector<FlowBlockPlan>> leastTime(FlowTuning& tuning)
{
    return LeastTime(tuning).find();
}

} // namespace jacobi
