// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/flowchoice.h"

#include "core/engine/flowrun.h"
#include "core/engine/flowtolerances.h"
#include "core/engine/resolveflow.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

namespace jacobi {
namespace {

constexpr std::uint64_t kTuningSeed = 0x464C4F57;    // latents that are not the user's
constexpr std::uint64_t kCheckSeed = 0x464C4F570000; // others, which nothing was tuned on
constexpr double kSafety = 0.5;                      // of the accuracy asked for: what the blocks' errors may add up to
constexpr double kAimed = 0.8;          // of the same: what whole runs may show while tolerances are loosened
constexpr double kMostOfAccuracy = 0.9; // what the check may find: of many more pictures one will be worse
constexpr double kSpare = 0.5;          // of a tolerance that just fits
constexpr double kMargin = 0.85;        // of sequential's time: what has to be beaten
constexpr double kNoise = 1.2;          // of sequential's time, timed once: what is beyond has lost
constexpr int kChecks = 8;              // rounds of tightening
constexpr double kTighter = 0.75;       // a tolerance after a round
constexpr int kRepeats = 3;             // of a timing

FlowStrategy sequentialStrategy(std::uint32_t blocks)
{
    return everyBlock(blocks, FlowBlockPlan{});
}

double median(std::vector<double> values)
{
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

class Measurement {
public:
    Measurement(LoadedModel& model, const RunContext& context, FlowSettings settings, std::vector<std::int64_t> labels,
                const std::stop_token& stop, const std::function<void(double)>& tell)
        : m_context(context),
          m_batch(std::max(1, context.request.pictures)),
          m_tell(tell),
          m_trials(model, std::move(settings), std::move(labels), m_batch, stop),
          m_blocks(m_trials.blocks()),
          m_latents(m_batch >= 4 ? 2 : 6),
          m_wholes(m_batch >= 4 ? 4 : 32),
          m_checks(m_batch >= 4 ? 4 : 16)
    {
    }

    Result<FlowChoice> run();

private:
    Result<void> exactRuns();
    Result<void> growth();
    Result<void> fewestPasses();
    Result<void> leastTime();
    struct WholeRun {
        std::uint64_t seed = 0;
        at::Tensor picture; ///< of the sequential inverse
    };
    Result<BlockTolerances> tolerancesOf(std::uint32_t block, FlowStart start);
    Result<void> loosen(std::vector<BlockTolerances> blocks);
    Result<bool> keepsAim(const std::vector<FlowBlockPlan>& plans, std::vector<WholeRun>& runs);
    Result<FlowBlockPlan> fastest(std::uint32_t block);
    Result<bool> fitsShare(FlowBlockPlan& plan, double share);
    Result<void> check(FlowChoice& choice);
    Result<void> timeWhole(FlowChoice& choice);
    bool isTimed() const { return m_context.request.strategy == kAutoTime; }
    void tell(double fraction) { m_tell(fraction); }
    std::uint64_t seed(std::uint64_t first, int latent) const
    {
        return first + static_cast<std::uint64_t>(latent * m_batch);
    }

    const RunContext& m_context;
    std::int64_t m_batch;
    const std::function<void(double)>& m_tell;
    FlowTrials m_trials;
    std::uint32_t m_blocks;
    int m_latents; ///< batches that are tuned on
    int m_wholes;  ///< others that tolerances are loosened with
    int m_checks;  ///< others that the result is checked on
    std::vector<ExactRun> m_exact;
    std::vector<double> m_growth; ///< [blocks] error of the picture over error of the block's output
    FlowStrategy m_strategy;
};

Result<void> Measurement::exactRuns()
{
    for (int latent = 0; latent < m_latents; ++latent) {
        auto run = m_trials.exact(seed(kTuningSeed, latent));
        if (!run) {
            return tl::unexpected(run.error());
        }
        m_exact.push_back(std::move(*run));
        tell(0.1 * (latent + 1) / m_latents);
    }
    return {};
}

/// Measured where Jacobi's iterate is about as wrong as it will be when it is left.
Result<void> Measurement::growth()
{
    constexpr std::array kErrors{1e-1, 1e-2};
    m_growth.assign(m_blocks, 1.0);
    const std::size_t runs = std::min<std::size_t>(2, m_exact.size());
    for (std::uint32_t block = 0; block < m_blocks; ++block) {
        double most = 0.0;
        for (std::size_t i = 0; i < runs; ++i) {
            const auto trajectory = m_trials.trajectory(m_exact[i], block, FlowStart::Input);
            if (!trajectory) {
                return tl::unexpected(trajectory.error());
            }
            std::size_t last = trajectory->error.size();
            for (const double wanted : kErrors) {
                const auto found = std::find_if(trajectory->error.begin(), trajectory->error.end(),
                                                [=](double error) { return error <= wanted; });
                const auto at = static_cast<std::size_t>(found - trajectory->error.begin());
                if (found == trajectory->error.end() || *found == 0.0 || at == last) {
                    continue;
                }
                last = at;
                const auto error = m_trials.pictureError(m_exact[i], block, trajectory->iterates[at]);
                if (!error) {
                    return tl::unexpected(error.error());
                }
                most = std::max(most, *error / *found);
            }
        }
        m_growth[block] = most > 0.0 ? most : 1.0;
        tell(0.1 + 0.2 * (block + 1) / m_blocks);
    }
    return {};
}

Result<BlockTolerances> Measurement::tolerancesOf(std::uint32_t block, FlowStart start)
{
    std::vector<BlockTrajectory> trajectories;
    for (const ExactRun& run : m_exact) {
        auto trajectory = m_trials.trajectory(run, block, start);
        if (!trajectory) {
            return tl::unexpected(trajectory.error());
        }
        trajectory->iterates.clear();
        trajectories.push_back(std::move(*trajectory));
    }
    BlockTolerances tolerances;
    tolerances.levels = toleranceLevels(trajectories, m_growth[block]);
    tolerances.start = start;
    return tolerances;
}

Result<void> Measurement::fewestPasses()
{
    std::vector<FlowStart> starts{FlowStart::Input, FlowStart::Zeros};
    if (m_trials.hasFittedStart()) {
        starts.push_back(FlowStart::Fitted);
    }
    std::vector<BlockTolerances> blocks;
    for (std::uint32_t block = 0; block < m_blocks; ++block) {
        BlockTolerances best;
        for (const FlowStart start : starts) {
            auto found = tolerancesOf(block, start);
            if (!found) {
                return tl::unexpected(found.error());
            }
            const double share = kFlowAccuracy / static_cast<double>(m_blocks);
            if (best.levels.empty() || found->passesWithin(share) < best.passesWithin(share)) {
                best = std::move(*found);
            }
        }
        blocks.push_back(std::move(best));
        tell(0.3 + 0.2 * (block + 1) / m_blocks);
    }
    return loosen(std::move(blocks));
}

/// Worst cases of all blocks hardly ever meet, so their sum is far above what whole runs show: as much of it is allowed
/// as keeps the whole runs within what is aimed at; then each block is tried one step looser.
Result<void> Measurement::loosen(std::vector<BlockTolerances> blocks)
{
    std::vector<WholeRun> runs;
    for (int latent = 0; latent < m_wholes; ++latent) {
        auto exact = m_trials.whole(seed(kTuningSeed, m_latents + latent), sequentialStrategy(m_blocks));
        if (!exact) {
            return tl::unexpected(exact.error());
        }
        runs.push_back({seed(kTuningSeed, m_latents + latent), std::move(exact->picture)});
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
        const Result<bool> kept = keepsAim(plansOf(shared), runs);
        if (!kept) {
            return tl::unexpected(kept.error());
        }
        (*kept ? fits : tooLoose) = middle;
        if (*kept) {
            best = std::move(shared);
        }
        tell(0.5 + 0.2 * (kRungs - (tooLoose - fits)) / kRungs);
    }
    for (std::uint32_t turn = 0; turn < kSweeps * m_blocks; ++turn) {
        const std::uint32_t block = turn % m_blocks;
        std::vector<BlockTolerances> looser = best;
        while (looser[block].looser() != looser[block].at) {
            looser[block].at = looser[block].looser();
            const Result<bool> kept = keepsAim(plansOf(looser), runs);
            if (!kept) {
                return tl::unexpected(kept.error());
            }
            if (!*kept) {
                break;
            }
            best = looser;
        }
        tell(0.7 + 0.15 * (turn + 1) / (kSweeps * m_blocks));
    }
    m_strategy.blocks = plansOf(best);
    return {};
}

/// Whether whole runs with these plans stay within what is aimed at. A run that does not goes first the next time.
Result<bool> Measurement::keepsAim(const std::vector<FlowBlockPlan>& plans, std::vector<WholeRun>& runs)
{
    FlowStrategy strategy;
    strategy.blocks = plans;
    for (std::size_t i = 0; i < runs.size(); ++i) {
        const auto whole = m_trials.whole(runs[i].seed, strategy);
        if (!whole) {
            return tl::unexpected(whole.error());
        }
        if (largestDifference(whole->picture, runs[i].picture) > kAimed * kFlowAccuracy) {
            std::rotate(runs.begin(), runs.begin() + static_cast<std::ptrdiff_t>(i),
                        runs.begin() + static_cast<std::ptrdiff_t>(i) + 1);
            return false;
        }
    }
    return true;
}

/// Sets the loosest tolerance with which the error of the plan stays within the share. False where none does, or where
/// that is slower than sequential even before it is as exact: tighter only takes longer.
Result<bool> Measurement::fitsShare(FlowBlockPlan& plan, double share)
{
    for (const double tolerance : {1.0, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001}) {
        plan.tolerance = tolerance;
        bool fits = true;
        for (std::size_t i = 0; i < m_exact.size() && fits; ++i) {
            const auto trial = m_trials.block(m_exact[i], plan);
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

Result<FlowBlockPlan> Measurement::fastest(std::uint32_t block)
{
    const double share = kSafety * kFlowAccuracy / static_cast<double>(m_blocks);
    FlowBlockPlan sequential;
    sequential.block = block;
    std::vector<FlowBlockPlan> candidates;
    const auto add = [&](FlowMethod method, std::uint32_t number) {
        FlowBlockPlan plan;
        plan.block = block;
        plan.method = method;
        plan.stop = FlowStop::Max;
        plan.start = m_trials.hasFittedStart() ? FlowStart::Fitted : FlowStart::Input;
        plan.segments = method == FlowMethod::Segments ? number : 1;
        plan.window = method == FlowMethod::Front ? number : 1;
        candidates.push_back(plan);
    };
    add(FlowMethod::Jacobi, 1);
    for (const std::uint32_t segments : {4U, 8U}) {
        if (segments < m_trials.tokens()) {
            add(FlowMethod::Segments, segments);
        }
    }
    for (const std::uint32_t window : {4U, 8U, 16U, 32U, 64U}) {
        if (window <= m_trials.tokens()) {
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
                const auto trial = m_trials.block(run, isSequential ? sequential : candidates[i]);
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
    double least = kMargin * median(seconds.back());
    for (std::size_t i = 0; i < candidates.size(); ++i) {
        if (fits[i] != 0 && median(seconds[i]) < least) {
            least = median(seconds[i]);
            best = candidates[i];
        }
    }
    return best;
}

Result<void> Measurement::leastTime()
{
    for (std::uint32_t block = 0; block < m_blocks; ++block) {
        const auto plan = fastest(block);
        if (!plan) {
            return tl::unexpected(plan.error());
        }
        m_strategy.blocks.push_back(*plan);
        tell(0.3 + 0.5 * (block + 1) / m_blocks);
    }
    return {};
}

/// Whole runs on latents that nothing was tuned on.
Result<void> Measurement::check(FlowChoice& choice)
{
    std::vector<FlowTrials::Whole> exact;
    for (int latent = 0; latent < m_checks; ++latent) {
        auto whole = m_trials.whole(seed(kCheckSeed, latent), sequentialStrategy(m_blocks));
        if (!whole) {
            return tl::unexpected(whole.error());
        }
        exact.push_back(std::move(*whole));
    }
    for (int round = 0; round <= kChecks; ++round) {
        choice.blockPasses.assign(m_blocks, 0.0);
        choice.passes = choice.error = 0.0;
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
            choice.error = std::max(choice.error,
                                    largestDifference(whole->picture, exact[static_cast<std::size_t>(latent)].picture));
        }
        if (choice.error <= kMostOfAccuracy * kFlowAccuracy) {
            break;
        }
        for (FlowBlockPlan& plan : m_strategy.blocks) { // At 0 every method is exact.
            plan.tolerance = round + 1 < kChecks ? plan.tolerance * kTighter : 0.0;
        }
    }
    choice.sequentialPasses = exact.front().passes;
    choice.strategy = m_strategy;
    tell(0.9);
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
    choice.seconds = median(with);
    choice.sequentialSeconds = median(without);
    if (isTimed() && (isSequential || choice.seconds > kMargin * choice.sequentialSeconds)) {
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
    const auto steps = {&Measurement::exactRuns, &Measurement::growth,
                        isTimed() ? &Measurement::leastTime : &Measurement::fewestPasses};
    for (const auto step : steps) {
        if (auto done = (this->*step)(); !done) {
            return tl::unexpected(done.error());
        }
    }
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

Result<FlowChoice> measureFlow(LoadedModel& model, const RunContext& context, const std::stop_token& stop,
                               const std::function<void(double fraction)>& tell)
{
    const auto labels = flowLabelsOf(context.request, context.classes);
    if (!labels) {
        return tl::unexpected(labels.error());
    }
    FlowSettings settings;
    settings.guidance = context.request.guidance;
    settings.annealed = context.request.guidanceSchedule != kConstant;
    settings.attentionTemperature = context.request.attentionTemperature;
    settings.clip = context.request.clip;
    return Measurement(model, context, std::move(settings), *labels, stop, tell).run();
}

Result<std::vector<double>> measureBlockPasses(LoadedModel& model, std::uint32_t latents, const std::stop_token& stop)
{
    FlowTrials trials(model, {}, {}, 1, stop);
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
                                            [](double error) { return error <= kMeasuredError; });
            const auto count =
                std::min(trajectory->error.size(), static_cast<std::size_t>(found - trajectory->error.begin()) + 1);
            passes[block] += static_cast<double>(count) / static_cast<double>(latents);
        }
    }
    return passes;
}

} // namespace jacobi
