// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/engine/device.h"
#include "core/engine/kernelchecks.h"
#include "core/engine/kernelplugin.h"
#include "core/engine/torchcuda.h"

#include <QtTest>

#include <filesystem>
#include <string>
#include <vector>

namespace jacobi::test {

/// The first GPU of this machine with the kernels of this build, or why there is none.
struct GpuPlace {
    /// needsTorch: libtorch's part for GPUs too, as networks do; the kernels alone do without.
    explicit GpuPlace(bool needsTorch)
        : plugin(openKernelPlugin(std::filesystem::path(JACOBI_BIN_DIR).parent_path() / "lib" / "libjacobi_cuda.so"))
    {
        GpuProbe probe = probeGpu();
        probe.engineProblem = plugin.problem;
        problem = whyNotGpu(probe, 0);
        if (problem.empty() && needsTorch) {
            problem = openTorchCuda(torchCudaPath()).problem;
        }
        if (problem.empty() && (plugin.ops->selectDevice(0) != 0 || plugin.ops->hasKernels(0) != 0)) {
            isBroken = true;
            problem = "the GPU does not take the kernels";
        }
    }

    const DeviceOps& ops() const { return *plugin.ops; }

    KernelPlugin plugin;
    std::string problem;   ///< empty: there is one
    bool isBroken = false; ///< there is one that should work
};

/// One that was not run counts as well: on a GPU that is used there is nothing that cannot be.
inline QString notPassed(const std::vector<KernelCheck>& checks)
{
    QString list;
    for (const KernelCheck& check : checks) {
        if (check.outcome != KernelCheck::Outcome::Passed) {
            list += QString::fromStdString(check.name + ": " + check.detail + "\n");
        }
    }
    return checks.empty() ? QString("nothing was checked") : list;
}

} // namespace jacobi::test
