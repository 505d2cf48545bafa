// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/cuda/deviceops.h"

#include <filesystem>
#include <string>

namespace jacobi {

/// The GPU's kernels, or why there are none.
struct KernelPlugin {
    const DeviceOps* ops = nullptr; ///< valid for the life of the program
    std::string problem;            ///< the rest of "A GPU was found, but ..."; empty where ops is there
    std::string detail;             ///< for the log
};

/// Where libjacobi_cuda.so belongs: beside the library or program this code is in. Empty where the system cannot say.
std::filesystem::path kernelPluginPath();

/// Opens the plug-in. It is never closed: what it brings (CUDA's runtime) does not survive that. A file that is missing,
/// does not open, or was built for another table (kDeviceOpsAbi) is no error but a reason. Needs no driver and no GPU.
KernelPlugin openKernelPlugin(const std::filesystem::path& file);

/// Why that card cannot run the kernels, for which it needs code of its own: the rest of "A GPU was found, but ...". Empty where
/// it can. The card is made ready for work, which takes memory there until the program ends. An error where it cannot be asked:
/// it is full, is not there, or stopped working.
Result<std::string> whyNoKernels(const DeviceOps& ops, int card);

} // namespace jacobi
