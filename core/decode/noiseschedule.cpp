// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/decode/noiseschedule.h"

#include <cmath>
#include <numbers>

namespace jacobi {
namespace {

constexpr double kQuarterTurn = std::numbers::pi / 2.0;
constexpr double kRho = 7.0; ///< Karras et al. 2022

NoiseLevel levelOfRatio(NoisePair pair, double ratio)
{
    const double alpha = pair == NoisePair::Linear ? 1.0 / (1.0 + ratio) : 1.0 / std::sqrt(1.0 + ratio * ratio);
    return {{alpha, ratio * alpha}};
}

NoiseLevel levelOfTime(NoisePair pair, double time)
{
    if (pair == NoisePair::Linear) {
        return {{1.0 - time, time}};
    }
    // The cosine of a quarter turn is not quite 0 in floating point; nothing but noise means nothing else.
    return {{time == 1.0 ? 0.0 : std::cos(kQuarterTurn * time), std::sin(kQuarterTurn * time)}};
}

} // namespace

double NoiseLevel::time() const
{
    return std::atan2(sigma, alpha) / kQuarterTurn;
}

std::vector<NoiseLevel> noiseLevels(const NoiseKind& kind, std::uint32_t steps)
{
    std::vector<NoiseLevel> levels(steps + 1);
    for (std::uint32_t k = 1; k <= steps; ++k) {
        if (kind.grid == NoiseGrid::Uniform) {
            levels[k] = levelOfTime(kind.pair, static_cast<double>(k) / static_cast<double>(steps));
            continue;
        }
        const double most = std::pow(kind.mostRatio, 1.0 / kRho);
        const double least = std::pow(kind.leastRatio, 1.0 / kRho);
        const double along = steps == 1 ? 0.0 : static_cast<double>(steps - k) / static_cast<double>(steps - 1);
        levels[k] = levelOfRatio(kind.pair, std::pow(most + along * (least - most), kRho));
    }
    return levels;
}

std::string_view nameOf(NoisePair pair)
{
    return pair == NoisePair::Linear ? "linear" : "variance-preserving";
}

std::string_view nameOf(NoiseGrid grid)
{
    return grid == NoiseGrid::Karras ? "karras" : "uniform";
}

std::optional<NoisePair> noisePairOf(std::string_view name)
{
    for (const NoisePair pair : {NoisePair::VariancePreserving, NoisePair::Linear}) {
        if (nameOf(pair) == name) {
            return pair;
        }
    }
    return std::nullopt;
}

std::optional<NoiseGrid> noiseGridOf(std::string_view name)
{
    for (const NoiseGrid grid : {NoiseGrid::Uniform, NoiseGrid::Karras}) {
        if (nameOf(grid) == name) {
            return grid;
        }
    }
    return std::nullopt;
}

} // namespace jacobi
