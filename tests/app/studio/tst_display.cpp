// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/display.h"
#include "tests/testmain.h"

using namespace jacobi;

class DisplayTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void qtsOwnOptionsAreLeftOut_data()
    {
        QTest::addColumn<QString>("arguments");
        QTest::addColumn<QString>("kept");
        QTest::newRow("none") << "studio run.jtrace --pass 3" << "studio run.jtrace --pass 3";
        QTest::newRow("with a value") << "studio -platform offscreen run.jtrace" << "studio run.jtrace";
        QTest::newRow("two dashes") << "studio --platform offscreen run.jtrace" << "studio run.jtrace";
        QTest::newRow("in one") << "studio -style=fusion run.jtrace" << "studio run.jtrace";
        QTest::newRow("without a value") << "studio -reverse run.jtrace" << "studio run.jtrace";
        QTest::newRow("at the end") << "studio run.jtrace -style" << "studio run.jtrace";
        QTest::newRow("after the options") << "studio -- -style run.jtrace" << "studio -- -style run.jtrace";
    }
    void qtsOwnOptionsAreLeftOut()
    {
        QFETCH(QString, arguments);
        QFETCH(QString, kept);
        QCOMPARE(withoutQtOptions(arguments.split(' ')).join(' '), kept);
    }

    void aPlatformThatWasChosenIsADisplay()
    {
        QVERIFY(hasDisplay({"studio", "-platform", "offscreen"}));
        QVERIFY(hasDisplay({"studio", "--platform=offscreen"}));
    }
};

JACOBI_TEST(DisplayTest)
#include "tst_display.moc"
