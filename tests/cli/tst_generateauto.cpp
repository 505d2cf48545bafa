// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
// ctest-labels: unit cli
// ctest-timeout: 900
#include "tests/cli/cliprocess.h"
#include "tests/testmain.h"

#include <QTemporaryDir>

using namespace jacobi::test;

/// `jacobi generate --window auto` with the built-in model: measured once for a cache folder.
class GenerateAutoTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void measuredOnceAndRemembered()
    {
        QVERIFY(hasBuiltInModel());
        const QTemporaryDir folder;
        qputenv("XDG_CACHE_HOME", folder.filePath("cache").toUtf8());
        const QStringList request{"generate", "--guidance", "1",      "--window", "auto",
                                  "--init",   "auto",       "--json", "--out",    folder.filePath("x.png")};
        const Ran first = runJacobi(request + QStringList{"--prompt", "the sea", "--seed", "1"});
        QVERIFY2(first.code == 0, qPrintable(first.err));
        QVERIFY2(first.err.contains("Finding the fastest window"), qPrintable(first.err));
        QVERIFY2(first.err.contains(" by auto"), qPrintable(first.err));
        QVERIFY(QFile::exists(folder.filePath("cache/jacobi-studio/windows.json")));
        const QJsonObject chosen = first.json()["request"].toObject();
        QVERIFY(chosen["window"].toInt() >= 1 && chosen["window"].toInt() <= 256);
        QVERIFY(QStringList({"uniform", "sample-left", "sample-above"}).contains(chosen["initialisation"].toString()));
        QCOMPARE(first.json()["tokens"].toInt(), 256);

        const Ran second = runJacobi(request + QStringList{"--prompt", "mountains", "--seed", "2"});
        QVERIFY2(second.code == 0, qPrintable(second.err));
        QVERIFY2(!second.err.contains("Finding"), qPrintable(second.err));
        QVERIFY2(second.err.contains(" by auto"), qPrintable(second.err));
        const QJsonObject secondRequest = second.json()["request"].toObject();
        QCOMPARE(secondRequest["window"], chosen["window"]);
        QCOMPARE(secondRequest["initialisation"], chosen["initialisation"]);

        // Sequential sampling has nothing to be measured, whatever was never asked before.
        const Ran sequential = runJacobi(
            request + QStringList{"--prompt", "the sea", "--method", "sequential", "--coupling", "gumbel-spec"});
        QCOMPARE(sequential.code, 0);
        QVERIFY2(!sequential.err.contains("Finding"), qPrintable(sequential.err));
        QCOMPARE(sequential.json()["request"].toObject()["window"].toInt(), 1);
    }
};

JACOBI_TEST(GenerateAutoTest)
#include "tst_generateauto.moc"
