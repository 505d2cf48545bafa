// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/testmain.h"
#include "widgets/exactnumber.h"

#include <QLocale>

using namespace jacobi;

class ExactNumberTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void cleanup() { QLocale::setDefault(QLocale::c()); }

    void noDigitIsLost_data()
    {
        QTest::addColumn<double>("value");
        QTest::addColumn<int>("decimals");
        QTest::addColumn<QString>("text");
        QTest::newRow("whole") << 2.0 << 0 << "2";
        QTest::newRow("padded") << 2.0 << 1 << "2.0";
        QTest::newRow("more than the control has") << 2.25 << 1 << "2.25";
        QTest::newRow("nearly one") << 0.996 << 2 << "0.996";
        QTest::newRow("nearly nothing") << 0.004 << 2 << "0.004";
        QTest::newRow("tiny") << 1e-7 << 6 << "1e-07";
        QTest::newRow("a sum of decimals") << 0.1 + 0.2 << 1 << "0.3";
        QTest::newRow("a grain of a slider") << 1.0 + 13 * 0.1 << 0 << "2.3";
        QTest::newRow("zero") << 0.0 << 2 << "0.00";
    }
    void noDigitIsLost()
    {
        QFETCH(double, value);
        QFETCH(int, decimals);
        QFETCH(QString, text);
        QCOMPARE(exactNumber(value, decimals), text);
    }

    void itIsWrittenAsTheUsersCountryDoes()
    {
        QLocale::setDefault(QLocale(QLocale::German));
        QCOMPARE(exactNumber(2.25, 1), QString("2,25"));
        QCOMPARE(exactNumber(2.0, 1), QString("2,0"));
    }
};

JACOBI_TEST(ExactNumberTest)
#include "tst_exactnumber.moc"
