// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
// ctest-labels: unit cli
// ctest-timeout: 900
#include "tests/cli/cliprocess.h"
#include "tests/testmain.h"

#include <QJsonArray>
#include <QTemporaryDir>

using namespace jacobi::test;

/// `jacobi bench decoders` with the built-in model.
class BenchTest : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;

private Q_SLOTS:
    void initTestCase()
    {
        QVERIFY(hasBuiltInModel());
    }

    void everyRowIsComparedWithSequentialSampling()
    {
        const QString file = m_folder.filePath("rows.json");
        const Ran ran = runJacobi({"bench", "decoders", "--pictures", "1", "--precision", "float64", "--prompt",
                                   "a red house by the sea at sunset", "--json", file});
        QVERIFY2(ran.code == 0, qPrintable(ran.err));
        QVERIFY(ran.out.contains("gumbel-exact"));
        QFile json(file);
        QVERIFY(json.open(QIODevice::ReadOnly));
        const QJsonArray rows = QJsonDocument::fromJson(json.readAll()).array();
        QVERIFY(rows.size() > 10);
        const QJsonObject first = rows[0].toObject();
        QCOMPARE(first["method"].toString(), "sequential");
        QCOMPARE(first["passes"].toInt(), 256);
        QCOMPARE(first["pass_ratio"].toDouble(), 1.0);
        for (const QJsonValue& value : rows) {
            const QJsonObject row = value.toObject();
            QCOMPARE(row["suite"].toString(), "decoders");
            QCOMPARE(row["tokens"].toInt(), 256);
            QCOMPARE(row["pass_ratio"].toDouble(), 256.0 / row["passes"].toInt());
            QVERIFY(row["overhead_share"].toDouble() > 0.0 && row["overhead_share"].toDouble() < 1.0);
            if (row["coupling"].toString() == "gumbel-exact") {
                QCOMPARE(row["identical"].toDouble(), 1.0); // token for token, whatever the window
                QVERIFY(row["passes"].toInt() < 200);
            }
        }
    }

    void mistakesAreTold()
    {
        QCOMPARE(runJacobi({"bench", "decoders", "--pictures", "0"}).code, 2);
        QCOMPARE(runJacobi({"bench", "decoders", "--model", "nowhere"}).code, 3);
        QCOMPARE(runJacobi({"bench"}).code, 2);
    }
};

JACOBI_TEST(BenchTest)
#include "tst_bench.moc"
