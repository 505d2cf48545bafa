// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/recentstrip.h"

#include "tests/app/studio/studiodriver.h"
#include "tests/testmain.h"
#include "tests/widgets/stage.h"

#include <QContextMenuEvent>
#include <QDir>
#include <QMenu>
#include <QMessageBox>
#include <QSignalSpy>

using namespace jacobi;
using namespace jacobi::test;

namespace {

RecentRun made(int number, int pictures = 1)
{
    RecentRun run;
    run.tracePath = QStringLiteral("/runs/%1.jtrace").arg(number);
    run.name = QStringLiteral("run %1").arg(number);
    run.thumbnail = QImage(72, 72, QImage::Format_RGB32);
    run.thumbnail.fill(Qt::black);
    run.pictures = pictures;
    return run;
}

struct Shown {
    explicit Shown(int runs)
    {
        QVector<RecentRun> all;
        for (int at = 0; at < runs; ++at) {
            all << made(at);
        }
        present(strip, {400, strip.height()});
        strip.setRuns(all);
        strip.setFocus();
    }
    bool isWhole(int index) const { return strip.rect().contains(strip.tileRect(index)); }
    RecentStrip strip;
};

} // namespace

class RecentStripTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theWheelReachesWhatDoesNotFit()
    {
        Shown shown(20);
        QVERIFY(shown.isWhole(0) && !shown.isWhole(19));
        for (int turn = 0; turn < 30; ++turn) {
            wheelAt(&shown.strip, QPointF(shown.strip.rect().center()), -1);
        }
        QVERIFY(shown.isWhole(19) && !shown.isWhole(0));
        QSignalSpy chosen(&shown.strip, &RecentStrip::chosen);
        clickAt(&shown.strip, QRectF(shown.strip.tileRect(19)).center());
        QCOMPARE(chosen.size(), 1);
        QCOMPARE(chosen[0][0].toString(), QString("/runs/19.jtrace"));
        for (int turn = 0; turn < 30; ++turn) {
            wheelAt(&shown.strip, QPointF(shown.strip.rect().center()), 1);
        }
        QVERIFY(shown.isWhole(0));
    }

    void soDoTheArrowKeys()
    {
        Shown shown(20);
        for (int step = 0; step < 30; ++step) {
            QTest::keyClick(&shown.strip, Qt::Key_Right);
        }
        QVERIFY(shown.isWhole(19));
        QSignalSpy chosen(&shown.strip, &RecentStrip::chosen);
        QTest::keyClick(&shown.strip, Qt::Key_Return);
        QCOMPARE(chosen.value(0).value(0).toString(), QString("/runs/19.jtrace"));
        QTest::keyClick(&shown.strip, Qt::Key_Home);
        QVERIFY(shown.isWhole(0));
        QTest::keyClick(&shown.strip, Qt::Key_Space);
        QCOMPARE(chosen.value(1).value(0).toString(), QString("/runs/0.jtrace"));
    }

    void anArrowAtEitherEndSaysThatThereIsMore()
    {
        Shown shown(20);
        const auto looksLike = [&] { return shown.strip.grab().toImage(); };
        const QRect left(0, 0, 20, shown.strip.height());
        const QRect right(shown.strip.width() - 20, 0, 20, shown.strip.height());
        QVERIFY(pixelsOf(looksLike(), right, colours().window) > 100); // the fade
        clickAt(&shown.strip, QRectF(right).center());
        QVERIFY(!shown.isWhole(0));
        clickAt(&shown.strip, QRectF(left).center());
        QVERIFY(shown.isWhole(0));
        const QImage all = looksLike();
        shown.strip.setRuns({made(0), made(1)});
        QVERIFY(looksLike() != all);
        const QPoint at = shown.strip.tileRect(1).center();
        wheelAt(&shown.strip, QPointF(at), -1);
        QCOMPARE(shown.strip.tileRect(1).center(), at); // nothing to scroll
    }

    void whatIsLookedAtIsBroughtIntoSight()
    {
        Shown shown(20);
        shown.strip.setCurrent("/runs/12.jtrace");
        QVERIFY(shown.isWhole(12));
        const int before = shown.strip.tileRect(12).x();
        shown.strip.addRun(made(100));
        QCOMPARE(shown.strip.tileRect(13).x(), before); // the newest is at the left, out of sight
    }

    void aBatchSaysHowManyPicturesItHas()
    {
        Shown shown(0);
        shown.strip.setRuns({made(0)});
        const QImage one = shown.strip.grab().toImage();
        shown.strip.setRuns({made(0, 16)});
        const QImage many = shown.strip.grab().toImage();
        const QRect tile = shown.strip.tileRect(0);
        QVERIFY(one.copy(tile) != many.copy(tile));
    }

    void aRunIsRemovedAfterAQuestion()
    {
        Shown shown(3);
        QSignalSpy asked(&shown.strip, &RecentStrip::removalRequested);
        QTest::keyClick(&shown.strip, Qt::Key_Right);
        QTest::keyClick(&shown.strip, Qt::Key_Delete);
        QCOMPARE(asked.value(0).value(0).toString(), QString("/runs/1.jtrace"));
        QCOMPARE(shown.strip.runs().size(), 3); // whoever asks removes it
        shown.strip.removeRun("/runs/1.jtrace");
        QCOMPARE(shown.strip.runs().size(), 2);
        QCOMPARE(shown.strip.runs().at(1).tracePath, QString("/runs/2.jtrace"));
        shown.strip.removeRun("/runs/9.jtrace");
        QCOMPARE(shown.strip.runs().size(), 2);
    }

    void aTileHasAMenu()
    {
        Shown shown(3);
        QSignalSpy saved(&shown.strip, &RecentStrip::saveRequested);
        const QPoint at = shown.strip.tileRect(2).center();
        QContextMenuEvent event(QContextMenuEvent::Mouse, at, shown.strip.mapToGlobal(at));
        QApplication::sendEvent(&shown.strip, &event);
        const auto* menu = shown.strip.findChild<QMenu*>();
        QVERIFY(menu != nullptr);
        QCOMPARE(menu->actions().size(), 5); // one is a line
        menu->actions().at(1)->trigger();
        QCOMPARE(saved.value(0).value(0).toString(), QString("/runs/2.jtrace"));
    }

    void theToolTipSaysWhatMadeTheRun()
    {
        Studio studio;
        QTRY_VERIFY(studio.isPhase(Session::Phase::Ready));
        studio.type("a red house");
        RunRequest request = studio.window->requestPanel()->shownRequest();
        request.pictures = 11;
        request.seed = 234987;
        studio.window->requestPanel()->setRequest(request);
        studio.window->requestPanel()->setSeedLocked(true);
        studio.generate();
        QTRY_COMPARE(studio.window->recentStrip()->runs().size(), 1);
        const RecentRun& run = studio.window->recentStrip()->runs().first();
        QCOMPARE(run.pictures, 11);
        const QString tip = studio.window->recentStrip()->toolTipOf(0);
        for (const char* part : {"a red house", "SJD", "seed 234987", "11 pictures"}) {
            QVERIFY2(tip.contains(part), qPrintable(tip));
        }
        const QStringList pictures = picturesOfRun(run.tracePath);
        QCOMPARE(pictures.size(), 11);
        QVERIFY(pictures.at(1).endsWith(".01.png") && pictures.at(10).endsWith(".10.png"));
        QStringList sorted = QDir(studio.folder.filePath("runs")).entryList({"*.??.png"}, QDir::Files, QDir::Name);
        QVERIFY(sorted.first().endsWith(".01.png") && sorted.last().endsWith(".10.png"));
        for (const QString& picture : pictures) {
            QCOMPARE(traceBeside(picture), run.tracePath);
        }
        QVERIFY(traceBeside(studio.folder.filePath("elsewhere.01.png")).isEmpty());
    }

    void aRunStaysWhereItsRemovalIsNotWanted()
    {
        Studio studio;
        studio.type("a red house");
        studio.generate();
        QTRY_COMPARE(studio.window->recentStrip()->runs().size(), 1);
        Q_EMIT studio.window->recentStrip()->removalRequested(studio.window->recentStrip()->runs().first().tracePath);
        auto* box = studio.window->findChild<QMessageBox*>();
        QVERIFY(box != nullptr && box->isVisible());
        QTest::keyClick(box, Qt::Key_Escape);
        QTest::qWait(30);
        QCOMPARE(studio.window->recentStrip()->runs().size(), 1);
        QVERIFY(QFile::exists(studio.window->recentStrip()->runs().first().tracePath));
    }
};

JACOBI_TEST(RecentStripTest)
#include "tst_recentstrip.moc"
