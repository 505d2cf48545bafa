// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/testmain.h"
#include "tests/widgets/stage.h"
#include "widgets/qcustomplotheader.h"
#include "widgets/theme.h"
#include "widgets/trajectoryraster.h"
#include "widgets/trajectoryview.h"

#include <cmath>

using namespace jacobi;
using namespace jacobi::test;

namespace {

struct Shown : Stage {
    explicit Shown(const MadeTrace& made = {}) : Stage(made), view(&model, &selection)
    {
        present(view, {640, 420});
        settle();
    }
    // What the next tick of the view's clock does, and what is painted of it.
    void settle()
    {
        QTRY_COMPARE(plot()->xAxis->range().upper, static_cast<double>(model.positions()));
        QTRY_COMPARE(plot()->yAxis->range().upper, static_cast<double>(model.passes()));
        plot()->replot(QCustomPlot::rpImmediateRefresh);
    }
    QCustomPlot* plot() const { return view.plot(); }
    QImage picture() const
    {
        plot()->replot(QCustomPlot::rpImmediateRefresh);
        return plot()->grab().toImage();
    }
    int accentIn(const QRect& part) const { return pixelsOf(picture(), part, colours().accent); }
    // The dashed line through a token, over the plot's whole height.
    QRect columnOf(int position) const
    {
        const QRect axes = plot()->axisRect()->rect();
        const int x = static_cast<int>(std::floor(view.pointOf({0, position}).x()));
        return {x, axes.top(), 1, axes.height()};
    }
    TrajectoryView view;
};

} // namespace

class TrajectoryViewTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void cellAtAndPointOfAreInverse()
    {
        Shown shown;
        for (int pass = 0; pass < shown.model.passes(); ++pass) {
            for (int position = 0; position < shown.model.positions(); ++position) {
                const Cell cell{pass, position};
                QCOMPARE(shown.view.cellAt(shown.view.pointOf(cell)), cell);
            }
        }
        QVERIFY(shown.view.cellAt({1.0, 1.0}).isNull()); // left of the axes
        const QRect axes = shown.plot()->axisRect()->rect();
        QVERIFY(shown.view.cellAt(QPointF(axes.center().x(), axes.bottom() + 5)).isNull());
    }

    /// The numbers of a pass are those of the draft that it tested, not of the code that stands there afterwards.
    void theToolTipNamesTheDraftThatWasTested()
    {
        Trace trace;
        trace.header = makeHeader(2, 4);
        const auto first = makeStep(0, {1, 2}, 1);
        first->state = {TokenState::Bonus, TokenState::New};
        const auto second = makeStep(1, {7, 4}, 2);
        second->state = {TokenState::Resampled, TokenState::New};
        second->draft = {2, -1};
        second->p = {0.1F, 0.5F};
        second->q = {0.4F, 0.25F};
        trace.steps = {first, second};
        Shown shown;
        shown.model.setTrace(trace);
        const QString replaced = shown.view.describe({1, 1});
        QVERIFY2(replaced.contains("code 7") && replaced.contains("draft 2: p 0.100   q 0.400"), qPrintable(replaced));
        QVERIFY(!shown.view.describe({1, 2}).contains("draft -1"));
    }

    void passesGoDownward()
    {
        Shown shown;
        QVERIFY(shown.view.pointOf({0, 0}).y() < shown.view.pointOf({1, 0}).y());
        QVERIFY(shown.view.pointOf({0, 0}).x() < shown.view.pointOf({0, 1}).x());
    }

    void theHeatmapShowsEveryCellsState()
    {
        Shown shown;
        shown.selection.first(); // the frame of the current pass lies on the cells of the first row
        const QImage picture = shown.picture();
        for (int pass = 3; pass < shown.model.passes(); ++pass) {
            for (int position = 0; position < shown.model.positions(); ++position) {
                const auto state = static_cast<int>(shown.model.stateAt(pass, position));
                QCOMPARE(picture.pixel(shown.view.pointOf({pass, position}).toPoint()), cellColour(state, colours()));
            }
        }
    }

    void theHeatmapFollowsTheTheme()
    {
        Shown shown;
        shown.selection.first();
        const int pass = shown.model.passOfAcceptance(40);
        const QPoint point = shown.view.pointOf({pass, 40}).toPoint();
        QCOMPARE(shown.picture().pixelColor(point), Theme::palette(true).accepted);
        Theme::instance().setMode(Theme::Mode::Light);
        QCOMPARE(shown.picture().pixelColor(point), Theme::palette(false).accepted);
        Theme::instance().setMode(Theme::Mode::Dark);
    }

    void hoveringSelectsTheCellAndLeavingFreesIt()
    {
        Shown shown;
        moveTo(shown.plot(), shown.view.pointOf({3, 12}));
        QCOMPARE(shown.selection.hovered(), (Cell{3, 12}));
        moveTo(shown.plot(), shown.view.pointOf({5, 2}));
        QCOMPARE(shown.selection.hovered(), (Cell{5, 2}));
        moveTo(shown.plot(), {3.0, 100.0});
        QVERIFY(shown.selection.hovered().isNull());
        moveTo(shown.plot(), shown.view.pointOf({5, 2}));
        moveTo(&shown.view, {100.0, 8.0}); // over the title
        QVERIFY(shown.selection.hovered().isNull());
    }

    void theSelectionIsMarkedWhoeverMadeIt()
    {
        Shown shown;
        shown.selection.first();
        QCOMPARE(shown.accentIn(shown.columnOf(20)), 0);
        shown.selection.setHovered({-1, 20}); // as the picture does
        const int dashed = shown.accentIn(shown.columnOf(20));
        QVERIFY(dashed > 100);
        QCOMPARE(shown.accentIn(shown.columnOf(23)), 0);
        shown.selection.clearHovered();
        shown.selection.pin({4, 20});
        QVERIFY(shown.accentIn(shown.columnOf(20)) > dashed); // solid
        shown.selection.unpin();
        shown.selection.setHovered({6, -1}); // as a bar does: a line along the pass
        const QRect axes = shown.plot()->axisRect()->rect();
        const int y = shown.view.pointOf({6, 0}).toPoint().y();
        QVERIFY(shown.accentIn({axes.left(), y - 1, axes.width(), 3}) > 100);
    }

    void aClickPinsAndFrees()
    {
        Shown shown;
        clickAt(shown.plot(), shown.view.pointOf({3, 12}));
        QCOMPARE(shown.selection.pinned(), (Cell{3, 12}));
        clickAt(shown.plot(), shown.view.pointOf({4, 13}));
        QCOMPARE(shown.selection.pinned(), (Cell{4, 13}));
        clickAt(shown.plot(), shown.view.pointOf({4, 13}));
        QVERIFY(!shown.selection.isPinned());
        clickAt(shown.plot(), shown.view.pointOf({4, 13}), Qt::RightButton);
        QVERIFY(!shown.selection.isPinned());
        clickAt(shown.plot(), {3.0, 100.0}); // outside the axes
        QVERIFY(!shown.selection.isPinned());
    }

    void aDragIsNoClick()
    {
        Shown shown;
        wheelAt(shown.plot(), shown.view.pointOf({8, 30}), 2);
        const double before = shown.plot()->xAxis->range().lower;
        const QPointF from = shown.plot()->axisRect()->rect().center();
        pressAt(shown.plot(), from);
        moveTo(shown.plot(), from + QPointF(-30, 0));
        releaseAt(shown.plot(), from + QPointF(-30, 0));
        QVERIFY(!shown.selection.isPinned());
        QVERIFY(shown.plot()->xAxis->range().lower > before);
    }

    void theWheelZoomsAndADoubleClickShowsAll()
    {
        Shown shown;
        const Cell middle{8, 30};
        wheelAt(shown.plot(), shown.view.pointOf(middle), 3);
        QVERIFY(shown.view.isZoomedByUser());
        QVERIFY(shown.plot()->xAxis->range().size() < shown.model.positions());
        QVERIFY(shown.view.axisWords().contains("zoomed"));
        QCOMPARE(shown.view.cellAt(shown.view.pointOf(middle)), middle);

        shown.selection.pin({1, 1});
        doubleClickAt(shown.plot(), shown.view.pointOf(middle));
        QVERIFY(!shown.view.isZoomedByUser());
        QCOMPARE(shown.selection.pinned(), (Cell{1, 1})); // its first click pinned nothing
        QVERIFY(!shown.view.axisWords().contains("zoomed"));
        shown.settle();
    }

    void zoomingEndsAtTheEdgesAndAtAFewCells()
    {
        Shown shown;
        wheelAt(shown.plot(), shown.view.pointOf({0, 0}), -5);
        QCOMPARE(shown.plot()->xAxis->range().lower, 0.0);
        QCOMPARE(shown.plot()->xAxis->range().upper, 64.0);
        for (int notch = 0; notch < 40; ++notch) {
            wheelAt(shown.plot(), shown.view.pointOf({8, 30}), 1);
        }
        QVERIFY(shown.plot()->xAxis->range().size() >= 7.99);
        QVERIFY(shown.plot()->yAxis->range().size() >= 7.99);
        QVERIFY(shown.plot()->xAxis->range().lower >= 0.0 && shown.plot()->xAxis->range().upper <= 64.0);
    }

    void aLiveRunIsFollowedUntilTheUserZooms()
    {
        MadeTrace made;
        made.acceptance = 0.1;
        const Trace trace = makeTrace(made);
        Stage stage;
        TrajectoryView view(&stage.model, &stage.selection);
        present(view, {640, 420});
        stage.model.appendHeader(trace.header);
        stage.model.appendStep(trace.steps[0]);
        QTRY_COMPARE(view.plot()->xAxis->range().upper, 64.0);
        QTRY_VERIFY(view.plot()->yAxis->range().upper >= 10.0); // room for what comes
        for (std::size_t pass = 1; pass < 25; ++pass) {
            stage.model.appendStep(trace.steps[pass]);
        }
        QTRY_VERIFY(view.plot()->yAxis->range().upper > 25.0);
        wheelAt(view.plot(), view.pointOf({8, 30}), 3);
        const QCPRange zoomed = view.plot()->yAxis->range();
        stage.model.appendSteps({trace.steps.begin() + 25, trace.steps.begin() + 40});
        QTest::qWait(100);
        QCOMPARE(view.plot()->yAxis->range(), zoomed);
        view.resetZoom();
        QTRY_VERIFY(view.plot()->yAxis->range().upper > 40.0);
    }

    void aZoomStaysForARunOfTheSameSizeOnly()
    {
        Shown shown;
        wheelAt(shown.plot(), shown.view.pointOf({8, 30}), 3);
        const QCPRange zoomed = shown.plot()->xAxis->range();
        MadeTrace made;
        made.seed = 2;
        shown.model.setTrace(makeTrace(made));
        QVERIFY(shown.view.isZoomedByUser());
        QCOMPARE(shown.plot()->xAxis->range(), zoomed);
        made.rows = 2;
        made.columns = 4;
        shown.model.setTrace(makeTrace(made));
        QVERIFY(!shown.view.isZoomedByUser());
        QVERIFY(!shown.view.axisWords().contains("zoomed"));
        shown.settle();
    }

    void aCellIsDescribed()
    {
        Shown shown;
        int position = 0;
        int pass = -1;
        do { // a token whose draft was replaced
            pass = shown.model.passOfAcceptance(++position);
        } while (shown.model.momentAt(pass, position).state != TokenState::Resampled);
        const QString text = shown.view.describe({pass, position});
        const QString place = QString("row %1, column %2").arg(position / 8 + 1).arg(position % 8 + 1);
        QVERIFY(text.startsWith(QString("pass %1 · token %2 · %3").arg(pass).arg(position).arg(place)));
        QVERIFY(text.contains("accepted in this pass"));
        QVERIFY(text.contains(QString("code %1").arg(shown.model.tokenAt(pass, position))));
        for (const char* number : {"p 0.", "q 0.", "u 0."}) {
            QVERIFY2(text.contains(number), number);
        }
        QVERIFY(shown.view.describe({0, 63}).contains("not reached yet"));
        QVERIFY(!shown.view.describe({0, 63}).contains("code"));
    }
};

JACOBI_TEST(TrajectoryViewTest)
#include "tst_trajectoryview.moc"
