// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/testmain.h"
#include "widgets/repaintclock.h"

#include <QElapsedTimer>
#include <QSignalSpy>

using namespace jacobi;

class RepaintClockTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void withoutARequestNothingIsPainted()
    {
        RepaintClock clock;
        QSignalSpy repaints(&clock, &RepaintClock::repaint);
        QTest::qWait(3 * RepaintClock::kIntervalMs);
        QCOMPARE(repaints.size(), 0);
    }

    void theFirstComesAtTheNextTurnOfTheEventLoop()
    {
        RepaintClock clock;
        QSignalSpy repaints(&clock, &RepaintClock::repaint);
        clock.request();
        QCOMPARE(repaints.size(), 0); // never inside the request
        QTRY_COMPARE(repaints.size(), 1);
    }

    void manyRequestsAreOneRepaint()
    {
        RepaintClock clock;
        QSignalSpy repaints(&clock, &RepaintClock::repaint);
        for (int request = 0; request < 1000; ++request) {
            clock.request();
        }
        QTRY_COMPARE(repaints.size(), 1);
        QTest::qWait(3 * RepaintClock::kIntervalMs);
        QCOMPARE(repaints.size(), 1);
    }

    // However slow the machine is, there are no more repaints than intervals in the time they took.
    void aFloodIsHeldToThirtyASecond()
    {
        RepaintClock clock;
        QSignalSpy repaints(&clock, &RepaintClock::repaint);
        QElapsedTimer time;
        time.start();
        while (repaints.size() < 6) {
            clock.request();
            QCoreApplication::processEvents();
        }
        // Five intervals between six repaints, less a millisecond each by which a timer may be early.
        QVERIFY(time.elapsed() >= 5 * (RepaintClock::kIntervalMs - 1));
        QVERIFY(RepaintClock::kIntervalMs >= 33); // a thirtieth of a second
    }

    void aRequestMadeWhilePaintingIsKept()
    {
        RepaintClock clock;
        int painted = 0;
        connect(&clock, &RepaintClock::repaint, this, [&] {
            if (++painted == 1) {
                clock.request();
            }
        });
        clock.request();
        QTRY_COMPARE(painted, 2);
    }

    void theLastRequestOfAFloodIsPainted()
    {
        RepaintClock clock;
        int value = 0;
        int shown = -1;
        connect(&clock, &RepaintClock::repaint, this, [&] { shown = value; });
        for (value = 0; value < 200; ++value) {
            clock.request();
            QCoreApplication::processEvents();
        }
        QTRY_COMPARE(shown, value);
    }
};

JACOBI_TEST(RepaintClockTest)
#include "tst_repaintclock.moc"
