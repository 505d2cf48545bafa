// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/cuda/windowmemory.h"
#include "core/decode/noisemath.h"

#include <cstdint>

namespace jacobi {

// The embeddings of SJD2's noisy drafts: what NoisyDrafts (core/decode/noisydrafts.h) does, a team a position.

/// The noise of one position of one item.
template <class Real, class Team>
JACOBI_DEVICE void drawNoiseOf(Team& team, const WindowJob& job, std::uint32_t item, std::uint32_t position)
{
    const std::uint32_t size = job.noise.size;
    const CounterRandom random{*job.seed + item};
    Real* const out =
        static_cast<Real*>(job.noise.fresh) + (std::uint64_t{item} * job.layout.positions + position) * size;
    team.each((size + 3) / 4, [&](std::uint32_t group) {
        const NoiseGroup drawn = noiseGroup(random, position, group);
        for (std::uint32_t i = 4 * group; i < size && i < 4 * group + 4; ++i) {
            out[i] = static_cast<Real>(drawn.numbers[i - 4 * group]);
        }
    });
}

/// The noisy embedding of draft k for the next pass: what is new begins as noise of the highest level, and what there is a guess
/// for takes one step towards it.
template <class Real, class Team>
JACOBI_DEVICE void denoiseRow(Team& team, const WindowJob& job, std::uint32_t item, std::uint32_t k)
{
    const WindowMemory<Real> memory = windowOf<Real>(job, item);
    const WindowCounters& c = *memory.counters;
    const NoiseView& noise = job.noise;
    if (c.denoises == 0 || k >= c.drafts || memory.levels[k] == 0) {
        return;
    }
    const std::uint32_t position = c.committed + k;
    const bool isNew = position >= c.begun;
    const std::int32_t guess = memory.drafts[k];
    const Real* const fresh =
        static_cast<const Real*>(noise.fresh) + (std::uint64_t{item} * job.layout.positions + position) * noise.size;
    const Real* const code =
        static_cast<const Real*>(noise.codes) + static_cast<std::uint64_t>(guess < 0 ? 0 : guess) * noise.size;
    Real* const e =
        static_cast<Real*>(noise.rows) + (std::uint64_t{item} * job.window + position % job.window) * noise.size;
    const std::uint32_t level = memory.levels[k];
    const double most = noise.levels[noise.steps].sigma;
    const DdimStep step = guess < 0 ? DdimStep() : DdimStep::between(noise.levels[level + 1], noise.levels[level]);
    team.each(noise.size, [&](std::uint32_t i) {
        const Real noisy = isNew ? static_cast<Real>(most * static_cast<double>(fresh[i])) : e[i];
        e[i] = guess < 0 ? noisy : step(noisy, code[i]);
    });
}

} // namespace jacobi
