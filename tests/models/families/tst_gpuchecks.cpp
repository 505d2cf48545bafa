// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
// ctest-labels: gpu
#include "models/families/flowchecks.h"
#include "models/families/picturechecks.h"
#include "tests/core/engine/gpuplace.h"
#include "tests/testmain.h"

using namespace jacobi;
using namespace jacobi::test;

namespace {

const at::Device kFirstGpu(at::kCUDA, 0);

} // namespace

/// What the families check of themselves on a GPU, as `jacobi selftest` does.
class GpuChecksTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    /// By every method, also with passes as graphs and ahead of the host.
    void flowsEqualTheCpus()
    {
        const GpuPlace gpu(true);
        if (!gpu.problem.empty()) {
            QSKIP(gpu.problem.c_str());
        }
        const QString wrong = notPassed(checkFlow(gpu.ops(), kFirstGpu));
        QVERIFY2(wrong.isEmpty(), qPrintable(wrong));
    }

    void picturesEqualTheCpus()
    {
        const GpuPlace gpu(true);
        if (!gpu.problem.empty()) {
            QSKIP(gpu.problem.c_str());
        }
        const QString wrong = notPassed({checkPictures(kFirstGpu)});
        QVERIFY2(wrong.isEmpty(), qPrintable(wrong));
    }
};

JACOBI_TEST(GpuChecksTest)
#include "tst_gpuchecks.moc"
