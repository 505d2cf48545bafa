// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/engine.h"
#include "tests/core/engine/fakes.h"
#include "tests/testmain.h"

#include <c10/util/Exception.h>

#include <chrono>
#include <new>
#include <stdexcept>
#include <thread>

#include <algorithm>
#include <cmath>

using namespace jacobi;
using namespace jacobi::test;

namespace {

/// An engine with fakes around it; one call is one run.
struct Bench {
    explicit Bench(std::uint32_t perPass = 1) : engine(plainDecoders(fakes, perPass), fakeClock(fakes))
    {
        FakeFamily family(fakes);
        model = std::move(*family.load(fakeModel(), at::kFloat));
        prepareModel(model, smallLayout());
        model.previewNs = fakes.decodeCostNs;
        context = {fakeRequest(), smallLayout(), "Tiny", "CPU, 1 thread"};
    }
    Result<RunSummary> run(RecordingSink& sink)
    {
        RunControl control;
        return engine.run(model, context, control, sink);
    }

    Fakes fakes;
    Engine engine;
    LoadedModel model;
    RunContext context;
};

/// The order of a run without keyframes: h, steps, f, end.
std::string plainOrder(const std::string& order)
{
    std::string kept;
    for (const char event : order) {
        if (event != 'p') {
            kept += event;
        }
    }
    return kept;
}

/// Ready to be compared: no times, and a number where NaN says "not evaluated".
Step withoutTimes(Step step)
{
    step.forwardNs = step.samplingNs = step.otherNs = 0;
    const auto number = [](float& value) { value = std::isnan(value) ? -1.0F : value; };
    for (auto* column : {&step.p, &step.q, &step.u, &step.entropy}) {
        std::for_each(column->begin(), column->end(), number);
    }
    for (Candidates& candidates : step.topK) {
        for (Candidate& candidate : candidates) {
            number(candidate.p);
            number(candidate.q);
        }
    }
    return step;
}

} // namespace

class EngineTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void sendsHeaderStepsFinalPreviewSummary()
    {
        Bench bench;
        RecordingSink sink;
        const Result<RunSummary> summary = bench.run(sink);
        QVERIFY(summary.has_value());
        QCOMPARE(plainOrder(sink.order), "h" + std::string(20, 's') + "f.");
        QCOMPARE(summary->outcome, Outcome::Complete);
        QCOMPARE(summary->tokens, 20U);
        QCOMPARE(summary->passes, 20U);
        QVERIFY(*summary == *sink.trace.summary);
    }

    void headerSaysWhatRan()
    {
        Bench bench;
        RecordingSink sink;
        QVERIFY(bench.run(sink).has_value());
        const RunHeader& header = *sink.trace.header;
        QVERIFY(header.request == bench.context.request);
        QVERIFY(header.layout == smallLayout());
        QCOMPARE(header.modelName, std::string("Tiny"));
        QCOMPARE(header.deviceName, std::string("CPU, 1 thread"));
        QCOMPARE(header.codeColours.size(), std::size_t{7});
        QVERIFY(QString::fromStdString(header.software).startsWith("Jacobi Studio "));
        QVERIFY(header.software.find("libtorch 2.") != std::string::npos);
        const auto started = QDateTime::fromString(QString::fromStdString(header.startedAt), Qt::ISODate);
        QVERIFY(started.isValid());
        QCOMPARE(started.offsetFromUtc(), 0);
    }

    void finalPreviewShowsTheTokens()
    {
        Bench bench;
        RecordingSink sink;
        QVERIFY(bench.run(sink).has_value());
        const Preview& last = *sink.trace.previews.back();
        QVERIFY(last.isFinal);
        QCOMPARE(last.committedEnd, 20U);
        QCOMPARE(last.pass, 19U);
        QCOMPARE(last.width, 10U);
        QCOMPARE(last.height, 8U);
        for (std::uint32_t position = 0; position < 20; ++position) {
            const std::size_t pixel = (position / 5 * 2) * 10 + position % 5 * 2;
            QCOMPARE(int{last.rgb[pixel * 3]}, int{sink.trace.steps[position]->token[0]});
        }
    }

    void theSameRequestGivesTheSameTrace()
    {
        Bench bench(3);
        RecordingSink first;
        RecordingSink second;
        QVERIFY(bench.run(first).has_value());
        QVERIFY(bench.run(second).has_value());
        QCOMPARE(first.trace.steps.size(), second.trace.steps.size());
        for (std::size_t i = 0; i < first.trace.steps.size(); ++i) {
            QVERIFY(withoutTimes(*first.trace.steps[i]) == withoutTimes(*second.trace.steps[i]));
        }
        QVERIFY(first.trace.previews.back()->rgb == second.trace.previews.back()->rgb);
    }

    void timesAddUp()
    {
        Bench bench;
        RecordingSink sink;
        const Result<RunSummary> summary = bench.run(sink);
        std::int64_t total = 0;
        for (const auto& step : sink.trace.steps) {
            QCOMPARE(step->forwardNs, 1'000'000);
            QCOMPARE(step->samplingNs, 10);
            QVERIFY(step->otherNs == 5 || step->otherNs == 5 + 1'000); // a keyframe is counted with the next pass
            total += step->forwardNs + step->samplingNs + step->otherNs;
        }
        const double seconds = static_cast<double>(total + 1'000) * 1e-9; // and the final picture
        QVERIFY(std::abs(summary->seconds - seconds) < 1e-12);
        QVERIFY(std::abs(summary->forwardSeconds - 20e-3) < 1e-12);
        QVERIFY(std::abs(summary->samplingSeconds - 200e-9) < 1e-12);
    }

    void cancelAtAnyPassEndsWithThatPass_data()
    {
        QTest::addColumn<int>("at");
        for (const int at : {1, 2, 7, 13, 19}) {
            QTest::addRow("%d", at) << at;
        }
    }
    void cancelAtAnyPassEndsWithThatPass()
    {
        QFETCH(const int, at);
        Bench bench;
        RunControl control;
        RecordingSink sink;
        sink.onStep = [&](const Step& step) {
            if (static_cast<int>(step.pass) + 1 == at) {
                control.cancel();
            }
        };
        const Result<RunSummary> summary = bench.engine.run(bench.model, bench.context, control, sink);
        QVERIFY(summary.has_value());
        QCOMPARE(summary->outcome, Outcome::Cancelled);
        QCOMPARE(summary->passes, static_cast<std::uint64_t>(at));
        QCOMPARE(summary->tokens, static_cast<std::uint64_t>(at));
        QCOMPARE(plainOrder(sink.order), "h" + std::string(static_cast<std::size_t>(at), 's') + "f.");
        const Preview& last = *sink.trace.previews.back();
        QCOMPARE(last.committedEnd, static_cast<std::uint32_t>(at));
        QCOMPARE(int{last.rgb.back()}, 128); // the last patch is not decided: grey

        RecordingSink next; // and nothing of it is left
        QCOMPARE(bench.run(next)->tokens, 20U);
    }

    void cancelBeforeTheFirstPassRunsNone()
    {
        Bench bench;
        RunControl control;
        control.cancel();
        RecordingSink sink;
        const Result<RunSummary> summary = bench.engine.run(bench.model, bench.context, control, sink);
        QCOMPARE(summary->outcome, Outcome::Cancelled);
        QCOMPARE(summary->passes, 0U);
        QCOMPARE(sink.order, std::string("."));
        QCOMPARE(bench.fakes.forwards, 0);
    }

    void cancelAtTheLastPassStillCompletes()
    {
        Bench bench;
        RunControl control;
        RecordingSink sink;
        sink.onStep = [&](const Step& step) {
            if (step.pass == 19) {
                control.cancel();
            }
        };
        QCOMPARE(bench.engine.run(bench.model, bench.context, control, sink)->outcome, Outcome::Complete);
    }

    void pauseStepResumeFromAnotherThread()
    {
        Bench bench;
        RunControl control;
        control.pause();
        RecordingSink sink;
        std::atomic<int> seen = 0;
        sink.onStep = [&](const Step&) { ++seen; };
        Result<RunSummary> summary = fail(ErrorCode::Internal, "not run");
        std::thread worker([&] { summary = bench.engine.run(bench.model, bench.context, control, sink); });
        for (int wanted = 1; wanted <= 3; ++wanted) {
            control.step();
            QTRY_COMPARE(seen.load(), wanted);
            QTest::qWait(5);
            QCOMPARE(seen.load(), wanted);
        }
        control.resume();
        worker.join();
        QVERIFY(summary.has_value());
        QCOMPARE(summary->passes, 20U);
        QCOMPARE(plainOrder(sink.order), "h" + std::string(20, 's') + "f.");
    }

    void pausesAreNotCountedAsTime()
    {
        Bench bench;
        // A real clock, and a network that takes no time: what is left is the pause.
        Engine engine(plainDecoders(bench.fakes, 20), [] {
            return std::chrono::duration_cast<std::chrono::nanoseconds>(
                       std::chrono::steady_clock::now().time_since_epoch())
                .count();
        });
        RunControl control;
        control.pause();
        RecordingSink sink;
        std::thread finger([&] {
            std::this_thread::sleep_for(std::chrono::milliseconds(1500));
            control.resume();
        });
        QElapsedTimer timer;
        timer.start();
        const Result<RunSummary> summary = engine.run(bench.model, bench.context, control, sink);
        const double wall = static_cast<double>(timer.nsecsElapsed()) * 1e-9;
        finger.join();
        QVERIFY(wall >= 1.5);
        QVERIFY(summary->seconds <= wall - 1.4);
    }

    void everyKindOfExceptionAtEveryPassIsAnError_data()
    {
        QTest::addColumn<int>("kind");
        QTest::addColumn<int>("code");
        QTest::newRow("c10::Error") << 0 << static_cast<int>(ErrorCode::Internal);
        QTest::newRow("bad_alloc") << 1 << static_cast<int>(ErrorCode::OutOfMemory);
        QTest::newRow("runtime_error") << 2 << static_cast<int>(ErrorCode::Internal);
        QTest::newRow("allocator") << 3 << static_cast<int>(ErrorCode::OutOfMemory);
        QTest::newRow("no exception class") << 4 << static_cast<int>(ErrorCode::Internal);
    }
    void everyKindOfExceptionAtEveryPassIsAnError()
    {
        QFETCH(const int, kind);
        QFETCH(const int, code);
        for (int at = 0; at < 20; ++at) {
            Bench bench;
            bench.fakes.onForward = [&](int forward) {
                if (forward != at) {
                    return;
                }
                switch (kind) {
                case 0: TORCH_CHECK(false, "shapes do not match");
                case 1: throw std::bad_alloc();
                case 2: throw std::runtime_error("something else");
                case 3: TORCH_CHECK(false, "DefaultCPUAllocator: can't allocate memory: you tried to allocate 8 bytes");
                default: throw 42;
                }
            };
            RecordingSink sink;
            const Result<RunSummary> summary = bench.run(sink);
            QVERIFY(!summary.has_value());
            QCOMPARE(static_cast<int>(summary.error().code), code);
            QVERIFY(!summary.error().message.empty());
            QCOMPARE(plainOrder(sink.order), "h" + std::string(static_cast<std::size_t>(at), 's') + ".");
            QCOMPARE(sink.trace.summary->outcome, Outcome::Failed);
            QCOMPARE(sink.trace.summary->message, summary.error().message);
            QCOMPARE(sink.trace.summary->passes, static_cast<std::uint64_t>(at));

            bench.fakes.onForward = nullptr;
            RecordingSink next;
            QCOMPARE(bench.run(next)->tokens, 20U);
        }
    }

    void nanIsANumericErrorNotAHang()
    {
        for (const int at : {0, 5, 19}) {
            Bench bench;
            bench.fakes.nanFrom = at;
            RecordingSink sink;
            const Result<RunSummary> summary = bench.run(sink);
            QVERIFY(!summary.has_value());
            QCOMPARE(summary.error().code, ErrorCode::Numeric);
            QCOMPARE(sink.trace.summary->passes, static_cast<std::uint64_t>(at));
        }
    }

    void realDecodersRefuseNanToo_data()
    {
        QTest::addColumn<QString>("method");
        QTest::newRow("sequential") << "sequential";
        QTest::newRow("sjd") << "sjd";
    }
    void realDecodersRefuseNanToo()
    {
        QFETCH(const QString, method);
        Bench bench;
        const Engine engine;
        bench.context.request.method = method.toStdString();
        bench.fakes.nanFrom = 2;
        RunControl control;
        RecordingSink sink;
        const Result<RunSummary> failed = engine.run(bench.model, bench.context, control, sink);
        QVERIFY(!failed.has_value());
        QCOMPARE(failed.error().code, ErrorCode::Numeric);
        QCOMPARE(sink.order.back(), '.');

        bench.fakes.nanFrom = -1;
        RecordingSink next;
        QCOMPARE(engine.run(bench.model, bench.context, control, next)->tokens, 20U);
    }

    void realDecodersGiveTheSameTraceTwice_data() { realDecodersRefuseNanToo_data(); }
    void realDecodersGiveTheSameTraceTwice()
    {
        QFETCH(const QString, method);
        Bench bench;
        const Engine engine;
        bench.context.request.method = method.toStdString();
        bench.context.request.window = method == "sequential" ? 1 : 6;
        RunControl control;
        RecordingSink first;
        RecordingSink second;
        QVERIFY(engine.run(bench.model, bench.context, control, first).has_value());
        QVERIFY(engine.run(bench.model, bench.context, control, second).has_value());
        QCOMPARE(first.trace.steps.size(), second.trace.steps.size());
        for (std::size_t i = 0; i < first.trace.steps.size(); ++i) {
            QVERIFY(withoutTimes(*first.trace.steps[i]) == withoutTimes(*second.trace.steps[i]));
        }
        QCOMPARE(first.trace.summary->tokens, 20U);
    }

    void keyframesStayWithinTheBudget_data()
    {
        QTest::addColumn<qint64>("decodeNs");
        QTest::addColumn<int>("atLeast");
        QTest::addColumn<int>("atMost");
        QTest::newRow("cheap: one a tenth") << qint64{100} << 9 << 9;
        QTest::newRow("all of the budget for one") << qint64{600'000} << 0 << 1;
        QTest::newRow("a few") << qint64{100'000} << 3 << 6;
        QTest::newRow("dearer than the run") << qint64{50'000'000} << 0 << 0;
    }
    void keyframesStayWithinTheBudget()
    {
        QFETCH(const qint64, decodeNs);
        QFETCH(const int, atLeast);
        QFETCH(const int, atMost);
        Bench bench;
        bench.fakes.decodeCostNs = decodeNs;
        bench.model.previewNs = decodeNs;
        RecordingSink sink;
        std::int64_t spent = 0;
        QVERIFY(bench.run(sink).has_value());
        const auto keyframes = static_cast<int>(sink.trace.previews.size()) - 1;
        QVERIFY2(keyframes >= atLeast && keyframes <= atMost, qPrintable(QString::number(keyframes)));
        for (int i = 0; i < keyframes; ++i) {
            const Preview& preview = *sink.trace.previews[static_cast<std::size_t>(i)];
            spent += decodeNs;
            // 20 passes of 1 ms: the run so far is at least committedEnd ms, and the budget 3 % of that and of what the
            // pictures took themselves.
            const double soFar = preview.committedEnd * 1'000'015.0 + static_cast<double>(spent);
            QVERIFY(static_cast<double>(spent) <= 0.03 * soFar);
        }
        QVERIFY(sink.trace.previews.back()->isFinal);
    }

    /// What a sink says it takes counts from the first preview on, and what it takes counts in the run's time.
    void aSlowSinkIsWithinTheBudgetToo_data()
    {
        QTest::addColumn<qint64>("sinkNs");
        QTest::addColumn<int>("atLeast");
        QTest::addColumn<int>("atMost");
        QTest::newRow("cheap: one a tenth") << qint64{0} << 9 << 9;
        QTest::newRow("a few") << qint64{90'000} << 3 << 6;
        QTest::newRow("all of the budget for one") << qint64{590'000} << 0 << 1;
        QTest::newRow("dearer than the run") << qint64{50'000'000} << 0 << 0;
    }
    void aSlowSinkIsWithinTheBudgetToo()
    {
        QFETCH(const qint64, sinkNs);
        QFETCH(const int, atLeast);
        QFETCH(const int, atMost);
        Bench bench; // 20 passes of 1 ms
        constexpr std::int64_t kDecodeNs = 10'000;
        bench.fakes.decodeCostNs = kDecodeNs;
        bench.model.previewNs = kDecodeNs;
        for (int run = 0; run < 2; ++run) { // what the one before it took for the final picture is no measure
            RecordingSink sink;
            const std::int64_t begin = bench.fakes.nowNs;
            std::int64_t spent = 0;
            int keyframes = 0;
            bool isWithin = true;
            sink.tellPreviewNs = [&](std::uint32_t width, std::uint32_t height) {
                return width == 10 && height == 8 ? sinkNs : 0;
            };
            sink.onPreview = [&](const Preview& preview) {
                bench.fakes.nowNs += preview.isFinal ? 5 * sinkNs : sinkNs;
                if (!preview.isFinal) {
                    ++keyframes;
                    spent += sinkNs + kDecodeNs;
                    isWithin = isWithin && spent * 100 <= (bench.fakes.nowNs - begin) * 3;
                }
            };
            const auto summary = bench.run(sink);
            QVERIFY(summary.has_value());
            QVERIFY2(keyframes >= atLeast && keyframes <= atMost, qPrintable(QString::number(keyframes)));
            QVERIFY(isWithin);
            QCOMPARE(std::llround(summary->previewSeconds * 1e9), spent + kDecodeNs + 5 * sinkNs);
            QCOMPARE(bench.model.previewNs, kDecodeNs);
        }
    }

    void noDecoderIsAnErrorBeforeAnyHeader()
    {
        Bench bench;
        const Engine engine(
            [](const DecodeSettings&, TokenModel&) -> Result<std::unique_ptr<Decoder>> {
                return fail(ErrorCode::InvalidRequest, "There is no such method.");
            },
            fakeClock(bench.fakes));
        RunControl control;
        RecordingSink sink;
        const Result<RunSummary> summary = engine.run(bench.model, bench.context, control, sink);
        QVERIFY(!summary.has_value());
        QCOMPARE(sink.order, std::string("."));
    }
};

JACOBI_TEST(EngineTest)
#include "tst_engine.moc"
