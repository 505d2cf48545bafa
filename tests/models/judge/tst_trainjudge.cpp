// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/judge/judge.h"
#include "models/judge/judgetrainer.h"
#include "models/judge/trainjudge.h"
#include "models/scenes/tensorfile.h"
#include "models/training/scene.h"
#include "tests/models/scenes/tinyscenes.h"
#include "tests/testmain.h"

#include <QTemporaryDir>

#include <ATen/ATen.h>
#include <nlohmann/json.hpp>

#include <algorithm>

using namespace jacobi;
using namespace jacobi::test;

namespace {

nlohmann::json tinyOptions(const QTemporaryDir& folder)
{
    return {{"out", folder.filePath("out").toStdString()},
            {"work", folder.filePath("work").toStdString()},
            {"seed", 3},
            {"steps", 4},
            {"batch", 2},
            {"validationPictures", 2},
            {"validateEvery", 2},
            {"measuredPictures", 6}};
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

class TrainJudgeTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void picturesComeWithWhatIsToBeSeen()
    {
        const JudgedPictures batch = drawJudged(1, SceneStream::Judge, 5, 3);
        QCOMPARE(batch.pictures.sizes().vec(), (std::vector<std::int64_t>{3, 3, kJudgeSide, kJudgeSide}));
        const SceneExample example = drawScene(streamSeed(1, SceneStream::Judge), 7, 128, SceneSet::All, Placing::Free);
        for (std::size_t i = 0; i < kJudgedCount; ++i) {
            QCOMPARE(batch.labels[2][static_cast<std::int64_t>(i)].item<int>(), example.values[i]);
        }
        QVERIFY(std::equal(example.rgb.begin(), example.rgb.end(), batch.pictures[2].const_data_ptr<float>()));
        QVERIFY(!at::equal(batch.pictures, drawJudged(1, SceneStream::JudgeValidation, 5, 3).pictures));
    }

    void disturbingIsMildAndRepeats()
    {
        const at::Tensor pictures = drawJudged(1, SceneStream::Judge, 0, 8).pictures;
        const at::Tensor changed = disturbed(pictures, 9);
        QVERIFY(at::equal(changed, disturbed(pictures, 9)));
        QVERIFY(!at::equal(changed, disturbed(pictures, 10)));
        QVERIFY(changed.min().item<double>() >= 0.0 && changed.max().item<double>() <= 1.0);
        const double moved = (changed - pictures).abs().mean().item<double>();
        QVERIFY2(moved > 1e-4 && moved < 0.05, qPrintable(QString::number(moved)));
    }

    void aFewStepsTeachItAFewPictures()
    {
        TrainJudgeOptions options;
        JudgeTrainer trainer(options, startTensors(judgeTensors(), 1));
        const JudgedPictures few = drawJudged(1, SceneStream::Judge, 0, 8);
        const double before = trainer.trainOn(few, 0.0);
        double after = before;
        for (int i = 0; i < 40; ++i) {
            after = trainer.trainOn(few, 1.0);
        }
        QVERIFY2(after < 0.1 * before, qPrintable(QString("%1 -> %2").arg(before).arg(after)));
    }

    void aRunGivesAJudgeThatLoads()
    {
        const QTemporaryDir folder;
        StoppingSink sink;
        const auto figures = trainJudge(tinyOptions(folder), sink, {});
        QVERIFY2(figures, figures ? "" : (figures.error().message + figures.error().detail).c_str());
        QCOMPARE((*figures)["pictures"].get<int>(), 8);
        const auto attributes = (*figures)["measured"]["attributes"];
        QCOMPARE(attributes.size(), kJudgedCount);
        QCOMPARE(attributes["time"]["asked"].get<int>(), 6);
        const auto judge = Judge::load(folder.filePath("out").toStdString());
        QVERIFY2(judge, judge ? "" : judge.error().message.c_str());
    }

    void aStoppedRunEndsAsIfItHadNotBeenStopped()
    {
        const QTemporaryDir whole;
        const QTemporaryDir parts;
        StoppingSink quiet;
        QVERIFY(trainJudge(tinyOptions(whole), quiet, {}));
        bool finished = false;
        for (int attempt = 0; attempt < 8 && !finished; ++attempt) {
            StoppingSink sink;
            sink.stop = true; // at the report after the first step of every start
            const auto done = trainJudge(tinyOptions(parts), sink, sink.source.get_token());
            finished = done.has_value();
            QVERIFY(finished || done.error().code == ErrorCode::Cancelled);
            QVERIFY(attempt > 0 || !finished);
        }
        QVERIFY(finished);
        const auto read = [](const QTemporaryDir& folder) {
            return readTensors(folder.filePath("out/judge.safetensors").toStdString(), judgeTensors(), at::kFloat);
        };
        const auto a = read(whole);
        const auto b = read(parts);
        QVERIFY(a && b);
        for (const auto& [name, tensor] : *a) {
            QVERIFY2(worst(tensor, b->at(name)) < 1e-3, name.c_str());
        }
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
        row("steps", "0");
        row("steps", "2.5");
        row("batch", "0");
        row("threads", "0");
        row("seed", "-1");
        row("resume", "1");
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
        const auto done = trainJudge(options, sink, {});
        QVERIFY(!done);
        QCOMPARE(done.error().code, ErrorCode::InvalidRequest);
        QVERIFY2(QString::fromStdString(done.error().message).contains(key), done.error().message.c_str());
    }

    void optionsSurviveTheRoundTrip()
    {
        const QTemporaryDir folder;
        const auto options = trainJudgeOptionsFromJson(tinyOptions(folder));
        QVERIFY(options);
        const auto again = trainJudgeOptionsFromJson(toJson(*options));
        QVERIFY(again);
        QCOMPARE(toJson(*again).dump(), toJson(*options).dump());
        QVERIFY(!trainJudgeOptionsFromJson(nlohmann::json::array()));
    }
};

JACOBI_TEST(TrainJudgeTest)
#include "tst_trainjudge.moc"
