// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
// ctest-timeout: 900
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
    /// As most runs have them.
    static std::vector<KernelCheck> defaultWindows(const DeviceOps& ops)
    {
        return {checkWindowsOf(ops, CouplingKind::Maximal, NumberType::Float32),
                checkWindowsOf(ops, CouplingKind::GumbelExact, NumberType::BFloat16)};
    }
#endif

private Q_SLOTS:
    void kernelsPass_data()
    {
        constexpr int kMuch = 228 * 1024, kLittle = 100 * 1024; // of shared memory: a server's card, a desktop's
        QTest::addColumn<int>("which");
        QTest::addColumn<int>("sharedBytes");
        QTest::newRow("row sampler") << 0 << kMuch;
        QTest::newRow("layer steps") << 1 << kMuch;
        QTest::newRow("products") << 2 << kMuch;
        QTest::newRow("network") << 3 << kMuch;
        QTest::newRow("learning") << 4 << kMuch;
        QTest::newRow("noisy drafts") << 5 << kMuch;
        QTest::newRow("embedding of codes") << 6 << kMuch;
        QTest::newRow("windows") << 7 << kMuch;
        QTest::newRow("network, little shared memory") << 3 << kLittle;
        // Not all of checkWindows(): so many whole pictures take minutes. Its kernels' bodies are tested with threads in core/cuda.
    }
    void kernelsPass()
    {
#ifdef JACOBI_EMULATES_KERNELS
        QFETCH(const int, which);
        QFETCH(const int, sharedBytes);
        const DeviceOps ops = test::emulatedOps(sharedBytes);
        const QString wrong = wrongOf(which == 0   ? checkRowSampler(ops)
                                      : which == 1 ? checkLayerSteps(ops)
                                      : which == 2 ? checkProducts(ops)
                                      : which == 3 ? checkNetwork(ops, at::kCPU)
                                      : which == 4 ? checkLearning(ops, at::kCPU)
                                      : which == 6 ? checkEmbedding(ops)
                                      : which == 7 ? defaultWindows(ops)
                                                   : std::vector{checkNoisyDrafts(ops)});
        QVERIFY2(wrong.isEmpty(), qPrintable(wrong));
#else
        QSKIP("Kernels are emulated on systems with ucontext only.");
#endif
    }
};

JACOBI_TEST(EmulatedKernelsTest)
#include "tst_emulatedkernels.moc"
