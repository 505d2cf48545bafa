// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/engine/kernelchecks.h"

#include <c10/core/Device.h>

namespace jacobi {

/// A block with its gradients by the kernels for training against the CPU's layers, in each precision that training uses.
/// Where one fails, training takes libtorch's operations instead. ops and device belong together. Throws nothing.
std::vector<KernelCheck> checkLearning(const DeviceOps& ops, at::Device device);

} // namespace jacobi
