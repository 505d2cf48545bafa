// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/cuda/devicememory.h"
#include "core/cuda/passrecord.h"
#include "core/cuda/windowjob.h"
#include "core/decode/layout.h"
#include "core/trace/step.h"

#include <cstdint>
#include <memory>
#include <vector>

namespace jacobi {

/// What the windows of a run are made from; every value checked by the engine.
struct WindowSetup {
    WarpKnobs knobs;
    CouplingKind coupling = CouplingKind::Maximal;
    FreshDrafts freshDrafts = FreshDrafts::Uniform;
    NumberType logitsType = NumberType::Float32;
    std::uint32_t items = 1;
    std::uint32_t branches = 1;
    std::uint32_t window = 1;
    std::uint64_t seed = 0; ///< item i uses seed + i
    std::uint32_t ringSlots = 4;
    NoiseView noise{};                 ///< its memory outlives the windows
    std::vector<std::uint32_t> runs{}; ///< WindowJob::runs; empty: passes commit what their rows decided
};

/// The windows of a batch in a device's memory, with everything their kernels read and write: the layout's rules, the
/// counters and laws, the flags, the ring of records. Owns it all. The model puts logits where logits() says, and reads
/// positions and tokens from the windows themselves.
///
/// Thread rule: one thread. Between the kernels of a pass and the host there are the flags and the ring only.
class DeviceWindows {
public:
    ~DeviceWindows();
    DeviceWindows(const DeviceWindows&) = delete;
    DeviceWindows& operator=(const DeviceWindows&) = delete;

    /// layout: not empty. Errors: OutOfMemory, NoDevice.
    static Result<std::unique_ptr<DeviceWindows>> make(const DeviceOps& ops, const TokenLayout& layout,
                                                       const WindowSetup& setup);

    /// Bytes of device memory that make() takes.
    static std::uint64_t deviceBytes(const TokenLayout& layout, const WindowSetup& setup);

    const WindowJob& job() const { return m_job; }
    const DeviceOps& ops() const { return *m_ops; }
    /// [items, branches, window, codes] of the logits' type, device memory.
    void* logits() const { return m_logits.as<>(); }

    /// Another seed for what follows, behind the stream's work.
    Result<void> reseed(std::uint64_t seed, void* stream);

    /// Nothing committed, the first drafts put, no replay counted. cacheLengths: [items * branches] rows that the caches
    /// hold already.
    Result<void> begin(const std::vector<std::int32_t>& cacheLengths, void* stream);
    /// Puts the kernels of a pass behind what the stream holds. This is what a graph of a pass records.
    Result<void> enqueueKernels(void* stream);
    /// Counts one more replay, whose end is what the stream holds now.
    Result<void> endReplay(void* stream);
    /// Both.
    Result<void> enqueue(void* stream);
    /// Blocks until the record of that replay is there. Error NoDevice where the device stopped working.
    Result<void> await(std::uint64_t replay);

    void hold(bool wanted);
    /// Whether the record of that replay (from 0) is there, for every item. At most ringSlots replays back.
    bool arrived(std::uint64_t replay) const;
    /// What it says of one item. Read it before the ring comes round.
    PassRecordHead head(std::uint64_t replay, std::uint32_t item) const;
    Step step(std::uint64_t replay, std::uint32_t item) const;

    /// [positions] of one item, copied from the device behind the stream's work: for tests and the end of a run.
    Result<std::vector<std::int32_t>> tokens(std::uint32_t item, void* stream) const;

private:
    DeviceWindows(const DeviceOps& ops, const WindowSetup& setup);
    Result<void> denoise(void* stream, const char* what);
    Result<void> makeEvents();
    Result<void> placeLayout(const TokenLayout& layout);
    Result<void> placeRules(const TokenLayout& layout);
    Result<void> placeBuffers();
    template <class T>
    Result<const T*> keep(const std::vector<T>& data);
    PassRecord record(std::uint64_t replay, std::uint32_t item) const;

    const DeviceOps* m_ops;
    WindowJob m_job;
    std::vector<std::uint32_t> m_runs;
    std::uint64_t m_firstSeed;
    std::vector<DeviceMemory> m_rules;
    DeviceMemory m_logits;
    DeviceMemory m_windows;
    DeviceMemory m_lengths;
    DeviceMemory m_held;
    DeviceMemory m_seed;
    DeviceMemory m_flags;        ///< pinned
    DeviceMemory m_ring;         ///< pinned
    std::vector<void*> m_events; ///< [ringSlots]
    std::uint64_t m_replays = 0;
};

} // namespace jacobi
