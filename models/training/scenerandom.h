// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/philox.h"

#include <cstdint>

namespace jacobi {

/// What part of an example the numbers are for: each part has its own stream, so that a change to how one part is
/// drawn moves no other.
enum class ScenePart : std::uint32_t { Attributes, Layout, Caption, Completion };

/// A stream of random numbers named by (seed, part, variant, index): Philox, with none of std's distributions, whose
/// results differ between standard libraries. Not shared between threads; making one is cheap.
class SceneRandom {
public:
    SceneRandom(std::uint64_t seed, std::uint64_t index, ScenePart part, std::uint64_t variant = 0) : m_index(index)
    {
        const auto key = philox4x32({static_cast<std::uint32_t>(variant), static_cast<std::uint32_t>(variant >> 32),
                                     static_cast<std::uint32_t>(part), 0x7363656EU},
                                    seed);
        m_key = (std::uint64_t{key[1]} << 32) | key[0];
    }

    /// In (0, 1).
    float uniform()
    {
        if (m_used == 4) {
            m_block = philox4x32(
                {m_count++, 0, static_cast<std::uint32_t>(m_index), static_cast<std::uint32_t>(m_index >> 32)}, m_key);
            m_used = 0;
        }
        return static_cast<float>(uniformFromBits(m_block[static_cast<std::size_t>(m_used++)]));
    }

    float between(float low, float high) { return low + (high - low) * uniform(); }

    bool chance(float probability) { return uniform() < probability; }

    /// 0 .. count - 1.
    int pick(int count)
    {
        const int i = static_cast<int>(uniform() * static_cast<float>(count));
        return i < count ? i : count - 1; // float rounding can reach count
    }

private:
    std::uint64_t m_key = 0;
    std::uint64_t m_index;
    std::uint32_t m_count = 0;
    std::array<std::uint32_t, 4> m_block{};
    int m_used = 4;
};

} // namespace jacobi
