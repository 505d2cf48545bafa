// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/testmain.h"
#include "tests/widgets/stage.h"

#include <limits>
#include <random>

using namespace jacobi;
using namespace jacobi::test;

namespace {

constexpr std::uint32_t kMost = std::numeric_limits<std::uint32_t>::max();

// Everything views ask, of every cell and a little beyond: nothing may fall over, the invariants must hold.
void askEverything(const TraceModel& model)
{
    int before = 0;
    for (int pass = -1; pass <= model.passes(); ++pass) {
        QVERIFY(model.committedEnd(pass) >= before);
        QVERIFY(model.committedEnd(pass) <= model.positions());
        before = model.committedEnd(pass);
        QCOMPARE(static_cast<int>(model.tokensAfter(pass).size()), model.positions());
        const QImage picture = model.compose(pass);
        QCOMPARE(picture.isNull(), model.pictureSize().isEmpty());
        QVERIFY(picture.isNull() || picture.size() == model.pictureSize());
        if (pass >= 0 && pass < model.passes()) {
            QVERIFY(model.windowBegin(pass) <= model.windowEnd(pass));
            QVERIFY(model.windowEnd(pass) <= model.positions());
        }
        for (int position = -1; position <= model.positions(); ++position) {
            const auto state = static_cast<int>(model.stateAt(pass, position));
            QVERIFY(state >= 0 && state <= static_cast<int>(CellState::Noisy));
            QVERIFY(model.momentAt(pass, position).pass < model.passes());
            QVERIFY(model.candidatesAt(pass, position).size() <= 8);
            QVERIFY(model.changesOf(position, pass) >= 0);
        }
    }
}

} // namespace

/// Traces may come from anywhere.
class TraceModelHostileTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void windowsAreClippedToTheLayout()
    {
        TraceModel model;
        model.appendHeader(makeHeader(2, 4));
        const auto wide = makeStep(6, {1, 2, 3, 4, 5}, 11);
        model.appendStep(wide);
        QCOMPARE(model.windowBegin(0), 6);
        QCOMPARE(model.windowEnd(0), 8);
        QCOMPARE(model.committed(), 8);
        QCOMPARE(model.tokenAt(0, 7), 2);
        const auto endless = makeStep(0, {}, kMost);
        endless->end = kMost;
        model.appendStep(endless);
        QCOMPARE(model.windowEnd(1), 8);
        askEverything(model);
    }

    void aWindowBeyondTheLayoutCommitsNothing()
    {
        TraceModel model;
        model.appendHeader(makeHeader(2, 4));
        const auto beyond = makeStep(100, {1, 2}, 102);
        model.appendStep(beyond);
        QCOMPARE(model.windowBegin(0), model.windowEnd(0));
        QCOMPARE(model.committed(), 0);
        QCOMPARE(model.passOfAcceptance(0), -1);
        askEverything(model);
    }

    void aWindowTurnedRoundIsEmpty()
    {
        TraceModel model;
        model.appendHeader(makeHeader(2, 4));
        const auto turned = makeStep(0, {1, 2, 3}, 8);
        turned->begin = 5;
        turned->end = 2;
        model.appendStep(turned);
        QCOMPARE(model.windowBegin(0), 5);
        QCOMPARE(model.windowEnd(0), 5);
        QCOMPARE(model.committed(), 0);
        askEverything(model);
    }

    void noStepCommitsBeyondItsWindow()
    {
        TraceModel model;
        model.appendHeader(makeHeader(2, 4));
        model.appendStep(makeStep(0, {1, 2, 3}, 7));
        QCOMPARE(model.committed(), 3);
        model.appendStep(makeStep(3, {4}, 1)); // and what is committed stays so
        QCOMPARE(model.committed(), 3);
        QCOMPARE(model.acceptedInPass(1), 0);
        QCOMPARE(model.maxAcceptedInPass(), 3);
    }

    void columnsOfAWrongLengthAreAbsent()
    {
        TraceModel model;
        model.appendHeader(makeHeader(2, 4));
        model.appendStep(makeStep(0, {1, 2}, 0));
        const auto step = makeStep(0, {3, 4}, 0);
        step->token = {9};
        step->state = {TokenState::Redrawn};
        step->p = {0.5F, 0.5F, 0.5F};
        step->topK.resize(5);
        model.appendStep(step);
        QCOMPARE(model.tokenAt(1, 0), 1); // as before the pass
        QCOMPARE(model.stateAt(1, 0), CellState::Kept);
        QVERIFY(qIsNaN(model.momentAt(1, 0).p));
        QVERIFY(model.candidatesAt(1, 0).empty());
        askEverything(model);
    }

    void stepsOfOtherPicturesAreNotShown()
    {
        TraceModel model;
        model.appendHeader(makeHeader(2, 4));
        const auto other = makeStep(0, {1, 2}, 2);
        other->item = 3;
        model.appendStep(other);
        QCOMPARE(model.passes(), 0);
        QCOMPARE(model.trace().steps.size(), std::size_t{1}); // kept for saving
    }

    void layoutsTooLargeAreNotDrawn()
    {
        TraceModel model;
        model.appendHeader(makeHeader(kMost, kMost, 1, 0));
        QCOMPARE(model.positions(), 0);
        QVERIFY(model.pictureSize().isEmpty());
        model.appendStep(makeStep(0, {1, 2, 3}, 2));
        QCOMPARE(model.positions(), 3); // as a trace without a grid
        QCOMPARE(model.rows(), 1);
        QCOMPARE(model.columns(), 3);
        QCOMPARE(model.layout(), TraceLayout());
        const auto far = makeStep(0, {}, 0);
        far->end = kMost;
        model.appendStep(far);
        QVERIFY(model.positions() <= 1 << 20);
        QCOMPARE(model.committed(), 2);
    }

    void stepsWithoutAHeader()
    {
        TraceModel model;
        Trace trace;
        trace.steps = {makeStep(0, {1, 2}, 1), nullptr, makeStep(1, {2, 3, 4}, 2)};
        trace.previews = {nullptr, makePreview(4, 4, Qt::white, 1)};
        model.setTrace(trace);
        QVERIFY(!model.isEmpty() && model.isFinished());
        QCOMPARE(model.passes(), 2);
        QCOMPARE(model.positions(), 4);
        QCOMPARE(model.tokensAfter(0), (std::vector<std::int32_t>{1, 2, -1, -1}));
        askEverything(model);
    }

    void statesNobodyKnows()
    {
        TraceModel model;
        model.appendHeader(makeHeader(1, 4));
        const auto step = makeStep(0, {1, 2}, 0);
        step->state = {static_cast<TokenState>(200), TokenState::Accepted};
        model.appendStep(step);
        QCOMPARE(model.stateAt(0, 0), CellState::Kept);
        QCOMPARE(model.stateAt(0, 1), CellState::Kept); // says accepted, but is not committed
        askEverything(model);
    }

    void randomStepsBreakNothing()
    {
        std::mt19937 random(7);
        const auto number = [&random](std::uint32_t most) { return static_cast<std::uint32_t>(random() % (most + 1)); };
        for (int run = 0; run < 20; ++run) {
            TraceModel model;
            model.appendHeader(makeHeader(number(3), number(5), number(3), 4));
            for (int pass = 0; pass < 40; ++pass) {
                const auto step = makeStep(number(20), {}, number(9) == 0 ? kMost : number(20));
                step->end = number(9) == 0 ? kMost : number(30);
                step->forwardNs = number(1) == 0 ? std::numeric_limits<std::int64_t>::max() : -1;
                const std::uint32_t length = number(3) == 0 ? number(12) : (step->end - step->begin) % 64;
                for (std::uint32_t i = 0; i < length; ++i) {
                    step->token.push_back(static_cast<std::int32_t>(number(kMost - 1)));
                    step->state.push_back(static_cast<TokenState>(number(255)));
                }
                // A trace without a grid would grow to its largest window.
                step->end = model.pictureSize().isEmpty() ? std::min(step->end, 40U) : step->end;
                model.appendStep(step);
            }
            askEverything(model);
        }
    }
};

JACOBI_TEST(TraceModelHostileTest)
#include "tst_tracemodelhostile.moc"
