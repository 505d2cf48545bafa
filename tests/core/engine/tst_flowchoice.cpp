// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/flowchoice.h"

#include "core/engine/flowtrial.h"
#include "core/engine/flowtuning.h"
#include "core/engine/stagedprogress.h"
#include "tests/core/engine/fakeflow.h"
#include "tests/testmain.h"

#include <chrono>
#include <map>
#include <numeric>
#include <thread>
#include <utility>

using namespace jacobi;
using namespace jacobi::test;

namespace {

Result<FlowChoice> measured(FlowFakes& fakes, const char* strategy, int pictures = 1, double guidance = 0.0,
                            const std::stop_token& stop = {})
{
    LoadedModel loaded = fakeFlowLoaded(fakes);
    RunRequest request = fakeFlowRequest("gs-jacobi");
    request.strategy = strategy;
    request.pictures = pictures;
    request.guidance = guidance;
    request.modelHash = "00aa";
    const ModelInfo model = fakeFlowModel();
    const RunContext context{request, model.layout, model.name, "CPU", model.classes};
    double last = 0.0;
    bool ascends = true;
    auto choice = measureFlow(loaded, context, stop, [&](double fraction) {
        ascends = ascends && fraction >= last && fraction <= 1.0;
        last = fraction;
    });
    if (choice && (!ascends || last != 1.0)) {
        return fail(ErrorCode::Internal, "Its progress went backwards or did not end.");
    }
    return choice;
}

} // namespace

class FlowChoiceTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void fewestPassesKeepTheAccuracyOnOtherLatents_data()
    {
        QTest::addColumn<int>("pictures");
        QTest::addColumn<double>("guidance");
        QTest::addColumn<double>("strength");
        QTest::newRow("one") << 1 << 0.0 << 0.5;
        QTest::newRow("several, guided") << 5 << 2.0 << 0.5;
        QTest::newRow("tokens that depend on each other much") << 1 << 0.0 << 2.0;
    }
    void fewestPassesKeepTheAccuracyOnOtherLatents()
    {
        QFETCH(int, pictures);
        QFETCH(double, guidance);
        QFETCH(double, strength);
        FlowFakes fakes;
        fakes.strength = strength;
        const auto choice = measured(fakes, kAutoPasses, pictures, guidance);
        QVERIFY2(choice.has_value(), choice ? "" : choice.error().message.c_str());
        QVERIFY(checkFlowStrategy(choice->strategy, 3, 6));
        QCOMPARE(choice->strategy.modelHash, std::string("00aa"));
        QCOMPARE(choice->strategy.batch, static_cast<std::uint32_t>(pictures));
        QCOMPARE(choice->sequentialPasses, 15.0);
        QVERIFY(choice->passes <= choice->sequentialPasses);
        QVERIFY(choice->error < kFlowAccuracy);
        const double sum = std::accumulate(choice->blockPasses.begin(), choice->blockPasses.end(), 0.0);
        QVERIFY(std::abs(sum - choice->passes) < 1e-9);

        LoadedModel loaded = fakeFlowLoaded(fakes);
        FlowSettings settings;
        settings.guidance = guidance;
        FlowTrials trials(loaded, settings, 2, pictures, {});
        for (std::uint64_t seed : {5000U, 6000U, 7000U}) {
            const auto exact = trials.whole(seed, everyBlock(3, {}));
            const auto with = trials.whole(seed, choice->strategy);
            QVERIFY(exact.has_value() && with.has_value());
            QVERIFY(largestDifference(exact->picture, with->picture) < kFlowAccuracy);
        }
    }

    void tokensThatDependOnNothingTakeFewPasses()
    {
        FlowFakes fakes;
        fakes.strength = 1e-3;
        const auto choice = measured(fakes, kAutoPasses);
        QVERIFY(choice.has_value());
        QVERIFY(choice->passes <= 2.0 * 3);
    }

    /// What it takes is the machine's; that it is a strategy that can run and is as exact as promised is not.
    void leastTimeKeepsTheAccuracy()
    {
        FlowFakes fakes;
        const auto choice = measured(fakes, kAutoTime, 2, 1.0);
        QVERIFY2(choice.has_value(), choice ? "" : choice.error().message.c_str());
        QVERIFY(checkFlowStrategy(choice->strategy, 3, 6));
        QVERIFY(choice->error < kFlowAccuracy);
        QVERIFY(choice->seconds <= choice->sequentialSeconds);
    }

    /// As on a GPU: a pass takes the same however many tokens it reads, and longer while it is not recorded.
    void passesAreTimedAsRunsWillFindThem()
    {
        std::map<std::pair<std::int64_t, std::int64_t>, int> passes;
        FlowFakes fakes;
        fakes.strength = 0.1;
        fakes.onRows = [&passes](std::int64_t block, std::int64_t count) {
            const bool isRecorded = passes[{block, count}]++ >= 3;
            std::this_thread::sleep_for(isRecorded ? std::chrono::microseconds(400) : std::chrono::milliseconds(6));
        };
        const auto fewest = measured(fakes, kAutoPasses, 64);
        passes.clear();
        const auto fastest = measured(fakes, kAutoTime, 64);
        QVERIFY(fewest.has_value() && fastest.has_value());
        QVERIFY(fewest->passes < 0.7 * fewest->sequentialPasses);
        QVERIFY(fastest->passes < 1.15 * fewest->passes);
        QVERIFY(fastest->error < kFlowAccuracy);
    }

    /// Nothing is looked for that cannot be faster.
    void slowPassesAreNotTunedForTime()
    {
        FlowFakes fakes;
        fakes.onRows = [](std::int64_t, std::int64_t count) {
            std::this_thread::sleep_for(std::chrono::microseconds(300 * count));
        };
        const auto choice = measured(fakes, kAutoTime, 64);
        QVERIFY(choice.has_value());
        QVERIFY(choice->strategy.blocks == everyBlock(3, {}).blocks);
        QCOMPARE(choice->passes, choice->sequentialPasses);
        QCOMPARE(choice->error, 0.0);
    }

    /// Jacobi as loose as can be is fast wherever a pass or two do for it. What counts is what it takes to be exact enough.
    void whatIsExactEnoughTooLateIsNotLookedFor()
    {
        FlowFakes fakes;
        fakes.strength = 0.8;
        fakes.onRows = [](std::int64_t, std::int64_t count) {
            std::this_thread::sleep_for(std::chrono::microseconds(100 + 200 * count));
        };
        const auto choice = measured(fakes, kAutoTime);
        QVERIFY(choice.has_value());
        QVERIFY(choice->passes >= 0.8 * choice->sequentialPasses);
        QVERIFY2(fakes.passes < 8000, qPrintable(QString::number(fakes.passes))); // 256 pictures alone take 20000
        QVERIFY(choice->error < kFlowAccuracy);
    }

    void progressGoesByTheTimeOfStages()
    {
        std::vector<double> told;
        StagedProgress progress([&](double fraction) { told.push_back(fraction); });
        progress.begin(1.0, 3.0);
        progress.tell(0.5);
        progress.tell(2.0);
        progress.begin(1.0, 1.0); // one stage fell away
        progress.tell(0.0);
        progress.tell(1.0);
        progress.tell(0.5);
        progress.begin(0.0, 0.0);
        progress.tell(1.0);
        progress.end();
        QCOMPARE(told, (std::vector<double>{0.125, 0.25, 0.25, 0.625, 0.625, 0.625, 1.0}));
    }

    /// A strategy serves all guidance up to what it was measured with.
    void itIsMeasuredWithTheMostGuidanceItServes()
    {
        QCOMPARE(measuredGuidance(0.0), 0.0);
        QCOMPARE(measuredGuidance(0.01), 0.5);
        QCOMPARE(measuredGuidance(2.0), 2.0);
        QCOMPARE(measuredGuidance(2.1), 2.5);
        FlowFakes fakes;
        const auto little = measured(fakes, kAutoPasses, 1, 1.6);
        const auto most = measured(fakes, kAutoPasses, 1, 2.0);
        QVERIFY(little.has_value() && most.has_value());
        QVERIFY(little->strategy == most->strategy);
    }

    void itCanBeStopped()
    {
        FlowFakes fakes;
        std::stop_source stop;
        fakes.onPass = [&](int pass) {
            if (pass == 40) {
                stop.request_stop();
            }
        };
        const auto choice = measured(fakes, kAutoPasses, 1, 0.0, stop.get_token());
        QVERIFY(!choice);
        QCOMPARE(choice.error().code, ErrorCode::Cancelled);
        QCOMPARE(fakes.passes, 41);
    }

    void passesOfABlockAreCounted()
    {
        FlowFakes fakes;
        fakes.strength = 1e-3;
        LoadedModel loaded = fakeFlowLoaded(fakes);
        const auto passes = measureBlockPasses(loaded, 2, {});
        QVERIFY(passes.has_value());
        QCOMPARE(passes->size(), std::size_t{3});
        for (const double count : *passes) {
            QVERIFY(count >= 1.0 && count <= 2.0);
        }
    }

    /// Guidance has nothing to do without a class, so what is tuned goes round them.
    void picturesGetTheClassesInTurn()
    {
        FlowFakes fakes;
        LoadedModel loaded = fakeFlowLoaded(fakes);
        using Labels = std::vector<std::int64_t>;
        QVERIFY((FlowTrials(loaded, {}, 2, 3, {}).exact(7)->labels == Labels{1, 0, 1}));
        QVERIFY((FlowTrials(loaded, {}, 0, 3, {}).exact(7)->labels.empty()));
    }

    /// Of each picture the iterate that is about as wrong as what is left.
    void errorsGrowAsTheyAreFoundToGrow()
    {
        FlowFakes fakes;
        LoadedModel loaded = fakeFlowLoaded(fakes);
        FlowTrials trials(loaded, {}, 0, 2, {});
        const auto exact = trials.exact(77);
        BlockTrajectory trajectory;
        for (const double wrong : {0.4, 0.02}) { // of the last block, whose renderer makes 0.3 of it
            trajectory.error.push_back({wrong, 0.0});
            trajectory.change.push_back({wrong, 0.0});
            trajectory.iterates.push_back(exact->outputs[0].clone());
            trajectory.iterates.back().select(0, 0) += wrong;
        }
        const auto growth = errorGrowth(trials, *exact, 0, trajectory);
        QVERIFY(growth.has_value());
        QVERIFY(std::abs(growth->at(0) - 0.3) < 1e-9);
        QCOMPARE(growth->at(1), 0.0); // was exact all the way
    }

    void anExactRunIsTheWholeRun()
    {
        FlowFakes fakes;
        LoadedModel loaded = fakeFlowLoaded(fakes);
        FlowTrials trials(loaded, {}, 2, 1, {});
        const auto exact = trials.exact(77);
        const auto whole = trials.whole(77, everyBlock(3, {}));
        QVERIFY(exact.has_value() && whole.has_value());
        QVERIFY(at::equal(exact->picture, whole->picture));
        const auto errors = trials.pictureErrors(*exact, 1, exact->outputs[1]);
        QCOMPARE(errors->size(), std::size_t{1});
        QCOMPARE(errors->front(), 0.0);
        const auto trajectory = trials.trajectory(*exact, 2, FlowStart::Zeros);
        QVERIFY(trajectory.has_value());
        QVERIFY(trajectory->error.back().front() < 1e-3);
        QCOMPARE(trajectory->error.size(), trajectory->change.size());
    }
};

JACOBI_TEST(FlowChoiceTest)
#include "tst_flowchoice.moc"
