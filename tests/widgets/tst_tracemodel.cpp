// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/testmain.h"
#include "tests/widgets/stage.h"

#include <QSignalSpy>

#include <cmath>
#include <limits>

using namespace jacobi;
using namespace jacobi::test;

namespace {

// More passes than fit between two of the model's snapshots.
MadeTrace longRun()
{
    MadeTrace made;
    made.rows = 12;
    made.columns = 10;
    made.acceptance = 0.3;
    return made;
}

// Three passes over eight positions: a first window, one draft redrawn and one accepted, one replaced.
Trace threePasses()
{
    Trace trace;
    trace.header = makeHeader(2, 4);
    const auto first = makeStep(0, {1, 2, 3}, 1);
    first->state = {TokenState::Bonus, TokenState::New, TokenState::New};
    const auto second = makeStep(1, {2, 5, 6}, 2);
    second->state = {TokenState::Accepted, TokenState::Redrawn, TokenState::New};
    second->draft = {2, 3, -1};
    second->p = {0.5F, 0.25F, std::numeric_limits<float>::quiet_NaN()};
    const auto third = makeStep(2, {7, 6, 8}, 3);
    third->state = {TokenState::Resampled, TokenState::Kept, TokenState::Noisy};
    third->topK.resize(3);
    third->topK[0][0] = {7, 0.4F, 0.2F};
    third->topK[0][2] = {5, 0.1F, 0.7F};
    trace.steps = {first, second, third};
    return trace;
}

// NaN equals NaN here.
bool same(float a, float b)
{
    return a == b || (std::isnan(a) && std::isnan(b));
}

void compare(const TraceModel& a, const TraceModel& b)
{
    QCOMPARE(a.passes(), b.passes());
    QCOMPARE(a.positions(), b.positions());
    QCOMPARE(a.maxAcceptedInPass(), b.maxAcceptedInPass());
    QCOMPARE(a.hasTopK(), b.hasTopK());
    QCOMPARE(a.hasEntropy(), b.hasEntropy());
    QCOMPARE(a.finalPicture(), b.finalPicture());
    for (int pass = -1; pass <= a.passes(); ++pass) {
        QCOMPARE(a.committedEnd(pass), b.committedEnd(pass));
        QCOMPARE(a.secondsUntil(pass), b.secondsUntil(pass));
        QCOMPARE(a.tokensAfter(pass), b.tokensAfter(pass));
        QCOMPARE(a.compose(pass), b.compose(pass));
        for (int position = 0; position < a.positions(); ++position) {
            QCOMPARE(a.stateAt(pass, position), b.stateAt(pass, position));
            QCOMPARE(a.changesOf(position, pass), b.changesOf(position, pass));
        }
    }
    for (int position = 0; position < a.positions(); ++position) {
        QCOMPARE(a.passOfAcceptance(position), b.passOfAcceptance(position));
        const auto left = a.history(position);
        const auto right = b.history(position);
        QCOMPARE(left.size(), right.size());
        for (std::size_t at = 0; at < left.size(); ++at) {
            QCOMPARE(left[at].pass, right[at].pass);
            QCOMPARE(left[at].token, right[at].token);
            QVERIFY(same(left[at].p, right[at].p) && same(left[at].u, right[at].u));
        }
    }
}

} // namespace

class TraceModelTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void emptySaysNothing()
    {
        const TraceModel model;
        QVERIFY(model.isEmpty() && !model.isLive() && !model.isFinished());
        QCOMPARE(model.passes(), 0);
        QCOMPARE(model.positions(), 0);
        QCOMPARE(model.committed(), 0);
        QCOMPARE(model.tokensPerPass(), 0.0);
        QCOMPARE(model.secondsUntil(3), 0.0);
        QVERIFY(model.compose(0).isNull() && model.finalPicture().isNull());
        QVERIFY(model.history(0).empty() && model.tokensAfter(0).empty());
        QCOMPARE(model.stateAt(0, 0), CellState::Outside);
    }

    void appendedAndSetWholeAreTheSame()
    {
        const Trace trace = makeTrace(longRun());
        TraceModel whole;
        whole.setTrace(trace);
        TraceModel grown;
        grown.appendHeader(trace.header);
        for (const auto& step : trace.steps) {
            grown.appendStep(step);
        }
        for (const auto& preview : trace.previews) {
            grown.appendPreview(preview);
        }
        grown.appendSummary(*trace.summary);
        QVERIFY(whole.passes() > 70);
        compare(whole, grown);
        QCOMPARE(whole.trace().steps.size(), grown.trace().steps.size());
        QCOMPARE(whole.trace().previews.size(), grown.trace().previews.size());
        QVERIFY(whole.trace().summary == grown.trace().summary);
    }

    void aSecondTraceLeavesNothingOfTheFirst()
    {
        MadeTrace small;
        small.withTopK = false;
        small.withEntropy = false;
        TraceModel fresh;
        fresh.setTrace(makeTrace(small));
        TraceModel used;
        used.setTrace(makeTrace(longRun()));
        used.setTrace(makeTrace(small));
        compare(fresh, used);
        used.clear();
        QVERIFY(used.isEmpty() && used.passes() == 0 && used.positions() == 0 && !used.hasTopK());
    }

    void tokensAfterIsWhatTheStepsWrote()
    {
        const Trace trace = makeTrace(longRun());
        TraceModel model;
        model.setTrace(trace);
        std::vector<std::int32_t> tokens(trace.header->layout.positions(), -1);
        QCOMPARE(model.tokensAfter(-1), tokens);
        for (int pass = 0; pass < model.passes(); ++pass) {
            const Step& step = *trace.steps[static_cast<std::size_t>(pass)];
            std::copy(step.token.begin(), step.token.end(), tokens.begin() + step.begin);
            QCOMPARE(model.tokensAfter(pass), tokens);
            for (int position = 0; position < model.positions(); ++position) {
                QCOMPARE(model.tokenAt(pass, position), tokens[static_cast<std::size_t>(position)]);
            }
        }
        QCOMPARE(model.tokensAfter(model.passes() + 5), tokens);
    }

    void statesOfCells()
    {
        TraceModel model;
        model.setTrace(threePasses());
        const std::vector<std::vector<CellState>> expected = {
            {CellState::AcceptedNow, CellState::New, CellState::New, CellState::Outside, CellState::Outside},
            {CellState::AcceptedBefore, CellState::AcceptedNow, CellState::Redrawn, CellState::New, CellState::Outside},
            {CellState::AcceptedBefore, CellState::AcceptedBefore, CellState::AcceptedNow, CellState::Kept,
             CellState::Noisy},
        };
        for (int pass = 0; pass < 3; ++pass) {
            for (int position = 0; position < 5; ++position) {
                QCOMPARE(model.stateAt(pass, position),
                         expected[static_cast<std::size_t>(pass)][static_cast<std::size_t>(position)]);
            }
        }
        QCOMPARE(model.stateAt(-1, 0), CellState::Outside);
        QCOMPARE(model.stateAt(3, 0), CellState::Outside);
        QCOMPARE(model.stateAt(0, -1), CellState::Outside);
        QCOMPARE(model.stateAt(0, 8), CellState::Outside);
    }

    void statesWithoutTheirColumnComeFromTheTokens()
    {
        Trace trace = threePasses();
        for (auto& step : trace.steps) {
            auto bare = std::make_shared<Step>(*step);
            bare->state.clear();
            step = bare;
        }
        TraceModel model;
        model.setTrace(trace);
        QCOMPARE(model.stateAt(0, 1), CellState::New);
        QCOMPARE(model.stateAt(1, 2), CellState::Redrawn);
        QCOMPARE(model.stateAt(2, 3), CellState::Kept);
        QCOMPARE(model.stateAt(2, 2), CellState::AcceptedNow);
    }

    void acceptanceChangesAndHistory()
    {
        TraceModel model;
        model.setTrace(threePasses());
        QCOMPARE(model.committed(), 3);
        QCOMPARE(model.committedEnd(-1), 0);
        QCOMPARE(model.committedEnd(99), 3);
        QCOMPARE(model.acceptedInPass(1), 1);
        QCOMPARE(model.tokensPerPass(), 1.0);
        QCOMPARE(model.passOfAcceptance(2), 2);
        QCOMPARE(model.passOfAcceptance(3), -1);
        QCOMPARE(model.passOfAcceptance(99), -1);
        QCOMPARE(model.changesOf(2), 2); // 3, 5, 7: the first draw is no change
        QCOMPARE(model.changesOf(2, 1), 1);
        QCOMPARE(model.changesOf(2, 0), 0);
        QCOMPARE(model.changesOf(3), 0);
        QCOMPARE(model.changesOf(7), 0);

        const auto history = model.history(2);
        QCOMPARE(history.size(), std::size_t{3});
        QCOMPARE(history[1].token, 5);
        QCOMPARE(history[1].draft, 3);
        QCOMPARE(history[1].state, TokenState::Redrawn);
        QCOMPARE(history[1].p, 0.25F);
        QVERIFY(std::isnan(history[1].q) && std::isnan(history[1].entropy));
        QVERIFY(model.history(7).empty());
        QCOMPARE(model.momentAt(2, 0).pass, 0); // the last pass whose window held it
        QCOMPARE(model.momentAt(2, 7).pass, -1);
    }

    void candidatesAreTheUsedSlots()
    {
        TraceModel model;
        model.setTrace(threePasses());
        const auto candidates = model.candidatesAt(2, 2);
        QCOMPARE(candidates.size(), std::size_t{2});
        QCOMPARE(candidates[1].code, 5);
        QVERIFY(model.candidatesAt(2, 3).empty());
        QVERIFY(model.candidatesAt(1, 2).empty()); // no such column there
        QVERIFY(model.candidatesAt(9, 2).empty());
    }

    void secondsAreTheStepsOwn()
    {
        TraceModel model;
        model.appendHeader(makeHeader(1, 4));
        for (int pass = 0; pass < 3; ++pass) {
            model.appendStep(makeStep(0, {1}, 0));
        }
        const auto broken = makeStep(0, {1}, 0);
        broken->forwardNs = std::numeric_limits<std::int64_t>::min();
        model.appendStep(broken);
        QCOMPARE(model.secondsUntil(-1), 0.0);
        QCOMPARE(model.secondsUntil(1), 0.004);
        QCOMPARE(model.secondsUntil(3), 0.0065); // no step takes less than nothing
    }

    void signalsOfARun()
    {
        TraceModel model;
        QSignalSpy reset(&model, &TraceModel::reset);
        QSignalSpy added(&model, &TraceModel::passesAdded);
        QSignalSpy finished(&model, &TraceModel::finished);
        model.appendHeader(makeHeader(2, 4));
        QVERIFY(model.isLive() && !model.isFinished() && !model.isEmpty());
        const Trace trace = threePasses();
        model.appendSteps(trace.steps);
        QCOMPARE(added.size(), 1);
        QCOMPARE(added[0][0].toInt(), 0);
        QCOMPARE(added[0][1].toInt(), 3);
        model.appendSteps({});
        model.appendStep(nullptr);
        QCOMPARE(added.size(), 1);
        QCOMPARE(finished.size(), 0);
        model.appendSummary({});
        QCOMPARE(finished.size(), 1);
        QVERIFY(!model.isLive() && model.isFinished());
        QCOMPARE(reset.size(), 1);
    }

    void aCutTraceIsFinished()
    {
        MadeTrace made;
        made.maxPasses = 4;
        Trace trace = makeTrace(made);
        QVERIFY(!trace.summary.has_value());
        trace.damage = "The file ends in the middle of a record.";
        TraceModel model;
        QSignalSpy finished(&model, &TraceModel::finished);
        model.setTrace(trace);
        QCOMPARE(model.passes(), 4);
        QVERIFY(model.isFinished() && !model.trace().summary.has_value());
        QCOMPARE(model.trace().damage, trace.damage);
        QCOMPARE(finished.size(), 1);
        QVERIFY(model.committed() < model.positions());
        QVERIFY(!model.compose(3).isNull());
    }
};

JACOBI_TEST(TraceModelTest)
#include "tst_tracemodel.moc"
