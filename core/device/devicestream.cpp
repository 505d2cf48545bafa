// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/devicestream.h"

#include <c10/core/impl/VirtualGuardImpl.h>

namespace jacobi {

using c10::impl::VirtualGuardImpl;

void* currentStream(at::Device device)
{
    if (device.is_cpu()) {
        return nullptr;
    }
    const VirtualGuardImpl devices(device.type());
    return devices.getStreamNativeHandle(devices.getStream(device));
}

DeviceStream::DeviceStream(at::Device device) : m_device(device)
{
    if (device.is_cpu()) {
        return;
    }
    const VirtualGuardImpl devices(device.type());
    m_stream = devices.getNewStream(device);
    m_handle = devices.getStreamNativeHandle(*m_stream);
}

DeviceStream::Use::Use(const DeviceStream& stream)
{
    if (!stream.m_stream) {
        return;
    }
    const VirtualGuardImpl devices(stream.m_device.type());
    m_deviceBefore = devices.exchangeDevice(stream.m_device);
    m_before = devices.exchangeStream(*stream.m_stream);
}

DeviceStream::Use::~Use()
{
    if (!m_before) {
        return;
    }
    const VirtualGuardImpl devices(m_before->device_type());
    devices.exchangeStream(*m_before);
    devices.uncheckedSetDevice(*m_deviceBefore);
}

} // namespace jacobi
