// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/decode/noisemath.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace jacobi {

/// How much of a noisy embedding is the embedding and how much is noise: e_t = alpha e_0 + sigma eps (SJD2, 2510.08994,
/// section 3; the paper leaves the pair open, so that there are two).
enum class NoisePair {
    VariancePreserving, ///< alpha^2 + sigma^2 = 1
    Linear,             ///< alpha + sigma = 1
};

/// Where the levels lie between a clean embedding and pure noise.
enum class NoiseGrid {
    Uniform, ///< equal steps of time, the last one nothing but noise
    Karras,  ///< equal steps of (sigma / alpha)^(1/7) (Karras et al. 2022, equation 5)
};

/// What a model was trained to read.
struct NoiseKind {
    NoisePair pair = NoisePair::VariancePreserving;
    NoiseGrid grid = NoiseGrid::Uniform;
    double leastRatio = 0.002; ///< Karras: sigma / alpha of level 1
    double mostRatio = 80.0;   ///< Karras: of the highest level
    int mostSteps = 3;         ///< schedules of 1 to mostSteps levels
    bool operator==(const NoiseKind&) const = default;
};

struct NoiseLevel : NoiseMix {
    /// 0 is clean, 1 nothing but noise; the same scale for every pair: the angle of (alpha, sigma) over a quarter turn.
    double time() const;
};

/// Levels of a schedule of so many steps, [steps + 1]: 0 is clean, then rising.
std::vector<NoiseLevel> noiseLevels(const NoiseKind& kind, std::uint32_t steps);

/// DdimStep of every number, in place.
template <class Real>
void ddimStep(const NoiseLevel& from, const NoiseLevel& to, std::span<const Real> guess, std::span<Real> e)
{
    const DdimStep step = DdimStep::between(from, to);
    for (std::size_t i = 0; i < e.size(); ++i) {
        e[i] = step(e[i], guess[i]);
    }
}

std::string_view nameOf(NoisePair pair);
std::string_view nameOf(NoiseGrid grid);
std::optional<NoisePair> noisePairOf(std::string_view name); ///< variance-preserving | linear
std::optional<NoiseGrid> noiseGridOf(std::string_view name); ///< uniform | karras

} // namespace jacobi
