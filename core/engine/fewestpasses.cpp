// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/flowtolerances.h"
#include "core/engine/flowtuning.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace jacobi {
namespace {

constexpr double kAimed = 0.8;     // of the accuracy asked for: what whole runs may show
constexpr int kStartPictures = 16; // that the starts are compared on
constexpr int kLeastBatches = 2;   // to follow, and
constexpr double kPatience = 90.0; // seconds after which no further one is
constexpr double kShort = 30.0;    // the same of the starts' comparison
constexpr double kFollowed = 0.45; // of the search, by time: following the blocks

using Clock = std::chrono::steady_clock;

double secondsSince(Clock::time_point from)
{
    return std::chrono::duration<double>(Clock::now() - from).count();
}

/// The search for auto-blocks: plain Jacobi in every block, with a tolerance and a start of its own.
class FewestPasses {
public:
    explicit FewestPasses(FlowTuning& tuning) : m_tuning(tuning), m_curves(tuning.blocks()) {}
    Result<std::vector<FlowBlockPlan>> find();

private:
    Result<void> chooseStarts();
    Result<void> followAll();
    Result<void> follow(int latent);
    Result<void> limit();
    Result<bool> keepsAim(int latent);
    std::vector<FlowBlockPlan> plans() const;
    int batches() const { return static_cast<int>(m_exact.size()); } ///< followed
    std::uint64_t seed(int latent) const { return flowSeed(kTuningSeed, latent, m_tuning.batch); }

    FlowTuning& m_tuning;
    std::vector<FlowStart> m_starts;                            ///< [blocks]
    std::vector<std::vector<std::vector<BlockCurve>>> m_curves; ///< [blocks][batches][pictures]
    std::vector<at::Tensor> m_exact;                            ///< [batches] the pictures of the sequential inverse
    std::vector<BlockLevels> m_levels;                          ///< [blocks]
    std::vector<double> m_limits;      ///< [pictures] what the errors of all blocks may add up to
    std::vector<std::size_t> m_chosen; ///< [blocks] level
};

/// The start from which each block is close to its output in fewest passes.
Result<void> FewestPasses::chooseStarts()
{
    std::vector<FlowStart> starts{FlowStart::Input, FlowStart::Zeros};
    if (m_tuning.trials.hasFittedStart()) {
        starts.push_back(FlowStart::Fitted);
    }
    const double close = kFlowAccuracy / static_cast<double>(m_tuning.blocks());
    std::vector<std::vector<std::size_t>> passes(m_tuning.blocks(), std::vector<std::size_t>(starts.size(), 0));
    const auto batch = static_cast<int>(m_tuning.batch);
    const int latents = std::min(m_tuning.batches, (kStartPictures + batch - 1) / batch);
    const Clock::time_point from = Clock::now();
    for (int latent = 0; latent < latents && (latent == 0 || secondsSince(from) < kShort); ++latent) {
        const auto run = m_tuning.trials.exact(seed(latent));
        if (!run) {
            return tl::unexpected(run.error());
        }
        for (std::uint32_t block = 0; block < m_tuning.blocks(); ++block) {
            for (std::size_t start = 0; start < starts.size(); ++start) {
                const auto trajectory = m_tuning.trials.trajectory(*run, block, starts[start]);
                if (!trajectory) {
                    return tl::unexpected(trajectory.error());
                }
                for (const std::vector<double>& errors : trajectory->error) {
                    passes[block][start] += static_cast<std::size_t>(
                        std::ranges::count_if(errors, [=](double error) { return error > close; }));
                }
            }
        }
    }
    for (const std::vector<std::size_t>& of : passes) {
        m_starts.push_back(starts[static_cast<std::size_t>(std::ranges::min_element(of) - of.begin())]);
    }
    return {};
}

/// Follows all batches, or as many as patience allows.
Result<void> FewestPasses::followAll()
{
    const Clock::time_point from = Clock::now();
    for (int latent = 0; latent < m_tuning.batches; ++latent) {
        const double share = secondsSince(from) / kPatience;
        if (latent >= kLeastBatches && share > 1.0) {
            break;
        }
        if (auto followed = follow(latent); !followed) {
            return followed;
        }
        const double done = static_cast<double>(latent + 1) / m_tuning.batches;
        m_tuning.tell(kFollowed * std::max(done, std::min(1.0, share)));
    }
    return {};
}

/// Follows one batch through every block.
Result<void> FewestPasses::follow(int latent)
{
    const auto run = m_tuning.trials.exact(seed(latent));
    if (!run) {
        return tl::unexpected(run.error());
    }
    for (std::uint32_t block = 0; block < m_tuning.blocks(); ++block) {
        const auto trajectory = m_tuning.trials.trajectory(*run, block, m_starts[block]);
        if (!trajectory) {
            return tl::unexpected(trajectory.error());
        }
        const auto growth = errorGrowth(m_tuning.trials, *run, block, *trajectory);
        if (!growth) {
            return tl::unexpected(growth.error());
        }
        const double most = *std::ranges::max_element(*growth);
        std::vector<BlockCurve> curves(growth->size());
        for (std::size_t picture = 0; picture < curves.size(); ++picture) {
            const double own = growth->at(picture) > 0.0 ? growth->at(picture) : most > 0.0 ? most : 1.0;
            for (std::size_t pass = 0; pass < trajectory->change.size(); ++pass) {
                curves[picture].change.push_back(trajectory->change[pass][picture]);
                curves[picture].error.push_back(own * trajectory->error[pass][picture]);
            }
        }
        m_curves[block].push_back(std::move(curves));
    }
    m_exact.push_back(run->picture);
    return {};
}

std::vector<FlowBlockPlan> FewestPasses::plans() const
{
    std::vector<FlowBlockPlan> plans;
    for (std::uint32_t block = 0; block < m_tuning.blocks(); ++block) {
        FlowBlockPlan plan;
        plan.block = block;
        plan.method = FlowMethod::Jacobi;
        plan.stop = FlowStop::Max;
        plan.start = m_starts[block];
        plan.tolerance = triedTolerances()[m_chosen[block]];
        plans.push_back(plan);
    }
    return plans;
}

/// Whether a whole run stays within what is aimed at. The pictures that do not get limits under which they would.
Result<bool> FewestPasses::keepsAim(int latent)
{
    FlowStrategy strategy;
    strategy.blocks = plans();
    const auto whole = m_tuning.trials.whole(seed(latent), strategy);
    if (!whole) {
        return tl::unexpected(whole.error());
    }
    constexpr double kAim = kAimed * kFlowAccuracy;
    const std::vector<double> errors = largestDifferences(whole->picture, m_exact[static_cast<std::size_t>(latent)]);
    const std::vector<double> sums = summedErrors(m_levels, m_chosen);
    bool kept = true;
    for (std::size_t item = 0; item < errors.size(); ++item) {
        if (errors[item] > kAim) {
            const std::size_t picture = static_cast<std::size_t>(latent) * errors.size() + item;
            m_limits[picture] = std::min(m_limits[picture], sums[picture] * kAim / errors[item]);
            kept = false;
        }
    }
    return kept;
}

/// Whole runs show less than what the blocks' errors add up to, or more where one block's error changes what the next makes
/// of it. A picture whose whole run shows too much is allowed as much less.
Result<void> FewestPasses::limit()
{
    const int most = 4 * batches(); // runs; they are many fewer
    int kept = 0;                   // in a row
    for (int run = 0, latent = 0; run < most && kept < batches(); ++run) {
        const Result<bool> keeps = keepsAim(latent);
        if (!keeps) {
            return tl::unexpected(keeps.error());
        }
        if (*keeps) {
            ++kept;
            latent = (latent + 1) % batches();
        } else {
            kept = 0;
            const std::vector<std::size_t> before = std::exchange(m_chosen, chooseLevels(m_levels, m_limits));
            if (m_chosen == before) {
                break; // There is nothing tighter.
            }
        }
        m_tuning.tell(kFollowed + (1.0 - kFollowed) * std::min(1.0, 0.5 * (run + 1) / batches()));
    }
    return {};
}

Result<std::vector<FlowBlockPlan>> FewestPasses::find()
{
    if (auto chosen = chooseStarts(); !chosen) {
        return tl::unexpected(chosen.error());
    }
    if (auto followed = followAll(); !followed) {
        return tl::unexpected(followed.error());
    }
    m_chosen.assign(m_tuning.blocks(), 0);
    FlowStrategy strategy;
    strategy.blocks = plans();
    const BatchStop stop = m_tuning.trials.goesApart(strategy) ? BatchStop::Apart : BatchStop::Together;
    for (std::uint32_t block = 0; block < m_tuning.blocks(); ++block) {
        m_levels.push_back(blockLevels(m_curves[block], stop, block));
    }
    m_limits.assign(static_cast<std::size_t>(batches() * m_tuning.batch), kFlowAccuracy);
    m_chosen = chooseLevels(m_levels, m_limits);
    if (auto limited = limit(); !limited) {
        return tl::unexpected(limited.error());
    }
    return plans();
}

} // namespace

Result<std::vector<FlowBlockPlan>> fewestPasses(FlowTuning& tuning)
{
    return FewestPasses(tuning).find();
}

} // namespace jacobi
