// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/cuda/devicewindows.h"
#include "core/decode/decoder.h"
#include "core/device/devicemodel.h"
#include "core/device/devicenoise.h"
#include "core/device/passgraph.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace jacobi {

/// What a run has on a device beside the weights: windows, caches, what a pass works in, and the pass itself, recorded as a graph
/// where the device has such. Seed and prompts are put into it by start(), so that one room serves any number of runs that
/// need() the same, one after the other: these make and record nothing anew.
///
/// Thread rule and streams: DeviceModel; c10::InferenceMode and the model's stream are held by the caller. May throw what libtorch
/// throws. Errors: of DeviceOps. The model must outlive it.
class RunRoom {
public:
    using Prompts = std::vector<
        std::vector<std::int64_t>>; ///< one a lane: of every picture its own and, with guidance, the empty one

    /// All that is baked into a recorded pass.
    struct Needs {
        DecodeSettings settings; ///< seed 0
        DeviceTransformer::Room room;
        std::int64_t items = 1;
        bool wantsGraphs = true;
        std::optional<AttentionPath> forcedAttention;
        std::vector<std::uint32_t> recordedRuns;

        bool operator==(const Needs&) const = default;
    };
    /// Whether drafts begin as noise.
    static bool readsNoise(const DecodeSettings& settings)
    {
        return settings.method == "sjd2" && settings.noiseSteps > 0;
    }
    /// longest: tokens of the longest prompt, at least 1. Error InvalidRequest for a coupling or initialisation that does not exist.
    static Result<Needs> needsOf(const DecodeSettings& settings, const DeviceModel& model, std::int64_t items,
                                 std::int64_t longest);
    /// Bytes of device memory that a run takes beside the weights.
    static std::uint64_t bytesOf(const DecodeSettings& settings, const NetworkSizes& network, const TokenLayout& layout,
                                 DevicePrecision precision, std::int64_t items);

    static Result<std::unique_ptr<RunRoom>> make(DeviceModel& model, const Needs& needs);

    const Needs& needs() const { return m_needs; }
    /// Whether a run that needs this can have it.
    bool serves(const Needs& needs) const;

    /// Whether it was made for runs with these settings, whatever their seed, of so many pictures.
    bool isFor(const DecodeSettings& settings, std::int64_t items) const;

    /// Reads the prompts and puts the first drafts; the first time it records the pass.
    Result<void> start(const Prompts& lanes, std::uint64_t seed);

    DeviceWindows& windows() { return *m_windows; }
    /// Puts a whole pass on the stream.
    Result<void> launch() { return m_pass.launch(); }

private:
    RunRoom(DeviceModel& model, const Needs& needs) : m_model(&model), m_needs(needs) {}
    Result<void> place();
    Result<void> readPrompts(const Prompts& lanes, std::int64_t rows);
    Result<void> record(const std::vector<std::int32_t>& lengths);
    Result<void> enqueuePass();
    EmbedJob embedJob() const;

    DeviceModel* m_model;
    Needs m_needs;
    DeviceNoise m_noise;
    std::unique_ptr<DeviceWindows> m_windows;
    std::unique_ptr<DeviceTransformer> m_network;
    DeviceTransformer::Pass m_ofWindow; ///< what m_pass works with
    AttentionPath m_path = AttentionPath::Masked;
    at::Tensor m_first;             ///< [lanes] int32 on the device: the table's row of each prompt's last token
    at::Tensor m_lengths;           ///< [lanes] int32: the windows' own memory
    at::Tensor m_logits;            ///< [lanes * window, codes]: the same
    std::vector<at::Tensor> m_kept; ///< what the recorded pass writes to
    PassGraph m_pass;
    bool m_isRecorded = false;
    std::int64_t m_shortages = 0; ///< timesMemoryRanShort() when it was
};

} // namespace jacobi
