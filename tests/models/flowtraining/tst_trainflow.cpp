// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/flowtraining/trainflow.h"
#include "models/flowtraining/trainflowoptions.h"
#include "models/scenes/tensorfile.h"
#include "models/tarflow/loadtarflow.h"
#include "tests/testmain.h"

#include <QFile>
#include <QTemporaryDir>

#include <ATen/ATen.h>
#include <nlohmann/json.hpp>

using namespace jacobi;

namespace {

nlohmann::json tinyOptions(const QTemporaryDir& folder)
{
    return {{"out", folder.filePath("out").toStdString()},
            {"work", folder.filePath("work").toStdString()},
            {"seed", 3},
            {"steps", 5},
            {"batch", 4},
            {"side", 8},
            {"blocks", 2},
            {"layers", 1},
            {"width", 64},
            {"validationPictures", 4},
            {"validateEvery", 2},
            {"measuredPictures", 6}};
}

std::filesystem::path weightsFile(const QTemporaryDir& folder)
{
    return folder.filePath("out/flow.safetensors").toStdString();
}

struct StoppingSink final : ProgressSink {
    void progress(const JobProgress&) override
    {
        if (stop) {
            source.request_stop();
        }
    }
    bool stop = false;
    std::stop_source source;
};

} // namespace

class TrainFlowTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aRunGivesAFlowThatLoads()
    {
        const QTemporaryDir folder;
        StoppingSink sink;
        nlohmann::json options = tinyOptions(folder);
        options["judge"] = std::string(JACOBI_SOURCE_DIR) + "/models/pretrained/judge";
        const auto figures = trainFlow(options, sink, {});
        QVERIFY2(figures, figures ? "" : (figures.error().message + figures.error().detail).c_str());
        QCOMPARE((*figures)["pictures"].get<int>(), 20);
        const nlohmann::json measured = (*figures)["measured"];
        QVERIFY(measured["bitsPerNumber"].get<double>() > 0.0);
        QVERIFY(measured["natsPerNumberWithoutLabel"] != measured["natsPerNumber"]);
        QVERIFY(measured["judged"]["frechet"].get<double>() > measured["judged"]["frechetOfRenders"].get<double>());
        for (const char* file :
             {"work/flow.csv", "work/flow.png", "work/flow.safetensors", "work/figures.json", "out/model.json"}) {
            QVERIFY2(QFile::exists(folder.filePath(file)), file);
        }
        const auto weights = loadTarFlow(weightsFile(folder), at::kFloat);
        QVERIFY2(weights, weights ? "" : weights.error().message.c_str());
        QVERIFY(weights->config.droppedRow && weights->config.basis);
        QCOMPARE(weights->config.side(), 8);
    }

    void aStoppedRunEndsAsIfItHadNotBeenStopped()
    {
        const QTemporaryDir whole;
        const QTemporaryDir parts;
        StoppingSink quiet;
        QVERIFY(trainFlow(tinyOptions(whole), quiet, {}));
        bool finished = false;
        for (int attempt = 0; attempt < 8 && !finished; ++attempt) {
            StoppingSink sink;
            sink.stop = true; // at the report after the first step of every start
            const auto done = trainFlow(tinyOptions(parts), sink, sink.source.get_token());
            finished = done.has_value();
            QVERIFY(finished || done.error().code == ErrorCode::Cancelled);
            QVERIFY(attempt > 0 || !finished);
        }
        QVERIFY(finished);
        const auto a = readTensorFile(weightsFile(whole));
        const auto b = readTensorFile(weightsFile(parts));
        QVERIFY(a && b);
        for (const auto& [name, tensor] : a->tensors) {
            QVERIFY2(at::equal(tensor, b->tensors.at(name)), name.c_str());
        }
    }

    void trainingGoesOnFromAFinishedFlow()
    {
        const QTemporaryDir first;
        const QTemporaryDir second;
        StoppingSink sink;
        QVERIFY(trainFlow(tinyOptions(first), sink, {}));
        nlohmann::json options = tinyOptions(second);
        options["initFrom"] = first.filePath("out").toStdString();
        options["blocks"] = 5; // the sizes are those of the flow
        options["steps"] = 1;
        options["muonRate"] = options["adamRate"] = 0.0;
        QVERIFY(trainFlow(options, sink, {}));
        const auto a = readTensorFile(weightsFile(first));
        const auto b = readTensorFile(weightsFile(second));
        QVERIFY(a && b);
        QCOMPARE(a->tensors.size(), b->tensors.size());
        QVERIFY(at::equal(a->tensors.at("blocks.1.pos_embed"), b->tensors.at("blocks.1.pos_embed")));
    }

    void aJudgeThatIsNotThereIsNoticedAtOnce()
    {
        const QTemporaryDir folder;
        StoppingSink sink;
        nlohmann::json options = tinyOptions(folder);
        options["judge"] = folder.filePath("nowhere").toStdString();
        QVERIFY(!trainFlow(options, sink, {}));
        QVERIFY(!QFile::exists(folder.filePath("work")));
    }

    void badOptionsAreNamed_data()
    {
        QTest::addColumn<QString>("key");
        QTest::addColumn<QString>("value");
        const auto row = [](const char* key, const char* value) {
            QTest::addRow("%s %s", key, value) << QString(key) << QString(value);
        };
        row("stepps", "3");
        row("steps", "\"3\"");
        row("steps", "-1");
        row("minutes", "-0.5");
        row("batch", "0");
        row("threads", "0");
        row("seed", "-1");
        row("resume", "1");
        row("side", "24");
        row("side", "256");
        row("patch", "3");
        row("patch", "8");
        row("width", "100");
        row("noise", "0");
        row("drop", "1.5");
        row("basis", "\"dct\"");
        row("measuredPictures", "1");
        row("out", "\"\"");
        row("work", "5");
    }
    void badOptionsAreNamed()
    {
        QFETCH(QString, key);
        QFETCH(QString, value);
        const QTemporaryDir folder;
        nlohmann::json options = tinyOptions(folder);
        options[key.toStdString()] = nlohmann::json::parse(value.toStdString());
        StoppingSink sink;
        const auto done = trainFlow(options, sink, {});
        QVERIFY(!done);
        QCOMPARE(done.error().code, ErrorCode::InvalidRequest);
        const QString message = QString::fromStdString(done.error().message);
        QVERIFY2(message.contains(key) && message.endsWith("."), qPrintable(message));
    }

    void optionsSurviveTheRoundTrip()
    {
        const QTemporaryDir folder;
        const auto options = trainFlowOptionsFromJson(tinyOptions(folder));
        QVERIFY(options);
        const auto again = trainFlowOptionsFromJson(toJson(*options));
        QVERIFY(again);
        QCOMPARE(toJson(*again).dump(), toJson(*options).dump());
        QVERIFY(!trainFlowOptionsFromJson(nlohmann::json::array()));
    }
};

JACOBI_TEST(TrainFlowTest)
#include "tst_trainflow.moc"
