// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/families/flowchecks.h"

#include "core/cuda/hostkernels.h"
#include "tests/testmain.h"

using namespace jacobi;

class FlowChecksTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theDevicesCodePassesOnTheCpu()
    {
        const std::vector<KernelCheck> checks = checkFlow(hostOps(), at::kCPU);
        QCOMPARE(checks.size(), std::size_t{2});
        for (const KernelCheck& check : checks) {
            QVERIFY2(check.outcome == KernelCheck::Outcome::Passed, check.detail.c_str());
            QVERIFY(check.detail.find("passes: sequential 45, Jacobi ") != std::string::npos);
        }
        QCOMPARE(checks.front().name, std::string("flow, float32"));
    }

    void whatADeviceDoesNotDoIsAFailure()
    {
        for (const KernelCheck& check : checkFlow(hostOps(), at::kMeta)) {
            QVERIFY(check.outcome == KernelCheck::Outcome::Failed);
            QVERIFY(!check.detail.empty());
        }
    }
};

JACOBI_TEST(FlowChecksTest)
#include "tst_flowchecks.moc"
