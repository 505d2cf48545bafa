// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/training/madeahead.h"
#include "tests/testmain.h"

#include <atomic>
#include <stdexcept>
#include <thread>

using jacobi::MadeAhead;

class MadeAheadTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void givesTheSeriesInOrderHoweverManyAreMadeAhead();
    void startsAnewWhereAnotherNumberIsAskedFor();
    void throwsWhatMakingThrewForThatNumberAlone();
    void waitsForItsThreadsWhenItGoes();
};

void MadeAheadTest::givesTheSeriesInOrderHoweverManyAreMadeAhead()
{
    for (const std::size_t ahead : {std::size_t{0}, std::size_t{1}, std::size_t{5}}) {
        MadeAhead<std::int64_t> squares([](std::int64_t n) { return n * n; }, ahead);
        for (std::int64_t n = 3; n < 40; ++n) {
            QCOMPARE(squares.take(n), n * n);
        }
    }
}

void MadeAheadTest::startsAnewWhereAnotherNumberIsAskedFor()
{
    MadeAhead<std::int64_t> same([](std::int64_t n) { return n; }, 3);
    for (const std::int64_t n : {0, 1, 10, 11, 4, 5}) {
        QCOMPARE(same.take(n), n);
    }
}

void MadeAheadTest::throwsWhatMakingThrewForThatNumberAlone()
{
    MadeAhead<std::int64_t> items(
        [](std::int64_t n) {
            if (n == 2) {
                throw std::runtime_error("two");
            }
            return n;
        },
        4);
    QCOMPARE(items.take(0), 0);
    QCOMPARE(items.take(1), 1);
    QVERIFY_THROWS_EXCEPTION(std::runtime_error, items.take(2));
    QCOMPARE(items.take(3), 3);
}

void MadeAheadTest::waitsForItsThreadsWhenItGoes()
{
    std::atomic<int> running = 0;
    {
        MadeAhead<int> items(
            [&running](std::int64_t n) {
                ++running;
                std::this_thread::sleep_for(std::chrono::milliseconds(5));
                --running;
                return static_cast<int>(n);
            },
            4);
        QCOMPARE(items.take(0), 0);
    }
    QCOMPARE(running.load(), 0);
}

JACOBI_TEST(MadeAheadTest)
#include "tst_madeahead.moc"
