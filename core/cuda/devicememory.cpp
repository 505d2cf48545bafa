// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/cuda/devicememory.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace jacobi {

bool isDeviceLost(int code)
{
    // cudaError: devices unavailable, uncorrectable ECC or NVLink, contained, illegal address, launch timeout, assert,
    // hardware stack, illegal instruction, misaligned address, invalid address space, invalid program counter, launch
    // failure, tensor memory leak, MPS client terminated, external device, unknown.
    constexpr std::array kLost = {46, 214, 220, 226, 700, 702, 710, 714, 715, 716, 717, 718, 719, 721, 810, 911, 999};
    return std::find(kLost.begin(), kLost.end(), code) != kLost.end();
}

Error deviceLost(std::string detail)
{
    return {ErrorCode::NoDevice, "The GPU stopped working. What was generated so far is kept; start the program again.",
            std::move(detail), true};
}

Error deviceOutOfMemory(std::string detail)
{
    return {
        ErrorCode::OutOfMemory,
        "The GPU ran out of memory. Close other programs that use it, or choose a smaller window, fewer pictures or "
        "a smaller precision.",
        std::move(detail), true};
}

Error deviceError(const DeviceOps& ops, int code, const std::string& doing)
{
    return deviceError(code, "to " + doing + ": " + ops.errorText(code));
}

Error deviceError(int code, std::string detail)
{
    if (code == kDeviceOutOfMemory) {
        return deviceOutOfMemory(std::move(detail));
    }
    if (isDeviceLost(code)) {
        return deviceLost(std::move(detail));
    }
    return {ErrorCode::Internal, "The GPU reported an error, so the work was stopped. Try again.", std::move(detail),
            true};
}

DeviceMemory::~DeviceMemory()
{
    if (m_memory != nullptr) {
        m_pinned ? m_ops->releasePinned(m_memory) : m_ops->release(m_memory);
    }
}

Result<DeviceMemory> DeviceMemory::make(const DeviceOps& ops, std::uint64_t bytes, bool pinned)
{
    DeviceMemory memory;
    memory.m_ops = &ops;
    memory.m_pinned = pinned;
    if (bytes == 0) {
        return memory;
    }
    const std::string doing = "get " + std::to_string(bytes) + " bytes";
    if (const int code = pinned ? ops.allocatePinned(&memory.m_memory, bytes) : ops.allocate(&memory.m_memory, bytes);
        code != 0) {
        memory.m_memory = nullptr;
        return tl::unexpected(deviceError(ops, code, doing));
    }
    if (pinned) {
        std::memset(memory.m_memory, 0, bytes);
        return memory;
    }
    int code = ops.clear(memory.m_memory, bytes, nullptr);
    code = code != 0 ? code : ops.synchronize(nullptr);
    if (code != 0) {
        return tl::unexpected(deviceError(ops, code, doing));
    }
    return memory;
}

Result<DeviceMemory> DeviceMemory::copyOf(const DeviceOps& ops, const void* data, std::uint64_t bytes)
{
    Result<DeviceMemory> memory = make(ops, bytes);
    if (!memory || bytes == 0) {
        return memory;
    }
    if (const int code = ops.toDevice(memory->as<>(), data, bytes, nullptr); code != 0) {
        return tl::unexpected(deviceError(ops, code, "copy " + std::to_string(bytes) + " bytes"));
    }
    return memory;
}

} // namespace jacobi
