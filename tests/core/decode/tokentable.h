// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/philox.h"
#include "core/decode/layout.h"
#include "core/decode/warp.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <initializer_list>
#include <numbers>
#include <span>
#include <vector>

namespace jacobi::test {

/// The pipeline F said once more, slowly and on probabilities: what Warp must equal. Empty u: guidance off.
inline std::vector<double> plainLaw(std::span<const double> c, std::span<const double> u, const WarpSettings& settings,
                                    const PositionRule* rule)
{
    const std::size_t codes = c.size();
    std::vector<double> p(codes, 0.0);
    if (rule != nullptr && rule->forced >= 0) {
        p[static_cast<std::size_t>(rule->forced)] = 1.0;
        return p;
    }
    for (std::size_t v = 0; v < codes; ++v) {
        const bool legal = rule == nullptr || !rule->legal || (*rule->legal)[v] != 0;
        const double guided = u.empty() ? c[v] : u[v] * std::pow(c[v] / u[v], settings.guidance);
        p[v] = legal ? guided : 0.0;
    }
    if (settings.temperature == 0.0) {
        const auto best = std::max_element(p.begin(), p.end()) - p.begin();
        std::fill(p.begin(), p.end(), 0.0);
        p[static_cast<std::size_t>(best)] = 1.0;
        return p;
    }
    const auto normalise = [&p] {
        double sum = 0.0;
        for (const double x : p) {
            sum += x;
        }
        for (double& x : p) {
            x /= sum;
        }
    };
    // Keeps what has less than `most` strictly above it: so many codes (top-k), or so much mass (top-p); ties stay.
    const auto keep = [&p](double most, bool mass) {
        const std::vector<double> before = p;
        for (double& x : p) {
            double above = 0.0;
            for (const double y : before) {
                above += y > x ? (mass ? y : 1.0) : 0.0;
            }
            x = above < most ? x : 0.0;
        }
    };
    for (double& x : p) {
        x = std::pow(x, 1.0 / settings.temperature);
    }
    const int k = rule != nullptr && rule->topK >= 0 ? rule->topK : settings.topK;
    if (k > 0) {
        keep(k, false);
    }
    normalise();
    if (settings.topP < 1.0) {
        keep(settings.topP, true);
        normalise();
    }
    return p;
}

/// A tiny causal "network": the law of a token given the two before it, another table at every position.
class TokenTable {
public:
    /// Rows from Dirichlet(0.5).
    TokenTable(std::uint32_t positions, std::uint32_t codes, std::uint64_t seed)
        : m_positions(positions), m_codes(codes), m_rows(std::size_t{positions} * (codes + 1) * (codes + 1) * codes)
    {
        const CounterRandom random{seed};
        for (std::size_t first = 0; first < m_rows.size(); first += codes) {
            double sum = 0.0;
            for (std::size_t v = 0; v < codes; ++v) { // -log u cos^2(2 pi u') follows Gamma(1/2)
                const auto u = random.uniforms(static_cast<std::uint32_t>(first + v), 0, Purpose::Noise, 0);
                const double wave = std::cos(2.0 * std::numbers::pi * u[1]);
                m_rows[first + v] = -std::log(u[0]) * wave * wave;
                sum += m_rows[first + v];
            }
            for (std::size_t v = 0; v < codes; ++v) {
                m_rows[first + v] /= sum;
            }
        }
    }

    std::uint32_t positions() const { return m_positions; }
    std::uint32_t codes() const { return m_codes; }

    /// [codes] of that position after ..., before, last; -1 where there is no such token.
    std::span<const double> row(std::uint32_t position, std::int64_t before, std::int64_t last) const
    {
        return {m_rows.data() + offset(position, before, last), m_codes};
    }
    void setRow(std::uint32_t position, std::int64_t before, std::int64_t last, std::span<const double> p)
    {
        std::copy(p.begin(), p.end(), m_rows.begin() + static_cast<std::ptrdiff_t>(offset(position, before, last)));
    }
    /// The same law whatever came before.
    void setEverywhere(std::uint32_t position, std::initializer_list<double> p)
    {
        eachContext([&](std::int64_t before, std::int64_t last) { setRow(position, before, last, p); });
    }

    /// Every row after F.
    TokenTable warped(const TokenLayout& layout, const WarpSettings& settings = {},
                      const TokenTable* unconditional = nullptr) const
    {
        TokenTable result = *this;
        for (std::uint32_t position = 0; position < m_positions; ++position) {
            const PositionRule* rule = layout.rules.empty() ? nullptr : &layout.rules[position];
            eachContext([&](std::int64_t before, std::int64_t last) {
                const auto u =
                    unconditional != nullptr ? unconditional->row(position, before, last) : std::span<const double>();
                result.setRow(position, before, last, plainLaw(row(position, before, last), u, settings, rule));
            });
        }
        return result;
    }

private:
    std::size_t offset(std::uint32_t position, std::int64_t before, std::int64_t last) const
    {
        const std::size_t side = m_codes + 1;
        return ((position * side + static_cast<std::size_t>(before + 1)) * side + static_cast<std::size_t>(last + 1)) *
               m_codes;
    }
    template <class Visit>
    void eachContext(const Visit& visit) const
    {
        const auto codes = static_cast<std::int64_t>(m_codes);
        for (std::int64_t before = -1; before < codes; ++before) {
            for (std::int64_t last = -1; last < codes; ++last) {
                visit(before, last);
            }
        }
    }

    std::uint32_t m_positions;
    std::uint32_t m_codes;
    std::vector<double> m_rows; ///< [positions, codes + 1, codes + 1, codes]
};

inline TokenLayout plainLayout(std::uint32_t positions, std::uint32_t codes)
{
    TokenLayout layout;
    layout.rows = 1;
    layout.columns = positions;
    layout.codes = codes;
    return layout;
}

/// The same positions in lines of that many.
inline TokenLayout inLines(TokenLayout layout, std::uint32_t columns)
{
    layout.rows = layout.positions() / columns;
    layout.columns = columns;
    return layout;
}

/// Code `lineEnd` is forced at these positions and illegal at all others.
inline TokenLayout lineEndLayout(std::uint32_t positions, std::uint32_t codes, std::int32_t lineEnd,
                                 std::initializer_list<std::uint32_t> forced)
{
    TokenLayout layout = plainLayout(positions, codes);
    auto legal = std::make_shared<std::vector<std::uint8_t>>(codes, std::uint8_t{1});
    (*legal)[static_cast<std::size_t>(lineEnd)] = 0;
    layout.rules.resize(positions);
    for (std::uint32_t position = 0; position < positions; ++position) {
        if (std::find(forced.begin(), forced.end(), position) != forced.end()) {
            layout.rules[position].forced = lineEnd;
        } else {
            layout.rules[position].legal = legal;
        }
    }
    return layout;
}

/// Position i forbids code (i + 1) mod codes, and the fourth position nothing.
inline TokenLayout legalSetLayout(std::uint32_t positions, std::uint32_t codes)
{
    TokenLayout layout = plainLayout(positions, codes);
    layout.rules.resize(positions);
    for (std::uint32_t position = 0; position < positions; ++position) {
        if (position != 3) {
            auto legal = std::make_shared<std::vector<std::uint8_t>>(codes, std::uint8_t{1});
            (*legal)[(position + 1) % codes] = 0;
            layout.rules[position].legal = std::move(legal);
        }
    }
    return layout;
}

/// Every column forbids another code, from its second line on as in its first.
inline TokenLayout columnSetLayout(std::uint32_t rows, std::uint32_t columns, std::uint32_t codes)
{
    TokenLayout layout = legalSetLayout(rows * columns, codes);
    for (std::uint32_t position = 0; position < rows * columns; ++position) {
        layout.rules[position].legal = layout.rules[position % columns].legal;
    }
    return inLines(std::move(layout), columns);
}

/// A sequence as a number in base `codes`; what lies behind `length` counts as 0.
inline std::size_t sequenceNumber(std::span<const std::int64_t> tokens, std::size_t length, std::uint32_t codes)
{
    std::size_t number = 0;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        number = number * codes + (i < length ? static_cast<std::size_t>(tokens[i]) : 0);
    }
    return number;
}

namespace detail {
inline void addLaw(const TokenTable& laws, const TokenLayout& layout, std::vector<std::int64_t>& tokens,
                   std::uint32_t length, double probability, std::vector<double>& law)
{
    const auto& terminals = layout.terminals;
    const bool ended =
        length > 0 && std::find(terminals.begin(), terminals.end(), tokens[length - 1]) != terminals.end();
    if (ended || length == layout.positions()) {
        law[sequenceNumber(tokens, length, layout.codes)] += probability;
        return;
    }
    const auto p = laws.row(length, length > 1 ? tokens[length - 2] : -1, length > 0 ? tokens[length - 1] : -1);
    for (std::uint32_t v = 0; v < layout.codes; ++v) {
        if (p[v] > 0.0) {
            tokens[length] = v;
            addLaw(laws, layout, tokens, length + 1, probability * p[v], law);
        }
    }
}
} // namespace detail

/// [codes ^ positions] the law of ancestral sampling, exactly. laws: after F.
inline std::vector<double> sequentialLaw(const TokenTable& laws, const TokenLayout& layout)
{
    std::size_t count = 1;
    for (std::uint32_t i = 0; i < layout.positions(); ++i) {
        count *= layout.codes;
    }
    std::vector<double> law(count, 0.0);
    std::vector<std::int64_t> tokens(layout.positions(), 0);
    detail::addLaw(laws, layout, tokens, 0, 1.0, law);
    return law;
}

} // namespace jacobi::test
