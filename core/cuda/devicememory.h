// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/cuda/deviceops.h"

#include <cstdint>
#include <span>
#include <string>
#include <utility>

namespace jacobi {

/// An error of a DeviceOps function, with what was being done ("copy the weights"). Out of memory and a device that
/// stopped working are told apart from the rest.
Error deviceError(const DeviceOps& ops, int code, const std::string& doing);
/// The same of a code of CUDA's runtime, whoever met it.
Error deviceError(int code, std::string detail);

/// The errors of a device that stopped working, and of one that has no memory left, however it was found out.
Error deviceLost(std::string detail);
Error deviceOutOfMemory(std::string detail);

/// Whether nothing more can be done on the device until the program starts anew.
bool isDeviceLost(int code);

/// Memory of a device, or pinned memory of the host; given back with the object. The table must outlive it. One thread.
class DeviceMemory {
public:
    DeviceMemory() = default;
    DeviceMemory(const DeviceMemory&) = delete;
    DeviceMemory& operator=(const DeviceMemory&) = delete;
    DeviceMemory(DeviceMemory&& other) noexcept { *this = std::move(other); }
    DeviceMemory& operator=(DeviceMemory&& other) noexcept
    {
        std::swap(m_ops, other.m_ops);
        std::swap(m_memory, other.m_memory);
        std::swap(m_pinned, other.m_pinned);
        return *this;
    }
    ~DeviceMemory();

    /// Zeros. 0 bytes give an object without memory. Error: OutOfMemory, with the size.
    static Result<DeviceMemory> make(const DeviceOps& ops, std::uint64_t bytes, bool pinned = false);
    /// A copy of something.
    static Result<DeviceMemory> copyOf(const DeviceOps& ops, const void* data, std::uint64_t bytes);
    template <class T>
    static Result<DeviceMemory> copyOf(const DeviceOps& ops, std::span<const T> data)
    {
        return copyOf(ops, data.data(), data.size_bytes());
    }

    template <class T = void>
    T* as() const
    {
        return static_cast<T*>(m_memory);
    }

private:
    const DeviceOps* m_ops = nullptr;
    void* m_memory = nullptr;
    bool m_pinned = false;
};

} // namespace jacobi
