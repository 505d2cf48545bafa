// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/testmain.h"
#include "tests/widgets/flowstage.h"
#include "widgets/chiplabel.h"
#include "widgets/flowinspector.h"
#include "widgets/flowview.h"
#include "widgets/metricsview.h"
#include "widgets/progressstrip.h"
#include "widgets/residualview.h"
#include "widgets/theme.h"

#include <QTableView>
#include <QtTest>

#include <algorithm>
#include <utility>

using namespace jacobi;
using namespace jacobi::test;

namespace {

FlowAnalysis analysis()
{
    FlowAnalysis made;
    made.blocks = {{0, 1.0, 50.0, 2.0, 3.0, 6.0}, {1, 0.6, 30.0, 1.0, 4.0, 5.0}, {2, 0.4, 20.0, 0.5, 1.0, 4.0}};
    return made;
}

} // namespace

/// The views of a flow, each over the same trace and selection.
class FlowViewsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void residualsAreDrawnBlockByBlock()
    {
        FlowStage stage;
        ResidualView view(&stage.flow, &stage.model, &stage.selection);
        present(view, {700, 320});
        QTRY_COMPARE(view.plot()->xAxis->range().upper, 25.5);
        QVERIFY(view.plot()->yAxis->scaleType() == QCPAxis::stLogarithmic);
        QVERIFY(view.plot()->yAxis->range().lower <= 4e-5);
        QVERIFY(view.plot()->yAxis->range().upper >= 4.0);
        QCOMPARE(view.plot()->graph(2)->data()->size(), 3); // a mark where each block became final
        const QString words = view.describe(6);
        QVERIFY2(words.contains("block 1") && words.contains("iteration 2") && words.contains("0.5"),
                 qPrintable(words));
        view.table()->setShown(true);
        QTRY_COMPARE(view.table()->view()->model()->index(4, 1).data().toString(), QString("2"));
        QCOMPARE(view.table()->view()->model()->index(4, 4).data().toString(), QString("0.01"));
        view.table()->setShown(false);
        clickAt(view.plot(), view.pointOf(3));
        QCOMPARE(stage.selection.currentPass(), 3);
    }

    void theLastOfManyPassesIsDrawnWhole()
    {
        FlowStage stage(makeLongFlowTrace(40));
        ResidualView view(&stage.flow, &stage.model, &stage.selection);
        present(view, {480, 260});
        const QRect axes = view.plot()->axisRect()->rect();
        const int last = stage.model.passes() - 1;
        QVERIFY(last > axes.width()); // a pass is less than a pixel
        const auto isWhole = [&] {
            const QRect now = view.plot()->axisRect()->rect();
            return view.pointOf(last).x() <= now.right() - 6.0 && view.pointOf(0).x() >= now.left() + 6.0;
        };
        QTRY_VERIFY(isWhole());
        view.resize(330, 260);
        QTRY_VERIFY(view.plot()->axisRect()->width() < axes.width() && isWhole());
        QCOMPARE(view.passAt(QPointF(view.plot()->axisRect()->rect().topRight())), -1);
    }

    void theResidualsAxisWritesPowersInOneWay()
    {
        const auto powers = [](const ResidualView& view) {
            const QVector<QString> labels = view.plot()->yAxis->tickVectorLabels();
            return std::pair(std::count_if(labels.cbegin(), labels.cend(),
                                           [](const QString& label) { return label.contains("e", Qt::CaseInsensitive); }),
                             labels.size());
        };
        FlowStage stage{Trace{}};
        ResidualView view(&stage.flow, &stage.model, &stage.selection);
        present(view, {500, 260});
        QTRY_VERIFY(powers(view).second > 2);
        QCOMPARE(powers(view).first, powers(view).second);
        view.plot()->yAxis->setRange(0.005, 120.0);
        view.plot()->replot();
        QVERIFY(powers(view).second > 2);
        QCOMPARE(powers(view).first, 0);
    }

    void blocksThatOverlapHaveALineEach()
    {
        FlowStage stage(makeOverlappingTrace());
        ResidualView view(&stage.flow, &stage.model, &stage.selection);
        present(view, {700, 320});
        QTRY_COMPARE(view.plot()->xAxis->range().upper, 9.5);
        QCOMPARE(view.plot()->graphCount(), 6); // three of all runs, and a line of each block
        for (int line = 3; line < 6; ++line) {
            QVERIFY(view.plot()->graph(line)->data()->size() >= 7);
        }
        QCOMPARE(view.plot()->graph(2)->data()->size(), 3);
        const QString words = view.describe(5);
        QVERIFY2(words.contains("blocks 2 to 0") && words.contains("block 1: residual 0.5"), qPrintable(words));
        FlowInspector inspector(&stage.flow, &stage.model, &stage.selection);
        present(inspector, {420, 420});
        stage.selection.goToPass(5);
        QTRY_VERIFY(inspector.words().contains("16 of 48 positions final") && inspector.words().contains("0.5"));
        const auto cell = [&](int row, int column) {
            return inspector.findChild<QTableView*>()->model()->index(row, column).data().toString();
        };
        QCOMPARE(cell(0, 0) + ", " + cell(0, 1) + ", " + cell(0, 2), QString("2, 0 to 5, 6 of 6"));
        QCOMPARE(cell(2, 1) + ", " + cell(2, 2) + ", " + cell(2, 3), QString("4 to 9, 2 of 6, 0.4"));
        FlowView picture(&stage.flow, &stage.model, &stage.selection);
        present(picture, {700, 600});
        const auto colourIn = [&](int cell) {
            const QRectF rect = picture.canvas()->strip()[cell].rect;
            return picture.canvas()->grab().toImage().pixelColor(
                (rect.center() * picture.devicePixelRatioF()).toPoint());
        };
        QTRY_COMPARE(colourIn(1), QColor(Qt::green).darker(125)); // block 2 as it is after pass 5, at full strength
        QCOMPARE(colourIn(2), QColor(Qt::blue).darker(125));
        QCOMPARE(colourIn(3), QColor(Qt::yellow).darker(125));
    }

    /// As many as there are lines: what a pass did to each block that was at work.
    void blocksThatOverlapHaveARowEachAPass()
    {
        FlowStage stage(makeOverlappingTrace());
        ResidualView view(&stage.flow, &stage.model, &stage.selection);
        present(view, {700, 320});
        view.table()->setShown(true);
        const QAbstractItemModel* rows = view.table()->view()->model();
        QTRY_COMPARE(rows->rowCount(), 6 + 7 + 6);
        const auto row = [rows](int at) {
            QStringList cells;
            for (int column = 0; column < rows->columnCount(); ++column) {
                cells << rows->index(at, column).data().toString();
            }
            return cells;
        };
        int at = 0;
        while (row(at)[0] != "5") {
            ++at;
        }
        QCOMPARE(row(at).mid(0, 2) + row(at).mid(5, 1), QStringList({"5", "2", "16"})); // this block is final
        QCOMPARE(row(at + 1).mid(0, 2) + row(at + 1).mid(5, 1), QStringList({"5", "1", "0"}));
        QCOMPARE(row(at + 1)[3], QString("0.5"));
        QCOMPARE(row(at + 2).mid(0, 2), QStringList({"5", "0"}));
        QVERIFY(!row(at)[6].isEmpty() && row(at + 1)[6].isEmpty()); // one time a pass
        stage.selection.goToPass(5);
        QCOMPARE(view.table()->view()->currentIndex().row(), at);
        view.table()->view()->setCurrentIndex(rows->index(at + 2, 0));
        QCOMPARE(stage.selection.currentPass(), 5);
        QCOMPARE(view.table()->view()->currentIndex().row(), at + 2);
        view.table()->view()->setCurrentIndex(rows->index(at - 1, 0));
        QCOMPARE(stage.selection.currentPass(), 4);
        QCOMPARE(view.table()->view()->currentIndex().row(), at - 1); // and not at the first of that pass
    }

    void emptyPlotsSayWhatTheyWillShow()
    {
        TraceModel model;
        FlowTrace flow(&model);
        Selection selection;
        selection.attach(&model);
        ResidualView residuals(&flow, &model, &selection);
        present(residuals, {500, 260});
        QTRY_VERIFY(pixelsOf(*residuals.plot(), residuals.plot()->rect(), colours().secondary) > 20);
        FlowView view(&flow, &model, &selection);
        present(view, {500, 500});
        QVERIFY(pixelsOf(*view.canvas(), view.canvas()->rect(), colours().secondary) > 20);
        QVERIFY(view.canvas()->strip().isEmpty());
        FlowInspector inspector(&flow, &model, &selection);
        QVERIFY(inspector.words().contains("Nothing has run yet"));
    }

    void metricsStandBesideWhatTheBlocksTook()
    {
        FlowStage stage;
        MetricsView view(&stage.flow, &stage.model, &stage.selection);
        view.setAnalysis(analysis());
        present(view, {600, 260});
        QTRY_COMPARE(view.plot()->graph(0)->data()->size(), 3);
        QCOMPARE(view.plot()->graph(0)->data()->at(0)->value, 6.0); // block 0
        const QString words = view.describe(1);
        QVERIFY2(words.contains("one by one") && words.contains("15 passes instead of 15") && words.contains("30"),
                 qPrintable(words));
        QSignalSpy asked(&view, &MetricsView::analysisRequested);
        clickAt(view.chip(), QPointF(view.chip()->rect().center()));
        QCOMPARE(asked.size(), 1);
        view.setBusy("40 %");
        QVERIFY(!view.chip()->isEnabled());
        const double x = view.plot()->xAxis->coordToPixel(2.0);
        clickAt(view.plot(), QPointF(x, view.plot()->axisRect()->center().y()));
        QCOMPARE(stage.selection.currentPass(), 4); // where block 2 ended
    }

    void aTableStandsBehindTheMetrics()
    {
        FlowStage stage;
        MetricsView view(&stage.flow, &stage.model, &stage.selection);
        present(view, {600, 260});
        view.table()->setShown(true);
        const QAbstractItemModel* rows = view.table()->view()->model();
        const auto row = [rows](int at) {
            QStringList cells;
            for (int column = 0; column < rows->columnCount(); ++column) {
                cells << rows->index(at, column).data().toString();
            }
            return cells;
        };
        QTRY_COMPARE(rows->rowCount(), 3);
        QCOMPARE(row(1), QStringList({"1", "one by one", "15", "–", "–", "–", "–", "–"}));
        view.setAnalysis(analysis());
        QCOMPARE(row(0), QStringList({"0", "front 8", "6", "50.0", "57.1", "2", "3", "6.0"}));
        view.table()->view()->setCurrentIndex(rows->index(2, 0));
        QCOMPARE(stage.selection.currentPass(), 4); // where block 2 ended
    }

    /// How many pictures the metrics come from says how much they are worth.
    void theMetricsSayWhatTheyComeFrom()
    {
        FlowStage stage;
        MetricsView view(&stage.flow, &stage.model, &stage.selection);
        QVERIFY(view.axisWords().contains("not known yet"));
        FlowAnalysis made = analysis();
        view.setAnalysis(made); // of one that does not say
        QCOMPARE(view.axisWords(), QString("block"));
        made.images = 64;
        view.setAnalysis(made);
        QVERIFY(view.axisWords().contains("from 64 pictures"));
    }

    /// What a block was inverted by is said in full below its bars, in two lines where one is too narrow.
    void theMethodsBelowTheBarsAreNotCut()
    {
        FlowStage stage;
        MetricsView view(&stage.flow, &stage.model, &stage.selection);
        present(view, {600, 200});
        const auto bottom = [&] { return view.plot()->axisRect()->margins().bottom(); };
        QTRY_COMPARE(view.linesBelow(1), QStringList{"one by one"});
        const int low = bottom();
        view.resize(260, 200); // a block has what it has in a window of 1366 pixels with six of them
        QTRY_COMPARE(view.linesBelow(1), QStringList({"one by", "one"}));
        QCOMPARE(view.linesBelow(0), QStringList{"front 8"});
        QTRY_VERIFY(bottom() > low); // the second line has room
        view.plot()->replot();
        QVERIFY(pixelsOf(*view.plot(), QRect(0, view.plot()->height() - bottom() + 32, view.plot()->width(), 14),
                         colours().secondary) > 5);
        QVERIFY(view.linesBelow(3).isEmpty());
        view.resize(600, 200);
        QTRY_COMPARE(bottom(), low);
    }

    /// A word that fits in no line is said shorter, not cut.
    void segmentsBelowNarrowBarsAreNotCut()
    {
        Trace trace = makeFlowTrace();
        FlowStrategy strategy;
        for (std::uint32_t block = 0; block < 3; ++block) {
            FlowBlockPlan segments{block, FlowMethod::Segments};
            segments.segments = 8;
            strategy.blocks.push_back(segments);
        }
        auto header = std::make_shared<RunHeader>(*trace.header);
        header->request.plan = flowStrategyToLine(strategy);
        trace.header = header;
        FlowStage stage(trace);
        MetricsView view(&stage.flow, &stage.model, &stage.selection);
        present(view, {600, 200});
        QTRY_COMPARE(view.linesBelow(1), QStringList{"8 segments"});
        view.resize(234, 200);
        QTRY_COMPARE(view.linesBelow(1), QStringList{"8 seg."});
    }

    void theStripShowsEachBlockAndGoesThere()
    {
        FlowStage stage;
        FlowView view(&stage.flow, &stage.model, &stage.selection);
        present(view, {600, 640});
        FlowCanvas* canvas = view.canvas();
        const QVector<StripCell> cells = canvas->strip();
        QCOMPARE(cells.size(), 5);
        QCOMPARE(cells.front().block, 3); // the noise
        QCOMPARE(cells[1].block, 2);
        QCOMPARE(cells.back().block, -1);
        stage.selection.last();
        QTRY_VERIFY(pixelsOf(*canvas, cells[1].rect.toAlignedRect(), QColor(Qt::green)) > 100);
        QVERIFY(pixelsOf(*canvas, cells[0].rect.toAlignedRect(), QColor(Qt::magenta)) > 100);
        QVERIFY(pixelsOf(*canvas, canvas->pictureRect().toAlignedRect(), QColor(Qt::white)) > 1000);
        clickAt(canvas, cells[0].rect.center());
        QCOMPARE(stage.selection.currentPass(), 0);
        QTRY_VERIFY(pixelsOf(*canvas, canvas->pictureRect().toAlignedRect(), QColor(Qt::magenta)) > 1000);
        clickAt(canvas, cells[2].rect.center());
        QCOMPARE(stage.selection.currentPass(), 19);
        QTRY_VERIFY(pixelsOf(*canvas, canvas->pictureRect().toAlignedRect(), QColor(Qt::blue)) > 1000);
        QCOMPARE(view.picture().pixelColor(0, 0), QColor(Qt::blue));
    }

    /// Block 1 reads from the end: its first position is the picture's last.
    void positionsAreThoseOfThePicture()
    {
        FlowStage stage;
        FlowView view(&stage.flow, &stage.model, &stage.selection);
        present(view, {600, 640});
        stage.selection.goToPass(5);
        moveTo(view.canvas(), view.canvas()->patchRect(14).center());
        QCOMPARE(stage.selection.hovered(), (Cell{-1, 14}));
        const QString words = view.canvas()->describe(5, 14);
        QVERIFY2(words.contains("number 1 of block 1") && words.contains("moved by 0.5"), qPrintable(words));
        QVERIFY(view.canvas()->describe(5, 0).contains("not computed"));
        clickAt(view.canvas(), view.canvas()->patchRect(14).center());
        QVERIFY(stage.selection.isPinned());
        FlowInspector inspector(&stage.flow, &stage.model, &stage.selection);
        QVERIFY2(inspector.words().contains("row 3, column 2"), qPrintable(inspector.words()));
    }

    void overlaysAreSeen()
    {
        FlowStage stage;
        FlowView view(&stage.flow, &stage.model, &stage.selection);
        present(view, {600, 640});
        stage.selection.goToPass(4);
        QTRY_VERIFY(pixelsOf(*view.canvas(), view.canvas()->pictureRect().toAlignedRect(), QColor(Qt::green)) > 1000);
        view.setOverlayNumber(2);
        QCOMPARE(view.overlay(), FlowCanvas::Overlay::State);
        QTRY_COMPARE(pixelsOf(*view.canvas(), view.canvas()->patchRect(5).toAlignedRect().adjusted(2, 2, -2, -2),
                              QColor(Qt::green)),
                     0);
        view.setOverlayNumber(3);
        QCOMPARE(view.overlay(), FlowCanvas::Overlay::Residual);
        view.setOverlayNumber(9);
        QCOMPARE(view.overlay(), FlowCanvas::Overlay::Residual);
        // Its scale stands in the corner, and is the same in every pass.
        const QRect picture = view.canvas()->pictureRect().toAlignedRect();
        const QRect card(picture.left() + 10, picture.bottom() - 40, 180, 14); // the numbers, above the colours
        const auto scale = [&] { return view.canvas()->grab().toImage().copy(card); };
        QVERIFY(pixelsOf(scale(), QRect(QPoint(), card.size()), colours().text) > 5);
        stage.selection.goToPass(20);
        view.setOverlayNumber(1);
        const int without = pixelsOf(scale(), QRect(QPoint(), card.size()), colours().text);
        view.setOverlayNumber(3);
        QVERIFY(pixelsOf(scale(), QRect(QPoint(), card.size()), colours().text) > without);
    }

    void theInspectorListsTheBlocks()
    {
        FlowStage stage;
        FlowInspector inspector(&stage.flow, &stage.model, &stage.selection);
        present(inspector, {560, 300});
        const QAbstractItemModel* rows = inspector.table()->model();
        QCOMPARE(rows->rowCount(), 3);
        QCOMPARE(rows->index(0, 0).data().toString(), QString("2"));
        QCOMPARE(rows->index(0, 2).data().toString(), QString("5"));
        QCOMPARE(rows->index(2, 1).data().toString(), QString("front 8"));
        stage.selection.goToPass(21);
        QTRY_VERIFY(inspector.words().contains("iteration 2"));
        QVERIFY(inspector.words().contains("tolerance 0.001"));
    }

    void progressSpeaksOfBlocks()
    {
        FlowStage stage;
        ProgressStrip strip(&stage.model);
        strip.setFlow(&stage.flow);
        strip.setState(ProgressStrip::State::Complete);
        QCOMPARE(strip.leftText(), QString("3 blocks · 1.8 positions per pass"));
        QVERIFY(strip.rightText().endsWith("26 passes instead of 45"));
    }
};

JACOBI_TEST(FlowViewsTest)
#include "tst_flowviews.moc"
