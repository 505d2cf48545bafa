// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/families/picturechecks.h"

#include "tests/testmain.h"

using namespace jacobi;

class PictureChecksTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theCpuMakesItsOwnPictures()
    {
        const KernelCheck check = checkPictures(at::kCPU);
        QVERIFY2(check.outcome == KernelCheck::Outcome::Passed, check.detail.c_str());
        QCOMPARE(check.detail, std::string("largest difference 0 of 255, allowed 1"));
    }

    void whatADeviceDoesNotDoIsAFailure()
    {
        const KernelCheck check = checkPictures(at::kMeta);
        QVERIFY(check.outcome == KernelCheck::Outcome::Failed);
        QVERIFY(!check.detail.empty());
    }
};

JACOBI_TEST(PictureChecksTest)
#include "tst_picturechecks.moc"
