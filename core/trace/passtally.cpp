// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/trace/passtally.h"

#include <algorithm>

namespace jacobi {

void PassTally::add(const Step& step)
{
    m_passes[step.item].insert(step.pass);
    auto& end = m_committed[{step.item, step.lane}];
    end = std::max(end, step.committedEnd);
    m_gained[{step.item, step.pass}] += step.committedEnd - step.begin;
}

std::uint64_t PassTally::passes() const
{
    std::uint64_t most = 0;
    for (const auto& [item, own] : m_passes) {
        most = std::max<std::uint64_t>(most, own.size());
    }
    return most;
}

std::uint64_t PassTally::tokens() const
{
    std::uint64_t sum = 0;
    for (const auto& [lane, end] : m_committed) {
        sum += end;
    }
    return sum;
}

double PassTally::tokensPerPass() const
{
    return m_passes.empty() ? 0.0 : static_cast<double>(tokens()) / static_cast<double>(passes());
}

double PassTally::tokensPerPassPerPicture() const
{
    std::map<std::uint32_t, std::uint64_t> tokens; // of an item
    for (const auto& [lane, end] : m_committed) {
        tokens[lane.first] += end;
    }
    double sum = 0.0;
    for (const auto& [item, own] : m_passes) {
        sum += static_cast<double>(tokens[item]) / static_cast<double>(own.size());
    }
    return m_passes.empty() ? 0.0 : sum / static_cast<double>(m_passes.size());
}

std::vector<std::uint64_t> PassTally::passesByTokens() const
{
    constexpr std::size_t kMostTokens = 1U << 20; // of a pass: a damaged trace may say anything
    std::vector<std::uint64_t> counts;
    for (const auto& [pass, claimed] : m_gained) {
        const std::size_t tokens = std::min(claimed, kMostTokens);
        counts.resize(std::max(counts.size(), tokens + 1));
        ++counts[tokens];
    }
    return counts;
}

} // namespace jacobi
