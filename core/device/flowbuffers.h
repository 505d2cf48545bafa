// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/cuda/deviceops.h"
#include "core/device/flownetwork.h"
#include "core/device/flownumbers.h"
#include "core/device/flowrecordings.h"
#include "core/device/flowslots.h"

#include <cstdint>
#include <memory>

namespace jacobi {

/// A flow's network on a device with what its passes need there for runs up to a size: the network's caches, the numbers, what
/// goes to and fro between host and device, and the passes that were recorded over all of it. Of one block at a time
/// (DeviceFlow), or of all at once (DeviceFlowChain). Thread rule: FlowModel.
struct FlowBuffers {
    /// What one of its users has beside.
    struct Beside {
        std::int64_t blocks = 1; ///< whose numbers lie there at once
        std::int64_t told = 0;   ///< numbers that each pass is told beyond FlowNumbers::kTold
        std::int64_t left = 0;   ///< numbers that each pass leaves beyond FlowNumbers::leftBy()
    };

    /// ops: DeviceFlow.
    FlowBuffers(const DeviceOps& ops, std::unique_ptr<FlowNetwork> network);

    /// Before a run, with the device selected: true where room was made, since there was none or it was too small or another; what was
    /// recorded is gone then. Throws as DeviceFlow.
    bool begin(std::int64_t batch, const FlowCondition& condition, std::int64_t rows, const Beside& beside);

    const DeviceOps* ops;
    std::unique_ptr<FlowNetwork> network;
    FlowRoom room; ///< of a block
    std::int64_t maxRows = 0;
    std::unique_ptr<FlowNumbers> numbers; ///< pictures are blocks * batch
    std::unique_ptr<FlowSlots> slots;     ///< goes before the numbers: it waits for what is in flight
    FlowRecordings recordings;
};

} // namespace jacobi
