// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/cuda/numbers.h"
#include "core/decode/noisemath.h"

#include <cstdint>

namespace jacobi {

enum class NumberType : std::uint32_t { Float32 = 0, Float64 = 1, BFloat16 = 2 };

/// The couplings of core/decode/coupling.h and the initialisations of core/decode/initialisation.h, as numbers.
enum class CouplingKind : std::uint32_t { Independent = 0, Maximal = 1, GumbelExact = 2, GumbelSpec = 3 };
enum class FreshDrafts : std::uint32_t { Uniform = 0, Left = 1, Above = 2, SampleLeft = 3, SampleAbove = 4 };

/// WarpSettings (core/decode/warp.h), plain.
struct WarpKnobs {
    double guidance = 1.0;
    double temperature = 1.0;
    double topP = 1.0;
    std::int32_t topK = 0;
    double minP = 0.0;
};

/// TokenLayout (core/decode/layout.h) in device memory. Null arrays: no rules.
struct LayoutView {
    std::uint32_t positions = 0;
    std::uint32_t columns = 0;
    std::uint32_t codes = 0;
    const std::int32_t* forced = nullptr;     ///< [positions] the only legal code, or -1
    const std::int32_t* topK = nullptr;       ///< [positions] replaces the request's, or -1
    const std::int32_t* legalSet = nullptr;   ///< [positions] number of a set, or -1: every code
    const std::uint8_t* legal = nullptr;      ///< [sets, codes] 0/1
    const std::int32_t* legalCodes = nullptr; ///< [sets, codes] the legal ones in order, then anything
    const std::int32_t* legalCount = nullptr; ///< [sets]
    const std::int32_t* terminals = nullptr;  ///< [terminalCount] a committed one of these ends the result
    std::uint32_t terminalCount = 0;

    JACOBI_DEVICE std::int32_t forcedAt(std::uint32_t position) const
    {
        return forced != nullptr ? forced[position] : -1;
    }
    JACOBI_DEVICE std::int32_t topKAt(std::uint32_t position) const { return topK != nullptr ? topK[position] : -1; }
    JACOBI_DEVICE std::int32_t setAt(std::uint32_t position) const
    {
        return legalSet != nullptr ? legalSet[position] : -1;
    }
    JACOBI_DEVICE const std::uint8_t* legalAt(std::uint32_t position) const
    {
        const std::int32_t set = setAt(position);
        return set < 0 ? nullptr : legal + static_cast<std::uint64_t>(set) * codes;
    }
    JACOBI_DEVICE bool isTerminal(std::int32_t code) const
    {
        for (std::uint32_t i = 0; i < terminalCount; ++i) {
            if (terminals[i] == code) {
                return true;
            }
        }
        return false;
    }
};

/// SJD2's noisy drafts (core/decode/sjd2.h) in device memory. Numbers are of the type that is computed with; an embedding has
/// `size` of them.
struct NoiseView {
    std::uint32_t steps = 0;   ///< passes a new draft spends as noise; 0: there is none
    std::uint32_t refines = 1; ///< 0: drafts that are no noise any more wait as they are
    std::uint32_t size = 0;
    const NoiseMix* levels = nullptr;    ///< [steps + 1], from clean to nothing but noise
    const void* codes = nullptr;         ///< [codes, size] what stands for each code
    const void* scale = nullptr;         ///< [size] the network reads scale * e + shift
    const void* shift = nullptr;         ///< [steps + 1, size] of each level
    void* fresh = nullptr;               ///< [items, positions, size] standard normal numbers of each position
    const std::int32_t* shown = nullptr; ///< [items, positions] the code that each position's fresh noise is nearest to
    void* rows = nullptr;                ///< [items, window, size] the noisy drafts, by position % window
};

/// What the host may tell passes that are already enqueued. In pinned memory; looked at when a pass's rows are decided.
/// A pass that sees hold set changes nothing and says so in its record: it can be enqueued again, and gives what it would
/// have given.
struct RunFlags {
    std::uint32_t hold = 0; ///< cancelled, or paused
};

/// One pass over the windows of a batch. Item i draws with *seed + i. All kernels of the windows take the same job; it never
/// changes while a run lasts, so that a graph of them can be replayed.
struct WindowJob {
    LayoutView layout;
    WarpKnobs knobs;
    CouplingKind coupling = CouplingKind::Maximal;
    FreshDrafts freshDrafts = FreshDrafts::Uniform;
    NumberType logitsType = NumberType::Float32; ///< Float64 computes in float64, the others in float32
    std::uint32_t items = 1;
    std::uint32_t branches = 1; ///< 2: conditional, unconditional
    std::uint32_t window = 1;
    const std::uint64_t* seed = nullptr;  ///< device, one: so that a recorded pass is of use to runs with other seeds
    const void* logits = nullptr;         ///< [items, branches, window, codes]
    void* windows = nullptr;              ///< device, [items] of windowBytes() (windowmemory.h)
    std::int32_t* cacheLengths = nullptr; ///< device, [items, branches], advanced by what is committed; or null
    const volatile RunFlags* flags = nullptr; ///< pinned
    std::uint32_t* held = nullptr;            ///< device, one: what this pass saw of the flags
    void* ring = nullptr;                     ///< pinned, [ringSlots, items] of recordBytes() (passrecord.h)
    std::uint32_t ringSlots = 1;
    NoiseView noise{};
    /// For measurements: how many tokens a pass commits whatever its rows decided, over and over; null: what they decided.
    const std::uint32_t* runs = nullptr; ///< device, [runCount], each at least 1
    std::uint32_t runCount = 0;
};

} // namespace jacobi
