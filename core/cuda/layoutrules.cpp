// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/cuda/layoutrules.h"

#include <map>

namespace jacobi {
namespace {

void addSet(const std::vector<std::uint8_t>& legal, LayoutRules& rules)
{
    const std::size_t begin = rules.legalCodes.size();
    for (std::size_t v = 0; v < legal.size(); ++v) {
        if (legal[v] != 0) {
            rules.legalCodes.push_back(static_cast<std::int32_t>(v));
        }
    }
    rules.legalCount.push_back(static_cast<std::int32_t>(rules.legalCodes.size() - begin));
    rules.legalCodes.resize(begin + legal.size(), 0);
    rules.legal.insert(rules.legal.end(), legal.begin(), legal.end());
}

} // namespace

LayoutRules rulesOf(const TokenLayout& layout)
{
    LayoutRules rules;
    std::map<const void*, std::int32_t> numbers;
    for (const PositionRule& rule : layout.rules) {
        rules.forced.push_back(rule.forced);
        rules.topK.push_back(rule.topK);
        std::int32_t number = -1;
        if (rule.legal) {
            const auto [found, isNew] =
                numbers.try_emplace(rule.legal.get(), static_cast<std::int32_t>(numbers.size()));
            number = found->second;
            if (isNew) {
                addSet(*rule.legal, rules);
            }
        }
        rules.set.push_back(number);
    }
    return rules;
}

} // namespace jacobi
