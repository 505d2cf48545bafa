// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/cuda/hostkernels.h"

// A plug-in that fits; its device is the CPU.
extern "C" __attribute__((visibility("default"))) const jacobi::DeviceOps* jacobiDeviceOps()
{
    return &jacobi::hostOps();
}
