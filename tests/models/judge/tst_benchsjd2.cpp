// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/judge/benchsjd2.h"

#include "models/judge/judge.h"
#include "models/training/exportscenes.h"
#include "models/training/scene.h"
#include "models/training/traindenoising.h"
#include "tests/models/scenes/tinyscenes.h"
#include "tests/testmain.h"

#include <QTemporaryDir>

#include <ATen/ATen.h>
#include <nlohmann/json.hpp>

#include <filesystem>

using namespace jacobi;
using namespace jacobi::test;

namespace {

struct QuietSink final : ProgressSink {
    void progress(const JobProgress&) override { ++reports; }
    int reports = 0;
};

} // namespace

/// The bench with a model and a judge that have learnt nothing.
class BenchSjd2Test : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;

    std::string pathOf(const char* name) const { return m_folder.filePath(name).toStdString(); }
    nlohmann::json options() const
    {
        return {{"model", "tuned"},
                {"modelFolder", pathOf("tuned")},
                {"judge", pathOf("judge")},
                {"captions", 2},
                {"batch", 1},
                {"window", 24},
                {"windows", {12}},
                {"noiseSteps", {1, 2}}};
    }

private Q_SLOTS:
    void initTestCase()
    {
        at::manual_seed(5);
        ScenesConfig config = tinyConfig();
        config.layers = 1;
        config.gridRows = config.gridColumns = 16;
        config.words = sceneWords();
        config.prefix = longestSceneCaption() + 1;
        for (const char* name : {"base", "tuned", "judge"}) {
            std::filesystem::create_directories(pathOf(name));
        }
        QVERIFY(exportScenes(pathOf("base"), config, randomTensors(tokenizerTensors(config)),
                             randomTensors(transformerTensors(config))));
        ScenesNoise noise;
        noise.rank = 2;
        TensorMap weights = startTensors(differenceTensors(config, noise), 1);
        weights.merge(startTensors(noiseTensors(config, noise), 2));
        QVERIFY(exportDenoising(pathOf("tuned"), pathOf("base"), noise, weights));
        QVERIFY(exportJudge(pathOf("judge"), randomTensors(judgeTensors())));
    }

    void rowsCompareTheParts()
    {
        QuietSink sink;
        const auto record = benchSjd2(options(), sink, {});
        QVERIFY2(record, record ? "" : (record.error().message + record.error().detail).c_str());
        QCOMPARE(sink.reports, 2);
        const nlohmann::json& rows = (*record)["rows"];
        // sequential; three couplings of SJD and two schedules each; two ablations of two couplings; another window.
        QCOMPARE(rows.size(), std::size_t{1 + 3 * 3 + 4 + 3});
        QCOMPARE(rows[0]["tokens_per_pass"].get<double>(), 1.0);
        int unrefined = 0;
        int plain = 0;
        for (const nlohmann::json& row : rows) {
            QVERIFY(row["tokens_per_pass"].get<double>() >= 1.0);
            QVERIFY(row["adherence"].get<double>() >= 0.0);
            unrefined += row["refines"].get<bool>() ? 0 : 1;
            plain += row["normalises"].get<bool>() ? 0 : 1;
            if (row["method"] == "sjd" && row["coupling"] == "maximal") {
                QCOMPARE(row["to_maximal"].get<double>(), 1.0);
                QCOMPARE(row["to_maximal_se"].get<double>(), 0.0);
            }
        }
        QCOMPARE(unrefined, 2);
        QCOMPARE(plain, 2);
    }

    void whatCannotBeMeasuredIsSaid()
    {
        QuietSink sink;
        nlohmann::json tokensOnly = options();
        tokensOnly["modelFolder"] = pathOf("base");
        const auto refused = benchSjd2(tokensOnly, sink, {});
        QVERIFY(!refused && refused.error().message.find("not trained to read noise") != std::string::npos);
        nlohmann::json unknown = options();
        unknown["steps"] = 3;
        QVERIFY(!benchSjd2(unknown, sink, {}));
        const auto says = [&](const char* key, const nlohmann::json& value, const char* part) {
            nlohmann::json wrong = options();
            wrong[key] = value;
            const auto told = benchSjd2(wrong, sink, {});
            return !told && told.error().message.find(part) != std::string::npos;
        };
        QVERIFY(says("window", 257, "window is 257, but must be between 1 and 256"));
        QVERIFY(says("windows", {12, 300}, "window is 300"));
        QVERIFY(says("noiseSteps", {1, 900}, "noise steps is 900"));
        QVERIFY(says("guidance", 50, "guidance"));
        QVERIFY(says("plainModelFolder", pathOf("base"), "without normalisation was not trained to read noise"));
        QVERIFY(says("plainModelFolder", "/nowhere", "/nowhere"));
        QCOMPARE(sink.reports, 0); // nothing was generated
        std::stop_source stop;
        stop.request_stop();
        const auto stopped = benchSjd2(options(), sink, stop.get_token());
        QVERIFY(!stopped && stopped.error().code == ErrorCode::Cancelled);
    }
};

JACOBI_TEST(BenchSjd2Test)
#include "tst_benchsjd2.moc"
