// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/modelfile.h"
#include "models/judge/benchadherence.h"
#include "models/judge/judge.h"
#include "models/training/exportscenes.h"
#include "models/training/scene.h"
#include "tests/models/scenes/tinyscenes.h"
#include "tests/testmain.h"

#include <QTemporaryDir>

#include <ATen/ATen.h>
#include <nlohmann/json.hpp>

using namespace jacobi;
using namespace jacobi::test;

namespace {

struct CountingSink final : ProgressSink {
    void progress(const JobProgress& progress) override
    {
        fractions.push_back(progress.fraction);
        if (stop) {
            source.request_stop();
        }
    }
    std::vector<double> fractions;
    bool stop = false;
    std::stop_source source;
};

} // namespace

/// The bench with a model and a judge that have learnt nothing.
class BenchAdherenceTest : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;

    std::string pathOf(const char* name) const { return m_folder.filePath(name).toStdString(); }
    nlohmann::json options() const
    {
        return {{"model", "tiny"},
                {"modelFolder", pathOf("model")},
                {"judge", pathOf("judge")},
                {"captions", 3},
                {"reference", 4},
                {"batch", 2},
                {"seed", 5}};
    }
    void writeModel(const char* name, std::int64_t grid) const
    {
        ScenesConfig config = tinyConfig();
        config.layers = 1;
        config.gridRows = grid;
        config.gridColumns = grid;
        config.words = sceneWords();
        config.prefix = longestSceneCaption() + 1;
        std::filesystem::create_directories(pathOf(name));
        const auto written = exportScenes(pathOf(name), config, randomTensors(tokenizerTensors(config)),
                                          randomTensors(transformerTensors(config)));
        QVERIFY2(written, written ? "" : written.error().message.c_str());
    }

private Q_SLOTS:
    void initTestCase()
    {
        at::manual_seed(5);
        writeModel("model", 16);
        writeModel("small", 4);
        std::filesystem::create_directories(pathOf("judge"));
        QVERIFY(exportJudge(pathOf("judge"), randomTensors(judgeTensors())));
    }

    void aRecordSaysWhatWasMeasured()
    {
        CountingSink sink;
        const auto record = benchAdherence(options(), sink, {});
        QVERIFY2(record, record ? "" : (record.error().message + record.error().detail).c_str());
        QCOMPARE((*record)["suite"].get<std::string>(), "adherence");
        QCOMPARE((*record)["model"].get<std::string>(), "tiny");
        QCOMPARE((*record)["model_hash"].get<std::string>(), readModelManifest(pathOf("model"))->hash);
        QCOMPARE((*record)["judge_hash"].get<std::string>(), Judge::load(pathOf("judge"))->hash());
        QCOMPARE((*record)["method"].get<std::string>(), "sequential");
        QCOMPARE((*record)["guidance"].get<double>(), 2.0);
        QCOMPARE((*record)["completes_prompt"].get<bool>(), true); // as models of this grammar recommend
        for (const char* kind : {"generated", "tokenised", "drawn"}) {
            const nlohmann::json& part = (*record)[kind];
            QCOMPARE(part["attributes"].size(), kJudgedCount);
            QCOMPARE(part["all_right"]["pictures"].get<int>(), 3);
            QVERIFY(part["together"]["stated"].get<int>() > 3);
            QVERIFY(part["frechet"].get<double>() >= 0.0);
        }
        // Of the same captions all three say as much.
        QCOMPARE((*record)["generated"]["together"]["stated"], (*record)["drawn"]["together"]["stated"]);
        QVERIFY((*record)["generated"]["frechet"] != (*record)["tokenised"]["frechet"]);
        QVERIFY((*record)["drawn"]["frechet"] != (*record)["tokenised"]["frechet"]);
        QCOMPARE(sink.fractions.size(), 2U); // batches of 2 and 1
    }

    void batchesDoNotChangePictures()
    {
        CountingSink sink;
        nlohmann::json one = options();
        one["batch"] = 1;
        const auto a = benchAdherence(options(), sink, {});
        const auto b = benchAdherence(one, sink, {});
        QVERIFY(a && b);
        QCOMPARE((*a)["generated"]["attributes"].dump(), (*b)["generated"]["attributes"].dump());
        const double difference =
            (*a)["generated"]["frechet"].get<double>() - (*b)["generated"]["frechet"].get<double>();
        QVERIFY(std::abs(difference) < 1e-4 * (*a)["generated"]["frechet"].get<double>());
    }

    void settingsReachTheDecoder()
    {
        CountingSink sink;
        nlohmann::json other = options();
        other["method"] = "sjd";
        other["window"] = 7;
        other["guidance"] = 1.5;
        const auto record = benchAdherence(other, sink, {});
        QVERIFY2(record, record ? "" : record.error().message.c_str());
        QCOMPARE((*record)["method"].get<std::string>(), "sjd");
        QCOMPARE((*record)["coupling"].get<std::string>(), "maximal"); // the model's own
        QCOMPARE((*record)["window"].get<int>(), 7);
        QCOMPARE((*record)["guidance"].get<double>(), 1.5);
    }

    void aSheetShowsTheFirstPictures()
    {
        CountingSink sink;
        nlohmann::json sheet = options();
        sheet["sheet"] = pathOf("sheet.png");
        sheet["tokenisedSheet"] = pathOf("tokenised.png");
        const auto record = benchAdherence(sheet, sink, {});
        QVERIFY2(record, record ? "" : record.error().message.c_str());
        QCOMPARE((*record)["sheet"].size(), 3U);
        std::size_t missed = 0;
        for (const auto& picture : (*record)["sheet"]) {
            QVERIFY(!picture["caption"].get<std::string>().empty());
            missed += picture["missed"].size();
        }
        const auto& together = (*record)["generated"]["together"];
        QCOMPARE(static_cast<int>(missed), together["stated"].get<int>() - together["met"].get<int>());
        QVERIFY(std::filesystem::file_size(pathOf("sheet.png")) > 1000);
        QVERIFY(std::filesystem::file_size(pathOf("tokenised.png")) > 1000);
    }

    void aStopIsHeeded()
    {
        CountingSink sink;
        sink.stop = true;
        const auto record = benchAdherence(options(), sink, sink.source.get_token());
        QVERIFY(!record);
        QCOMPARE(record.error().code, ErrorCode::Cancelled);
    }

    void mistakesAreTold_data()
    {
        QTest::addColumn<QString>("key");
        QTest::addColumn<QString>("value");
        QTest::addColumn<int>("code");
        const auto row = [](const char* key, const char* value, ErrorCode code) {
            QTest::addRow("%s %s", key, value) << QString(key) << QString(value) << static_cast<int>(code);
        };
        row("captions", "1", ErrorCode::InvalidRequest);
        row("captions", "\"3\"", ErrorCode::InvalidRequest);
        row("reference", "1", ErrorCode::InvalidRequest);
        row("batch", "0", ErrorCode::InvalidRequest);
        row("seed", "-1", ErrorCode::InvalidRequest);
        row("guidance", "-1", ErrorCode::InvalidRequest);
        row("guidance", "50", ErrorCode::InvalidRequest);
        row("temperature", "50", ErrorCode::InvalidRequest);
        row("method", "\"guess\"", ErrorCode::InvalidRequest);
        row("captionss", "3", ErrorCode::InvalidRequest);
        row("judge", "\"\"", ErrorCode::InvalidRequest);
        row("judge", "\"/nowhere\"", ErrorCode::NotFound);
        row("modelFolder", "\"/nowhere\"", ErrorCode::NotFound);
    }
    void mistakesAreTold()
    {
        QFETCH(QString, key);
        QFETCH(QString, value);
        QFETCH(int, code);
        nlohmann::json wrong = options();
        wrong[key.toStdString()] = nlohmann::json::parse(value.toStdString());
        CountingSink sink;
        const auto record = benchAdherence(wrong, sink, {});
        QVERIFY(!record);
        QCOMPARE(static_cast<int>(record.error().code), code);
        QVERIFY(record.error().message.ends_with('.'));
    }

    void aWindowBeyondThePictureIsRefused()
    {
        nlohmann::json wide = options();
        wide["method"] = "sjd";
        wide["window"] = 257;
        CountingSink sink;
        const auto record = benchAdherence(wide, sink, {});
        QVERIFY(!record && record.error().message.find("between 1 and 256") != std::string::npos);
        QVERIFY(sink.fractions.empty());
    }

    void aModelOfOtherPicturesIsRefused()
    {
        nlohmann::json small = options();
        small["modelFolder"] = pathOf("small");
        CountingSink sink;
        const auto record = benchAdherence(small, sink, {});
        QVERIFY(!record);
        QCOMPARE(record.error().code, ErrorCode::Unsupported);
    }
};

JACOBI_TEST(BenchAdherenceTest)
#include "tst_benchadherence.moc"
