// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/devicecode.h"
#include "core/base/philox.h"

#include <cmath>
#include <cstdint>

namespace jacobi {

// What SJD2 (sjd2.h) does to single numbers, the same on the CPU and on a GPU.

/// How much of a noisy embedding is the embedding and how much is noise: e = alpha e_0 + sigma eps.
struct NoiseMix {
    double alpha = 1.0;
    double sigma = 0.0;
};

/// Four standard normal numbers that belong to a position for good: purpose Noise, pass 0, two from each pair of uniforms (Box
/// and Muller 1958).
struct NoiseGroup {
    double numbers[4];
};
JACOBI_DEVICE inline NoiseGroup noiseGroup(const CounterRandom& random, std::uint32_t position, std::uint32_t group)
{
    const auto u = random.uniforms(position, 0, Purpose::Noise, group);
    NoiseGroup found;
    for (std::uint32_t pair = 0; pair < 4; pair += 2) {
        constexpr double kTurn = 6.283185307179586476925286766559;
        const double radius = std::sqrt(-2.0 * std::log(u[pair]));
        const double angle = kTurn * u[pair + 1];
        found.numbers[pair] = radius * std::cos(angle);
        found.numbers[pair + 1] = radius * std::sin(angle);
    }
    return found;
}

/// The deterministic DDIM step (Song et al. 2021, equation 12 without noise; SJD2, equation 5): what is not the guess of the
/// clean embedding is taken for noise, and both are mixed anew.
struct DdimStep {
    double ofNoisy = 1.0;
    double ofGuess = 0.0;

    JACOBI_DEVICE static DdimStep between(const NoiseMix& from, const NoiseMix& to)
    {
        const double ofNoisy = to.sigma / from.sigma;
        return {ofNoisy, to.alpha - from.alpha * ofNoisy};
    }
    template <class Real>
    JACOBI_DEVICE Real operator()(Real noisy, Real guess) const
    {
        return static_cast<Real>(ofNoisy * static_cast<double>(noisy) + ofGuess * static_cast<double>(guess));
    }
};

} // namespace jacobi
