// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/testmain.h"
#include "tests/widgets/stage.h"
#include "widgets/acceptanceview.h"
#include "widgets/picturecanvas.h"
#include "widgets/pictureview.h"
#include "widgets/qcustomplotheader.h"
#include "widgets/theme.h"
#include "widgets/tokeninspector.h"
#include "widgets/trajectoryview.h"

#include <QAbstractItemModel>
#include <QGridLayout>
#include <QSignalSpy>
#include <QTableView>

#include <cmath>

using namespace jacobi;
using namespace jacobi::test;

namespace {

// The four views of the workspace in one window, a whole run in them, the tenth pass shown.
struct Workspace : Stage {
    Workspace() : Stage(MadeTrace{})
    {
        auto* grid = new QGridLayout(&window);
        grid->addWidget(picture, 0, 0);
        grid->addWidget(trajectory, 0, 1);
        grid->addWidget(acceptance, 1, 0);
        grid->addWidget(inspector, 1, 1);
        present(window, {900, 700});
        selection.goToPass(8);
        QTRY_COMPARE(trajectory->plot()->yAxis->range().upper, static_cast<double>(model.passes()));
        QTRY_COMPARE(acceptance->plot()->xAxis->range().upper, model.passes() - 0.5);
        replot();
    }
    void replot() const
    {
        trajectory->plot()->replot(QCustomPlot::rpImmediateRefresh);
        acceptance->plot()->replot(QCustomPlot::rpImmediateRefresh);
    }
    int accentIn(QWidget* widget, const QRect& part) const
    {
        replot();
        return pixelsOf(*widget, part, colours().accent);
    }
    int markOfToken(int position) const
    {
        const QRect axes = trajectory->plot()->axisRect()->rect();
        const int x = static_cast<int>(std::floor(trajectory->pointOf({0, position}).x()));
        return accentIn(trajectory->plot(), {x, axes.top(), 1, axes.height()});
    }
    int markOfPass(int pass) const
    {
        const QRect axes = acceptance->plot()->axisRect()->rect();
        const int x = static_cast<int>(std::floor(acceptance->pointOf(pass).x()));
        return accentIn(acceptance->plot(), {x - 1, axes.top(), 3, axes.height()});
    }
    int markOfPatch(int position) const
    {
        return accentIn(picture, picture->patchRect(position).adjusted(-1, -1, 1, 1));
    }

    QWidget window;
    PictureView* picture = new PictureView(&model, &selection, &window);
    TrajectoryView* trajectory = new TrajectoryView(&model, &selection, &window);
    AcceptanceView* acceptance = new AcceptanceView(&model, &selection, &window);
    TokenInspector* inspector = new TokenInspector(&model, &selection, &window);
};

} // namespace

/// One selection for all: what is hovered in one view is marked in every other.
class HoverLinksTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aPatchIsMarkedInTrajectoryAcceptanceAndInspector()
    {
        const Workspace at;
        const int pass = at.model.passOfAcceptance(20);
        QVERIFY(pass >= 0 && pass != at.selection.currentPass());
        QCOMPARE(at.markOfToken(20), 0);
        const int unmarked = at.markOfPass(pass);
        moveTo(at.picture, at.picture->patchRect(20).center());
        QVERIFY(at.markOfToken(20) > 50);
        QCOMPARE(at.markOfToken(30), 0);
        QVERIFY(at.markOfPass(pass) > unmarked);
        QTRY_COMPARE(at.inspector->position(), 20);
        QCOMPARE(at.inspector->pass(), 8);
        QTRY_COMPARE(at.inspector->history()->model()->rowCount(), static_cast<int>(at.model.history(20).size()));
    }

    void aCellOfTheTrajectoryIsMarkedInThePicture()
    {
        const Workspace at;
        QCOMPARE(at.markOfPatch(27), 0);
        moveTo(at.trajectory->plot(), at.trajectory->pointOf({5, 27}));
        QVERIFY(at.markOfPatch(27) > 20);
        QCOMPARE(at.markOfPatch(29), 0);
        QTRY_COMPARE(at.inspector->position(), 27);
        QCOMPARE(at.inspector->pass(), 5); // the cell's own pass, not the one shown
        moveTo(at.picture, {5.0, 5.0});
        QCOMPARE(at.markOfPatch(27), 0);
        QCOMPARE(at.inspector->position(), 27); // what was looked at stays readable
    }

    void aBarMarksItsPassEverywhere()
    {
        const Workspace at;
        int pass = 1;
        while (at.model.acceptedInPass(pass) < 2 || pass == at.selection.currentPass()) {
            ++pass;
        }
        const int first = at.model.committedEnd(pass - 1);
        moveTo(at.acceptance->plot(), at.acceptance->pointOf(pass));
        QCOMPARE(at.selection.hovered(), (Cell{pass, -1}));
        const QRect axes = at.trajectory->plot()->axisRect()->rect();
        const int y = at.trajectory->pointOf({pass, 0}).toPoint().y();
        QVERIFY(at.accentIn(at.trajectory->plot(), {axes.left(), y - 1, axes.width(), 3}) > 50);
        QVERIFY(at.markOfPatch(first) > 20); // what the pass accepted
        QVERIFY(at.markOfPatch(first + 1) > 20);
        QCOMPARE(at.selection.currentPass(), 8); // hovering goes nowhere
    }

    void aPinStaysWhileTheMouseGoesOn()
    {
        const Workspace at;
        clickAt(at.picture, at.picture->patchRect(20).center());
        moveTo(at.trajectory->plot(), at.trajectory->pointOf({5, 40}));
        QVERIFY(at.markOfPatch(20) > 20 && at.markOfPatch(40) > 20);
        QVERIFY(at.markOfToken(20) > 50 && at.markOfToken(40) > 50);
        QTRY_COMPARE(at.inspector->position(), 20);
        clickAt(at.picture, at.picture->patchRect(20).center());
        QVERIFY(!at.selection.isPinned());
    }

    void everyMoveIsToldOnce()
    {
        Workspace at;
        QSignalSpy hovered(&at.selection, &Selection::hoveredChanged);
        QSignalSpy current(&at.selection, &Selection::currentPassChanged);
        moveTo(at.picture, at.picture->patchRect(20).center());
        moveTo(at.picture, at.picture->patchRect(20).center() + QPoint(2, 2)); // the same patch
        QCOMPARE(hovered.size(), 1);
        clickAt(at.acceptance->plot(), at.acceptance->pointOf(3));
        QCOMPARE(current.size(), 1);
    }
};

JACOBI_TEST(HoverLinksTest)
#include "tst_hoverlinks.moc"
