// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/engine/kernelchecks.h"

#include <c10/core/Device.h>

namespace jacobi {

/// A network on a device against the plain formulas in float64, in every precision: attention, a prompt and a window after
/// it; and whole pictures whose passes are recorded against those that are not. ops and device belong together; libtorch's
/// part for GPUs must be open for one. Throws nothing. Seconds at most.
std::vector<KernelCheck> checkNetwork(const DeviceOps& ops, at::Device device);

} // namespace jacobi
