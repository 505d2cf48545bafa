// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/cli/cliprocess.h"
#include "tests/testmain.h"

using namespace jacobi::test;

class SelfTestCommandTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theCpuPassesAndWhatWasNotRunIsSaid()
    {
        const Ran ran = runJacobi({"selftest", "--device", "cpu"});
        QCOMPARE(ran.code, 0);
        QVERIFY2(ran.out.contains("71 passed, 0 failed, 3 not run. Nothing was run on a GPU."), qPrintable(ran.out));
        QVERIFY(ran.out.contains("row sampler, top-k 2000, float32: largest error"));
        QVERIFY(ran.out.contains("Only the CPU was asked for."));
    }

    void asJson()
    {
        const Ran ran = runJacobi({"selftest", "--json", "--device", "cpu"});
        QCOMPARE(ran.code, 0);
        QCOMPARE(ran.json().value("passed").toInt(), 71);
    }

    void devicesThatAreNotThere()
    {
        QCOMPARE(runJacobi({"selftest", "--device", "gpu"}).code, 2);
        const Ran none = runJacobi({"selftest", "--device", "cuda:99"});
        QCOMPARE(none.code, 4);
        QVERIFY2(none.err.contains("To use the CPU instead: --device cpu."), qPrintable(none.err));
    }
};

JACOBI_TEST(SelfTestCommandTest)
#include "tst_selftest.moc"
