// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/learningchecks.h"

#include "core/cuda/hostkernels.h"
#include "tests/testmain.h"

using namespace jacobi;

class LearningChecksTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void rightKernelsPass()
    {
        const std::vector<KernelCheck> checks = checkLearning(hostOps(), at::kCPU);
        QCOMPARE(checks.size(), std::size_t{2});
        for (const KernelCheck& check : checks) {
            QVERIFY2(check.outcome == KernelCheck::Outcome::Passed, check.detail.c_str());
        }
    }

    /// A gradient that is not of the forward step; and a kernel that refuses. Training goes on by other means.
    void wrongKernelsFailAndAreReplaceable()
    {
        DeviceOps wrong = hostOps();
        wrong.splitHeadsBack = [](const SplitHeadsBackJob* job, void* stream) {
            SplitHeadsBackJob other = *job;
            std::swap(other.forward.queryScale, other.forward.keyScale);
            return hostOps().splitHeadsBack(&other, stream);
        };
        DeviceOps refusing = hostOps();
        refusing.sumNorm = [](const SumNormJob*, void*) { return kDeviceNotSupported; };
        for (const DeviceOps* ops : {&wrong, &refusing}) {
            const std::vector<KernelCheck> checks = checkLearning(*ops, at::kCPU);
            QCOMPARE(checks.size(), std::size_t{2});
            for (const KernelCheck& check : checks) {
                QVERIFY(check.outcome == KernelCheck::Outcome::Failed);
                QVERIFY(!check.detail.empty());
            }
            QVERIFY(unusableFor(checks) == nullptr);
        }
    }
};

JACOBI_TEST(LearningChecksTest)
#include "tst_learningchecks.moc"
