// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/testmain.h"
#include "tests/widgets/stage.h"

#include <QSignalSpy>

using namespace jacobi;
using namespace jacobi::test;

class SelectionTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void nothingIsSelectedAtFirst()
    {
        const Selection selection;
        QCOMPARE(selection.currentPass(), -1);
        QVERIFY(selection.followLive() && !selection.isPinned());
        QVERIFY(selection.hovered().isNull() && selection.focus().isNull());
        QVERIFY(selection.passRange().isEmpty() && selection.positionRange().isEmpty());
    }

    void withoutPassesNothingCanBeGoneTo()
    {
        Selection selection;
        QSignalSpy current(&selection, &Selection::currentPassChanged);
        selection.goToPass(3);
        selection.stepBy(1);
        selection.first();
        selection.last();
        QCOMPARE(selection.currentPass(), -1);
        QCOMPARE(current.size(), 0);
        QVERIFY(selection.followLive());
    }

    void theNewestPassIsFollowed()
    {
        Stage stage;
        stage.model.appendHeader(makeHeader(1, 8));
        for (int pass = 0; pass < 3; ++pass) {
            stage.model.appendStep(makeStep(0, {1}, 0));
            QCOMPARE(stage.selection.currentPass(), pass);
        }
        QCOMPARE(stage.selection.passCount(), 3);
    }

    void goingBackStopsFollowingAndTheEndResumesIt()
    {
        Stage stage(MadeTrace{});
        const int end = stage.model.passes() - 1;
        QSignalSpy follow(&stage.selection, &Selection::followLiveChanged);
        stage.selection.stepBy(-1);
        QCOMPARE(stage.selection.currentPass(), end - 1);
        QVERIFY(!stage.selection.followLive());
        stage.model.appendStep(makeStep(0, {1}, 0));
        QCOMPARE(stage.selection.currentPass(), end - 1); // the user stays where they are
        QCOMPARE(stage.selection.passCount(), end + 2);
        stage.selection.stepBy(2);
        QVERIFY(stage.selection.followLive());
        stage.model.appendStep(makeStep(0, {1}, 0));
        QCOMPARE(stage.selection.currentPass(), end + 2);
        QCOMPARE(follow.size(), 2);
    }

    void followingIsSettledBeforeThePassIsTold()
    {
        Stage stage(MadeTrace{});
        bool followed = true;
        connect(&stage.selection, &Selection::currentPassChanged, this,
                [&](int) { followed = stage.selection.followLive(); });
        stage.selection.goToPass(2);
        QVERIFY(!followed);
        stage.selection.last();
        QVERIFY(followed);
    }

    void passesAreClamped()
    {
        Stage stage(MadeTrace{});
        const int end = stage.model.passes() - 1;
        stage.selection.goToPass(-5);
        QCOMPARE(stage.selection.currentPass(), 0);
        stage.selection.stepBy(-1);
        QCOMPARE(stage.selection.currentPass(), 0);
        stage.selection.goToPass(end + 100);
        QCOMPARE(stage.selection.currentPass(), end);
        stage.selection.stepBy(1 << 20);
        QCOMPARE(stage.selection.currentPass(), end);
        stage.selection.first();
        QCOMPARE(stage.selection.currentPass(), 0);
        stage.selection.setPassCount(-3);
        QCOMPARE(stage.selection.passCount(), 0);
        QCOMPARE(stage.selection.currentPass(), -1);
    }

    void fewerPassesTakeTheCurrentOneAlong()
    {
        Selection selection;
        selection.setPassCount(10);
        selection.goToPass(7);
        selection.setPassCount(8);
        QCOMPARE(selection.currentPass(), 7);
        selection.setPassCount(5);
        QCOMPARE(selection.currentPass(), 4);
    }

    void followingCanBeSwitched()
    {
        Stage stage(MadeTrace{});
        const int end = stage.model.passes() - 1;
        stage.selection.setFollowLive(false);
        QCOMPARE(stage.selection.currentPass(), end);
        stage.selection.goToPass(1);
        stage.selection.setFollowLive(true);
        QCOMPARE(stage.selection.currentPass(), end);
    }

    void signalsComeOnlyWithChanges()
    {
        Stage stage(MadeTrace{});
        stage.selection.goToPass(2);
        QSignalSpy current(&stage.selection, &Selection::currentPassChanged);
        QSignalSpy hovered(&stage.selection, &Selection::hoveredChanged);
        QSignalSpy pinned(&stage.selection, &Selection::pinnedChanged);
        QSignalSpy ranges(&stage.selection, &Selection::passRangeChanged);
        QSignalSpy positions(&stage.selection, &Selection::positionRangeChanged);
        QSignalSpy run(&stage.selection, &Selection::runChanged);
        for (int twice = 0; twice < 2; ++twice) {
            stage.selection.goToPass(3);
            stage.selection.setHovered({1, 2});
            stage.selection.pin({1, 2});
            stage.selection.setPassRange({1, 4});
            stage.selection.setPositionRange({0, 8});
            stage.selection.setRun("a");
        }
        for (const QSignalSpy* spy : {&current, &hovered, &pinned, &ranges, &positions, &run}) {
            QCOMPARE(spy->size(), 1);
        }
        QCOMPARE(hovered[0][0].value<Cell>(), (Cell{1, 2}));
        QCOMPARE(ranges[0][0].value<IndexRange>(), (IndexRange{1, 4}));
        QCOMPARE(stage.selection.run(), QString("a"));
    }

    void pinning()
    {
        Selection selection;
        selection.setPassCount(5);
        selection.setHovered({1, 2});
        QCOMPARE(selection.focus(), (Cell{1, 2}));
        selection.togglePin({3, 4});
        QVERIFY(selection.isPinned());
        QCOMPARE(selection.focus(), (Cell{3, 4})); // the pin wins
        selection.togglePin({3, 5});
        QCOMPARE(selection.pinned(), (Cell{3, 5})); // another cell moves it
        selection.togglePin({3, 5});
        QVERIFY(!selection.isPinned());
        QCOMPARE(selection.focus(), (Cell{1, 2}));
        selection.pin({0, 0});
        selection.unpin();
        QVERIFY(!selection.isPinned());
        selection.clearHovered();
        QVERIFY(selection.focus().isNull() && selection.resolvedFocus().isNull());
    }

    void aPatchMeansTheCurrentPass()
    {
        Selection selection;
        selection.setPassCount(5);
        selection.goToPass(2);
        selection.setHovered({-1, 7});
        QCOMPARE(selection.focus(), (Cell{-1, 7}));
        QCOMPARE(selection.resolvedFocus(), (Cell{2, 7}));
        selection.stepBy(1);
        QCOMPARE(selection.resolvedFocus(), (Cell{3, 7}));
        selection.setHovered({1, 7});
        QCOMPARE(selection.resolvedFocus(), (Cell{1, 7}));
    }

    void anotherRunClearsAll()
    {
        Stage stage(MadeTrace{});
        stage.selection.goToPass(1);
        stage.selection.setHovered({1, 2});
        stage.selection.pin({1, 3});
        stage.selection.setPassRange({0, 2});
        stage.selection.setPositionRange({0, 2});
        MadeTrace other;
        other.maxPasses = 3;
        stage.model.setTrace(makeTrace(other));
        QCOMPARE(stage.selection.currentPass(), 2);
        QVERIFY(stage.selection.followLive() && !stage.selection.isPinned());
        QVERIFY(stage.selection.hovered().isNull());
        QVERIFY(stage.selection.passRange().isEmpty() && stage.selection.positionRange().isEmpty());
        stage.model.clear();
        QCOMPARE(stage.selection.currentPass(), -1);
        QCOMPARE(stage.selection.passCount(), 0);
    }

    void onlyTheModelAttachedLastCounts()
    {
        Stage stage(MadeTrace{});
        TraceModel other;
        MadeTrace three;
        three.maxPasses = 3;
        other.setTrace(makeTrace(three));
        stage.selection.attach(&other);
        QCOMPARE(stage.selection.passCount(), 3);
        stage.model.appendStep(makeStep(0, {1}, 0));
        stage.model.clear();
        QCOMPARE(stage.selection.currentPass(), 2);
        stage.selection.attach(nullptr);
        QCOMPARE(stage.selection.currentPass(), -1);
    }
};

JACOBI_TEST(SelectionTest)
#include "tst_selection.moc"
