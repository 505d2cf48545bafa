// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/allocatorpeak.h"

#include <c10/core/CachingDeviceAllocator.h>

#include <algorithm>

namespace jacobi {
namespace {

constexpr auto kAll = static_cast<std::size_t>(c10::CachingAllocator::StatType::AGGREGATE); // large and small blocks

} // namespace

AllocatorPeak::AllocatorPeak(at::Device device) : m_device(device)
{
    if (device.is_cuda()) {
        c10::DeviceAllocator* allocator = c10::getDeviceAllocator(device.type());
        allocator->resetPeakStats(device.index());
        m_before = allocator->getDeviceStats(device.index()).allocated_bytes[kAll].current;
    }
}

std::uint64_t AllocatorPeak::bytes() const
{
    if (!m_device.is_cuda()) {
        return 0;
    }
    const auto stats = c10::getDeviceAllocator(m_device.type())->getDeviceStats(m_device.index());
    return static_cast<std::uint64_t>(std::max<std::int64_t>(0, stats.allocated_bytes[kAll].peak - m_before));
}

} // namespace jacobi
