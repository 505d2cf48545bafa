// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cmath>
#include <cstdint>
#include <span>

namespace jacobi::test {

/// Pearson's chi-square of counts against a law, as a standard score. Cells that expect fewer than five are pooled.
/// Infinite where something impossible was drawn.
inline double chiSquareScore(std::span<const std::uint64_t> counts, std::span<const double> law)
{
    double samples = 0.0;
    for (const std::uint64_t count : counts) {
        samples += static_cast<double>(count);
    }
    double chiSquare = 0.0;
    double cells = 0.0;
    const auto add = [&](double count, double expected) {
        chiSquare += (count - expected) * (count - expected) / expected;
        cells += 1.0;
    };
    double pooledCount = 0.0;
    double pooledExpected = 0.0;
    for (std::size_t i = 0; i < law.size(); ++i) {
        const double expected = law[i] * samples;
        const auto count = static_cast<double>(counts[i]);
        if (expected <= 0.0 && count > 0.0) {
            return HUGE_VAL;
        }
        if (expected >= 5.0) {
            add(count, expected);
        } else {
            pooledCount += count;
            pooledExpected += expected;
        }
    }
    if (pooledExpected > 0.0) {
        add(pooledCount, pooledExpected);
    }
    return (chiSquare - (cells - 1.0)) / std::sqrt(2.0 * (cells - 1.0));
}

} // namespace jacobi::test
