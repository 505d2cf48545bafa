// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
// ctest-timeout: 600
#ifdef JACOBI_EMULATES_KERNELS
#include "core/device/productchoice.h"
#include "core/engine/kernelchecks.h"
#include "core/engine/learningchecks.h"
#include "core/engine/networkchecks.h"
#include "tests/core/cuda/emulation/emulatedops.h"
#endif
#include "tests/testmain.h"

using namespace jacobi;

/// What `jacobi selftest` asks of a card, of its own kernels, instruction for instruction but for those of the matrix units, without
/// a card.
class EmulatedKernelsTest : public QObject {
    Q_OBJECT

#ifdef JACOBI_EMULATES_KERNELS
    static QString wrongOf(const std::vector<KernelCheck>& checks)
    {
        QString text;
        for (const KernelCheck& check : checks) {
            if (check.outcome != KernelCheck::Outcome::Passed) {
                text += QString::fromStdString(check.name + ": " + check.detail + "\n");
            }
        }
        return text;
    }
#endif

private Q_SLOTS:
    void kernelsPass_data()
    {
        QTest::addColumn<int>("which");
        QTest::newRow("row sampler") << 0;
        QTest::newRow("layer steps") << 1;
        QTest::newRow("products") << 2;
        QTest::newRow("network") << 3;
        QTest::newRow("learning") << 4;
        // Not checkWindows(): whole pictures take minutes. Their kernels' bodies are tested with threads in core/cuda.
    }
    void kernelsPass()
    {
#ifdef JACOBI_EMULATES_KERNELS
        QFETCH(const int, which);
        const DeviceOps ops = test::emulatedOps();
        const QString wrong = wrongOf(which == 0   ? checkRowSampler(ops)
                                      : which == 1 ? checkLayerSteps(ops)
                                      : which == 2 ? checkProducts(ops)
                                      : which == 3 ? checkNetwork(ops, at::kCPU)
                                                   : checkLearning(ops, at::kCPU));
        QVERIFY2(wrong.isEmpty(), qPrintable(wrong));
#else
        QSKIP("Kernels are emulated on systems with ucontext only.");
#endif
    }
};

JACOBI_TEST(EmulatedKernelsTest)
#include "tst_emulatedkernels.moc"
