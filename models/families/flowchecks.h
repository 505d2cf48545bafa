// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/engine/kernelchecks.h"

#include <c10/core/Device.h>

#include <vector>

namespace jacobi {

/// A small TarFlow of random weights, inverted on the device by every method with guidance, against the CPU's model: the
/// numbers, and how many passes each method took. In float32 and float64, and with passes as graphs and ahead of the host;
/// on the CPU, the device's code there. ops and device belong together. Seconds.
std::vector<KernelCheck> checkFlow(const DeviceOps& ops, at::Device device);

} // namespace jacobi
