// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
// ctest-labels: gpu
#include "core/engine/device.h"
#include "core/engine/kernelchecks.h"
#include "core/engine/kernelplugin.h"
#include "tests/testmain.h"

using namespace jacobi;

namespace {

KernelPlugin builtPlugin()
{
    return openKernelPlugin(std::string(JACOBI_BIN_DIR) + "/../lib/libjacobi_cuda.so");
}

/// Why the kernels cannot run here; empty where they can.
std::string whyNotHere(const KernelPlugin& plugin)
{
    GpuProbe probe = probeGpu();
    probe.engineProblem = plugin.problem;
    return whyNotGpu(probe, 0);
}

} // namespace

class GpuKernelsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    /// Needs no GPU: the plug-in opens, its table is ours, and without a driver it says so instead of failing.
    void thePluginOpens()
    {
        const KernelPlugin plugin = builtPlugin();
        if (plugin.problem == "this build has no GPU engine") {
            QSKIP("the plug-in was not built: nvcc was not found");
        }
        QVERIFY2(plugin.ops != nullptr, plugin.detail.c_str());
        if (!whyNotHere(plugin).empty()) {
            DeviceDescription description;
            const int code = plugin.ops->describe(0, &description);
            QVERIFY(code != 0);
            QVERIFY(!std::string(plugin.ops->errorText(code)).empty());
        }
    }

    void kernelsEqualPlainCpp()
    {
        const KernelPlugin plugin = builtPlugin();
        if (const std::string why = whyNotHere(plugin); !why.empty()) {
            QSKIP(why.c_str());
        }
        QCOMPARE(plugin.ops->selectDevice(0), 0);
        QCOMPARE(plugin.ops->hasKernels(0), 0);
        for (const KernelCheck& check : checkKernels(*plugin.ops)) {
            QVERIFY2(check.outcome == KernelCheck::Outcome::Passed, (check.name + ": " + check.detail).c_str());
        }
    }
};

JACOBI_TEST(GpuKernelsTest)
#include "tst_gpukernels.moc"
