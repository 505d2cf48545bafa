// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/cuda/layersteps.h"
#include "core/cuda/learnjobs.h"

#include <cmath>
#include <cstdint>

namespace jacobi {

// The bodies of learnjobs.h, by groups of lanes: a row or a head is shared out to a group by fours, lane after lane, and what
// comes of all of it is the group's sum. kFours: how many fours a lane has at most; the loops over them are unrolled, so that
// they stay in registers. Computed in float32.

/// Four neighbours in memory.
template <class Stored>
struct alignas(4 * sizeof(Stored)) Four {
    Stored values[4];
};

template <class Stored>
JACOBI_DEVICE const Four<Stored>* foursOf(const void* memory, std::uint64_t numbers)
{
    return reinterpret_cast<const Four<Stored>*>(static_cast<const Stored*>(memory) + numbers);
}
template <class Stored>
JACOBI_DEVICE Four<Stored>* foursOf(void* memory, std::uint64_t numbers)
{
    return reinterpret_cast<Four<Stored>*>(static_cast<Stored*>(memory) + numbers);
}

/// A group of one lane, which is how the CPU plays it.
struct SoleLane {
    JACOBI_DEVICE std::uint32_t lane() const { return 0; }
    JACOBI_DEVICE std::uint32_t lanes() const { return 1; }
    JACOBI_DEVICE float sum(float x) const { return x; }
};

/// SumNormJob, one row.
template <class Stored, std::uint32_t kFours, class Group>
JACOBI_DEVICE void sumNormRow(const Group& group, const SumNormJob& job, std::uint32_t row)
{
    const std::uint64_t offset = std::uint64_t{row} * job.width;
    const std::uint32_t fours = job.width / 4;
    const auto* x = foursOf<float>(job.x, offset);
    const auto* scale = foursOf<float>(job.scale, 0);
    Four<float> kept[kFours];
    float squares = 0.0F;
    JACOBI_UNROLL
    for (std::uint32_t k = 0; k < kFours; ++k) {
        const std::uint32_t i = group.lane() + k * group.lanes();
        if (i >= fours) {
            break;
        }
        kept[k] = x[i];
        if (job.delta != nullptr) {
            const Four<Stored> delta = foursOf<Stored>(job.delta, offset)[i];
            for (std::uint32_t n = 0; n < 4; ++n) {
                kept[k].values[n] += load(delta.values[n]);
            }
            foursOf<float>(job.sum, offset)[i] = kept[k];
        }
        for (std::uint32_t n = 0; n < 4; ++n) {
            squares += kept[k].values[n] * kept[k].values[n];
        }
    }
    const float mean = group.sum(squares) / static_cast<float>(job.width);
    const float factor = 1.0F / std::sqrt(mean + static_cast<float>(job.epsilon));
    if (group.lane() == 0) {
        job.inverse[row] = factor;
    }
    JACOBI_UNROLL
    for (std::uint32_t k = 0; k < kFours; ++k) {
        const std::uint32_t i = group.lane() + k * group.lanes();
        if (i >= fours) {
            break;
        }
        Four<Stored> y;
        for (std::uint32_t n = 0; n < 4; ++n) {
            store(y.values[n], kept[k].values[n] * factor * scale[i].values[n]);
        }
        foursOf<Stored>(job.y, offset)[i] = y;
    }
}

/// SumNormBackJob, one row. scales: what this lane found so far of the scale's gradient, four by four.
template <class Stored, std::uint32_t kFours, class Group>
JACOBI_DEVICE void sumNormBackRow(const Group& group, const SumNormBackJob& job, std::uint32_t row,
                                  Four<float> (&scales)[kFours])
{
    const std::uint64_t offset = std::uint64_t{row} * job.width;
    const std::uint32_t fours = job.width / 4;
    const auto* sum = foursOf<float>(job.sum, offset);
    const auto* scale = foursOf<float>(job.scale, 0);
    const auto* dy = foursOf<Stored>(job.dy, offset);
    const float factor = job.inverse[row];
    Four<float> x[kFours];
    Four<float> scaled[kFours]; // dy * scale
    float products = 0.0F;
    JACOBI_UNROLL
    for (std::uint32_t k = 0; k < kFours; ++k) {
        const std::uint32_t i = group.lane() + k * group.lanes();
        if (i >= fours) {
            break;
        }
        x[k] = sum[i];
        const Four<Stored> coming = dy[i];
        for (std::uint32_t n = 0; n < 4; ++n) {
            const float d = load(coming.values[n]);
            scaled[k].values[n] = d * scale[i].values[n];
            products += scaled[k].values[n] * x[k].values[n];
            scales[k].values[n] += d * x[k].values[n] * factor;
        }
    }
    const float along = group.sum(products) * factor * factor * factor / static_cast<float>(job.width);
    JACOBI_UNROLL
    for (std::uint32_t k = 0; k < kFours; ++k) {
        const std::uint32_t i = group.lane() + k * group.lanes();
        if (i >= fours) {
            break;
        }
        Four<float> dx;
        for (std::uint32_t n = 0; n < 4; ++n) {
            dx.values[n] = scaled[k].values[n] * factor - x[k].values[n] * along;
        }
        if (job.dSum != nullptr) {
            const Four<float> more = foursOf<float>(job.dSum, offset)[i];
            for (std::uint32_t n = 0; n < 4; ++n) {
                dx.values[n] += more.values[n];
            }
        }
        foursOf<float>(job.dx, offset)[i] = dx;
        if (job.dDelta != nullptr) {
            Four<Stored> delta;
            for (std::uint32_t n = 0; n < 4; ++n) {
                store(delta.values[n], dx.values[n]);
            }
            foursOf<Stored>(job.dDelta, offset)[i] = delta;
        }
    }
}

/// Which head of which row of which lane of a job is meant.
struct HeadPlace {
    std::uint32_t lane = 0, row = 0, head = 0;
};
JACOBI_ANYWHERE inline HeadPlace headPlace(const SplitHeadsJob& job, std::uint32_t item)
{
    const std::uint32_t row = item / job.heads;
    return {row / job.rows, row % job.rows, item % job.heads};
}
JACOBI_ANYWHERE inline std::uint32_t headItems(const SplitHeadsJob& job)
{
    return job.lanes * job.rows * job.heads;
}

/// Where head `place` of part 0, 1 or 2 (queries, keys, values) lies in qkv.
JACOBI_DEVICE inline std::uint64_t mergedOffset(const SplitHeadsJob& job, const HeadPlace& place, std::uint32_t part)
{
    const std::uint64_t row = std::uint64_t{place.lane} * job.rows + place.row;
    return ((row * 3 + part) * job.heads + place.head) * job.headSize;
}
JACOBI_DEVICE inline std::uint64_t angleOffset(const SplitHeadsJob& job, const HeadPlace& place)
{
    const std::uint64_t row = job.hasTables != 0 ? std::uint64_t{place.lane} * job.rows + place.row : place.row;
    return row * (job.headSize / 2);
}

/// A head as its lanes have it: fours of the first half, and the fours they turn with.
template <std::uint32_t kFours>
struct HalvedHead {
    Four<float> a[kFours];
    Four<float> b[kFours];
};

/// SplitHeadsJob, a head of the queries (part 0) or keys (1).
template <class Stored, std::uint32_t kFours, class Group>
JACOBI_DEVICE void splitHead(const Group& group, const SplitHeadsJob& job, std::uint32_t item, std::uint32_t part)
{
    const HeadPlace place = headPlace(job, item);
    const std::uint32_t fours = job.headSize / 8; // of a half
    const auto* in = foursOf<Stored>(job.qkv, mergedOffset(job, place, part));
    auto* out = foursOf<Stored>(part == 0 ? job.q : job.k, std::uint64_t{item} * job.headSize);
    const auto* scale = foursOf<float>(part == 0 ? job.queryScale : job.keyScale, 0);
    const auto* cosine = foursOf<float>(job.cosine, angleOffset(job, place));
    const auto* sine = foursOf<float>(job.sine, angleOffset(job, place));
    HalvedHead<kFours> x;
    float squares = 0.0F;
    JACOBI_UNROLL
    for (std::uint32_t k = 0; k < kFours; ++k) {
        const std::uint32_t i = group.lane() + k * group.lanes();
        if (i >= fours) {
            break;
        }
        const Four<Stored> a = in[i];
        const Four<Stored> b = in[fours + i];
        for (std::uint32_t n = 0; n < 4; ++n) {
            x.a[k].values[n] = load(a.values[n]);
            x.b[k].values[n] = load(b.values[n]);
            squares += x.a[k].values[n] * x.a[k].values[n] + x.b[k].values[n] * x.b[k].values[n];
        }
    }
    const float mean = group.sum(squares) / static_cast<float>(job.headSize);
    const float factor = 1.0F / std::sqrt(mean + static_cast<float>(job.epsilon));
    JACOBI_UNROLL
    for (std::uint32_t k = 0; k < kFours; ++k) {
        const std::uint32_t i = group.lane() + k * group.lanes();
        if (i >= fours) {
            break;
        }
        Four<Stored> first;
        Four<Stored> second;
        for (std::uint32_t n = 0; n < 4; ++n) {
            const float a = x.a[k].values[n] * factor * scale[i].values[n];
            const float b = x.b[k].values[n] * factor * scale[fours + i].values[n];
            const float c = cosine[i].values[n];
            const float s = sine[i].values[n];
            store(first.values[n], a * c - b * s);
            store(second.values[n], a * s + b * c);
        }
        out[i] = first;
        out[fours + i] = second;
    }
}

/// Where the gradient of a part's head lies.
JACOBI_DEVICE inline std::uint64_t comingOffset(const HeadStrides& strides, const HeadPlace& place)
{
    return static_cast<std::uint64_t>(place.lane * strides.lane + place.row * strides.row + place.head * strides.head);
}

/// SplitHeadsBackJob, a head of the queries (part 0) or keys (1). scales: what this lane found so far of the scale's
/// gradient.
template <class Stored, std::uint32_t kFours, class Group>
JACOBI_DEVICE void splitHeadBack(const Group& group, const SplitHeadsBackJob& back, std::uint32_t item,
                                 std::uint32_t part, HalvedHead<kFours>& scales)
{
    const SplitHeadsJob& job = back.forward;
    const HeadPlace place = headPlace(job, item);
    const std::uint32_t fours = job.headSize / 8;
    const std::uint64_t offset = mergedOffset(job, place, part);
    const auto* in = foursOf<Stored>(job.qkv, offset);
    const auto* coming = foursOf<Stored>(part == 0 ? back.dq : back.dk, comingOffset(back.strides[part], place));
    auto* out = foursOf<Stored>(back.dQkv, offset);
    const auto* scale = foursOf<float>(part == 0 ? job.queryScale : job.keyScale, 0);
    const auto* cosine = foursOf<float>(job.cosine, angleOffset(job, place));
    const auto* sine = foursOf<float>(job.sine, angleOffset(job, place));
    HalvedHead<kFours> x;
    HalvedHead<kFours> turned; // the gradient of what was rotated
    float squares = 0.0F;
    float products = 0.0F; // of x with the gradient of what was scaled
    JACOBI_UNROLL
    for (std::uint32_t k = 0; k < kFours; ++k) {
        const std::uint32_t i = group.lane() + k * group.lanes();
        if (i >= fours) {
            break;
        }
        const Four<Stored> a = in[i];
        const Four<Stored> b = in[fours + i];
        const Four<Stored> da = coming[i];
        const Four<Stored> db = coming[fours + i];
        for (std::uint32_t n = 0; n < 4; ++n) {
            const float c = cosine[i].values[n];
            const float s = sine[i].values[n];
            const float first = load(da.values[n]);
            const float second = load(db.values[n]);
            x.a[k].values[n] = load(a.values[n]);
            x.b[k].values[n] = load(b.values[n]);
            turned.a[k].values[n] = first * c + second * s;
            turned.b[k].values[n] = second * c - first * s;
            squares += x.a[k].values[n] * x.a[k].values[n] + x.b[k].values[n] * x.b[k].values[n];
            products += x.a[k].values[n] * turned.a[k].values[n] * scale[i].values[n] +
                        x.b[k].values[n] * turned.b[k].values[n] * scale[fours + i].values[n];
        }
    }
    const float mean = group.sum(squares) / static_cast<float>(job.headSize);
    const float factor = 1.0F / std::sqrt(mean + static_cast<float>(job.epsilon));
    const float along = group.sum(products) * factor * factor * factor / static_cast<float>(job.headSize);
    JACOBI_UNROLL
    for (std::uint32_t k = 0; k < kFours; ++k) {
        const std::uint32_t i = group.lane() + k * group.lanes();
        if (i >= fours) {
            break;
        }
        Four<Stored> first;
        Four<Stored> second;
        for (std::uint32_t n = 0; n < 4; ++n) {
            const float a = x.a[k].values[n];
            const float b = x.b[k].values[n];
            scales.a[k].values[n] += turned.a[k].values[n] * a * factor;
            scales.b[k].values[n] += turned.b[k].values[n] * b * factor;
            store(first.values[n], turned.a[k].values[n] * scale[i].values[n] * factor - a * along);
            store(second.values[n], turned.b[k].values[n] * scale[fours + i].values[n] * factor - b * along);
        }
        out[i] = first;
        out[fours + i] = second;
    }
}

/// The values (part 2) are only copied.
template <class Stored, class Group>
JACOBI_DEVICE void splitValues(const Group& group, const SplitHeadsJob& job, std::uint32_t item)
{
    const auto* in = foursOf<Stored>(job.qkv, mergedOffset(job, headPlace(job, item), 2));
    auto* out = foursOf<Stored>(job.v, std::uint64_t{item} * job.headSize);
    for (std::uint32_t i = group.lane(); i < job.headSize / 4; i += group.lanes()) {
        out[i] = in[i];
    }
}
template <class Stored, class Group>
JACOBI_DEVICE void splitValuesBack(const Group& group, const SplitHeadsBackJob& back, std::uint32_t item)
{
    const HeadPlace place = headPlace(back.forward, item);
    const auto* in = foursOf<Stored>(back.dv, comingOffset(back.strides[2], place));
    auto* out = foursOf<Stored>(back.dQkv, mergedOffset(back.forward, place, 2));
    for (std::uint32_t i = group.lane(); i < back.forward.headSize / 4; i += group.lanes()) {
        out[i] = in[i];
    }
}

/// GateJob, four columns of a row.
template <class Stored>
JACOBI_DEVICE void gateFour(const GateJob& job, std::uint32_t row, std::uint32_t four)
{
    const std::uint64_t offset = std::uint64_t{row} * job.width;
    const Four<Stored> gate = foursOf<Stored>(job.gateUp, 2 * offset)[four];
    const Four<Stored> up = foursOf<Stored>(job.gateUp, 2 * offset + job.width)[four];
    Four<Stored> y;
    for (std::uint32_t n = 0; n < 4; ++n) {
        store(y.values[n], silu(load(gate.values[n])) * load(up.values[n]));
    }
    foursOf<Stored>(job.y, offset)[four] = y;
}

/// GateBackJob, four columns of a row.
template <class Stored>
JACOBI_DEVICE void gateBackFour(const GateBackJob& job, std::uint32_t row, std::uint32_t four)
{
    const std::uint64_t offset = std::uint64_t{row} * job.width;
    const Four<Stored> gate = foursOf<Stored>(job.gateUp, 2 * offset)[four];
    const Four<Stored> up = foursOf<Stored>(job.gateUp, 2 * offset + job.width)[four];
    const Four<Stored> dy = foursOf<Stored>(job.dy, offset)[four];
    Four<Stored> dGate;
    Four<Stored> dUp;
    for (std::uint32_t n = 0; n < 4; ++n) {
        const RealOf<Stored> g = load(gate.values[n]);
        const RealOf<Stored> d = load(dy.values[n]);
        const RealOf<Stored> sigmoid = RealOf<Stored>(1) / (RealOf<Stored>(1) + std::exp(-g));
        const RealOf<Stored> gated = g * sigmoid;
        store(dUp.values[n], d * gated);
        store(dGate.values[n], d * load(up.values[n]) * (sigmoid + gated * (RealOf<Stored>(1) - sigmoid)));
    }
    foursOf<Stored>(job.dGateUp, 2 * offset)[four] = dGate;
    foursOf<Stored>(job.dGateUp, 2 * offset + job.width)[four] = dUp;
}

} // namespace jacobi
