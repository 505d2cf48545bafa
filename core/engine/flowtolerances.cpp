// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/flowtolerances.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <random>
#include <utility>

namespace jacobi {
namespace {

/// The pictures of a batch, by batch and place.
using Group = std::vector<const BlockCurve*>;

/// Batch number `batch` of a sample: every picture is in one of them.
Group groupOf(const std::vector<std::vector<BlockCurve>>& curves, std::size_t sample, std::size_t batch)
{
    Group group;
    for (std::size_t place = 0; place < curves.front().size(); ++place) {
        group.push_back(&curves[(batch + sample * place) % curves.size()][place]);
    }
    return group;
}

/// Passes until all pictures change little enough in one of them.
std::size_t passesUntil(const Group& group, double tolerance)
{
    const auto changeAt = [](const BlockCurve& curve, std::size_t pass) {
        return pass < curve.change.size() ? curve.change[pass] : 0.0;
    };
    std::size_t pass = 0;
    while (std::ranges::any_of(group, [&](const BlockCurve* curve) { return changeAt(*curve, pass) > tolerance; })) {
        ++pass;
    }
    return pass + 1;
}

/// What all blocks add up to at these levels.
std::vector<double> sumsOf(const std::vector<BlockLevels>& blocks, std::vector<std::vector<double>> BlockLevels::*what,
                           const std::vector<std::size_t>& levels)
{
    std::vector<double> sums((blocks.front().*what).front().size(), 0.0);
    for (std::size_t block = 0; block < blocks.size(); ++block) {
        const std::vector<double>& own = (blocks[block].*what)[levels[block]];
        std::ranges::transform(sums, own, sums.begin(), std::plus());
    }
    return sums;
}

/// Mean over batches of its slowest picture's. passes(i): of picture i in the order of BlockLevels::passes, in all blocks.
double slowest(const BlockLevels& like, const auto& passes)
{
    const std::size_t all = like.passes.front().size();
    double sum = 0.0;
    for (std::size_t begin = 0; begin < all; begin += like.batch) {
        double most = 0.0;
        for (std::size_t i = begin; i < begin + like.batch; ++i) {
            most = std::max(most, passes(i));
        }
        sum += most;
    }
    return sum * static_cast<double>(like.batch) / static_cast<double>(all);
}

/// A choice of levels, with each picture's errors of all blocks added up in each sample.
class Choice {
public:
    Choice(const std::vector<BlockLevels>& blocks, const std::vector<double>& limits)
        : m_blocks(blocks),
          m_limits(limits),
          m_at(blocks.size(), blocks.front().passes.size() - 1),
          m_sums(sumsOf(blocks, &BlockLevels::error, m_at)),
          m_passes(sumsOf(blocks, &BlockLevels::passes, m_at))
    {
    }

    const std::vector<std::size_t>& levels() const { return m_at; }

    /// Moves the block whose looser level saves most passes for the error it adds. False where none can.
    bool loosen()
    {
        std::size_t best = 0;
        std::size_t bestAt = 0;
        double bestGain = 0.0;
        for (std::size_t block = 0; block < m_blocks.size(); ++block) {
            double tighter = passesWith(block, m_at[block]);
            const double now = tighter;
            for (std::size_t at = m_at[block]; at-- > 0;) {
                const double then = passesWith(block, at);
                const double saved = now - then;
                if (saved <= 0.0 || then == std::exchange(tighter, then)) {
                    continue; // of levels that take as many passes the tightest
                }
                const double added = price(block, at) - price(block, m_at[block]);
                if (!std::isfinite(added)) {
                    break; // looser ones leave more
                }
                const double gain = added <= 0.0 ? std::numeric_limits<double>::max() : saved / added;
                if (gain > bestGain) {
                    best = block;
                    bestAt = at;
                    bestGain = gain;
                }
            }
        }
        if (bestGain > 0.0) {
            move(best, bestAt);
        }
        return bestGain > 0.0;
    }

    /// Gives back what one block took where another saves more by it. False where no such exchange is left.
    bool exchange()
    {
        const double all = passesWith(0, m_at[0]);
        for (std::size_t one = 0; one < m_blocks.size(); ++one) {
            const std::size_t before = m_at[one];
            for (std::size_t tighter = before + 1; tighter < m_blocks[one].passes.size(); ++tighter) {
                if (passesWith(one, tighter) - all > kMostCost) {
                    break;
                }
                move(one, tighter);
                for (std::size_t other = 0; other < m_blocks.size(); ++other) {
                    for (std::size_t at = 0; other != one && at < m_at[other]; ++at) {
                        if (passesWith(other, at) >= all - kLeastGain) {
                            break;
                        }
                        if (std::isfinite(price(other, at))) {
                            move(other, at);
                            return true;
                        }
                    }
                }
                move(one, before);
            }
        }
        return false;
    }

    /// To the tightest levels that take as many passes.
    void settle()
    {
        for (std::size_t block = 0; block < m_blocks.size(); ++block) {
            const double passes = passesWith(block, m_at[block]);
            while (m_at[block] + 1 < m_blocks[block].passes.size() && passesWith(block, m_at[block] + 1) <= passes) {
                move(block, m_at[block] + 1);
            }
        }
    }

private:
    static constexpr double kMostCost = 1.5;   ///< passes, of an exchange
    static constexpr double kLeastGain = 1e-9; ///< likewise: sums of passes are whole numbers but for rounding

    /// Of a batch, with the block at that level.
    double passesWith(std::size_t block, std::size_t at) const
    {
        const std::vector<double>& now = m_blocks[block].passes[m_at[block]];
        const std::vector<double>& then = m_blocks[block].passes[at];
        return slowest(m_blocks[block], [&](std::size_t i) { return m_passes[i] - now[i] + then[i]; });
    }

    /// Of a level: how near it brings the pictures to their limits, the nearest counting most. Infinite beyond one.
    double price(std::size_t block, std::size_t at) const
    {
        const std::vector<double>& now = m_blocks[block].error[m_at[block]];
        const std::vector<double>& then = m_blocks[block].error[at];
        double sum = 0.0;
        for (std::size_t i = 0; i < m_sums.size(); ++i) {
            const double limit = m_limits[i % m_limits.size()];
            const double error = m_sums[i] - now[i] + then[i];
            if (error > limit) {
                return std::numeric_limits<double>::infinity();
            }
            const double share = error / limit;
            const double fourth = share * share * share * share;
            sum += fourth * fourth;
        }
        return sum;
    }

    void move(std::size_t block, std::size_t at)
    {
        for (std::size_t i = 0; i < m_sums.size(); ++i) {
            m_sums[i] += m_blocks[block].error[at][i] - m_blocks[block].error[m_at[block]][i];
        }
        for (std::size_t i = 0; i < m_passes.size(); ++i) {
            m_passes[i] += m_blocks[block].passes[at][i] - m_blocks[block].passes[m_at[block]][i];
        }
        m_at[block] = at;
    }

    const std::vector<BlockLevels>& m_blocks;
    const std::vector<double>& m_limits; ///< [pictures]
    std::vector<std::size_t> m_at;
    std::vector<double> m_sums;   ///< [samples * pictures] of errors
    std::vector<double> m_passes; ///< [samples * batches * pictures of one]
};

} // namespace

std::vector<double> triedTolerances()
{
    std::vector<double> all;
    for (int i = 0; i <= 68; ++i) {
        all.push_back(2.0 * std::pow(10.0, -0.0625 * i));
    }
    return all;
}

BlockLevels blockLevels(const std::vector<std::vector<BlockCurve>>& curves, BatchStop stop, std::uint64_t seed)
{
    constexpr double kOff = 1.6; // at most, either way
    const std::size_t batches = curves.size();
    const std::size_t places = curves.front().size();
    std::vector<Group> groups;
    std::vector<std::vector<double>> off; // [groups][places], alike where a group stops together
    std::mt19937_64 random(seed);
    for (std::size_t sample = 0; sample < kLevelSamples; ++sample) {
        for (std::size_t batch = 0; batch < batches; ++batch) {
            groups.push_back(groupOf(curves, sample, batch));
            std::vector<double>& own = off.emplace_back();
            for (std::size_t place = 0; place < places; ++place) {
                const double uniform = static_cast<double>(random() >> 11U) * 0x1p-53;
                own.push_back(stop == BatchStop::Apart || place == 0 ? std::pow(kOff, 2.0 * uniform - 1.0)
                                                                     : own.front());
            }
        }
    }
    BlockLevels levels;
    levels.batch = places;
    for (const double tolerance : triedTolerances()) {
        std::vector<double>& passes = levels.passes.emplace_back();
        std::vector<double>& errors = levels.error.emplace_back(kLevelSamples * batches * places);
        for (std::size_t i = 0; i < groups.size(); ++i) {
            const std::size_t sample = i / batches;
            for (std::size_t place = 0; place < places; ++place) {
                const Group waits = stop == BatchStop::Apart ? Group{groups[i][place]} : groups[i];
                const std::size_t needed = passesUntil(waits, tolerance * off[i][place]);
                const std::size_t batch = (i % batches + sample * place) % batches;
                const std::vector<double>& error = groups[i][place]->error;
                errors[(sample * batches + batch) * places + place] = error[std::min(needed, error.size()) - 1];
                passes.push_back(static_cast<double>(needed));
            }
        }
    }
    return levels;
}

double batchPasses(const std::vector<BlockLevels>& blocks, const std::vector<std::size_t>& levels)
{
    const std::vector<double> sums = sumsOf(blocks, &BlockLevels::passes, levels);
    return slowest(blocks.front(), [&sums](std::size_t i) { return sums[i]; });
}

std::vector<std::size_t> chooseLevels(const std::vector<BlockLevels>& blocks, const std::vector<double>& limits)
{
    Choice choice(blocks, limits);
    while (choice.loosen() || choice.exchange()) {
    }
    choice.settle();
    return choice.levels();
}

std::vector<double> summedErrors(const std::vector<BlockLevels>& blocks, const std::vector<std::size_t>& levels)
{
    const std::vector<double> sums = sumsOf(blocks, &BlockLevels::error, levels);
    std::vector<double> worst(sums.size() / kLevelSamples, 0.0);
    for (std::size_t i = 0; i < sums.size(); ++i) {
        worst[i % worst.size()] = std::max(worst[i % worst.size()], sums[i]);
    }
    return worst;
}

} // namespace jacobi
