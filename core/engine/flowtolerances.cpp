// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/flowtolerances.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace jacobi {
namespace {

/// The error that a stop at this tolerance may leave. Not just that of the iterate it stops at here: for another latent an
/// iterate that changed a little more, and is as wrong as that, may change just little enough.
double worstError(const BlockTrajectory& trajectory, double tolerance)
{
    constexpr double kNear = 4.0;
    double worst = 0.0;
    for (std::size_t i = 0; i < trajectory.change.size(); ++i) {
        const double change = trajectory.change[i];
        if (change <= tolerance) {
            return std::max(worst, trajectory.error[i]);
        }
        if (change <= kNear * tolerance) {
            worst = std::max(worst, trajectory.error[i] * tolerance / change);
        }
    }
    return std::max(worst, trajectory.error.back());
}

std::size_t passesUntil(const BlockTrajectory& trajectory, double tolerance)
{
    const auto found = std::ranges::find_if(trajectory.change, [=](double change) { return change <= tolerance; });
    return std::min(static_cast<std::size_t>(found - trajectory.change.begin()) + 1, trajectory.change.size());
}

double totalError(const std::vector<BlockTolerances>& blocks)
{
    double sum = 0.0;
    for (const BlockTolerances& block : blocks) {
        sum += block.level().error;
    }
    return sum;
}

} // namespace

std::vector<double> triedTolerances()
{
    std::vector<double> all;
    for (int i = 0; i <= 34; ++i) {
        all.push_back(2.0 * std::pow(10.0, -0.125 * i));
    }
    return all;
}

std::vector<ToleranceLevel> toleranceLevels(const std::vector<BlockTrajectory>& trajectories, double growth)
{
    std::vector<ToleranceLevel> levels;
    for (const double tolerance : triedTolerances()) {
        ToleranceLevel level{tolerance, 0.0, 0.0};
        for (const BlockTrajectory& trajectory : trajectories) {
            level.passes += static_cast<double>(passesUntil(trajectory, tolerance));
            level.error = std::max(level.error, growth * worstError(trajectory, tolerance));
        }
        level.passes /= static_cast<double>(trajectories.size());
        levels.push_back(level);
    }
    return levels;
}

std::size_t BlockTolerances::looser() const
{
    for (std::size_t other = at; other-- > 0;) {
        if (levels[other].passes < level().passes) {
            return other;
        }
    }
    return at;
}

double BlockTolerances::passesWithin(double error) const
{
    const auto fits = std::ranges::find_if(levels, [=](const ToleranceLevel& level) { return level.error <= error; });
    return fits == levels.end() ? levels.back().passes : fits->passes;
}

void shareOutError(std::vector<BlockTolerances>& blocks, double goal)
{
    for (BlockTolerances& block : blocks) {
        block.at = 0;
    }
    while (totalError(blocks) > goal) {
        BlockTolerances* best = nullptr;
        std::size_t bestAt = 0;
        double bestGain = 0.0;
        for (BlockTolerances& block : blocks) {
            for (std::size_t at = block.at + 1; at < block.levels.size(); ++at) {
                const double gained = block.level().error - block.levels[at].error;
                const double cost = block.levels[at].passes - block.level().passes;
                const double gain = gained <= 0.0 ? 0.0
                                    : cost <= 0.0 ? std::numeric_limits<double>::max()
                                                  : gained / cost;
                if (gain > bestGain) {
                    best = &block;
                    bestAt = at;
                    bestGain = gain;
                }
            }
        }
        if (best == nullptr) {
            break;
        }
        best->at = bestAt;
    }
    for (BlockTolerances& block : blocks) { // What a later, larger step made superfluous.
        const std::size_t now = block.at;
        for (block.at = 0; block.at < now && totalError(blocks) > goal; ++block.at) {
        }
    }
}

std::vector<FlowBlockPlan> plansOf(const std::vector<BlockTolerances>& blocks)
{
    std::vector<FlowBlockPlan> plans;
    for (const BlockTolerances& block : blocks) {
        FlowBlockPlan plan;
        plan.block = static_cast<std::uint32_t>(plans.size());
        plan.method = FlowMethod::Jacobi;
        plan.stop = FlowStop::Max;
        plan.start = block.start;
        plan.tolerance = block.level().tolerance;
        plans.push_back(plan);
    }
    return plans;
}

} // namespace jacobi
