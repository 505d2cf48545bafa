// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/flowtuning.h"

namespace jacobi {
namespace {

constexpr double kSafety = 0.5; // of the accuracy asked for: what the blocks' errors may add up to
constexpr double kSpare = 0.5;  // of a tolerance that just fits
constexpr double kNoise = 1.2;  // of sequential's time, timed once: what is beyond has lost
constexpr int kRepeats = 3;     // of a timing

/// The search for auto-time.
class LeastTime {
public:
    explicit LeastTime(FlowTuning& tuning) : m_tuning(tuning) {}
    Result<std::vector<FlowBlockPlan>> find();

private:
    Result<FlowBlockPlan> fastest(std::uint32_t block);
    Result<bool> fitsShare(FlowBlockPlan& plan, double share);

    FlowTuning& m_tuning;
};

/// Sets the loosest tolerance with which the error of the plan stays within the share. False where none does, or where
/// that is slower than sequential even before it is as exact: tighter only takes longer.
Result<bool> LeastTime::fitsShare(FlowBlockPlan& plan, double share)
{
    for (const double tolerance : {1.0, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001}) {
        plan.tolerance = tolerance;
        bool fits = true;
        for (std::size_t i = 0; i < m_tuning.exact.size() && fits; ++i) {
            const auto trial = m_tuning.trials.block(m_tuning.exact[i], plan);
            if (!trial) {
                return tl::unexpected(trial.error());
            }
            if (trial->seconds > kNoise * m_tuning.exact[i].seconds[plan.block]) {
                return false;
            }
            fits = trial->error * m_tuning.growth[plan.block] <= share;
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
            for (const ExactRun& run : m_tuning.exact) {
                const auto trial = m_tuning.trials.block(run, isSequential ? sequential : candidates[i]);
                if (!trial) {
                    return tl::unexpected(trial.error());
                }
                sum += trial->seconds;
            }
            // After one round what is far behind needs no second one.
            if (!isSequential &&
                sum > 1.5 * m_tuning.exact.front().seconds[block] * static_cast<double>(m_tuning.exact.size())) {
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
    std::vector<FlowBlockPlan> plans;
    for (std::uint32_t block = 0; block < m_tuning.blocks(); ++block) {
        const auto plan = fastest(block);
        if (!plan) {
            return tl::unexpected(plan.error());
        }
        plans.push_back(*plan);
        m_tuning.tell(static_cast<double>(block + 1) / m_tuning.blocks());
    }
    return plans;
}

} // namespace

Result<std::vector<FlowBlockPlan>> leastTime(FlowTuning& tuning)
{
    return LeastTime(tuning).find();
}

} // namespace jacobi
