// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/cli/cliprocess.h"
#include "tests/testmain.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QTemporaryDir>

using namespace jacobi::test;

class BenchEngineCommandTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    /// The tiny network on the CPU: every case is there, with numbers that can be.
    void everyCaseIsMeasured()
    {
        QTemporaryDir folder;
        const QString file = folder.filePath("engine.json");
        const Ran ran = runJacobi({"bench", "engine", "--device", "cpu", "--json", file});
        QVERIFY2(ran.code == 0, qPrintable(ran.err));
        QFile written(file);
        QVERIFY(written.open(QIODevice::ReadOnly));
        const QJsonArray records = QJsonDocument::fromJson(written.readAll()).object().value("records").toArray();
        QStringList cases;
        QStringList variants;
        for (const auto& value : records) {
            const QJsonObject record = value.toObject();
            cases << record.value("case").toString();
            if (cases.last() == "memory") {
                continue;
            }
            const double low = record.value("low").toDouble();
            const double median = record.value("median").toDouble();
            QVERIFY(low > 0.0 && low <= median && median <= record.value("high").toDouble());
            QVERIFY(!record.value("unit").toString().isEmpty());
            if (cases.last() == "pass") {
                QVERIFY(record.value("of_floor").toDouble() > 0.0);
                QVERIFY(!record.value("graph").toBool()); // there are none on the CPU
            }
            if (cases.last() == "picture") {
                variants << record.value("variant").toString();
            }
        }
        for (const char* wanted : {"copy", "matrix product", "sampling", "pass", "picture", "memory"}) {
            QVERIFY2(cases.contains(wanted), wanted);
        }
        QCOMPARE(variants, (QStringList{"sequential", "everything", "no graph", "a wait each pass",
                                        "attention with a mask", "whole head"}));
    }

    void whatIsNotKnownIsRefused()
    {
        const Ran shape = runJacobi({"bench", "engine", "--device", "cpu", "--shape", "huge"});
        QCOMPARE(shape.code, 2);
        QVERIFY2(shape.err.contains("lumina-mgpt-7b"), qPrintable(shape.err));
        QCOMPARE(runJacobi({"bench", "engine", "--device", "cpu", "--precision", "int4"}).code, 2);
        QCOMPARE(runJacobi({"bench", "engine", "--device", "cuda:7"}).code, 4);
    }
};

JACOBI_TEST(BenchEngineCommandTest)
#include "tst_benchengine.moc"
