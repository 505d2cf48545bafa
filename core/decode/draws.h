// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/devicecode.h"
#include "core/base/philox.h"

#include <cmath>
#include <cstdint>
#include <span>

namespace jacobi {

/// Index drawn from non-negative weights by one uniform: the first whose cumulative weight passes u * total. Rounding
/// can leave u * total beyond the last cumulative sum; the last positive weight is then the answer.
template <class Real>
std::int32_t drawByInversion(std::span<const Real> weights, double total, double u)
{
    const double target = u * total;
    double cumulative = 0.0;
    std::int32_t last = 0;
    for (std::size_t v = 0; v < weights.size(); ++v) {
        if (weights[v] > Real(0)) {
            cumulative += static_cast<double>(weights[v]);
            last = static_cast<std::int32_t>(v);
            if (target < cumulative) {
                break;
            }
        }
    }
    return last;
}

/// The exponential arrival time of a code of probability p > 0: of all codes the first to arrive is drawn from p. The
/// order of the arrivals is that of -(log p + g), g = -log(-log u) standard Gumbel noise, for half the logarithms.
JACOBI_HOST_DEVICE inline double arrivalTime(double u, double p)
{
    return -std::log(u) / p;
}
inline constexpr double kNoArrival = 1e300;

/// Every random decision a decoder takes, from counter-based numbers (DESIGN section 4). The decoders are templates
/// over this class, so that a test can put an enumeration of all outcomes in its place.
template <class Real>
class PhiloxDraws {
public:
    JACOBI_DEVICE explicit PhiloxDraws(std::uint64_t seed) : m_random{seed} {}

    /// The uniform of the acceptance test u * q < p.
    JACOBI_DEVICE double acceptUniform(std::uint32_t position, std::uint32_t pass) const
    {
        return m_random.uniform(position, pass, Purpose::Accept);
    }
    /// u is for the record. The test is made in double: rounded to float32 the largest uniform is 1, which would reject
    /// a draft whose p equals its q. No division: q = 0 is safe, and 0 < 0 rejects.
    JACOBI_DEVICE bool accept(std::uint32_t position, std::uint32_t pass, Real p, Real q, Real& u) const
    {
        const double exact = acceptUniform(position, pass);
        u = static_cast<Real>(exact);
        return exact * static_cast<double>(q) < static_cast<double>(p);
    }

    /// From max(0, p - q), whose sum is total.
    std::int32_t residual(std::uint32_t position, std::uint32_t pass, std::span<const Real> weights, double total) const
    {
        return drawByInversion(weights, total, m_random.uniform(position, pass, Purpose::Residual));
    }
    /// A fresh draft from p.
    std::int32_t redraw(std::uint32_t position, std::uint32_t pass, std::span<const Real> p) const
    {
        return drawByInversion(p, 1.0, m_random.uniform(position, pass, Purpose::Redraw));
    }
    /// A first draft from some distribution over the codes.
    std::int32_t initialise(std::uint32_t position, std::uint32_t pass, std::span<const Real> p) const
    {
        return drawByInversion(p, 1.0, m_random.uniform(position, pass, Purpose::Initialise));
    }
    /// One of count equally likely things.
    JACOBI_DEVICE std::uint32_t initialiseAmong(std::uint32_t position, std::uint32_t pass, std::uint32_t count) const
    {
        const double u = m_random.uniform(position, pass, Purpose::Initialise);
        return static_cast<std::uint32_t>(u * static_cast<double>(count)); // u < 1 exactly, so never count
    }

    /// argmax over v of log p(v) + g(position, v), g standard Gumbel noise that belongs to the position for good
    /// (purpose Draw, pass 0); found as the first arrivalTime().
    std::int32_t draw(std::uint32_t position, std::span<const Real> p) const
    {
        return drawWithMargin(position, p).code;
    }

    struct Drawn {
        std::int32_t code = 0;
        double margin =
            0.0; ///< log ratio of the runner-up's E / p to the winner's; 0 is a tie, infinite where p is one-hot
    };
    Drawn drawWithMargin(std::uint32_t position, std::span<const Real> p) const;

private:
    CounterRandom m_random;
};

template <class Real>
typename PhiloxDraws<Real>::Drawn PhiloxDraws<Real>::drawWithMargin(std::uint32_t position,
                                                                    std::span<const Real> p) const
{
    // -log u >= 1 - u, and 1 - u is exact: a code for which 1 - u >= second * p arrives after the first two, and needs no
    // logarithm. Where even the smallest 1 - u is too late for all four codes of a block, it needs no numbers either.
    constexpr double kSmallest = 1.0 / 33554432.0;
    double best = kNoArrival;
    double second = kNoArrival;
    std::int32_t code = 0;
    const auto codes = static_cast<std::uint32_t>(p.size());
    for (std::uint32_t block = 0; 4 * block < codes; ++block) {
        const std::uint32_t first = 4 * block;
        const std::uint32_t last = first + 4 < codes ? first + 4 : codes;
        Real largest = 0;
        for (std::uint32_t v = first; v < last; ++v) {
            largest = largest < p[v] ? p[v] : largest;
        }
        if (second * static_cast<double>(largest) <= kSmallest) {
            continue;
        }
        const auto u = m_random.uniforms(position, 0, Purpose::Draw, block);
        for (std::uint32_t v = first; v < last; ++v) {
            const auto probability = static_cast<double>(p[v]);
            if (1.0 - u[v - first] < second * probability) { // never where p is 0
                const double arrival = arrivalTime(u[v - first], probability);
                if (arrival < best) {
                    second = best;
                    best = arrival;
                    code = static_cast<std::int32_t>(v);
                } else if (arrival < second) {
                    second = arrival;
                }
            }
        }
    }
    return {code, second == kNoArrival ? HUGE_VAL : std::log(second / best)};
}

} // namespace jacobi
