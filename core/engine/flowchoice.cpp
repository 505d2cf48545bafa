// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/flowchoice.h"

#include "core/engine/flowtuning.h"
#include "core/engine/resolveflow.h"
#include "core/engine/stagedprogress.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace jacobi {
namespace {

constexpr double kMostOfAccuracy = 0.9; // what the check may find: of many more pictures one will be worse
constexpr int kTunedPictures = 256;     // that fewest passes are looked for on
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
          m_progress(tell),
          m_trials(model, std::move(settings), context.request.className.empty() ? 0 : model.flow->layout().classes,
                   m_batch, stop),
          m_blocks(m_trials.blocks()),
          m_checks(std::max(leastChecks(), batchesOf(kCheckPictures)))
    {
    }

    Result<FlowChoice> run();

private:
    Result<void> search();
    Result<void> searchOverlapped();
    Result<void> searchBlocks();
    Result<void> prepareChecks();
    Result<void> check(FlowChoice& choice);
    Result<void> tighten(FlowChoice& choice, std::size_t worst);
    Result<void> timeWhole();
    FlowChoice chosen() const;
    FlowChoice sequential() const;
    bool isTimed() const { return m_context.request.strategy == kAutoTime; }
    double checkSeconds(double strategies) const;
    int leastChecks() const { return m_batch >= 4 ? 4 : 16; }
    int batchesOf(int pictures) const { return std::max(2, pictures / static_cast<int>(m_batch)); }
    std::uint64_t seed(std::uint64_t first, int latent) const { return flowSeed(first, latent, m_batch); }

    const RunContext& m_context;
    std::int64_t m_batch;
    StagedProgress m_progress;
    FlowTrials m_trials;
    std::uint32_t m_blocks;
    int m_checks;                           ///< batches that results are checked on
    std::vector<FlowTrials::Whole> m_exact; ///< [checks] of them, by the sequential inverse
    double m_sequentialSeconds = 0.0;       ///< of a batch; 0: not known yet
    std::vector<FlowChoice> m_choices;      ///< to choose from
};

/// What it will take to check and time so many strategies.
double Measurement::checkSeconds(double strategies) const
{
    constexpr double kRounds = 1.5; // of a check, mostly
    const double runs = (1.0 + kRounds * strategies) * m_checks + (1.0 + strategies) * (2 * kRepeats + 1);
    return m_sequentialSeconds > 0.0 ? runs * m_sequentialSeconds : 0.5 * kPatience;
}

/// What to choose from: the strategies, not yet checked.
Result<void> Measurement::search()
{
    if (!isTimed()) {
        const bool overlaps = m_context.request.strategy == kAutoPasses && m_trials.canOverlap();
        m_progress.begin(kPatience, 0.25 * kPatience);
        return overlaps ? searchOverlapped() : searchBlocks();
    }
    m_progress.begin(1.0, 3.0); // how long the rest takes, it will show
    FlowTuning tuning{m_trials, m_batch, m_batch >= 4 ? 2 : 6, [this](double part) { m_progress.tell(part); }};
    auto found = leastTime(tuning);
    if (!found) {
        return tl::unexpected(found.error());
    }
    if (found->plans != sequentialStrategy(m_blocks).blocks) {
        m_choices.emplace_back().strategy.blocks = std::move(found->plans);
    }
    m_sequentialSeconds = found->sequentialSeconds;
    if (!found->isJacobiFast()) {
        return {};
    }
    // A batch is followed through every block, and its errors through those after it.
    const double expected =
        std::min(kPatience, 2.0 * batchesOf(kTunedPictures) * (found->sequentialSeconds + found->jacobiSeconds));
    const auto strategies = static_cast<double>(m_choices.size() + (m_trials.canOverlap() ? 2 : 1));
    if (m_trials.canOverlap()) {
        m_progress.begin(expected, expected + checkSeconds(strategies));
        if (auto added = searchOverlapped(); !added) {
            return added;
        }
    }
    m_progress.begin(expected, checkSeconds(strategies));
    return searchBlocks();
}

Result<void> Measurement::searchOverlapped()
{
    FlowTuning tuning{m_trials, m_batch, batchesOf(kTunedPictures), [this](double part) { m_progress.tell(part); }};
    auto strategy = overlappedPasses(tuning);
    if (!strategy) {
        return tl::unexpected(strategy.error());
    }
    m_choices.emplace_back().strategy = std::move(*strategy);
    return {};
}

Result<void> Measurement::searchBlocks()
{
    FlowTuning tuning{m_trials, m_batch, batchesOf(kTunedPictures), [this](double part) { m_progress.tell(part); }};
    auto plans = fewestPasses(tuning);
    if (!plans) {
        return tl::unexpected(plans.error());
    }
    m_choices.emplace_back().strategy.blocks = std::move(*plans);
    return {};
}

Result<void> Measurement::prepareChecks()
{
    double seconds = 0.0;
    // Sequential runs by themselves need no check: they are only timed.
    const int most = m_choices.empty() ? std::min(m_checks, kRepeats) : m_checks;
    for (int latent = 0; latent < most && (latent < leastChecks() || seconds < kPatience); ++latent) {
        auto whole = m_trials.whole(seed(kCheckSeed, latent), sequentialStrategy(m_blocks));
        if (!whole) {
            return tl::unexpected(whole.error());
        }
        seconds += whole->seconds;
        m_exact.push_back(std::move(*whole));
        m_progress.tell(static_cast<double>(latent + 1) / most);
    }
    m_checks = static_cast<int>(m_exact.size());
    m_sequentialSeconds = seconds / m_checks;
    return {};
}

/// Whole runs on latents that nothing was tuned on; tightens until they keep the accuracy.
Result<void> Measurement::check(FlowChoice& choice)
{
    for (int round = 0; round <= kChecks; ++round) {
        choice.blockPasses.assign(m_blocks, 0.0);
        choice.passes = choice.error = 0.0;
        std::size_t worst = 0;
        for (int latent = 0; latent < m_checks; ++latent) {
            const auto whole = m_trials.whole(seed(kCheckSeed, latent), choice.strategy);
            if (!whole) {
                return tl::unexpected(whole.error());
            }
            const double share = 1.0 / m_checks;
            choice.passes += share * whole->passes;
            for (std::uint32_t block = 0; block < m_blocks; ++block) {
                choice.blockPasses[block] += share * whole->blockPasses[block];
            }
            const auto number = static_cast<std::size_t>(latent);
            if (const double error = largestDifference(whole->picture, m_exact[number].picture); error > choice.error) {
                choice.error = error;
                worst = number;
            }
            // How many rounds there will be nobody knows: each gets half of what is left.
            m_progress.tell(1.0 - (1.0 - 0.5 * (latent + 1) / m_checks) * std::pow(0.5, round));
        }
        if (choice.error <= kMostOfAccuracy * kFlowAccuracy) {
            break;
        }
        if (auto tightened = tighten(choice, worst); !tightened) {
            return tightened;
        }
        if (round + 1 == kChecks) {
            for (FlowBlockPlan& plan : choice.strategy.blocks) {
                plan.tolerance = 0.0; // at which every method is exact
            }
        }
    }
    return {};
}

/// Makes the one block tighter that does most for the batch that came out worst, or all where no single one does much.
Result<void> Measurement::tighten(FlowChoice& choice, std::size_t worst)
{
    constexpr double kMuch = 0.9;
    std::vector<FlowBlockPlan> best;
    double least = kMuch * choice.error;
    for (std::uint32_t block = 0; block < m_blocks; ++block) {
        FlowStrategy tighter = choice.strategy;
        tighter.blocks[block].tolerance *= kTighter;
        const auto whole = m_trials.whole(seed(kCheckSeed, static_cast<int>(worst)), tighter);
        if (!whole) {
            return tl::unexpected(whole.error());
        }
        if (const double left = largestDifference(whole->picture, m_exact[worst].picture); left < least) {
            least = left;
            best = std::move(tighter.blocks);
        }
    }
    if (best.empty()) {
        best = choice.strategy.blocks;
        for (FlowBlockPlan& plan : best) {
            plan.tolerance *= kTighter;
        }
    }
    choice.strategy.blocks = std::move(best);
    return {};
}

/// Whole runs with what there is to choose from and sequential ones, in turn, so that a drift of the machine's speed meets
/// all alike.
Result<void> Measurement::timeWhole()
{
    std::vector<FlowStrategy> strategies{sequentialStrategy(m_blocks)};
    for (const FlowChoice& choice : m_choices) {
        strategies.push_back(choice.strategy);
    }
    std::vector<std::vector<double>> seconds(strategies.size());
    const int rounds = isTimed() && !m_choices.empty() ? 2 * kRepeats + 1 : kRepeats;
    for (int round = 0; round < rounds; ++round) {
        for (std::size_t i = 0; i < strategies.size(); ++i) {
            const auto whole = m_trials.whole(seed(kCheckSeed, round % m_checks), strategies[i]);
            if (!whole) {
                return tl::unexpected(whole.error());
            }
            seconds[i].push_back(whole->seconds);
        }
        m_progress.tell(static_cast<double>(round + 1) / rounds);
    }
    m_sequentialSeconds = medianOf(seconds.front());
    for (std::size_t i = 0; i < m_choices.size(); ++i) {
        m_choices[i].seconds = medianOf(seconds[i + 1]);
    }
    return {};
}

FlowChoice Measurement::sequential() const
{
    FlowChoice choice;
    choice.strategy = sequentialStrategy(m_blocks);
    choice.passes = m_exact.front().passes;
    choice.blockPasses = m_exact.front().blockPasses;
    choice.seconds = m_sequentialSeconds;
    return choice;
}

/// Of auto-time the fastest, where it gains enough over sequential.
FlowChoice Measurement::chosen() const
{
    const auto fastest = std::ranges::min_element(m_choices, {}, &FlowChoice::seconds);
    const bool gains = fastest != m_choices.end() && fastest->seconds <= kTimeMargin * m_sequentialSeconds;
    FlowChoice choice = isTimed() && !gains ? sequential() : *fastest;
    choice.sequentialPasses = m_exact.front().passes;
    choice.sequentialSeconds = m_sequentialSeconds;
    choice.strategy.modelHash = m_context.request.modelHash;
    choice.strategy.batch = static_cast<std::uint32_t>(m_batch);
    return choice;
}

Result<FlowChoice> Measurement::run()
{
    if (auto searched = search(); !searched) {
        return tl::unexpected(searched.error());
    }
    const auto strategies = static_cast<double>(m_choices.size());
    const double checks = checkSeconds(strategies);
    m_progress.begin(checks / (1.0 + strategies), checks);
    if (auto prepared = prepareChecks(); !prepared) {
        return tl::unexpected(prepared.error());
    }
    for (std::size_t i = 0; i < m_choices.size(); ++i) {
        m_progress.begin(2.0, 1.0 + 2.0 * static_cast<double>(m_choices.size() - i - 1));
        if (auto checked = check(m_choices[i]); !checked) {
            return tl::unexpected(checked.error());
        }
    }
    m_progress.begin(1.0, 0.0);
    if (auto timed = timeWhole(); !timed) {
        return tl::unexpected(timed.error());
    }
    m_progress.end();
    return chosen();
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
