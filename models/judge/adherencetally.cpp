// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/judge/adherencetally.h"

#include "models/judge/judgestatistics.h"

#include <nlohmann/json.hpp>

namespace jacobi {
namespace {

nlohmann::json shareOf(std::int64_t right, std::int64_t asked)
{
    return asked == 0 ? nlohmann::json() : nlohmann::json(static_cast<double>(right) / static_cast<double>(asked));
}

} // namespace

void AdherenceTally::add(const SceneClaims& claims, const JudgedValues& seen)
{
    const JudgedValues claimed = claimedOf(claims, seen);
    bool whole = true;
    for (std::size_t i = 0; i < kJudgedCount; ++i) {
        if (claimed[i] == kNotJudged) {
            continue;
        }
        const bool met = claimed[i] == seen[i];
        ++m_counts[i].stated;
        m_counts[i].met += met ? 1 : 0;
        whole = whole && met;
    }
    ++m_pictures;
    m_whole += whole ? 1 : 0;
}

std::vector<std::string> AdherenceTally::missed(const SceneClaims& claims, const JudgedValues& seen)
{
    const JudgedValues claimed = claimedOf(claims, seen);
    std::vector<std::string> names;
    for (std::size_t i = 0; i < kJudgedCount; ++i) {
        if (claimed[i] != kNotJudged && claimed[i] != seen[i]) {
            names.emplace_back(nameOf(static_cast<Judged>(i)));
        }
    }
    if (claims.otherTerrain != kNotJudged && claims.otherTerrain != valueOf(seen, Judged::Terrain)) {
        names.emplace_back("second terrain");
    }
    return names;
}

AdherenceTally::Count AdherenceTally::together() const
{
    Count sum;
    for (const Count& count : m_counts) {
        sum.stated += count.stated;
        sum.met += count.met;
    }
    return sum;
}

nlohmann::json AdherenceTally::toJson() const
{
    nlohmann::json attributes = nlohmann::json::object();
    for (std::size_t i = 0; i < kJudgedCount; ++i) {
        const Count& count = m_counts[i];
        const Interval interval = wilsonInterval(count.met, count.stated);
        attributes[std::string(nameOf(static_cast<Judged>(i)))] = {{"stated", count.stated},
                                                                   {"met", count.met},
                                                                   {"share", shareOf(count.met, count.stated)},
                                                                   {"low", interval.low},
                                                                   {"high", interval.high}};
    }
    const Count sum = together();
    const Interval interval = wilsonInterval(m_whole, m_pictures);
    return {{"attributes", std::move(attributes)},
            {"together", {{"stated", sum.stated}, {"met", sum.met}, {"share", shareOf(sum.met, sum.stated)}}},
            {"all_right",
             {{"pictures", m_pictures},
              {"right", m_whole},
              {"share", shareOf(m_whole, m_pictures)},
              {"low", interval.low},
              {"high", interval.high}}}};
}

} // namespace jacobi
