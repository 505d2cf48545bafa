// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/cuda/deviceops.h"
#include "core/decode/layout.h"
#include "core/device/devicestream.h"
#include "core/device/devicetransformer.h"
#include "core/device/networkdescription.h"
#include "core/device/productchoice.h"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

namespace jacobi {

class RunRoom;

/// A token model whose network runs on a device: weights, a stream, and what a run must know of it. Thread rule: one
/// thread, on which the device was selected (select()).
class DeviceModel {
public:
    /// Copies the weights to the device. ops and device belong together: hostOps() and the CPU, or the plug-in's table and a
    /// GPU. products: taken instead of what would be chosen. May throw what libtorch throws. Errors: of DeviceOps.
    static Result<std::unique_ptr<DeviceModel>> make(const DeviceOps& ops, at::Device device, DevicePrecision precision,
                                                     const NetworkDescription& network, const TokenLayout& layout,
                                                     const std::optional<ProductChoice>& products = std::nullopt);

    ~DeviceModel();
    DeviceModel(const DeviceModel&) = delete;
    DeviceModel& operator=(const DeviceModel&) = delete;

    const DeviceOps& ops() const { return *m_ops; }
    const DeviceStream& stream() const { return m_stream; }
    const DeviceWeights& weights() const { return m_weights; }
    const NetworkDescription& network() const { return m_network; } ///< without its weights
    const TokenLayout& layout() const { return m_layout; }

    /// Makes the device this thread's.
    Result<void> select() const;

    /// The attention of a pass: found by holding the paths against each other once for each shape of a window.
    AttentionChoice attention(std::int64_t lanes, std::int64_t rows, std::int64_t capacity);

    /// What multiplies by the weights: found when the model was made.
    const ProductChoice& productChoice() const { return m_products; }

    /// How the passes of the last run were made.
    struct PassReport {
        std::string whyNoGraph;  ///< empty: it was a graph
        bool wasRefused = false; ///< PassGraph::wasRefused()
        AttentionPath attention = AttentionPath::Masked;
    };
    PassReport lastPass{};

    /// What the last run had on the device, kept so that the next need not make and record it anew; null: nothing, or a run has it.
    /// A run that needs other room gives it up first.
    std::unique_ptr<RunRoom> keptRoom;

    /// For measurements: not to record passes as graphs, and to use this attention.
    bool wantsGraphs = true;
    std::optional<AttentionPath> forcedAttention;
    std::vector<std::uint32_t> recordedRuns; ///< WindowSetup::runs
    bool runsAhead = true; ///< false: the host waits for every pass before the next is put on the stream

private:
    DeviceModel(const DeviceOps& ops, at::Device device);

    const DeviceOps* m_ops;
    DeviceStream m_stream;
    DeviceWeights m_weights;
    ProductChoice m_products;
    NetworkDescription m_network;
    TokenLayout m_layout;
    std::map<std::tuple<std::int64_t, std::int64_t, std::int64_t>, AttentionChoice>
        m_attention; ///< by lanes, rows, places
};

/// Gives memory that libtorch keeps for later back to the device, where other allocations, and the figure of what is free, see
/// it. Never while a pass is being recorded.
void giveBackCachedMemory(at::Device device);

/// How often libtorch gave such memory back because it needed more. A graph that was recorded before writes to memory that is no
/// longer there.
std::int64_t timesMemoryRanShort(at::Device device);

} // namespace jacobi
