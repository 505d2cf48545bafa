// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
// ctest-labels: unit cli
// ctest-timeout: 900
#include "tests/cli/cliprocess.h"
#include "tests/testmain.h"

#include <QJsonArray>
#include <QTemporaryDir>

using namespace jacobi::test;

/// `jacobi bench` with the built-in model.
class BenchTest : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;

private Q_SLOTS:
    void initTestCase() { QVERIFY(hasBuiltInModel()); }

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
        QVERIFY(first["coupling"].isNull() && first["initialisation"].isNull()); // it has neither
        QVERIFY2(ran.out.contains("guidance 3, temperature 1, top-k 0, top-p 1, min-p 0") &&
                     ran.out.contains("pictures 1, prompts 1 (read as written), seeds from 0") &&
                     ran.out.contains("float64 on cpu"),
                 qPrintable(ran.out));
        QVERIFY2(ran.out.contains(QString::fromUtf8("(    –)")), qPrintable(ran.out)); // one picture has no error
        for (const QJsonValue& value : rows) {
            const QJsonObject row = value.toObject();
            QCOMPARE(row["suite"].toString(), "decoders");
            QCOMPARE(row["tokens"].toInt(), 256);
            QVERIFY(row.contains("tokens_per_pass_se") && row["tokens_per_pass_se"].isNull());
            QCOMPARE(row["precision"].toString(), "float64");
            QCOMPARE(row["completes_prompt"].toBool(true), false);
            QCOMPARE(row["seed"].toInt(-1), 0);
            QCOMPARE(row["prompts"].toArray(), QJsonArray{"a red house by the sea at sunset"});
            QVERIFY(row["device_name"].toString().contains("thread") && row["software"].toString().contains("Jacobi"));
            QCOMPARE(row["pass_ratio"].toDouble(), 256.0 / row["passes"].toInt());
            QVERIFY(row["overhead_share"].toDouble() > 0.0 && row["overhead_share"].toDouble() < 1.0);
            QVERIFY(row["picture_share"].toDouble() > 0.0 && row["picture_share"].toDouble() < 1.0);
            if (row["coupling"].toString() == "gumbel-exact") {
                QCOMPARE(row["identical"].toDouble(), 1.0); // token for token, whatever the window
                QVERIFY(row["passes"].toInt() < 200);
            }
        }
    }

    void promptsAreCompletedWhereThatIsAskedFor()
    {
        const QString file = m_folder.filePath("completed.json");
        const Ran ran = runJacobi({"bench", "decoders", "--pictures", "2", "--complete", "--guidance", "1.5",
                                   "--window", "32", "--json", file});
        QVERIFY2(ran.code == 0, qPrintable(ran.err));
        QVERIFY2(ran.out.contains("prompts 2 (completed)") && ran.out.contains("guidance 1.5"), qPrintable(ran.out));
        QFile json(file);
        QVERIFY(json.open(QIODevice::ReadOnly));
        for (const QJsonValue& row : QJsonDocument::fromJson(json.readAll()).array()) {
            QCOMPARE(row["completes_prompt"].toBool(), true);
            QVERIFY(row["tokens_per_pass_se"].isDouble());
            QCOMPARE(row["prompts"].toArray().size(), 2); // of eight: one picture each
        }
    }

    /// A prompt that cannot be would be found when its picture's turn comes, after all methods made those before it.
    void everyPromptIsReadBeforeAnythingIsMeasured()
    {
        const QStringList bench{"bench", "decoders", "--pictures", "2", "--window", "8", "--prompt", "hills at noon"};
        const Ran refused = runJacobi(bench + QStringList{"--prompt", "qqq"});
        QCOMPARE(refused.code, 2);
        QVERIFY2(refused.err.contains("\"qqq\"") && !refused.err.contains("picture 1"), qPrintable(refused.err));
        const Ran noted = runJacobi(bench + QStringList{"--prompt", "hills qqq"});
        QVERIFY2(noted.code == 0, qPrintable(noted.err));
        QVERIFY2(noted.err.indexOf("\"qqq\"") < noted.err.indexOf("picture 1") && noted.err.contains("never saw the word"),
                 qPrintable(noted.err));
    }

    void adherenceIsMeasuredAndWritten()
    {
        if (!QFile::exists(QStringLiteral(JACOBI_SOURCE_DIR "/models/pretrained/judge/judge.json"))) {
            QSKIP("This build comes without models/pretrained/judge, so nothing can be judged.");
        }
        const QString file = m_folder.filePath("adherence.json");
        const Ran ran = runJacobi(
            {"bench", "adherence", "--captions", "2", "--reference", "8", "--guidance", "1.5", "--json", file});
        QVERIFY2(ran.code == 0, qPrintable(ran.err));
        QVERIFY2(ran.out.startsWith("model scenes, guidance 1.5, temperature 1, top-k 0, top-p 0.8, min-p 0.1\n"
                                    "captions 2 (completed), seeds from 0, float32 on cpu\nmethod sequential\n\n"),
                 qPrintable(ran.out));
        for (const char* part : {"left colour", "together", "all right", "distance", "tokenised"}) {
            QVERIFY2(ran.out.contains(part), part);
        }
        QFile json(file);
        QVERIFY(json.open(QIODevice::ReadOnly));
        const QJsonObject record = QJsonDocument::fromJson(json.readAll()).object();
        QCOMPARE(record["suite"].toString(), "adherence");
        QCOMPARE(record["model"].toString(), "scenes");
        QCOMPARE(record["model_hash"].toString().size(), 64);
        QCOMPARE(record["judge_hash"].toString().size(), 64);
        QCOMPARE(record["captions"].toInt(), 2);
        QCOMPARE(record["guidance"].toDouble(), 1.5);
        for (const char* kind : {"generated", "tokenised", "drawn"}) {
            const QJsonObject part = record[kind].toObject();
            QCOMPARE(part["attributes"].toObject().size(), 12);
            QCOMPARE(part["all_right"].toObject()["pictures"].toInt(), 2);
            QVERIFY(part["frechet"].toDouble() > 0.0);
        }
    }

    /// Its rows are made with settings of their own, which are not the model's: they have to be said.
    void theAblationTellsItsSettings()
    {
        if (!QFile::exists(QStringLiteral(JACOBI_SOURCE_DIR "/models/pretrained/judge/judge.json")) ||
            !QFile::exists(QStringLiteral(JACOBI_SOURCE_DIR "/models/pretrained/scenes-sjd2/model.json"))) {
            QSKIP("This build comes without the judge or the model that reads noise.");
        }
        const QString file = m_folder.filePath("ablation.json");
        const Ran ran = runJacobi({"bench", "sjd2-ablation", "--captions", "2", "--window", "64", "--windows", "128",
                                   "--noise-steps", "1", "--json", file});
        QVERIFY2(ran.code == 0, qPrintable(ran.err));
        QVERIFY2(ran.out.startsWith("model scenes-sjd2, guidance 3, temperature 1, top-k 0, top-p 1, min-p 0\n"
                                    "captions 2 (read as written), seeds from 0, float32 on cpu\nnew drafts uniform\n\n"),
                 qPrintable(ran.out));
        QFile json(file);
        QVERIFY(json.open(QIODevice::ReadOnly));
        const QJsonObject record = QJsonDocument::fromJson(json.readAll()).object();
        QCOMPARE(record["top_p"].toDouble(), 1.0);
        QCOMPARE(record["initialisation"].toString(), "uniform");
    }

    void mistakesAreTold()
    {
        QCOMPARE(runJacobi({"bench", "adherence", "--captions", "1"}).code, 2);
        QCOMPARE(runJacobi({"bench", "adherence", "--seed", "-1"}).code, 2);
        const Ran noJudge = runJacobi({"bench", "adherence", "--judge", "/nowhere"});
        QCOMPARE(noJudge.code, 3);
        QVERIFY2(noJudge.err.contains("nowhere"), qPrintable(noJudge.err));
        QCOMPARE(runJacobi({"bench", "decoders", "--pictures", "0"}).code, 2);
        QCOMPARE(runJacobi({"bench", "decoders", "--model", "nowhere"}).code, 3);
        QCOMPARE(runJacobi({"bench"}).code, 2);
        for (const char* bench : {"decoders", "adherence", "sjd2-ablation"}) {
            const Ran flow = runJacobi({"bench", bench, "--model", "flow"});
            QCOMPARE(flow.code, 2);
            QVERIFY2(flow.err.contains("Use: jacobi bench flow --model flow"), qPrintable(flow.err));
        }
        for (const char* option : {"--guidance", "--temperature", "--top-p", "--min-p"}) {
            const Ran hex = runJacobi({"bench", "decoders", option, "0x1"});
            QCOMPARE(hex.code, 2);
            QVERIFY2(hex.err.contains("\"0x1\", which is no number"), qPrintable(hex.err));
        }
    }

    /// In the engine's words, and before anything is generated.
    void settingsHaveTheLimitsOfGenerate_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<QString>("says");
        const auto row = [](const char* name, const QStringList& arguments, const char* says) {
            QTest::newRow(name) << arguments << QString(says);
        };
        row("window", {"adherence", "--method", "sjd", "--window", "300"},
            "The window is 300, but must be between 1 and 256");
        row("guidance", {"adherence", "--guidance", "50"}, "The guidance is 50, but must be between 0 and 30");
        row("guidance, nan", {"adherence", "--guidance", "nan"}, "The guidance is nan");
        row("temperature", {"adherence", "--temperature", "50"}, "The temperature is 50, but must be between 0 and 10");
        row("top-p", {"adherence", "--top-p", "0"}, "The top-p is 0");
        row("window below 0", {"adherence", "--window", "-1"}, "--window");
        row("a window of rows", {"sjd2-ablation", "--window", "300"},
            "The window is 300, but must be between 1 and 256");
        row("windows", {"sjd2-ablation", "--windows", "16", "300"}, "The window is 300");
        row("guidance of rows", {"sjd2-ablation", "--guidance", "50"}, "The guidance is 50");
        row("noise steps of rows", {"sjd2-ablation", "--noise-steps", "900"}, "The number of noise steps is 900");
        row("a plain model that reads no noise", {"sjd2-ablation", "--plain-model", "scenes"},
            "not trained to read noise");
    }
    void settingsHaveTheLimitsOfGenerate()
    {
        QFETCH(const QStringList, arguments);
        QFETCH(const QString, says);
        if (!QFile::exists(QStringLiteral(JACOBI_SOURCE_DIR "/models/pretrained/judge/judge.json")) ||
            !QFile::exists(QStringLiteral(JACOBI_SOURCE_DIR "/models/pretrained/scenes-sjd2/model.json"))) {
            QSKIP("This build comes without the judge or the model that reads noise.");
        }
        const Ran ran = runJacobi(QStringList{"bench"} + arguments);
        QVERIFY2(ran.code == 2, qPrintable(ran.err));
        QVERIFY2(ran.err.contains(says) && !ran.err.contains("picture 0"), qPrintable(ran.err));
    }
};

JACOBI_TEST(BenchTest)
#include "tst_bench.moc"
