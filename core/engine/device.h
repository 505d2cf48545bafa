// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/engine/backend.h"

#include <optional>
#include <string>

namespace jacobi {

/// What the NVIDIA driver says. Asked before any call of libtorch, which caches its own answer.
struct GpuProbe {
    bool driver = false; ///< libcuda.so.1 is there and starts
    int gpus = 0;
    std::string name;    ///< of the first GPU
};
GpuProbe probeGpu();

/// The device a wish stands for: "auto", "cpu", "cuda" or "cuda:N". auto never fails; a GPU that cannot be used is an
/// error that says why and offers the CPU. threads: as chooseThreads gave it, for the device's name.
Result<DeviceInfo> chooseDevice(const std::string& wish, const GpuProbe& probe, int threads);

/// Worker threads of a pass. wish > 0 is obeyed (at most 64). Otherwise one on machines of up to two cores, so that the
/// window keeps a core (with two threads on two busy cores a pass takes 2-10 times as long: OpenMP spins), else two:
/// the layers of the models of today are too small for more.
int chooseThreads(int wish);

} // namespace jacobi
