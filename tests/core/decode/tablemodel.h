// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/decode/tokenmodel.h"
#include "tests/core/decode/tokentable.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <utility>
#include <vector>

namespace jacobi::test {

/// TokenTable behind the interface of a network: logits are log probabilities plus a number of the row, which must not
/// matter; those of rows past the last position are NaN. Keeps to the interface's rules and notes in protocolHeld()
/// whether the decoder did. One branch reads `conditional`, the second `unconditional`.
class TableModel : public TokenModel {
public:
    TableModel(TokenTable conditional, TokenLayout layout, at::ScalarType type = at::kDouble)
        : TableModel(conditional, conditional, std::move(layout), type)
    {
    }
    TableModel(TokenTable conditional, TokenTable unconditional, TokenLayout layout, at::ScalarType type = at::kDouble)
        : m_tables{std::move(conditional), std::move(unconditional)}, m_layout(std::move(layout)), m_type(type)
    {
    }

    const TokenLayout& layout() const override { return m_layout; }
    at::ScalarType realType() const override { return m_type; }
    std::vector<std::int64_t> unconditionalPrompt() const override { return {0}; }

    void begin(const std::vector<std::vector<std::int64_t>>& prompts, std::int64_t branches,
               std::int64_t maxWindow) override
    {
        m_branches = branches;
        m_maxWindow = maxWindow;
        m_window = 0;
        m_committed.assign(prompts.size(), 0);
        m_fed.assign(prompts.size(), std::vector<std::int64_t>(m_layout.positions() + 1, -1));
    }

    at::Tensor forward(const at::Tensor& tokens) override
    {
        m_window = tokens.size(1);
        const bool someoneNeedsIt = std::ranges::any_of(m_committed, [&](std::int64_t n) {
            return n + m_window <= static_cast<std::int64_t>(m_layout.positions());
        });
        m_held = m_held && tokens.size(0) == items() && m_window >= 1 && m_window <= m_maxWindow && someoneNeedsIt;
        ++m_passes;
        const auto codes = static_cast<std::int64_t>(m_layout.codes);
        at::Tensor logits = at::empty({items(), m_branches, m_window, codes}, at::kDouble);
        double* out = logits.mutable_data_ptr<double>();
        for (std::int64_t item = 0; item < items(); ++item) {
            feed(item, tokens.const_data_ptr<std::int64_t>() + item * m_window);
            for (std::int64_t branch = 0; branch < m_branches; ++branch) {
                for (std::int64_t k = 0; k < m_window; ++k, out += codes) {
                    writeRow(item, m_tables[static_cast<std::size_t>(branch)], k, out);
                }
            }
        }
        return logits.to(m_type);
    }

    void commit(std::int64_t item, std::int64_t count) override
    {
        m_held = m_held && count >= 1 && count <= m_window;
        m_committed[static_cast<std::size_t>(item)] += count;
        m_held = m_held && committed(item) <= static_cast<std::int64_t>(m_layout.positions());
    }
    std::int64_t committed(std::int64_t item) const override { return m_committed[static_cast<std::size_t>(item)]; }

    /// From now on code 0 at that position has this logit, in every picture or in one of a batch.
    void setLogit(std::uint32_t position, double value) { m_replaced[{kEveryItem, position}] = value; }
    void setLogit(std::int64_t item, std::uint32_t position, double value) { m_replaced[{item, position}] = value; }

    std::int64_t branches() const { return m_branches; }
    std::uint32_t passes() const { return m_passes; }
    bool protocolHeld() const { return m_held; }

private:
    static constexpr std::int64_t kEveryItem = -1;

    std::int64_t items() const { return static_cast<std::int64_t>(m_committed.size()); }

    bool isPadding(std::int64_t item, std::int64_t k) const
    {
        return committed(item) + k >= static_cast<std::int64_t>(m_layout.positions());
    }

    /// Row k carries the token of position committed + k - 1.
    void feed(std::int64_t item, const std::int64_t* tokens)
    {
        std::vector<std::int64_t>& fed = m_fed[static_cast<std::size_t>(item)];
        const std::int64_t begin = committed(item);
        for (std::int64_t k = begin == 0 ? 1 : 0; k < m_window && !isPadding(item, k); ++k) {
            m_held = m_held && tokens[k] >= 0 && tokens[k] < static_cast<std::int64_t>(m_layout.codes);
            fed[static_cast<std::size_t>(begin + k - 1)] = tokens[k];
        }
    }

    void writeRow(std::int64_t item, const TokenTable& table, std::int64_t k, double* out) const
    {
        const std::vector<std::int64_t>& fed = m_fed[static_cast<std::size_t>(item)];
        const auto position = static_cast<std::size_t>(committed(item) + k);
        if (isPadding(item, k)) {
            std::fill_n(out, m_layout.codes, std::numeric_limits<double>::quiet_NaN());
            return;
        }
        const auto p = table.row(static_cast<std::uint32_t>(position), position > 1 ? fed[position - 2] : -1,
                                 position > 0 ? fed[position - 1] : -1);
        for (std::size_t v = 0; v < p.size(); ++v) {
            out[v] = std::log(p[v]) + static_cast<double>(position) - 2.0;
        }
        for (const std::int64_t whose : {kEveryItem, item}) {
            const auto replaced = m_replaced.find({whose, static_cast<std::uint32_t>(position)});
            if (replaced != m_replaced.end()) {
                out[0] = replaced->second;
            }
        }
    }

    std::vector<TokenTable> m_tables; ///< [branches]
    TokenLayout m_layout;
    at::ScalarType m_type;
    std::int64_t m_branches = 1;
    std::int64_t m_maxWindow = 0;
    std::int64_t m_window = 0; ///< of the last pass
    std::uint32_t m_passes = 0;
    bool m_held = true;
    std::vector<std::int64_t> m_committed;        ///< [items]
    std::vector<std::vector<std::int64_t>> m_fed; ///< [items][positions]
    std::map<std::pair<std::int64_t, std::uint32_t>, double> m_replaced; ///< by picture and position
};

} // namespace jacobi::test
