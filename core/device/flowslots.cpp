// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/flowslots.h"

#include <ATen/ATen.h>

namespace jacobi {

Result<std::unique_ptr<FlowSlots>> FlowSlots::make(const DeviceOps& ops, std::int64_t toldNumbers,
                                                   std::int64_t leftNumbers)
{
    std::unique_ptr<FlowSlots> slots(new FlowSlots(ops));
    const auto numbers = static_cast<std::uint64_t>(toldNumbers + leftNumbers);
    auto memory = DeviceMemory::make(ops, slots->m_slots.size() * numbers * sizeof(double), true);
    if (!memory) {
        return tl::unexpected(memory.error());
    }
    slots->m_memory = std::move(*memory);
    double* at = slots->m_memory.as<double>();
    for (Slot& slot : slots->m_slots) {
        if (const int code = ops.createEvent(&slot.event); code != 0) {
            return tl::unexpected(deviceError(ops, code, "make an event"));
        }
        slot.told = at::from_blob(at, {toldNumbers}, at::kDouble);
        slot.left = at::from_blob(at + toldNumbers, {leftNumbers}, at::kDouble);
        at += numbers;
    }
    return slots;
}

FlowSlots::~FlowSlots()
{
    m_ops->synchronize(nullptr); // what is in flight still writes here
    for (const Slot& slot : m_slots) {
        if (slot.event != nullptr) {
            m_ops->destroyEvent(slot.event);
        }
    }
}

FlowSlots::Slot& FlowSlots::next()
{
    m_turn = (m_turn + 1) % m_slots.size();
    return m_slots[m_turn];
}

} // namespace jacobi
