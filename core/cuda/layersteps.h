// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/cuda/deviceops.h"
#include "core/cuda/rowfolds.h"

#include <cmath>
#include <cstdint>

namespace jacobi {

// The pointwise steps between a layer's matrix products, each one pass over its memory (core/decode/layers.h has the
// formulas). A team takes one row, or one head of one row. Numbers are computed with as RealOf<Stored>, squares
// summed in float64, and results rounded once, when they are stored.

template <class Real>
JACOBI_DEVICE Real silu(Real x)
{
    return x / (Real(1) + std::exp(-x));
}

/// The factor of RMS normalisation: 1 / sqrt(mean square + epsilon).
/// value(i) is asked for once of every i, and may write what only its own lane reads.
template <class Real, class Team, class Value>
JACOBI_DEVICE Real normFactor(Team& team, std::uint32_t width, double epsilon, Value value)
{
    const double squares = sumOf(team, width, [&](std::uint32_t i) {
        const auto x = static_cast<double>(value(i));
        return x * x;
    });
    return static_cast<Real>(1.0 / std::sqrt(squares / width + epsilon));
}

/// NormJob, one row.
template <class Stored, class Team>
JACOBI_DEVICE void addNormRow(Team& team, const NormJob& job, std::uint32_t row)
{
    using Real = RealOf<Stored>;
    const std::uint64_t offset = std::uint64_t{row} * job.width;
    auto* x = static_cast<Stored*>(job.x) + offset;
    const auto* scale = static_cast<const Stored*>(job.scale);
    const bool hasDelta = job.delta != nullptr || job.deltaSums.parts != nullptr;
    const RowNumbers<Stored> delta(job.delta != nullptr ? static_cast<const Stored*>(job.delta) + offset : nullptr,
                                   job.deltaSums, row, 0);
    const auto added = [&](std::uint32_t i) {
        if (hasDelta) {
            store(x[i], load(x[i]) + delta[i]);
        }
        return load(x[i]);
    };
    if (job.y == nullptr) {
        team.each(job.width, [&](std::uint32_t i) { added(i); });
        return;
    }
    auto* y = static_cast<Stored*>(job.y) + offset;
    const Real factor = normFactor<Real>(team, job.width, job.epsilon, added);
    team.each(job.width, [&](std::uint32_t i) { store(y[i], load(x[i]) * factor * load(scale[i])); });
}

/// GateJob: columns begin .. begin + count - 1 of one row, as far as there are any.
template <class Stored, class Team>
JACOBI_DEVICE void gatePart(Team& team, const GateJob& job, std::uint32_t row, std::uint32_t begin, std::uint32_t count)
{
    const std::uint32_t end = job.width - begin < count ? job.width : begin + count;
    const auto* both = static_cast<const Stored*>(job.gateUp);
    both += both != nullptr ? std::uint64_t{row} * 2 * job.width : 0;
    const RowNumbers<Stored> numbers(both, job.gateUpSums, row, 0);
    auto* y = static_cast<Stored*>(job.y) + std::uint64_t{row} * job.width;
    team.each(end - begin, [&](std::uint32_t k) {
        const std::uint32_t i = begin + k;
        store(y[i], silu(numbers[i]) * numbers[job.width + i]);
    });
}

/// Normalises (scale not null) and rotates one head: x, y [headSize].
template <class Stored, class Team>
JACOBI_DEVICE void turnHead(Team& team, const HeadsJob& job, std::uint32_t place, const RowNumbers<Stored>& x,
                            const Stored* scale, Stored* y)
{
    using Real = RealOf<Stored>;
    const std::uint32_t half = job.headSize / 2;
    Real factor = Real(1);
    if (scale != nullptr) {
        factor = normFactor<Real>(team, job.headSize, job.epsilon, [&](std::uint32_t i) { return x[i]; });
    }
    const std::uint32_t tableRow = place < job.tableRows ? place : job.tableRows - 1;
    const float* cosine = job.cosine + std::uint64_t{tableRow} * half;
    const float* sine = job.sine + std::uint64_t{tableRow} * half;
    team.each(half, [&](std::uint32_t i) {
        const bool halves = job.pairs == RotaryPairs::Halves;
        const std::uint32_t first = halves ? i : 2 * i;
        const std::uint32_t second = halves ? i + half : 2 * i + 1;
        const Real a = x[first] * factor * (scale != nullptr ? load(scale[first]) : Real(1));
        const Real b = x[second] * factor * (scale != nullptr ? load(scale[second]) : Real(1));
        const auto c = static_cast<Real>(cosine[i]);
        const auto s = static_cast<Real>(sine[i]);
        store(y[first], a * c - b * s);
        store(y[second], a * s + b * c);
    });
}

/// HeadsJob: head `head` of the merged projection (queries, then keys, then values) of one row of one lane. A row that no
/// longer fits into the cache is left out: it lies past the result's end, and nobody looks at it.
template <class Stored, class Team>
JACOBI_DEVICE void placeHead(Team& team, const HeadsJob& job, std::uint32_t lane, std::uint32_t row, std::uint32_t head)
{
    const std::uint64_t size = job.headSize;
    const std::uint32_t all = job.heads + 2 * job.keyHeads;
    const std::uint64_t rowNumber = std::uint64_t{lane} * job.rows + row;
    const auto* numbers = static_cast<const Stored*>(job.qkv);
    numbers += numbers != nullptr ? (rowNumber * all + head) * size : 0;
    const RowNumbers<Stored> x(numbers, job.qkvSums, rowNumber, head * job.headSize);
    const std::uint32_t place = static_cast<std::uint32_t>(job.lengths[lane]) + row;
    if (head < job.heads) {
        auto* q = static_cast<Stored*>(job.q) + (rowNumber * job.heads + head) * size;
        turnHead(team, job, place, x, static_cast<const Stored*>(job.queryScale), q);
        return;
    }
    if (place >= job.capacity) {
        return;
    }
    const std::uint64_t cacheRow = std::uint64_t{lane} * job.capacity + place;
    const std::uint32_t keyHead = (head - job.heads) % job.keyHeads;
    const std::uint64_t offset = (cacheRow * job.keyHeads + keyHead) * size;
    if (head < job.heads + job.keyHeads) {
        turnHead(team, job, place, x, static_cast<const Stored*>(job.keyScale),
                 static_cast<Stored*>(job.keys) + offset);
        return;
    }
    auto* v = static_cast<Stored*>(job.values) + offset;
    team.each(job.headSize, [&](std::uint32_t i) { store(v[i], x[i]); });
}

} // namespace jacobi
