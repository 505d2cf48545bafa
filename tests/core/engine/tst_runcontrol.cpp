// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/backend.h"
#include "tests/testmain.h"

#include <atomic>
#include <chrono>
#include <thread>

using jacobi::RunControl;
using namespace std::chrono_literals;

namespace {

/// A loop like the engine's on its own thread; counts the turns it gets.
class Looper {
public:
    explicit Looper(RunControl& control)
        : m_thread([this, &control] {
              while (control.waitForTurn(pausedNs)) {
                  ++turns;
                  std::this_thread::sleep_for(100us);
              }
              ended = true;
          })
    {
    }

    std::atomic<int> turns = 0;
    std::atomic<bool> ended = false;
    std::int64_t pausedNs = 0; ///< read after join()
    void join() { m_thread.join(); }

private:
    std::thread m_thread; // last: starts when the rest is there
};

} // namespace

class RunControlTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void runsFreely()
    {
        RunControl control;
        std::int64_t paused = 0;
        for (int i = 0; i < 3; ++i) {
            QVERIFY(control.waitForTurn(paused));
        }
        QCOMPARE(paused, 0);
        QVERIFY(!control.isPaused());
        QVERIFY(!control.isCancelled());
    }

    void cancelEndsAtOnceAndForGood()
    {
        RunControl control;
        control.cancel();
        std::int64_t paused = 0;
        QVERIFY(!control.waitForTurn(paused));
        control.resume();
        control.step();
        QVERIFY(!control.waitForTurn(paused));
        QVERIFY(control.isCancelled());
    }

    void stepWhilePausedGivesThatManyTurns()
    {
        RunControl control;
        control.pause();
        Looper looper(control);
        QTest::qWait(30);
        QCOMPARE(looper.turns.load(), 0);
        for (int wanted = 1; wanted <= 5; ++wanted) {
            control.step();
            QTRY_COMPARE(looper.turns.load(), wanted);
            QVERIFY(control.isPaused());
        }
        QTest::qWait(20);
        QCOMPARE(looper.turns.load(), 5);
        control.cancel();
        looper.join();
        QVERIFY(looper.pausedNs >= 40'000'000); // both waits above were pauses
    }

    void stepsPressedTogetherAllCount()
    {
        RunControl control;
        control.pause();
        control.step();
        control.step();
        control.step();
        Looper looper(control);
        QTRY_COMPARE(looper.turns.load(), 3);
        QTest::qWait(20);
        QCOMPARE(looper.turns.load(), 3);
        control.cancel();
        looper.join();
    }

    void stepWhileRunningPausesAfterOneMore()
    {
        RunControl control;
        std::int64_t paused = 0;
        QVERIFY(control.waitForTurn(paused));
        control.step();
        QVERIFY(control.isPaused());
        QVERIFY(control.waitForTurn(paused)); // the one more
        Looper looper(control);
        QTest::qWait(20);
        QCOMPARE(looper.turns.load(), 0);
        control.cancel();
        looper.join();
    }

    void pauseForgetsOutstandingSteps()
    {
        RunControl control;
        control.pause();
        control.step();
        control.pause();
        Looper looper(control);
        QTest::qWait(20);
        QCOMPARE(looper.turns.load(), 0);
        control.resume();
        QTRY_VERIFY(looper.turns.load() > 10);
        control.cancel();
        looper.join();
    }

    void cancelWakesAPausedRun()
    {
        RunControl control;
        control.pause();
        Looper looper(control);
        QTest::qWait(10);
        control.cancel();
        QTRY_VERIFY(looper.ended.load());
        looper.join();
    }

    // The counts hold whatever the threads do: each step() is one turn, none is lost, none is made up.
    void manyThreadsStepping()
    {
        RunControl control;
        control.pause();
        Looper looper(control);
        std::vector<std::thread> fingers;
        for (int i = 0; i < 4; ++i) {
            fingers.emplace_back([&control] {
                for (int k = 0; k < 50; ++k) {
                    control.step();
                    std::this_thread::yield();
                }
            });
        }
        for (std::thread& finger : fingers) {
            finger.join();
        }
        QTRY_COMPARE(looper.turns.load(), 200);
        QTest::qWait(20);
        QCOMPARE(looper.turns.load(), 200);
        control.cancel();
        looper.join();
    }
};

JACOBI_TEST(RunControlTest)
#include "tst_runcontrol.moc"
