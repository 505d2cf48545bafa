// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/philox.h"
#include "core/decode/noiseschedule.h"

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

namespace jacobi {

/// The standard normal numbers of a position, noiseGroup() after noiseGroup().
template <class Real>
void drawNoise(const CounterRandom& random, std::uint32_t position, std::span<Real> out)
{
    for (std::size_t i = 0; i < out.size(); i += 4) {
        const NoiseGroup group = noiseGroup(random, position, static_cast<std::uint32_t>(i / 4));
        for (std::size_t j = i; j < std::min(i + 4, out.size()); ++j) {
            out[j] = static_cast<Real>(group.numbers[j - i]);
        }
    }
}

/// The noisy embeddings of one picture's window.
template <class Real>
class NoisyDrafts {
public:
    /// levels: of the schedule, [steps + 1]. codes: embedding of each, [codes, size]; must outlive this.
    NoisyDrafts(std::uint64_t seed, std::vector<NoiseLevel> levels, std::uint32_t window, std::span<const Real> codes,
                std::size_t size)
        : m_random{seed},
          m_levels(std::move(levels)),
          m_window(window),
          m_codes(codes),
          m_size(size),
          m_rows(window * size)
    {
    }

    const NoiseLevel& level(std::uint32_t k) const { return m_levels[k]; }
    std::span<const Real> at(std::uint32_t position) const { return {m_rows.data() + slot(position), m_size}; }

    /// The position enters as noise of the highest level: nothing but noise, or as good as.
    void enter(std::uint32_t position)
    {
        const std::span<Real> e(m_rows.data() + slot(position), m_size);
        drawNoise(m_random, position, e);
        for (Real& number : e) {
            number = static_cast<Real>(m_levels.back().sigma * static_cast<double>(number));
        }
    }
    /// One DDIM step towards the embedding of a code, down to a level.
    void step(std::uint32_t position, std::int32_t code, std::uint32_t to)
    {
        ddimStep(m_levels[to + 1], m_levels[to], m_codes.subspan(static_cast<std::size_t>(code) * m_size, m_size),
                 std::span<Real>(m_rows.data() + slot(position), m_size));
    }

private:
    std::size_t slot(std::uint32_t position) const { return position % m_window * m_size; }

    CounterRandom m_random;
    std::vector<NoiseLevel> m_levels;
    std::uint32_t m_window;
    std::span<const Real> m_codes;
    std::size_t m_size;
    std::vector<Real> m_rows; ///< [window, size]; a window's positions never share a slot
};

} // namespace jacobi
