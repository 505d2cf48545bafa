// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/cuda/devicewindows.h"
#include "core/cuda/hostkernels.h"
#include "core/decode/draftwindow.h"
#include "core/decode/draws.h"
#include "core/decode/warp.h"
#include "tests/core/decode/tokentable.h"

#include <QString>

#include <cmath>
#include <cstring>
#include <deque>
#include <limits>
#include <vector>

namespace jacobi::test {

/// Equal bit for bit; two NaNs are equal.
inline bool sameFloats(const std::vector<float>& a, const std::vector<float>& b)
{
    return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](float x, float y) {
               return std::memcmp(&x, &y, sizeof x) == 0 || (std::isnan(x) && std::isnan(y));
           });
}

/// What differs between two steps, or nothing.
inline QString difference(const Step& a, const Step& b)
{
    if (a.item != b.item || a.pass != b.pass || a.begin != b.begin || a.end != b.end ||
        a.committedEnd != b.committedEnd) {
        return QString("the range: [%1, %2) %3 and [%4, %5) %6")
            .arg(a.begin)
            .arg(a.end)
            .arg(a.committedEnd)
            .arg(b.begin)
            .arg(b.end)
            .arg(b.committedEnd);
    }
    if (a.token != b.token) {
        return "token";
    }
    if (a.state != b.state) {
        return "state";
    }
    if (a.draft != b.draft) {
        return "draft";
    }
    for (const auto& [name, left, right] :
         {std::tuple("p", &a.p, &b.p), std::tuple("q", &a.q, &b.q), std::tuple("u", &a.u, &b.u),
          std::tuple("entropy", &a.entropy, &b.entropy)}) {
        if (!sameFloats(*left, *right)) {
            return name;
        }
    }
    if (a.topK.size() != b.topK.size()) {
        return "number of candidates";
    }
    for (std::size_t k = 0; k < a.topK.size(); ++k) {
        for (std::size_t slot = 0; slot < a.topK[k].size(); ++slot) {
            const Candidate& x = a.topK[k][slot];
            const Candidate& y = b.topK[k][slot];
            if (x.code != y.code || !sameFloats({x.p, x.q}, {y.p, y.q})) {
                return QString("candidate %1 of column %2").arg(slot).arg(k);
            }
        }
    }
    return "";
}

/// Pictures decoded twice over the same logits: by the CPU's decoder (Warp, DraftWindow) and by the kernels' bodies.
template <class Real, class Coupling>
class WindowPair {
public:
    WindowPair(const TokenLayout& layout, WindowSetup setup, Initialisation initialisation)
        : m_layout(layout),
          m_setup(setup),
          m_conditional(layout.positions(), layout.codes, 5),
          m_unconditional(layout.positions(), layout.codes, 6),
          m_warp({setup.knobs.guidance, setup.knobs.temperature, setup.knobs.topK, setup.knobs.topP})
    {
        m_setup.freshDrafts = static_cast<FreshDrafts>(initialisation);
        for (std::uint32_t item = 0; item < setup.items; ++item) {
            m_plain.emplace_back(m_layout, setup.window, PhiloxDraws<Real>(setup.seed + item), initialisation);
        }
        m_device = std::move(*DeviceWindows::make(hostOps(), m_layout, m_setup));
    }

    DeviceWindows& device() { return *m_device; }
    const TokenLayout& layout() const { return m_layout; }
    bool done() const
    {
        return std::all_of(m_plain.begin(), m_plain.end(), [](const auto& window) { return window.done(); });
    }
    bool done(std::uint32_t item) const { return m_plain[item].done(); }
    std::uint32_t committed(std::uint32_t item) const { return m_plain[item].committed(); }
    std::uint64_t nearTies(std::uint32_t item) const { return m_plain[item].nearTies(); }
    const std::vector<std::int64_t>& tokens(std::uint32_t item) const { return m_plain[item].tokens(); }

    /// Puts the logits of the next pass where the kernels read them.
    void fillLogits()
    {
        Real* out = static_cast<Real*>(m_device->logits());
        for (std::uint32_t item = 0; item < m_setup.items; ++item) {
            for (std::uint32_t branch = 0; branch < m_setup.branches; ++branch) {
                for (std::uint32_t k = 0; k < m_setup.window; ++k, out += m_layout.codes) {
                    fillRow(item, branch, k, out);
                }
            }
        }
    }

    /// The pass as the CPU's decoder does it.
    Step plainStep(std::uint32_t item, std::uint32_t pass)
    {
        auto& window = m_plain[item];
        std::vector<Real> c(m_layout.codes);
        std::vector<Real> u(m_setup.branches == 2 ? m_layout.codes : 0);
        Step step;
        step.item = item;
        step.pass = pass;
        for (std::uint32_t k = 0; k < window.rows(); ++k) {
            const std::uint32_t position = window.committed() + k;
            fillRow(item, 0, k, c.data());
            if (!u.empty()) {
                fillRow(item, 1, k, u.data());
            }
            const PositionRule* rule = m_layout.rules.empty() ? nullptr : &m_layout.rules[position];
            step.entropy.push_back(static_cast<float>(m_warp(c, u, rule, window.row(k))));
        }
        window.advance(step);
        step.entropy.resize(step.token.size(), std::numeric_limits<float>::quiet_NaN());
        return step;
    }

private:
    void fillRow(std::uint32_t item, std::uint32_t branch, std::uint32_t k, Real* out) const
    {
        const auto& window = m_plain[item];
        const std::uint32_t position = window.committed() + k;
        if (window.done() || k >= window.rows()) { // nobody may look at these
            std::fill(out, out + m_layout.codes, std::numeric_limits<Real>::quiet_NaN());
            return;
        }
        const TokenTable& table = branch == 0 ? m_conditional : m_unconditional;
        const auto p = table.row(position, position > 1 ? window.tokens()[position - 2] : -1, window.input(k));
        for (std::size_t v = 0; v < p.size(); ++v) {
            out[v] = static_cast<Real>(std::log(p[v]));
        }
    }

    TokenLayout m_layout;
    WindowSetup m_setup;
    TokenTable m_conditional;
    TokenTable m_unconditional;
    Warp<Real> m_warp;
    std::deque<DraftWindow<Real, Coupling, PhiloxDraws<Real>>> m_plain;
    std::unique_ptr<DeviceWindows> m_device;
};

template <class Coupling>
constexpr CouplingKind kKindOf = std::is_same_v<Coupling, IndependentCoupling>   ? CouplingKind::Independent
                                 : std::is_same_v<Coupling, MaximalCoupling>     ? CouplingKind::Maximal
                                 : std::is_same_v<Coupling, GumbelExactCoupling> ? CouplingKind::GumbelExact
                                                                                 : CouplingKind::GumbelSpec;

} // namespace jacobi::test
