// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/largererror.h"
#include "tests/testmain.h"

#include <limits>

using namespace jacobi;

class LargerErrorTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theLargerOfTwo()
    {
        QCOMPARE(largerError(0.0, 2.0), 2.0);
        QCOMPARE(largerError(2.0, 0.5), 2.0);
        QCOMPARE(largerError(1.0, std::numeric_limits<double>::infinity()), std::numeric_limits<double>::infinity());
    }

    void whatIsNoNumberStays()
    {
        const double none = std::numeric_limits<double>::quiet_NaN();
        QVERIFY(std::isnan(largerError(0.0, none)));
        QVERIFY(std::isnan(largerError(none, 0.0)));
        QVERIFY(std::isnan(largerError(largerError(largerError(0.0, 1.0), none), 2.0)));
    }
};

JACOBI_TEST(LargerErrorTest)
#include "tst_largererror.moc"
