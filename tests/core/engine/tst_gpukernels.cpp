// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
// ctest-labels: gpu
#include "core/engine/learningchecks.h"
#include "core/engine/networkchecks.h"
#include "tests/core/engine/gpuplace.h"
#include "tests/testmain.h"

using namespace jacobi;
using namespace jacobi::test;

namespace {

const at::Device kFirstGpu(at::kCUDA, 0);

} // namespace

/// What `jacobi selftest` checks on a GPU; what families check of themselves is in tests/models/families/tst_gpuchecks.cpp.
class GpuKernelsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    /// Needs no GPU: the plug-in opens, its table is ours, and without a driver it says so instead of failing.
    void thePluginOpens()
    {
        const GpuPlace gpu(false);
        if (gpu.plugin.problem == "this build has no GPU engine") {
            QSKIP("the plug-in was not built: nvcc was not found");
        }
        QVERIFY2(gpu.plugin.ops != nullptr, gpu.plugin.detail.c_str());
        QVERIFY2(!gpu.isBroken, gpu.problem.c_str());
        if (!gpu.problem.empty()) {
            DeviceDescription description;
            const int code = gpu.ops().describe(0, &description);
            QVERIFY(code != 0);
            QVERIFY(!std::string(gpu.ops().errorText(code)).empty());
        }
    }

    void kernelsEqualPlainCpp()
    {
        const GpuPlace gpu(false);
        if (!gpu.problem.empty()) {
            QSKIP(gpu.problem.c_str());
        }
        const QString wrong = notPassed(checkKernels(gpu.ops()));
        QVERIFY2(wrong.isEmpty(), qPrintable(wrong));
    }

    /// Attention by every path, products, passes in every precision, and passes as graphs.
    void networksEqualThePlainFormulas()
    {
        const GpuPlace gpu(true);
        if (!gpu.problem.empty()) {
            QSKIP(gpu.problem.c_str());
        }
        const QString wrong = notPassed(checkNetwork(gpu.ops(), kFirstGpu));
        QVERIFY2(wrong.isEmpty(), qPrintable(wrong));
    }

    void gradientsEqualTheCpus()
    {
        const GpuPlace gpu(true);
        if (!gpu.problem.empty()) {
            QSKIP(gpu.problem.c_str());
        }
        const QString wrong = notPassed(checkLearning(gpu.ops(), kFirstGpu));
        QVERIFY2(wrong.isEmpty(), qPrintable(wrong));
    }
};

JACOBI_TEST(GpuKernelsTest)
#include "tst_gpukernels.moc"
