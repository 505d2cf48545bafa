// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/testmain.h"
#include "tests/widgets/stage.h"
#include "widgets/acceptanceview.h"
#include "widgets/qcustomplotheader.h"
#include "widgets/theme.h"

#include <cmath>

using namespace jacobi;
using namespace jacobi::test;

namespace {

struct Shown : Stage {
    explicit Shown(const MadeTrace& made = {}) : Stage(made), view(&model, &selection)
    {
        present(view, {640, 300});
        settle();
    }
    void settle()
    {
        QTRY_COMPARE(plot()->xAxis->range().upper, model.passes() - 0.5);
        plot()->replot(QCustomPlot::rpImmediateRefresh);
    }
    QCustomPlot* plot() const { return view.plot(); }
    QCPBars* bars() const { return plot()->axisRect()->plottables().isEmpty() ? nullptr : firstBars(); }
    QCPBars* firstBars() const
    {
        for (QCPAbstractPlottable* plottable : plot()->axisRect()->plottables()) {
            if (auto* bars = qobject_cast<QCPBars*>(plottable)) {
                return bars;
            }
        }
        return nullptr;
    }
    // Pixels of a colour in a bar's column, two wide, over the axes' height.
    int inColumn(int pass, const QColor& colour) const
    {
        plot()->replot(QCustomPlot::rpImmediateRefresh);
        const QRect axes = plot()->axisRect()->rect();
        const int x = static_cast<int>(std::floor(view.pointOf(pass).x()));
        return pixelsOf(*plot(), {x + 2, axes.top(), 2, axes.height()}, colour);
    }
    AcceptanceView view;
};

} // namespace

class AcceptanceViewTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void passAtAndPointOfAreInverse()
    {
        Shown shown;
        for (int pass = 0; pass < shown.model.passes(); ++pass) {
            QCOMPARE(shown.view.passAt(shown.view.pointOf(pass)), pass);
        }
        QCOMPARE(shown.view.passAt({2.0, 50.0}), -1);
        const QRect axes = shown.plot()->axisRect()->rect();
        QCOMPARE(shown.view.passAt(QPointF(axes.center().x(), axes.top() - 3)), -1);
    }

    void barsAndCurveHoldTheTracesNumbers()
    {
        Shown shown;
        const auto bars = shown.bars()->data();
        const auto curve = shown.plot()->graph(1)->data();
        QCOMPARE(bars->size(), shown.model.passes());
        QCOMPARE(curve->size(), shown.model.passes());
        for (int pass = 0; pass < shown.model.passes(); ++pass) {
            QCOMPARE(bars->at(pass)->value, static_cast<double>(shown.model.acceptedInPass(pass)));
            QCOMPARE(curve->at(pass)->value, static_cast<double>(shown.model.committedEnd(pass)));
        }
        QVERIFY(shown.plot()->yAxis->range().upper >= shown.model.maxAcceptedInPass());
        QVERIFY(shown.plot()->yAxis2->range().upper >= shown.model.positions());
        const auto sequential = shown.plot()->graph(0)->data(); // one token a pass: through (k, k + 1)
        QCOMPARE(sequential->at(0)->value - sequential->at(0)->key, 1.0);
        QCOMPARE(sequential->at(1)->value - sequential->at(1)->key, 1.0);
    }

    void hoveringMarksThePassAndLeavingFreesIt()
    {
        Shown shown;
        moveTo(shown.plot(), shown.view.pointOf(4));
        QCOMPARE(shown.selection.hovered(), (Cell{4, -1}));
        moveTo(shown.plot(), shown.view.pointOf(6) - QPointF(0, 60)); // above the bar is the pass too
        QCOMPARE(shown.selection.hovered(), (Cell{6, -1}));
        moveTo(&shown.view, {100.0, 8.0});
        QVERIFY(shown.selection.hovered().isNull());
    }

    void aClickGoesToThePass()
    {
        Shown shown;
        clickAt(shown.plot(), shown.view.pointOf(4));
        QCOMPARE(shown.selection.currentPass(), 4);
        QVERIFY(!shown.selection.followLive());
        clickAt(shown.plot(), shown.view.pointOf(2), Qt::RightButton);
        QCOMPARE(shown.selection.currentPass(), 4);
        clickAt(shown.plot(), {2.0, 50.0});
        QCOMPARE(shown.selection.currentPass(), 4);
        clickAt(shown.plot(), shown.view.pointOf(shown.model.passes() - 1));
        QVERIFY(shown.selection.followLive());
    }

    void theCurrentPassStandsInTheAccentColour()
    {
        Shown shown;
        shown.selection.goToPass(4);
        QVERIFY(shown.inColumn(4, colours().accent) > 4);
        QCOMPARE(shown.inColumn(6, colours().accent), 0);
        QVERIFY(shown.inColumn(6, colours().accepted) > 4);
    }

    void theHoveredTokensPassIsMarked()
    {
        Shown shown;
        shown.selection.first();
        const int pass = shown.model.passOfAcceptance(30);
        const int outline = shown.inColumn(pass, colours().accent);
        shown.selection.setHovered({-1, 30}); // a patch: the pass that accepted it
        QVERIFY(shown.inColumn(pass, colours().accent) > outline);
        shown.selection.setHovered({pass, -1});
        QVERIFY(shown.inColumn(pass, colours().accent) > outline);
        shown.selection.clearHovered();
        QCOMPARE(shown.inColumn(pass, colours().accent), outline);
        shown.selection.setHovered({99, -1}); // not a pass of this run
        QCOMPARE(shown.inColumn(pass, colours().accent), outline);
    }

    void itGrowsWhileTheRunIsLive()
    {
        MadeTrace made;
        made.acceptance = 0.1;
        const Trace trace = makeTrace(made);
        QVERIFY(trace.steps.size() > 30);
        Stage stage;
        AcceptanceView view(&stage.model, &stage.selection);
        present(view, {640, 300});
        auto* bars = view.plot()->findChild<QCPBars*>();
        QVERIFY(bars != nullptr);
        stage.model.appendHeader(trace.header);
        for (std::size_t pass = 0; pass < 5; ++pass) {
            stage.model.appendStep(trace.steps[pass]);
        }
        QTRY_COMPARE(bars->data()->size(), 5);
        const double room = view.plot()->xAxis->range().upper;
        QVERIFY(room > 5.0);
        stage.model.appendSteps({trace.steps.begin() + 5, trace.steps.begin() + 30});
        QTRY_COMPARE(bars->data()->size(), 30);
        QTRY_VERIFY(view.plot()->xAxis->range().upper > std::max(room, 29.0));
        for (int pass = 0; pass < 30; ++pass) {
            QCOMPARE(bars->data()->at(pass)->key, static_cast<double>(pass));
            QCOMPARE(bars->data()->at(pass)->value, static_cast<double>(stage.model.acceptedInPass(pass)));
        }
        stage.model.setTrace(makeTrace(MadeTrace{})); // another run leaves nothing of this one
        QTRY_COMPARE(bars->data()->size(), stage.model.passes());
    }

    void theWheelZoomsPassesOnly()
    {
        MadeTrace made;
        made.acceptance = 0.1;
        Shown shown(made);
        const QCPRange tokens = shown.plot()->yAxis->range();
        wheelAt(shown.plot(), shown.view.pointOf(20), 3);
        QVERIFY(shown.view.isZoomedByUser());
        QVERIFY(shown.plot()->xAxis->range().size() < shown.model.passes());
        QCOMPARE(shown.plot()->yAxis->range(), tokens);
        QCOMPARE(shown.view.passAt(shown.view.pointOf(20)), 20);
        QVERIFY(shown.view.axisWords().contains("zoomed"));
        const QCPRange zoomed = shown.plot()->xAxis->range();
        shown.model.appendStep(makeStep(63, {1}, 64));
        QTRY_COMPARE(shown.bars()->data()->size(), shown.model.passes());
        QCOMPARE(shown.plot()->xAxis->range(), zoomed);
        doubleClickAt(shown.plot(), shown.view.pointOf(20));
        QVERIFY(!shown.view.isZoomedByUser());
        shown.settle();
        QVERIFY(!shown.view.axisWords().contains("zoomed"));
    }

    // Where no layout says how many tokens there will be, the line of sequential decoding grows along.
    void oneAPassReachesAsFarAsTheTokens()
    {
        Stage stage;
        AcceptanceView view(&stage.model, &stage.selection);
        present(view, {640, 300});
        Trace trace;
        trace.steps = {makeStep(0, {1}, 1)};
        stage.model.setTrace(trace);
        QCPGraph* line = view.plot()->graph(0);
        QTRY_COMPARE(line->data()->size(), 2);
        for (int position = 1; position < 40; ++position) {
            stage.model.appendStep(makeStep(static_cast<std::uint32_t>(position), {1}, position + 1U));
        }
        QTRY_VERIFY(line->data()->at(1)->key >= 40.0);
    }
};

JACOBI_TEST(AcceptanceViewTest)
#include "tst_acceptanceview.moc"
