// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/decode/warp.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

namespace jacobi {

namespace {

template <class Real>
constexpr Real kMinusInfinity = -std::numeric_limits<Real>::infinity();

/// The least logit that min-p keeps.
template <class Real>
Real leastLogit(std::span<const Real> conditional, const PositionRule* rule, double minP)
{
    if (minP <= 0.0) {
        return kMinusInfinity<Real>;
    }
    const bool isOpen = rule == nullptr || !rule->legal;
    Real largest = kMinusInfinity<Real>;
    for (std::size_t v = 0; v < conditional.size(); ++v) {
        const bool isLegal = isOpen || (*rule->legal)[v] != 0;
        largest = isLegal && conditional[v] > largest ? conditional[v] : largest;
    }
    return largest + static_cast<Real>(std::log(minP));
}

} // namespace

template <class Real>
double Warp<Real>::operator()(std::span<const Real> conditional, std::span<const Real> unconditional,
                              const PositionRule* rule, std::span<Real> p)
{
    const std::size_t codes = p.size();
    const auto scale = static_cast<Real>(m_settings.guidance);

    // Guidance on the raw logits; what either branch rules out stays out. A NaN or +infinity anywhere survives into the
    // sum, where one test finds it.
    const auto poisonOf = [](Real x) { return x == kMinusInfinity<Real> ? Real(0) : x * Real(0); };
    const Real least = leastLogit(conditional, rule, m_settings.minP);
    Real poison = 0;
    for (std::size_t v = 0; v < codes; ++v) {
        const Real c = conditional[v];
        const Real u = unconditional.empty() ? c : unconditional[v];
        const bool ruledOut = c == kMinusInfinity<Real> || u == kMinusInfinity<Real> || c < least;
        const Real guided = unconditional.empty() ? c : u + scale * (c - u);
        p[v] = ruledOut ? kMinusInfinity<Real> : guided;
        poison += poisonOf(c) + poisonOf(u) + poisonOf(p[v]);
    }
    if (poison != Real(0)) {
        return std::numeric_limits<double>::quiet_NaN();
    }
    if (rule != nullptr && rule->forced >= 0) {
        std::fill(p.begin(), p.end(), Real(0));
        p[static_cast<std::size_t>(rule->forced)] = Real(1);
        return 0.0;
    }
    if (rule != nullptr && rule->legal) {
        for (std::size_t v = 0; v < codes; ++v) {
            p[v] = (*rule->legal)[v] != 0 ? p[v] : kMinusInfinity<Real>;
        }
    }
    const auto best = std::max_element(p.begin(), p.end());
    const Real largest = *best;
    if (largest == kMinusInfinity<Real>) {
        return std::numeric_limits<double>::quiet_NaN();
    }
    if (m_settings.temperature == 0.0) {
        const auto winner = best - p.begin();
        std::fill(p.begin(), p.end(), Real(0));
        p[static_cast<std::size_t>(winner)] = Real(1);
        return 0.0;
    }

    // Shifted by the largest before dividing, so that a small temperature cannot overflow.
    constexpr double kLargest = std::numeric_limits<Real>::max(); // not infinity: 0 times it must be 0
    const auto inverseTemperature = static_cast<Real>(std::min(1.0 / m_settings.temperature, kLargest));
    for (Real& z : p) {
        z = (z - largest) * inverseTemperature;
    }
    const int k = rule != nullptr && rule->topK >= 0 ? rule->topK : m_settings.topK;
    if (k > 0 && static_cast<std::size_t>(k) < codes) {
        keepTopK(p, k);
    }

    double sum = 0.0;
    double weighted = 0.0; // sum of e^z z, for the entropy
    for (Real& z : p) {
        const Real e = std::exp(z);
        sum += static_cast<double>(e);
        weighted += e > Real(0) ? static_cast<double>(e) * static_cast<double>(z) : 0.0;
        z = e;
    }
    const auto normaliser = static_cast<Real>(1.0 / sum);
    for (Real& e : p) {
        e *= normaliser;
    }
    if (m_settings.topP >= 1.0) {
        return std::log(sum) - weighted / sum;
    }
    keepTopP(p);
    double entropy = 0.0;
    for (const Real x : p) {
        entropy -= x > Real(0) ? static_cast<double>(x) * std::log(static_cast<double>(x)) : 0.0;
    }
    return entropy;
}

template <class Real>
void Warp<Real>::keepTopK(std::span<Real> z, int k)
{
    m_scratch.assign(z.begin(), z.end());
    const auto kth = m_scratch.begin() + (k - 1);
    std::nth_element(m_scratch.begin(), kth, m_scratch.end(), std::greater<>());
    const Real threshold = *kth;
    for (Real& x : z) {
        x = x >= threshold ? x : kMinusInfinity<Real>;
    }
}

template <class Real>
void Warp<Real>::keepTopP(std::span<Real> p)
{
    // Codes this improbable hold less than the mass that may go, all of them together: they need not be sorted.
    const auto hopeless = static_cast<Real>(0.5 * (1.0 - m_settings.topP) / static_cast<double>(p.size()));
    m_scratch.clear();
    std::copy_if(p.begin(), p.end(), std::back_inserter(m_scratch), [&](Real x) { return x > hopeless; });
    std::sort(m_scratch.begin(), m_scratch.end(), std::greater<>());
    double mass = 0.0;
    Real threshold = Real(0);
    for (const Real x : m_scratch) {
        mass += static_cast<double>(x);
        threshold = x;
        if (mass >= m_settings.topP) {
            break;
        }
    }
    double kept = 0.0;
    for (Real& x : p) {
        x = x >= threshold ? x : Real(0);
        kept += static_cast<double>(x);
    }
    const auto normaliser = static_cast<Real>(1.0 / kept);
    for (Real& x : p) {
        x *= normaliser;
    }
}

template class Warp<float>;
template class Warp<double>;

} // namespace jacobi
