// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/eventpump.h"
#include "tests/testmain.h"

#include <thread>

using namespace jacobi;

/// What crosses from the worker to the window.
class EventPumpTest : public QObject {
    Q_OBJECT

    static std::shared_ptr<const Step> stepOf(std::uint32_t pass)
    {
        auto step = std::make_shared<Step>();
        step->pass = pass;
        return step;
    }
    static std::shared_ptr<const Preview> previewOf(std::uint32_t pass)
    {
        auto preview = std::make_shared<Preview>();
        preview->pass = pass;
        return preview;
    }

private Q_SLOTS:
    void nothingIsEmpty()
    {
        EventPump pump;
        QVERIFY(pump.take().isEmpty());
    }

    void stepsWaitAllOfThemAndPreviewsTheNewestOnly()
    {
        EventPump pump;
        pump.header(std::make_shared<RunHeader>());
        for (std::uint32_t pass = 0; pass < 5; ++pass) {
            pump.step(stepOf(pass));
            pump.preview(previewOf(pass));
        }
        pump.summary({});
        const EventBatch batch = pump.take();
        QVERIFY(batch.header != nullptr && batch.summary.has_value());
        QCOMPARE(batch.steps.size(), std::size_t{5});
        QCOMPARE(batch.previews.size(), std::size_t{1});
        QCOMPARE(batch.previews.front()->pass, 4U);
        QVERIFY(pump.take().isEmpty());
    }

    void ofEachPictureTheNewestPreviewWaits()
    {
        EventPump pump;
        for (const auto& [item, pass] : {std::pair{0U, 1U}, {1U, 1U}, {0U, 2U}, {2U, 3U}}) {
            auto preview = std::make_shared<Preview>(*previewOf(pass));
            preview->item = item;
            pump.preview(preview);
        }
        const EventBatch batch = pump.take();
        QCOMPARE(batch.previews.size(), std::size_t{3});
        QCOMPARE(batch.previews[0]->item, 1U);
        QCOMPARE(batch.previews[1]->item, 0U);
        QCOMPARE(batch.previews[1]->pass, 2U);
        QCOMPARE(batch.previews[2]->item, 2U);
    }

    void noStepIsLostBetweenTwoThreads()
    {
        constexpr std::uint32_t kSteps = 20'000;
        EventPump pump;
        std::thread worker([&pump] {
            for (std::uint32_t pass = 0; pass < kSteps; ++pass) {
                pump.step(stepOf(pass));
            }
            pump.summary({});
        });
        std::uint32_t expected = 0;
        bool ended = false;
        while (!ended) {
            const EventBatch batch = pump.take();
            for (const auto& step : batch.steps) {
                QCOMPARE(step->pass, expected);
                ++expected;
            }
            ended = batch.summary.has_value();
        }
        worker.join();
        QCOMPARE(expected, kSteps);
    }
};

JACOBI_TEST(EventPumpTest)
#include "tst_eventpump.moc"
