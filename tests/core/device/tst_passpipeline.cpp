// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/passpipeline.h"

#include "core/base/philox.h"
#include "tests/core/device/fakepassdevice.h"
#include "tests/testmain.h"

using namespace jacobi;
using namespace jacobi::test;

namespace {

/// Steps that a run without any haste takes.
std::vector<Step> plainSteps(std::uint32_t items, std::uint32_t positions)
{
    FakePassDevice device(items, positions);
    PassPipeline pipeline(device);
    pipeline.setAhead(0);
    std::vector<Step> steps;
    while (!pipeline.done()) {
        steps.push_back(**pipeline.next());
    }
    return steps;
}

} // namespace

class PassPipelineTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void keepsTwoAhead()
    {
        FakePassDevice device(1, 40);
        PassPipeline pipeline(device);
        std::vector<Step> steps;
        while (!pipeline.done()) {
            steps.push_back(**pipeline.next());
            QCOMPARE(pipeline.inFlight(), pipeline.done() ? 1U : 2U); // at the end one is left over: it changes nothing
        }
        QCOMPARE(device.mostInFlight, PassPipeline::kMostAhead);
        QCOMPARE(steps, plainSteps(1, 40));
        QCOMPARE(steps.back().committedEnd, 40U);
        QCOMPARE(pipeline.nearTies(), steps.size());
    }

    void noneAheadWhileSingleStepping()
    {
        FakePassDevice device(1, 40);
        PassPipeline pipeline(device);
        pipeline.setAhead(0);
        for (std::uint64_t taken = 1; !pipeline.done(); ++taken) {
            QVERIFY(pipeline.next());
            QCOMPARE(pipeline.inFlight(), 0U);
            QCOMPARE(device.enqueued(), taken);
        }
        QCOMPARE(device.mostInFlight, 1U);
    }

    void aheadIsLimited()
    {
        FakePassDevice device(1, 100);
        PassPipeline pipeline(device);
        pipeline.setAhead(50);
        QVERIFY(pipeline.next());
        QCOMPARE(pipeline.inFlight(), PassPipeline::kMostAhead);
        pipeline.setAhead(1);
        QVERIFY(pipeline.next());
        QCOMPARE(pipeline.inFlight(), 1U);
    }

    /// A pass under way completes and is told, one that had not begun is made later: as if there had been no pause.
    void pauseLosesNothing()
    {
        FakePassDevice device(1, 40);
        PassPipeline pipeline(device);
        std::vector<Step> steps{**pipeline.next()};
        QVERIFY(device.runOne()); // one of the two has begun
        QVERIFY(pipeline.withdraw());
        QCOMPARE(pipeline.inFlight(), 0U);
        const std::uint64_t enqueued = device.enqueued();
        steps.push_back(**pipeline.next()); // what was completed needs no pass
        QCOMPARE(device.enqueued(), enqueued);
        QCOMPARE(steps.back().pass, 1U);
        while (!pipeline.done()) {
            steps.push_back(**pipeline.next());
        }
        QCOMPARE(steps, plainSteps(1, 40));
        QCOMPARE(device.ran(), steps.size() + 1); // one held pass; the last one left over has not run
    }

    /// Any interleaving of the device's progress, pauses, single steps and the host gives the same steps.
    void anyInterleavingGivesTheSameSteps()
    {
        const std::vector<Step> expected = plainSteps(3, 60);
        for (std::uint32_t seed = 0; seed < 200; ++seed) {
            FakePassDevice device(3, 60);
            PassPipeline pipeline(device);
            std::vector<Step> steps;
            for (std::uint32_t turn = 0; !pipeline.done(); ++turn) {
                const double u = CounterRandom{seed}.uniform(turn, 0, Purpose::Noise);
                if (u < 0.3) {
                    device.runOne();
                } else if (u < 0.4) {
                    QVERIFY(pipeline.withdraw());
                    QCOMPARE(pipeline.inFlight(), 0U);
                } else if (u < 0.5) {
                    pipeline.setAhead(turn % 3);
                } else {
                    steps.push_back(**pipeline.next());
                }
                QVERIFY(device.mostInFlight <= PassPipeline::kMostAhead);
            }
            QCOMPARE(steps, expected);
        }
    }

    void picturesOfABatchEndOnTheirOwn()
    {
        FakePassDevice device(3, 20);
        device.setPositions(1, 3); // two passes
        PassPipeline pipeline(device);
        std::vector<std::uint32_t> passes(3, 0);
        while (!pipeline.done()) {
            const Step step = **pipeline.next();
            QCOMPARE(step.pass, passes[step.item]++);
            QCOMPARE(pipeline.passComplete(), step.item == 2);
        }
        QCOMPARE(passes, (std::vector<std::uint32_t>{11, 2, 11}));
        QCOMPARE(pipeline.nearTies(), std::uint64_t{24});
    }

    /// The steps of pictures that were well come first; then the error stays.
    void badLogitsEndTheRun()
    {
        FakePassDevice device(2, 30);
        device.badPass = 3;
        PassPipeline pipeline(device);
        std::vector<std::uint32_t> taken(2, 0);
        Result<std::shared_ptr<Step>> step = pipeline.next();
        for (; step; step = pipeline.next()) {
            ++taken[(*step)->item];
        }
        QCOMPARE(taken[0], 3U);
        QCOMPARE(taken[1], 4U);
        QCOMPARE(step.error().code, ErrorCode::Numeric);
        QCOMPARE(step.error().detail, std::string("position 7"));
        QVERIFY(!pipeline.done());
        const std::uint64_t enqueued = device.enqueued();
        QCOMPARE(pipeline.next().error().code, ErrorCode::Numeric);
        QCOMPARE(device.enqueued(), enqueued);
    }

    void aLostDeviceIsNotWaitedFor()
    {
        FakePassDevice device(1, 30);
        device.lostAt = 2;
        PassPipeline pipeline(device);
        QVERIFY(pipeline.next());
        QVERIFY(pipeline.next());
        QCOMPARE(pipeline.next().error().code, ErrorCode::NoDevice);
        QCOMPARE(pipeline.inFlight(), 0U);
        QCOMPARE(pipeline.withdraw().error().code, ErrorCode::NoDevice);
    }

    void whatCannotBeEnqueuedIsToldAfterWhatWas()
    {
        FakePassDevice device(1, 30);
        device.refusesFrom = 3;
        PassPipeline pipeline(device);
        int taken = 0;
        Result<std::shared_ptr<Step>> step = pipeline.next();
        for (; step; step = pipeline.next()) {
            ++taken;
        }
        QCOMPARE(step.error().code, ErrorCode::OutOfMemory);
        QVERIFY(taken >= 1 && taken <= 3);
    }

    void nothingIsLeftInFlight()
    {
        FakePassDevice device(1, 30);
        {
            PassPipeline pipeline(device);
            QVERIFY(pipeline.next());
            QCOMPARE(device.enqueued() - device.ran(), std::uint64_t{2});
        }
        QCOMPARE(device.ran(), device.enqueued());
    }
};

JACOBI_TEST(PassPipelineTest)
#include "tst_passpipeline.moc"
