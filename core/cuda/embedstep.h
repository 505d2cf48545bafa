// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/cuda/deviceops.h"
#include "core/cuda/windowmemory.h"

#include <cstdint>

namespace jacobi {

/// The table row of one part of the query row that predicts `position`. tokens: of the window's item.
JACOBI_DEVICE inline std::uint32_t embedTableRow(const EmbedPart& part, const LayoutView& layout,
                                                 std::uint32_t position, const std::int32_t* tokens, std::int32_t first)
{
    // Places behind the drafts hold what earlier passes left there, or nothing: their rows mean nothing.
    const auto codeAt = [&](std::uint32_t place) {
        const std::int32_t code = tokens[place];
        return code < 0 || code >= static_cast<std::int32_t>(layout.codes) ? 0U : static_cast<std::uint32_t>(code);
    };
    switch (part.source) {
    case EmbedPart::Source::Position: return part.table + position;
    case EmbedPart::Source::Previous:
        return position == 0 ? static_cast<std::uint32_t>(first) : part.table + codeAt(position - 1);
    case EmbedPart::Source::Neighbour: break;
    }
    const auto columns = static_cast<std::int32_t>(layout.columns);
    const std::int32_t row = static_cast<std::int32_t>(position) / columns + part.rowShift;
    const std::int32_t column = static_cast<std::int32_t>(position) % columns + part.columnShift;
    if (row < 0 || column < 0 || column >= columns) {
        return part.table + layout.codes;
    }
    return part.table + codeAt(static_cast<std::uint32_t>(row * columns + column));
}

/// A part of a noisy embedding that a row reads in place of a row of the table.
template <class Real>
struct NoisyPart {
    const Real* e = nullptr; ///< null: none
    const Real* shift = nullptr;
    const Real* scale = nullptr;
};

/// The code's place that a part reads, or -1 where it reads none.
JACOBI_DEVICE inline std::int64_t placeOf(const EmbedPart& part, const LayoutView& layout, std::uint32_t position)
{
    if (part.source == EmbedPart::Source::Previous) {
        return std::int64_t{position} - 1;
    }
    const std::int32_t column = static_cast<std::int32_t>(position % layout.columns) + part.columnShift;
    const bool isInside = column >= 0 && column < static_cast<std::int32_t>(layout.columns);
    const std::int64_t row = std::int64_t{position / layout.columns} + part.rowShift;
    return part.source == EmbedPart::Source::Neighbour && isInside && row >= 0 ? row * layout.columns + column : -1;
}

template <class Real>
JACOBI_DEVICE NoisyPart<Real> noisyPart(const EmbedPart& part, const WindowJob& job, const WindowMemory<Real>& memory,
                                        std::uint32_t item, std::uint32_t position)
{
    const WindowCounters& c = *memory.counters;
    const std::int64_t place = job.noise.steps > 0 ? placeOf(part, job.layout, position) : -1;
    if (place < std::int64_t{c.committed} || place >= std::int64_t{c.committed} + c.drafts) {
        return {};
    }
    const std::uint32_t level = memory.levels[place - c.committed];
    if (level == 0) {
        return {};
    }
    const NoiseView& noise = job.noise;
    const std::uint64_t slot = std::uint64_t{item} * job.window + static_cast<std::uint64_t>(place) % job.window;
    return {static_cast<const Real*>(noise.rows) + slot * noise.size + part.noise,
            static_cast<const Real*>(noise.shift) + std::uint64_t{level} * noise.size + part.noise,
            static_cast<const Real*>(noise.scale) + part.noise};
}

/// EmbedJob, one query row of one lane (item and branch).
template <class Stored, class Team>
JACOBI_DEVICE void embedRow(Team& team, const EmbedJob& job, std::uint32_t lane, std::uint32_t row)
{
    using Real = RealOf<Stored>;
    const WindowJob& windows = job.windows;
    const WindowMemory<Real> memory = windowOf<Real>(windows, lane / windows.branches);
    const std::uint32_t last = windows.layout.positions - 1;
    const std::uint32_t wanted = memory.counters->committed + row;
    const std::uint32_t position = wanted < last ? wanted : last;
    std::uint32_t rows[kMostEmbedParts];
    for (std::uint32_t i = 0; i < job.partCount; ++i) {
        rows[i] = embedTableRow(job.parts[i], windows.layout, position, memory.tokens, job.first[lane]);
    }
    const auto* table = static_cast<const Stored*>(job.table);
    auto* y = static_cast<Stored*>(job.y) + (std::uint64_t{lane} * windows.window + row) * job.width;
    const auto ofTable = [&](std::uint32_t part, std::uint32_t i) -> Real {
        return load(table[std::uint64_t{rows[part]} * job.width + i]);
    };
    if (windows.noise.steps == 0) {
        team.each(job.width, [&](std::uint32_t i) {
            Real sum = Real(0);
            for (std::uint32_t part = 0; part < job.partCount; ++part) {
                sum += ofTable(part, i);
            }
            store(y[i], sum);
        });
        return;
    }
    NoisyPart<Real> noisy[kMostEmbedParts];
    for (std::uint32_t part = 0; part < job.partCount; ++part) {
        noisy[part] = noisyPart(job.parts[part], windows, memory, lane / windows.branches, position);
    }
    team.each(job.width, [&](std::uint32_t i) {
        Real sum = Real(0);
        for (std::uint32_t part = 0; part < job.partCount; ++part) {
            const NoisyPart<Real>& noise = noisy[part];
            sum += noise.e != nullptr ? noise.e[i] * noise.scale[i] + noise.shift[i] : ofTable(part, i);
        }
        store(y[i], sum);
    });
}

} // namespace jacobi
