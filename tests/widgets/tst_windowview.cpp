// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/testmain.h"
#include "tests/widgets/stage.h"
#include "widgets/chiplabel.h"
#include "widgets/theme.h"
#include "widgets/windowview.h"

#include <QApplication>
#include <QClipboard>
#include <QTableView>
#include <QtTest>

#include <cmath>

using namespace jacobi;
using namespace jacobi::test;

namespace {

struct Shown : Stage {
    explicit Shown(const MadeTrace& made = {}) : Stage(made), view(&model, &selection)
    {
        present(view, {640, 300});
        QTRY_COMPARE(view.plot()->xAxis->range().upper, model.passes() - 0.5);
    }
    QString cell(int row, int column) const { return table()->model()->index(row, column).data().toString(); }
    QTableView* table() const { return view.table()->view(); }
    WindowView view;
};

} // namespace

class WindowViewTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theBandHoldsTheTracesNumbers()
    {
        Shown shown;
        const auto graph = [&shown](int at) { return shown.view.plot()->graph(at)->data(); };
        QCOMPARE(graph(1)->size(), shown.model.passes());
        for (int pass = 0; pass < shown.model.passes(); ++pass) {
            QCOMPARE(graph(1)->at(pass)->value, static_cast<double>(shown.model.windowBegin(pass)));
            QCOMPARE(graph(2)->at(pass)->value, static_cast<double>(shown.model.committedEnd(pass)));
            QCOMPARE(graph(3)->at(pass)->value, static_cast<double>(shown.model.windowEnd(pass)));
        }
        QVERIFY(shown.view.plot()->yAxis->range().upper >= shown.model.positions());
    }

    void theBandIsSeen()
    {
        Shown shown;
        shown.selection.first();
        shown.view.plot()->replot(QCustomPlot::rpImmediateRefresh);
        const QRect axes = shown.view.plot()->axisRect()->rect();
        QVERIFY(pixelsOf(*shown.view.plot(), axes, colours().redrawn) > 20);
        const QString words = shown.view.describe(3);
        QVERIFY(words.contains(QString::number(shown.model.windowBegin(3))));
        QVERIFY(words.contains(tr("%1 accepted").arg(shown.model.acceptedInPass(3))));
    }

    void hoverAndClickAreSharedWithTheOtherViews()
    {
        Shown shown;
        moveTo(shown.view.plot(), shown.view.pointOf(4));
        QCOMPARE(shown.selection.hovered(), (Cell{4, -1}));
        clickAt(shown.view.plot(), shown.view.pointOf(2));
        QCOMPARE(shown.selection.currentPass(), 2);
    }

    void theTableStandsInThePlotsPlaceAndBack()
    {
        Shown shown;
        ChipLabel* chip = shown.view.table()->chip();
        QVERIFY(shown.table()->isHidden());
        QTest::mouseClick(chip, Qt::LeftButton);
        QVERIFY(shown.table()->isVisible() && shown.view.plot()->isHidden());
        QCOMPARE(shown.table()->model()->rowCount(), shown.model.passes());
        for (int pass = 0; pass < shown.model.passes(); ++pass) {
            QCOMPARE(shown.cell(pass, 0), QString::number(pass));
            QCOMPARE(shown.cell(pass, 1), QString::number(shown.model.windowBegin(pass)));
            QCOMPARE(shown.cell(pass, 2), QString::number(shown.model.committedEnd(pass)));
            QCOMPARE(shown.cell(pass, 3), QString::number(shown.model.windowEnd(pass)));
        }
        QTest::mouseClick(chip, Qt::LeftButton);
        QVERIFY(shown.table()->isHidden() && shown.view.plot()->isVisible());
    }

    void theTablesRowIsTheCurrentPass()
    {
        Shown shown;
        shown.selection.goToPass(3);
        shown.view.table()->setShown(true);
        QCOMPARE(shown.table()->currentIndex().row(), 3);
        shown.selection.goToPass(1);
        QCOMPARE(shown.table()->currentIndex().row(), 1);
        shown.table()->setFocus();
        QTest::keyClick(shown.table(), Qt::Key_Down);
        QCOMPARE(shown.selection.currentPass(), 2);
    }

    void theTableGrowsWithTheRunAndIsCopiedAsText()
    {
        const Trace trace = makeTrace(MadeTrace{});
        Stage stage;
        WindowView view(&stage.model, &stage.selection);
        present(view, {640, 300});
        view.table()->setShown(true);
        stage.model.appendHeader(trace.header);
        QCOMPARE(view.table()->view()->model()->rowCount(), 0);
        stage.model.appendSteps({trace.steps.begin(), trace.steps.begin() + 4});
        QTRY_COMPARE(view.table()->view()->model()->rowCount(), 4);
        view.table()->view()->selectAll();
        QTest::keyClick(view.table()->view(), Qt::Key_C, Qt::ControlModifier);
        const QStringList lines = QApplication::clipboard()->text().split('\n', Qt::SkipEmptyParts);
        QCOMPARE(lines.size(), 5);
        QVERIFY(lines.first().startsWith("pass\t"));
        QVERIFY(lines.last().startsWith("3\t"));
    }
};

JACOBI_TEST(WindowViewTest)
#include "tst_windowview.moc"
