// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/cuda/deviceops.h"
#include "core/decode/decoder.h"
#include "core/decode/layout.h"
#include "core/device/networkdescription.h"

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace jacobi {

/// What the windows of a run need of SJD2's noise, in a device's memory: the schedule, what stands for the codes, and the noise of
/// every position, drawn once. Made for a run; thread rule as of DeviceWindows. May throw what libtorch throws.
class DeviceNoise {
public:
    DeviceNoise() = default; ///< none
    /// real: what laws are computed with, float32 or float64. settings.noiseSteps 0: none.
    DeviceNoise(const NoiseDescription& noise, const DecodeSettings& settings, const TokenLayout& layout,
                std::int64_t items, at::ScalarType real, at::Device device);

    /// For WindowSetup; the tensors stay this object's.
    NoiseView view() const;

    /// Draws the noise that the windows' job names and finds what it is to be shown as; behind the stream's work, with libtorch's
    /// part on the same stream. Before DeviceWindows::begin().
    Result<void> draw(const DeviceOps& ops, const WindowJob& job, void* stream);

    /// Bytes of device memory that it takes, at most. size: numbers that stand for a code.
    static std::uint64_t bytesOf(std::int64_t size, const DecodeSettings& settings, const TokenLayout& layout,
                                 std::int64_t items, at::ScalarType real);

private:
    std::uint32_t m_steps = 0;
    bool m_refines = true;
    double m_mostSigma = 0.0;
    at::Tensor m_levels;         ///< [steps + 1, 2] float64: NoiseMix
    at::Tensor m_codes;          ///< [codes, size]
    at::Tensor m_scale, m_shift; ///< [size], [steps + 1, size]
    at::Tensor m_fresh, m_rows;  ///< [items, positions, size], [items, window, size]
    at::Tensor m_shown;          ///< [items, positions] int32
};

} // namespace jacobi
