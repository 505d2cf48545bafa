// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <c10/core/Device.h>

#include <cstdint>

namespace jacobi {

/// The most memory of a device that libtorch's tensors took at once beyond what they had when this was made; 0 on the CPU,
/// where libtorch does not count. Buffers that are not libtorch's are not in it. One at a time.
class AllocatorPeak {
public:
    explicit AllocatorPeak(at::Device device);
    std::uint64_t bytes() const;

private:
    at::Device m_device;
    std::int64_t m_before = 0;
};

} // namespace jacobi
