// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/cli/cliprocess.h"
#include "tests/testmain.h"

#include <QDir>
#include <QJsonArray>
#include <QJsonDocument>
#include <QTemporaryDir>

using namespace jacobi::test;

namespace {

/// The records that a bench on the CPU writes; empty where it failed.
QJsonArray recordsOf(const QStringList& more)
{
    QTemporaryDir folder;
    const QString file = folder.filePath("engine.json");
    const Ran ran = runJacobi(QStringList{"bench", "engine", "--device", "cpu", "--json", file} + more);
    QFile written(file);
    if (ran.code != 0 || !written.open(QIODevice::ReadOnly)) {
        qWarning("%s", qPrintable(ran.err));
        return {};
    }
    return QJsonDocument::fromJson(written.readAll()).object().value("records").toArray();
}

QStringList casesOf(const QJsonArray& records)
{
    QStringList cases;
    for (const auto& value : records) {
        const QString name = value.toObject().value("case").toString();
        cases << (cases.contains(name) ? QStringList() : QStringList{name});
    }
    return cases;
}

QList<QJsonObject> recordsOfCase(const QJsonArray& records, const QString& name)
{
    QList<QJsonObject> found;
    for (const auto& value : records) {
        if (value.toObject().value("case").toString() == name) {
            found << value.toObject();
        }
    }
    return found;
}

QStringList variantsOf(const QJsonArray& records, const QString& name)
{
    QStringList variants;
    for (const QJsonObject& record : recordsOfCase(records, name)) {
        variants << record.value("variant").toString();
    }
    return variants;
}

} // namespace

class BenchEngineCommandTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    /// The tiny network on the CPU: every case is there, with numbers that can be.
    void everyCaseIsMeasured()
    {
        const QJsonArray records = recordsOf({});
        for (const auto& value : records) {
            const QJsonObject record = value.toObject();
            const QString name = record.value("case").toString();
            if (name == "memory") {
                continue;
            }
            const double low = record.value("low").toDouble();
            const double median = record.value("median").toDouble();
            QVERIFY2(low > 0.0 && low <= median && median <= record.value("high").toDouble(), qPrintable(name));
            QVERIFY(!record.value("unit").toString().isEmpty());
            if (name == "pass" || name == "picture" || name == "sampling") {
                QVERIFY2(record.value("of_floor").toDouble() > 0.0, qPrintable(name));
            }
            if (name == "pass") {
                QVERIFY(!record.value("graph").toBool()); // there are none on the CPU
            }
        }
        QCOMPARE(casesOf(records), (QStringList{"copy", "matrix product", "sampling", "decode", "pinned copy", "load",
                                                "error", "memory", "pass", "part of a pass", "picture", "start"}));
        QCOMPARE(variantsOf(records, "picture"),
                 (QStringList{"sequential", "everything", "no graph", "a wait each pass", "attention with a mask",
                              "whole head", "the engine's loop", "with a trace", "with a trace and previews"}));

        QCOMPARE(variantsOf(records, "decode"),
                 (QStringList{"float32, to bytes on the computer", "bfloat16, channels first",
                              "bfloat16, channels last", "float32, channels first", "float32, channels last"}));
        for (const QJsonObject& record : recordsOfCase(records, "decode").mid(1)) {
            QCOMPARE(record.value("height").toInt(), 16);
            QCOMPARE(record.value("width").toInt(), 16);
            QVERIFY(record.value("of_floor").toDouble() > 0.0);
            QVERIFY(record.value("of_picture").toDouble() > 0.0);
        }
        const QJsonObject traced = recordsOfCase(records, "picture").last();
        const QJsonObject everything = recordsOfCase(records, "picture").at(1);
        QCOMPARE(traced.value("passes").toInt(), everything.value("passes").toInt());
        QVERIFY(traced.value("whole").toBool());
        const QJsonObject plain = recordsOfCase(records, "picture").at(6);
        QCOMPARE(plain.value("trace_bytes").toInt(), 0);
        QVERIFY(traced.value("trace_bytes").toInt() > 16 * 16 * 3); // the last picture is in it
        QVERIFY(traced.value("final_ms").toDouble() > 0.0);
        QVERIFY(traced.value("first_step_ms").toDouble() > 0.0);
        QCOMPARE(variantsOf(records, "start"), (QStringList{"everything", "a first run", "a first run, no graph"}));
        QVERIFY(recordsOfCase(records, "start").first().value("of_picture").toDouble() > 0.0);
        // One tenth's preview may cost more than it was expected to; the budget is 3 %.
        QVERIFY(traced.value("preview_share").toDouble() < 0.2);

        const QJsonObject memory = recordsOfCase(records, "memory").first();
        QVERIFY(memory.contains("median") && memory.contains("low") && memory.contains("high"));
        QVERIFY(memory.value("weights").toDouble() > 0.0);
        QVERIFY(memory.value("estimated_run").toDouble() > 0.0);
        QVERIFY(memory.value("estimate").toDouble() >
                memory.value("weights").toDouble() + memory.value("estimated_run").toDouble());
    }

    /// With a cache a quarter full, half full and full, at a window of one row and at the usual one; by parts at one of them.
    void passesAreMeasuredByTheLengthOfTheCache()
    {
        const QJsonArray records = recordsOf({"--only", "passes"});
        QStringList passes;
        for (const QJsonObject& record : recordsOfCase(records, "pass")) {
            passes << QString("%1/%2").arg(record.value("window").toInt()).arg(record.value("cached").toInt());
        }
        QCOMPARE(passes, (QStringList{"1/16", "1/32", "1/64", "8/16", "8/32", "8/64"}));
        for (const QJsonObject& record : recordsOfCase(records, "part of a pass")) {
            QCOMPARE(record.value("cached").toInt(), 32);
        }
        // Of 48 more rows: 2 layers' keys and values of 4 heads of 16 numbers, for each of two lanes.
        const auto bytesOf = [&](int i) { return recordsOfCase(records, "pass").at(i).value("bytes").toDouble(); };
        QCOMPARE(bytesOf(5) - bytesOf(3), 48.0 * 2 * (2 * 2 * 4 * 16) * 4);
    }

    /// Nothing of the file stays behind, and each half is faster than the whole.
    void loadingIsMeasuredFromAFile()
    {
        QTemporaryDir temporary;
        const QByteArray before = qgetenv("TMPDIR");
        qputenv("TMPDIR", temporary.path().toUtf8());
        const QJsonArray records = recordsOf({"--only", "load"});
        before.isEmpty() ? qunsetenv("TMPDIR") : qputenv("TMPDIR", before);
        QVERIFY(QDir(temporary.path()).isEmpty());
        QCOMPARE(casesOf(records), (QStringList{"copy", "matrix product", "pinned copy", "load"}));
        QCOMPARE(variantsOf(records, "load"),
                 (QStringList{"file to device", "file to memory, as float32", "memory to device"}));
        const QList<QJsonObject> loads = recordsOfCase(records, "load");
        QVERIFY(loads[0].value("of_floor").toDouble() > 0.0);
        QVERIFY(!loads[1].contains("of_floor"));
        QCOMPARE(loads[0].value("page_cache").toString(), QString("warm"));
        // Two layers, table and head of the tiny shape: 2 bytes a number.
        QCOMPARE(loads[0].value("gb").toDouble(), 2e-9 * (2 * (64 * (192 + 64 + 3 * 96)) + 2 * 128 * 64));
        for (int part : {1, 2}) {
            QVERIFY(loads[part].value("high").toDouble() > loads[0].value("low").toDouble());
        }
    }

    /// int8 reads half of bfloat16's bytes and is further from float32; float32 is nearly exact.
    void precisionsHaveTheirOwnFloorAndError()
    {
        QList<double> errors;
        QList<double> bytes;
        for (const char* precision : {"float32", "bfloat16", "int8"}) {
            const QJsonArray records = recordsOf({"--only", "error,passes", "--precision", precision});
            const QList<QJsonObject> found = recordsOfCase(records, "error");
            QCOMPARE(found.size(), 1);
            QVERIFY(found[0].value("variant").toString().startsWith(precision));
            QCOMPARE(found[0].value("layers").toInt(), 2);
            errors << found[0].value("median").toDouble();
            QVERIFY(found[0].value("largest").toDouble() >= errors.last() * 0.1);
            QVERIFY(found[0].value("same_first").toDouble() > 0.7);
            bytes << recordsOfCase(records, "pass").first().value("bytes").toDouble();
        }
        QVERIFY2(errors[0] < 1e-5, qPrintable(QString::number(errors[0])));
        QVERIFY2(errors[1] > 1e-4 && errors[1] < 0.05, qPrintable(QString::number(errors[1])));
        QVERIFY2(errors[2] > errors[1] && errors[2] < 0.1, qPrintable(QString::number(errors[2])));
        QCOMPARE(bytes[0], 2.0 * bytes[1]);
        const double weights = 2.0 * (64 * (192 + 64 + 3 * 96)) + 128 * 64;
        const double scales = 2.0 * (2.0 * (192 + 64 + 192 + 64) + 128);
        QCOMPARE(bytes[1] - bytes[2], weights - scales);
    }

    void groupsAreMeasuredAlone()
    {
        QCOMPARE(casesOf(recordsOf({"--only", "decode,memory"})),
                 (QStringList{"copy", "matrix product", "decode", "memory"}));
        const QStringList all = casesOf(recordsOf({"--no-pictures"}));
        QVERIFY(all.contains("decode") && all.contains("load") && !all.contains("picture"));
    }

    void whatIsNotKnownIsRefused()
    {
        const Ran shape = runJacobi({"bench", "engine", "--device", "cpu", "--shape", "huge"});
        QCOMPARE(shape.code, 2);
        QVERIFY2(shape.err.contains("lumina-mgpt-7b"), qPrintable(shape.err));
        QCOMPARE(runJacobi({"bench", "engine", "--device", "cpu", "--precision", "int4"}).code, 2);
        QCOMPARE(runJacobi({"bench", "engine", "--device", "cuda:7"}).code, 4);
        const Ran group = runJacobi({"bench", "engine", "--device", "cpu", "--only", "load,everything"});
        QCOMPARE(group.code, 2);
        QVERIFY2(group.err.contains("pictures, decode"), qPrintable(group.err));
        QCOMPARE(runJacobi({"bench", "engine", "--device", "cpu", "--only", "pictures", "--no-pictures"}).code, 2);
    }
};

JACOBI_TEST(BenchEngineCommandTest)
#include "tst_benchengine.moc"
