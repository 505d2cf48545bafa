// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/flowchoice.h"

#include "core/engine/flowtuning.h"
#include "core/engine/resolveflow.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace jacobi {
namespace {

constexpr double kMostOfAccuracy = 0.9; // what the check may find: of many more pictures one will be worse
constexpr int kTunedPictures = 256;     // that auto-passes is tuned on
constexpr int kCheckPictures = 64;      // others, that it is checked on, or fewer
constexpr double kPatience = 60.0;      // where these many seconds did not do for their sequential inverse
constexpr int kChecks = 12;             // rounds of tightening
constexpr double kTighter = 0.75;       // a tolerance after a round
constexpr int kRepeats = 3;             // of a timing

class Measurement {
public:
    Measurement(LoadedModel& model, const RunContext& context, FlowSettings settings, const std::stop_token& stop,
                const std::function<void(double)>& tell)
        : m_context(context),
          m_batch(std::max(1, context.request.pictures)),
          m_tell(tell),
          m_trials(model, std::move(settings), model.flow->layout().classes, m_batch, stop),
          m_blocks(m_trials.blocks()),
          m_tuned(isTimed() ? (m_batch >= 4 ? 2 : 6) : batchesOf(kTunedPictures)),
          m_checks(isTimed() ? leastChecks() : std::max(leastChecks(), batchesOf(kCheckPictures)))
    {
    }

    Result<FlowChoice> run();

private:
    Result<void> check(FlowChoice& choice);
    Result<void> tighten(const FlowTrials::Whole& exact, std::uint64_t latent, double error);
    Result<void> timeWhole(FlowChoice& choice);
    bool isTimed() const { return m_context.request.strategy == kAutoTime; }
    void tell(double fraction) { m_tell(fraction); }
    int leastChecks() const { return m_batch >= 4 ? 4 : 16; }
    int batchesOf(int pictures) const { return std::max(2, pictures / static_cast<int>(m_batch)); }
    std::uint64_t seed(std::uint64_t first, int latent) const { return flowSeed(first, latent, m_batch); }

    const RunContext& m_context;
    std::int64_t m_batch;
    const std::function<void(double)>& m_tell;
    FlowTrials m_trials;
    std::uint32_t m_blocks;
    int m_tuned;  ///< batches that are tuned on
    int m_checks; ///< others that the result is checked on
    FlowStrategy m_strategy;
};

/// Whole runs on latents that nothing was tuned on.
Result<void> Measurement::check(FlowChoice& choice)
{
    std::vector<FlowTrials::Whole> exact;
    double seconds = 0.0;
    for (int latent = 0; latent < m_checks && (latent < leastChecks() || seconds < kPatience); ++latent) {
        auto whole = m_trials.whole(seed(kCheckSeed, latent), sequentialStrategy(m_blocks));
        if (!whole) {
            return tl::unexpected(whole.error());
        }
        seconds += whole->seconds;
        exact.push_back(std::move(*whole));
    }
    m_checks = static_cast<int>(exact.size());
    for (int round = 0; round <= kChecks; ++round) {
        choice.blockPasses.assign(m_blocks, 0.0);
        choice.passes = choice.error = 0.0;
        std::size_t worst = 0;
        for (int latent = 0; latent < m_checks; ++latent) {
            const auto whole = m_trials.whole(seed(kCheckSeed, latent), m_strategy);
            if (!whole) {
                return tl::unexpected(whole.error());
            }
            const double share = 1.0 / m_checks;
            choice.passes += share * whole->passes;
            for (std::uint32_t block = 0; block < m_blocks; ++block) {
                choice.blockPasses[block] += share * whole->blockPasses[block];
            }
            const auto number = static_cast<std::size_t>(latent);
            if (const double error = largestDifference(whole->picture, exact[number].picture); error > choice.error) {
                choice.error = error;
                worst = number;
            }
        }
        if (choice.error <= kMostOfAccuracy * kFlowAccuracy) {
            break;
        }
        if (auto tightened = tighten(exact[worst], seed(kCheckSeed, static_cast<int>(worst)), choice.error);
            !tightened) {
            return tightened;
        }
        if (round + 1 == kChecks) {
            for (FlowBlockPlan& plan : m_strategy.blocks) {
                plan.tolerance = 0.0; // at which every method is exact
            }
        }
    }
    choice.sequentialPasses = exact.front().passes;
    choice.strategy = m_strategy;
    tell(0.9);
    return {};
}

/// Makes the one block tighter that does most for the batch that came out worst, or all where no single one does much.
Result<void> Measurement::tighten(const FlowTrials::Whole& exact, std::uint64_t latent, double error)
{
    constexpr double kMuch = 0.9;
    std::vector<FlowBlockPlan> best;
    double least = kMuch * error;
    for (std::uint32_t block = 0; block < m_blocks; ++block) {
        FlowStrategy tighter = m_strategy;
        tighter.blocks[block].tolerance *= kTighter;
        const auto whole = m_trials.whole(latent, tighter);
        if (!whole) {
            return tl::unexpected(whole.error());
        }
        if (const double left = largestDifference(whole->picture, exact.picture); left < least) {
            least = left;
            best = std::move(tighter.blocks);
        }
    }
    if (best.empty()) {
        best = m_strategy.blocks;
        for (FlowBlockPlan& plan : best) {
            plan.tolerance *= kTighter;
        }
    }
    m_strategy.blocks = std::move(best);
    return {};
}

/// The whole run against sequential, in turn.
Result<void> Measurement::timeWhole(FlowChoice& choice)
{
    const FlowStrategy sequential = sequentialStrategy(m_blocks);
    const bool isSequential = sequential.blocks == choice.strategy.blocks;
    std::vector<double> with;
    std::vector<double> without;
    const int rounds = isTimed() && !isSequential ? 2 * kRepeats + 1 : kRepeats;
    for (int round = 0; round < rounds; ++round) {
        const std::uint64_t latent = seed(kCheckSeed, round % m_checks);
        for (const bool chosen : {true, false}) {
            const auto whole = m_trials.whole(latent, chosen ? choice.strategy : sequential);
            if (!whole) {
                return tl::unexpected(whole.error());
            }
            (chosen ? with : without).push_back(whole->seconds);
        }
    }
    choice.seconds = medianOf(with);
    choice.sequentialSeconds = medianOf(without);
    if (isTimed() && (isSequential || choice.seconds > kTimeMargin * choice.sequentialSeconds)) {
        choice.strategy.blocks = sequential.blocks;
        choice.seconds = choice.sequentialSeconds;
        choice.passes = choice.sequentialPasses;
        choice.blockPasses.assign(m_blocks, choice.sequentialPasses / static_cast<double>(m_blocks));
        choice.error = 0.0;
    }
    return {};
}

Result<FlowChoice> Measurement::run()
{
    FlowChoice choice;
    FlowTuning tuning{m_trials, m_batch, m_tuned, [this](double part) { tell(0.85 * part); }};
    auto plans = isTimed() ? leastTime(tuning) : fewestPasses(tuning);
    if (!plans) {
        return tl::unexpected(plans.error());
    }
    m_strategy.blocks = std::move(*plans);
    if (auto checked = check(choice); !checked) {
        return tl::unexpected(checked.error());
    }
    if (auto timed = timeWhole(choice); !timed) {
        return tl::unexpected(timed.error());
    }
    choice.strategy.modelHash = m_context.request.modelHash;
    choice.strategy.batch = static_cast<std::uint32_t>(m_batch);
    tell(1.0);
    return choice;
}

} // namespace

double measuredGuidance(double guidance)
{
    return 0.5 * std::ceil(2.0 * guidance);
}

Result<FlowChoice> measureFlow(LoadedModel& model, const RunContext& context, const std::stop_token& stop,
                               const std::function<void(double fraction)>& tell)
{
    FlowSettings settings;
    settings.guidance = measuredGuidance(context.request.guidance);
    settings.annealed = context.request.guidanceSchedule != kConstant;
    settings.attentionTemperature = context.request.attentionTemperature;
    settings.clip = context.request.clip;
    return Measurement(model, context, std::move(settings), stop, tell).run();
}

Result<std::vector<double>> measureBlockPasses(LoadedModel& model, std::uint32_t latents, const std::stop_token& stop)
{
    FlowTrials trials(model, {}, 0, 1, stop);
    std::vector<double> passes(trials.blocks(), 0.0);
    for (std::uint32_t latent = 0; latent < latents; ++latent) {
        const auto exact = trials.exact(kTuningSeed + latent);
        if (!exact) {
            return tl::unexpected(exact.error());
        }
        for (std::uint32_t block = 0; block < trials.blocks(); ++block) {
            const auto trajectory = trials.trajectory(*exact, block, FlowStart::Input);
            if (!trajectory) {
                return tl::unexpected(trajectory.error());
            }
            const auto found = std::find_if(trajectory->error.begin(), trajectory->error.end(),
                                            [](const auto& errors) { return errors.front() <= kMeasuredError; });
            const auto count =
                std::min(trajectory->error.size(), static_cast<std::size_t>(found - trajectory->error.begin()) + 1);
            passes[block] += static_cast<double>(count) / static_cast<double>(latents);
        }
    }
    return passes;
}

} // namespace jacobi
