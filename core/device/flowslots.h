// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/cuda/devicememory.h"

#include <ATen/core/Tensor.h>

#include <array>
#include <cstdint>
#include <memory>

namespace jacobi {

/// Memory of the host for what passes of a flow are told and what they leave, pinned, so that a device copies from and to it
/// while the host goes on. Slots are handed out in turn; at most two passes are in flight, and one that nobody waited for is
/// followed by one that somebody did, so that a slot is free again when its turn comes. One thread.
class FlowSlots {
public:
    struct Slot {
        at::Tensor told;       ///< [toldNumbers] float64
        at::Tensor left;       ///< [leftNumbers] float64
        void* event = nullptr; ///< happens when `left` is there
    };

    static Result<std::unique_ptr<FlowSlots>> make(const DeviceOps& ops, std::int64_t toldNumbers,
                                                   std::int64_t leftNumbers);
    ~FlowSlots();
    FlowSlots(const FlowSlots&) = delete;
    FlowSlots& operator=(const FlowSlots&) = delete;

    Slot& next();

private:
    explicit FlowSlots(const DeviceOps& ops) : m_ops(&ops) {}

    const DeviceOps* m_ops;
    DeviceMemory m_memory;
    std::array<Slot, 4> m_slots;
    std::size_t m_turn = 0;
};

} // namespace jacobi
