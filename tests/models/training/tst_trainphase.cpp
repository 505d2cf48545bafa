// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/training/trainingphase.h"
#include "tests/models/scenes/tinyscenes.h"
#include "tests/testmain.h"

#include <QFile>
#include <QFileInfo>
#include <QTemporaryDir>

#include <nlohmann/json.hpp>

#include <cmath>
#include <functional>
#include <limits>

using namespace jacobi;
using namespace jacobi::test;

namespace {

/// A phase whose loss shows every number that training depends on: the step, the rate and the state.
class CountingPhase final : public TrainingPhase {
public:
    std::string name() const override { return "counting"; }
    std::int64_t batch() const override { return 4; }
    double step(std::int64_t index, double rate) override
    {
        m_sum += rate * static_cast<double>(index + 1);
        if (onStep) {
            onStep(index);
        }
        return index == infiniteAt ? std::numeric_limits<double>::infinity() : m_sum.item<double>();
    }
    double validate() override { return -m_sum.item<double>(); }
    TensorMap state() const override { return {{"sum", m_sum}}; }
    Result<void> restore(const TensorMap& state) override
    {
        m_sum = state.at("sum").clone();
        return {};
    }
    at::Tensor sheet(std::int64_t& columns) override
    {
        columns = 2;
        return at::zeros({3, 4, 6, 3}, at::kByte);
    }

    std::function<void(std::int64_t)> onStep;
    std::int64_t infiniteAt = -1;

private:
    at::Tensor m_sum = at::zeros({1}, at::kDouble);
};

struct RecordingSink final : ProgressSink {
    void progress(const JobProgress& progress) override { seen.push_back(progress); }
    std::vector<JobProgress> seen;
};

/// The curve without its column of seconds.
QList<QByteArray> curveOf(const QTemporaryDir& folder)
{
    QFile file(folder.filePath("counting.csv"));
    if (!file.open(QIODevice::ReadOnly)) {
        return {};
    }
    QList<QByteArray> lines;
    while (!file.atEnd()) {
        QList<QByteArray> cells = file.readLine().trimmed().split(',');
        cells.removeAt(1);
        lines.append(cells.join(','));
    }
    return lines;
}

PhaseSettings settingsOf(const QTemporaryDir& folder)
{
    PhaseSettings settings;
    settings.work = folder.path().toStdString();
    settings.steps = 12;
    settings.warmup = 2;
    settings.validateEvery = 5;
    return settings;
}

} // namespace

class TrainPhaseTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theRateRisesStaysAndFalls()
    {
        PhaseSettings settings;
        settings.warmup = 3;
        settings.constantUntil = 0.4;
        settings.finalRate = 0.03;
        QCOMPARE(rateAt(settings, 0, 0.0), 0.25);
        QCOMPARE(rateAt(settings, 3, 0.01), 1.0);
        QCOMPARE(rateAt(settings, 500, 0.4), 1.0);
        QVERIFY(std::abs(rateAt(settings, 500, 0.7) - 0.515) < 1e-12);
        QVERIFY(std::abs(rateAt(settings, 500, 1.0) - 0.03) < 1e-12);
    }

    void clippingKeepsTheDirection()
    {
        at::Tensor a = at::zeros({2}).requires_grad_();
        at::Tensor b = at::zeros({1}).requires_grad_();
        a.mutable_grad() = at::tensor({3.0F, 0.0F});
        b.mutable_grad() = at::tensor({4.0F});
        const at::Tensor none = at::zeros({1}).requires_grad_();
        clipGradients({{"a", a}, {"b", b}, {"none", none}}, 1.0); // of length 5
        QVERIFY(worst(a.grad(), at::tensor({0.6F, 0.0F})) < 1e-6);
        QVERIFY(worst(b.grad(), at::tensor({0.8F})) < 1e-6);
        clipGradients({{"a", a}, {"b", b}}, 2.0); // of length 1 now: left alone
        QVERIFY(worst(a.grad(), at::tensor({0.6F, 0.0F})) < 1e-6);
        QVERIFY(worst(b.grad(), at::tensor({0.8F})) < 1e-6);
    }

    void aPhaseWritesCurveCheckpointSheetAndProgress()
    {
        const QTemporaryDir folder;
        CountingPhase phase;
        RecordingSink sink;
        PhaseSettings settings = settingsOf(folder);
        settings.jobBegin = 0.2;
        settings.jobEnd = 0.6;
        const auto done = runPhase(phase, settings, sink, {});
        QVERIFY(done);
        QCOMPARE(done->steps, 12);
        QCOMPARE(done->validationLoss, phase.validate());
        const QList<QByteArray> curve = curveOf(folder);
        QCOMPARE(curve.size(), 13);
        QCOMPARE(curve[0], QByteArray("step,pictures,train_loss,validation_loss,learning_rate"));
        QVERIFY(curve[1].startsWith("1,4,0.333333,,"));
        QVERIFY(!curve[5].contains(",,"));
        QVERIFY(!curve[12].contains(",,"));
        QVERIFY(QFileInfo::exists(folder.filePath("counting.safetensors")));
        QVERIFY(QFileInfo(folder.filePath("counting.png")).size() > 50);
        QVERIFY(!sink.seen.empty());
        QVERIFY(std::abs(sink.seen.back().fraction - 0.6) < 1e-9);
        QVERIFY(sink.seen.back().line.find("step 12 of 12") != std::string::npos);
    }

    void aSheetIsOnlySampledWhereOneIsWanted()
    {
        const QTemporaryDir folder;
        CountingPhase phase;
        RecordingSink sink;
        PhaseSettings settings = settingsOf(folder);
        settings.sheetSeconds = 0.0;
        QVERIFY(runPhase(phase, settings, sink, {}));
        QVERIFY(QFileInfo::exists(folder.filePath("counting.safetensors")));
        QVERIFY(!QFileInfo::exists(folder.filePath("counting.png")));
    }

    void aStoppedPhaseGoesOnAsIfNothingHadHappened()
    {
        const QTemporaryDir whole;
        const QTemporaryDir parts;
        RecordingSink sink;
        CountingPhase uninterrupted;
        QVERIFY(runPhase(uninterrupted, settingsOf(whole), sink, {}));

        for (const std::int64_t stopAt : {0, 4, 5, 10}) {
            std::stop_source source;
            CountingPhase phase;
            phase.onStep = [&](std::int64_t index) {
                if (index == stopAt) {
                    source.request_stop();
                }
            };
            const auto stopped = runPhase(phase, settingsOf(parts), sink, source.get_token());
            QVERIFY(!stopped);
            QCOMPARE(stopped.error().code, ErrorCode::Cancelled);
        }
        CountingPhase last;
        QVERIFY(runPhase(last, settingsOf(parts), sink, {}));
        QCOMPARE(curveOf(parts), curveOf(whole));
        QCOMPARE(last.validate(), uninterrupted.validate());
    }

    void linesBehindTheCheckpointAreForgotten()
    {
        const QTemporaryDir folder;
        RecordingSink sink;
        std::stop_source source;
        CountingPhase phase;
        phase.onStep = [&](std::int64_t index) {
            if (index == 3) {
                source.request_stop();
            }
        };
        QVERIFY(!runPhase(phase, settingsOf(folder), sink, source.get_token()));
        { // As if the power had gone after two more steps that no checkpoint holds.
            QFile file(folder.filePath("counting.csv"));
            QVERIFY(file.open(QIODevice::Append));
            file.write("5,1.0,20,99.0,,1\n6,1.0,2");
        }
        CountingPhase again;
        QVERIFY(runPhase(again, settingsOf(folder), sink, {}));
        const QList<QByteArray> curve = curveOf(folder);
        QCOMPARE(curve.size(), 13);
        QVERIFY(!curve.join('\n').contains("99.0"));
    }

    void withoutResumeAPhaseStartsAgain()
    {
        const QTemporaryDir folder;
        RecordingSink sink;
        CountingPhase first;
        QVERIFY(runPhase(first, settingsOf(folder), sink, {}));
        PhaseSettings settings = settingsOf(folder);
        settings.steps = 3;
        settings.resume = false;
        CountingPhase second;
        QVERIFY(runPhase(second, settings, sink, {}));
        QCOMPARE(curveOf(folder).size(), 4);
    }

    /// What was learnt with other settings is not passed off as learnt with these; how long and how fast may change.
    void aCheckpointOfOtherSettingsIsRefused()
    {
        const QTemporaryDir folder;
        RecordingSink sink;
        nlohmann::json options{{"seed", 1}, {"adamRate", 0.003}, {"steps", 12}, {"threads", 1}, {"initFrom", "/a/scenes/"}};
        PhaseSettings settings = settingsOf(folder);
        settings.recipe = recipeOf(options);
        CountingPhase first;
        QVERIFY(runPhase(first, settings, sink, {}));
        const QByteArray curve = curveOf(folder).join('\n');

        options["adamRate"] = 0.1;
        options["seed"] = 2;
        settings.recipe = recipeOf(options);
        CountingPhase second;
        second.onStep = [](std::int64_t) { QFAIL("stepped"); };
        const auto refused = runPhase(second, settings, sink, {});
        QVERIFY(!refused);
        const QString message = QString::fromStdString(refused.error().message);
        QVERIFY2(message.contains("adamRate, seed") && message.contains("--fresh"), qPrintable(message));
        QCOMPARE(curveOf(folder).join('\n'), curve);

        options = {{"seed", 1}, {"adamRate", 0.003}, {"steps", 15}, {"threads", 2}, {"initFrom", "scenes"}};
        settings.recipe = recipeOf(options);
        settings.steps = 15;
        CountingPhase longer;
        const auto done = runPhase(longer, settings, sink, {});
        QVERIFY(done);
        QCOMPARE(done->steps, 15);
    }

    /// Also of one from before placing, or any recipe, was recorded.
    void aCheckpointOfPicturesPlacedOtherwiseIsRefused()
    {
        const nlohmann::json options{{"seed", 1}};
        for (const std::string& before : {recipeOf(options), recipeOf({{"seed", 2}}), std::string()}) {
            const QTemporaryDir folder;
            RecordingSink sink;
            PhaseSettings settings = settingsOf(folder);
            settings.recipe = before;
            CountingPhase first;
            QVERIFY(runPhase(first, settings, sink, {}));

            settings.recipe = recipeOf(options, Placing::Composed);
            CountingPhase second;
            const auto refused = runPhase(second, settings, sink, {});
            QVERIFY(!refused);
            QCOMPARE(refused.error().code, ErrorCode::InvalidRequest);
            const QString message = QString::fromStdString(refused.error().message);
            QVERIFY2(message.contains("placed differently") && message.contains("--fresh") &&
                         message.contains("--init-from"),
                     qPrintable(message));

            settings.resume = false;
            QVERIFY(runPhase(second, settings, sink, {}));
            settings.resume = true;
            CountingPhase third;
            QVERIFY(runPhase(third, settings, sink, {}));
        }
    }

    /// What always learned from freely placed pictures goes on with its checkpoints.
    void aCheckpointWithoutARecipeIsOfFreePlacing()
    {
        const QTemporaryDir folder;
        RecordingSink sink;
        CountingPhase first;
        QVERIFY(runPhase(first, settingsOf(folder), sink, {}));
        PhaseSettings settings = settingsOf(folder);
        settings.recipe = recipeOf({{"seed", 1}});
        CountingPhase second;
        QVERIFY(runPhase(second, settings, sink, {}));
    }

    void aFinishedPhaseIsNotRunAgain()
    {
        const QTemporaryDir folder;
        RecordingSink sink;
        CountingPhase first;
        QVERIFY(runPhase(first, settingsOf(folder), sink, {}));
        CountingPhase second;
        second.onStep = [](std::int64_t) { QFAIL("stepped"); };
        const auto done = runPhase(second, settingsOf(folder), sink, {});
        QVERIFY(done);
        QCOMPARE(done->steps, 12);
        QCOMPARE(second.validate(), first.validate());
        QCOMPARE(curveOf(folder).size(), 13);
    }

    void minutesEndAPhaseToo()
    {
        const QTemporaryDir folder;
        RecordingSink sink;
        PhaseSettings settings = settingsOf(folder);
        settings.steps = 0;
        settings.minutes = 0.001;
        CountingPhase phase;
        const auto done = runPhase(phase, settings, sink, {});
        QVERIFY(done);
        QVERIFY(done->steps >= 1);
        QVERIFY(done->seconds >= 0.06);
    }

    void runningOffToInfinityIsAnError()
    {
        const QTemporaryDir folder;
        RecordingSink sink;
        CountingPhase phase;
        phase.infiniteAt = 2;
        const auto done = runPhase(phase, settingsOf(folder), sink, {});
        QVERIFY(!done);
        QCOMPARE(done.error().code, ErrorCode::Numeric);
    }

    void aDamagedCheckpointAndAFolderThatIsNotThere()
    {
        const QTemporaryDir folder;
        RecordingSink sink;
        QFile file(folder.filePath("counting.safetensors"));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write("not a checkpoint");
        file.close();
        CountingPhase phase;
        QVERIFY(!runPhase(phase, settingsOf(folder), sink, {}));
        PhaseSettings settings = settingsOf(folder);
        settings.work /= "missing";
        const auto done = runPhase(phase, settings, sink, {});
        QVERIFY(!done);
        QCOMPARE(done.error().code, ErrorCode::Io);
    }
};

JACOBI_TEST(TrainPhaseTest)
#include "tst_trainphase.moc"
