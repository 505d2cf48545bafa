// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <c10/core/Device.h>
#include <c10/core/Stream.h>

#include <optional>

namespace jacobi {

/// The stream that libtorch puts this thread's work for a device on, as DeviceOps names streams; null on the CPU.
void* currentStream(at::Device device);

/// A stream that both libtorch and the kernels of DeviceOps put their work on. On the CPU there is none: handle() is null and
/// everything is done at once. Needs no header of CUDA: libtorch's device interface is asked.
class DeviceStream {
public:
    /// A stream of its own. May throw what libtorch throws.
    explicit DeviceStream(at::Device device);

    at::Device device() const { return m_device; }
    void* handle() const { return m_handle; }

    /// While it lives, libtorch puts this thread's work on the stream, and on its device.
    class Use {
    public:
        explicit Use(const DeviceStream& stream);
        ~Use();
        Use(const Use&) = delete;
        Use& operator=(const Use&) = delete;

    private:
        std::optional<c10::Stream> m_before;
        std::optional<at::Device> m_deviceBefore;
    };

private:
    at::Device m_device;
    std::optional<c10::Stream> m_stream;
    void* m_handle = nullptr;
};

} // namespace jacobi
