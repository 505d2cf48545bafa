// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/philox.h"
#include "core/engine/engine.h"
#include "tests/core/engine/fakes.h"
#include "tests/testmain.h"

#include <QRegularExpression>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <thread>

using namespace jacobi;
using namespace jacobi::test;

namespace {

constexpr std::uint32_t kPictures = 4;

/// An engine with the real decoders over a network of the fakes, and a clock that only moves when told.
struct Bench {
    explicit Bench(const std::string& method = "sjd", const std::string& coupling = "maximal")
        : engine(makeDecoder, fakeClock(fakes))
    {
        fakes.forwardCostNs = 1'000'000'000; // beside it, what the decoders really take is nothing
        FakeFamily family(fakes);
        model = std::move(*family.load(fakeModel(), at::kFloat));
        prepareModel(model, smallLayout());
        model.previewNs = fakes.decodeCostNs;
        fakes.nowNs = 0;
        context = {fakeRequest(), smallLayout(), "Tiny", "CPU, 1 thread"};
        context.request.method = method;
        context.request.coupling = coupling;
        context.request.window = method == "sequential" ? 1 : 4;
        context.request.pictures = static_cast<int>(kPictures);
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

std::vector<std::shared_ptr<const Step>> stepsOf(const Trace& trace, std::uint32_t item)
{
    std::vector<std::shared_ptr<const Step>> steps;
    std::ranges::copy_if(trace.steps, std::back_inserter(steps), [&](const auto& step) { return step->item == item; });
    return steps;
}

std::vector<std::int32_t> committedTokens(const Trace& trace, std::uint32_t item)
{
    std::vector<std::int32_t> tokens;
    for (const auto& step : stepsOf(trace, item)) {
        tokens.insert(tokens.end(), step->token.begin(), step->token.begin() + (step->committedEnd - step->begin));
    }
    return tokens;
}

std::vector<std::shared_ptr<const Preview>> finalsOf(const Trace& trace)
{
    std::vector<std::shared_ptr<const Preview>> finals;
    std::ranges::copy_if(trace.previews, std::back_inserter(finals),
                         [](const auto& preview) { return preview->isFinal; });
    return finals;
}

void methodRows()
{
    QTest::addColumn<QString>("method");
    QTest::addColumn<QString>("coupling");
    QTest::newRow("sequential") << "sequential"
                                << "maximal";
    for (const char* coupling : {"independent", "maximal", "gumbel-exact", "gumbel-spec"}) {
        QTest::newRow(coupling) << "sjd" << coupling;
    }
}

/// Between the two codes that are left, the noise of this seed chooses code 0 by `margin` in log probability.
double logitOfMargin(std::uint64_t seed, std::uint32_t position, std::int64_t code, double margin)
{
    const auto u = CounterRandom{seed}.uniforms(position, 0, Purpose::Draw, 0);
    return code == 0 ? std::log(std::log(u[0]) / std::log(u[1])) + margin : code == 1 ? 0.0 : -80.0;
}

} // namespace

/// Several pictures in one run.
class EngineBatchTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void pictureOfABatchIsThatOfItsSeed_data() { methodRows(); }
    void pictureOfABatchIsThatOfItsSeed()
    {
        QFETCH(const QString, method);
        QFETCH(const QString, coupling);
        Bench bench(method.toStdString(), coupling.toStdString());
        RecordingSink together;
        QVERIFY(bench.run(together).has_value());
        const auto finals = finalsOf(together.trace);
        QCOMPARE(finals.size(), std::size_t{kPictures});
        for (std::uint32_t item = 0; item < kPictures; ++item) {
            Bench one(method.toStdString(), coupling.toStdString());
            one.context.request.pictures = 1;
            one.context.request.seed += item;
            RecordingSink alone;
            QVERIFY(one.run(alone).has_value());
            QCOMPARE(committedTokens(together.trace, item).size(), std::size_t{20});
            QCOMPARE(committedTokens(together.trace, item), committedTokens(alone.trace, 0));
            QCOMPARE(stepsOf(together.trace, item).size(), alone.trace.steps.size());
            QCOMPARE(finals[item]->item, item);
            QVERIFY(finals[item]->rgb == alone.trace.previews.back()->rgb);
            QCOMPARE(finals[item]->pass, alone.trace.previews.back()->pass);
            QCOMPARE(finals[item]->committedEnd, 20U);
        }
        QVERIFY(finals[0]->rgb != finals[1]->rgb);
    }

    /// Each picture's prompt is completed by its own seed, and the trace says what was read.
    void promptsAreCompletedBySeed()
    {
        for (const bool asks : {true, false}) {
            Bench bench("sjd", "maximal");
            bench.model.completePrompt = [](std::string_view prompt, std::uint64_t seed) {
                return std::string(prompt) + " " + std::to_string(seed);
            };
            bench.context.request.completesPrompt = asks;
            bench.context.request.prompt = "red";
            bench.context.request.seed = 40;
            bench.context.request.pictures = 2;
            RecordingSink sink;
            QVERIFY(bench.run(sink).has_value());
            const std::vector<std::string> read = {"red 40", "red 41"};
            QCOMPARE(bench.fakes.encoded, asks ? read : std::vector<std::string>(2, "red"));
            QCOMPARE(sink.trace.header->prompts, asks ? read : std::vector<std::string>());
            QCOMPARE(sink.trace.header->request.prompt, std::string("red"));
        }
    }

    void eventsComeInOrder_data() { methodRows(); }
    void eventsComeInOrder()
    {
        QFETCH(const QString, method);
        QFETCH(const QString, coupling);
        Bench bench(method.toStdString(), coupling.toStdString());
        RecordingSink sink;
        QVERIFY(bench.run(sink).has_value());
        const QRegularExpression order("^h(s{1,4}p{0,4})+f{4}\\.$");
        QVERIFY2(order.match(QString::fromStdString(sink.order)).hasMatch(), sink.order.c_str());
        for (std::size_t i = 1; i < sink.trace.steps.size(); ++i) {
            const Step& before = *sink.trace.steps[i - 1];
            const Step& step = *sink.trace.steps[i];
            QVERIFY(std::pair(before.pass, before.item) < std::pair(step.pass, step.item));
        }
        // A preview shows a step that came before it, and the final one the last of its picture.
        std::size_t steps = 0;
        std::size_t previews = 0;
        std::map<std::uint32_t, std::shared_ptr<const Step>> last;
        for (const char event : sink.order) {
            if (event == 's') {
                last[sink.trace.steps[steps]->item] = sink.trace.steps[steps];
                ++steps;
            } else if (event == 'p' || event == 'f') {
                const Preview& preview = *sink.trace.previews[previews++];
                QCOMPARE(preview.pass, last.at(preview.item)->pass);
                QCOMPARE(preview.committedEnd, last.at(preview.item)->committedEnd);
            }
        }
        std::map<std::uint32_t, int> keyframes;
        for (const auto& preview : sink.trace.previews) {
            keyframes[preview->item] += preview->isFinal ? 0 : 1;
        }
        for (std::uint32_t item = 0; item < kPictures; ++item) { // time is plenty: each picture has its own
            QVERIFY(keyframes[item] >= 3);
        }
    }

    void summaryCountsAllPictures_data() { methodRows(); }
    void summaryCountsAllPictures()
    {
        QFETCH(const QString, method);
        QFETCH(const QString, coupling);
        Bench bench(method.toStdString(), coupling.toStdString());
        RecordingSink sink;
        const Result<RunSummary> summary = bench.run(sink);
        QVERIFY(summary.has_value());
        QVERIFY(*summary == *sink.trace.summary);
        QCOMPARE(summary->outcome, Outcome::Complete);
        QCOMPARE(summary->tokens, std::uint64_t{20} * kPictures);
        QCOMPARE(summary->passes, static_cast<std::uint64_t>(bench.fakes.forwards)); // of the network
        QCOMPARE(summary->passes, std::uint64_t{sink.trace.steps.back()->pass} + 1);
        QVERIFY(sink.trace.steps.size() > summary->passes);
    }

    /// The pictures share what a pass took: all their times together are the time on the clock.
    void timesAddUp_data() { methodRows(); }
    void timesAddUp()
    {
        QFETCH(const QString, method);
        QFETCH(const QString, coupling);
        Bench bench(method.toStdString(), coupling.toStdString());
        bench.fakes.decodeCostNs = 5'000'000;
        RecordingSink sink;
        const Result<RunSummary> summary = bench.run(sink);
        QVERIFY(summary.has_value());
        std::int64_t total = 0;
        std::map<std::uint32_t, std::vector<std::int64_t>> others;
        for (const auto& step : sink.trace.steps) {
            total += step->forwardNs + step->samplingNs + step->otherNs;
            others[step->pass].push_back(step->otherNs);
        }
        for (const auto& [pass, values] : others) {
            QVERIFY(std::ranges::all_of(values, [&](std::int64_t ns) { return ns == values.front() && ns > 0; }));
        }
        const std::int64_t finals = kPictures * bench.fakes.decodeCostNs;
        const std::int64_t rounding = static_cast<std::int64_t>(sink.trace.steps.size()); // shares are whole
        const double wall = summary->seconds * 1e9;
        QVERIFY(std::abs(wall - static_cast<double>(bench.fakes.nowNs)) < 1.0);
        QVERIFY(static_cast<double>(total + finals) <= wall + 1.0);
        QVERIFY(static_cast<double>(total + finals + rounding) >= wall - 1.0);
        const auto keyframes = static_cast<std::int64_t>(sink.trace.previews.size()) - kPictures;
        QVERIFY(keyframes > 0);
        QVERIFY(std::abs(summary->previewSeconds * 1e9 -
                         static_cast<double>(finals + keyframes * bench.fakes.decodeCostNs)) < 1.0);
    }

    void cancelGivesEveryPictureAsItStands()
    {
        for (const std::uint32_t at : {0U, 1U, 3U}) {
            Bench bench;
            RunControl control;
            RecordingSink sink;
            sink.onStep = [&](const Step& step) {
                if (step.pass == at && step.item == 1) { // in the midst of the pass: the others' steps come still
                    control.cancel();
                }
            };
            const Result<RunSummary> summary = bench.engine.run(bench.model, bench.context, control, sink);
            QVERIFY(summary.has_value());
            QCOMPARE(summary->outcome, Outcome::Cancelled);
            QCOMPARE(summary->passes, std::uint64_t{at} + 1);
            QCOMPARE(sink.trace.steps.size(), (std::size_t{at} + 1) * kPictures);
            const auto finals = finalsOf(sink.trace);
            QCOMPARE(finals.size(), std::size_t{kPictures});
            std::uint64_t tokens = 0;
            for (std::uint32_t item = 0; item < kPictures; ++item) {
                QCOMPARE(finals[item]->item, item);
                QCOMPARE(finals[item]->pass, at);
                QCOMPARE(finals[item]->committedEnd, stepsOf(sink.trace, item).back()->committedEnd);
                QCOMPARE(int{finals[item]->rgb.back()}, 128); // the last patch is not decided: grey
                tokens += finals[item]->committedEnd;
            }
            QCOMPARE(summary->tokens, tokens);
            QVERIFY(sink.order.ends_with("ffff."));
        }
    }

    void oneTurnIsOnePassOfAll()
    {
        Bench bench;
        RunControl control;
        control.pause();
        RecordingSink sink;
        std::atomic<int> seen = 0;
        sink.onStep = [&](const Step&) { ++seen; };
        std::thread worker([&] { (void)bench.engine.run(bench.model, bench.context, control, sink); });
        for (int turn = 1; turn <= 3; ++turn) {
            control.step();
            [&] { QTRY_COMPARE(seen.load(), turn * static_cast<int>(kPictures)); }();
            QTest::qWait(5);
        }
        const int paused = seen.load();
        control.resume();
        worker.join();
        QCOMPARE(paused, 3 * static_cast<int>(kPictures));
        QCOMPARE(sink.trace.summary->outcome, Outcome::Complete);
    }

    /// A picture whose numbers are none ends the run; what the others got in that pass is told before.
    void aFailureInOnePictureComesAfterTheStepsOfTheOthers()
    {
        for (const std::int64_t broken : {0, 2}) {
            Bench bench;
            bench.fakes.nanFrom = 2;
            bench.fakes.nanItem = broken;
            RecordingSink sink;
            const Result<RunSummary> failed = bench.run(sink);
            QVERIFY(!failed.has_value());
            QCOMPARE(failed.error().code, ErrorCode::Numeric);
            const RunSummary& summary = *sink.trace.summary;
            QCOMPARE(summary.outcome, Outcome::Failed);
            QCOMPARE(summary.message, failed.error().message);
            QCOMPARE(sink.trace.steps.size(), 2 * std::size_t{kPictures} + static_cast<std::size_t>(broken));
            QCOMPARE(summary.passes, broken == 0 ? 2U : 3U); // one that gave no step at all is none
            std::uint64_t tokens = 0;
            for (std::uint32_t item = 0; item < kPictures; ++item) {
                tokens += stepsOf(sink.trace, item).back()->committedEnd;
            }
            QCOMPARE(summary.tokens, tokens);
            QVERIFY(finalsOf(sink.trace).empty());
            QCOMPARE(sink.order.back(), '.');
        }
    }

    void keyframesOfAllStayWithinTheBudget()
    {
        for (const std::int64_t decodeNs : {5'000'000, 20'000'000, 700'000'000}) {
            Bench bench("sequential");
            bench.fakes.decodeCostNs = decodeNs;
            bench.model.previewNs = decodeNs;
            RecordingSink sink;
            QVERIFY(bench.run(sink).has_value());
            std::int64_t spent = 0;
            for (const auto& preview : sink.trace.previews) {
                if (!preview->isFinal) {
                    spent += decodeNs;
                    const double soFar = (preview->pass + 1) * 1e9 + static_cast<double>(spent);
                    QVERIFY(static_cast<double>(spent) <= 0.03 * soFar);
                }
            }
            QCOMPARE(spent > 0, decodeNs < 700'000'000);
        }
    }

    void nearTiesReachTheSummary()
    {
        Bench bench("sjd", "gumbel-exact");
        bench.context.request.guidance = 1.0;
        bench.fakes.logit = [](std::int64_t position, std::int64_t, std::int64_t code) {
            // The second picture's seed is 8, the third one's 9; all else is decided with a great margin.
            return position == 3   ? logitOfMargin(8, 3, code, 0.0)
                   : position == 7 ? logitOfMargin(9, 7, code, 0.0)
                                   : (code == position % 7 ? 60.0 : 0.0);
        };
        RecordingSink sink;
        QCOMPARE(bench.run(sink)->nearTies, 2U);
        QCOMPARE(sink.trace.summary->nearTies, 2U);
        bench.context.request.pictures = 2;
        RecordingSink two;
        QCOMPARE(bench.run(two)->nearTies, 1U);
        bench.context.request.pictures = 4;
        bench.context.request.coupling = "maximal"; // promises nothing
        RecordingSink other;
        QCOMPARE(bench.run(other)->nearTies, 0U);

        bench.context.request.coupling = "gumbel-exact";
        bench.context.request.window = 1;
        RunControl control;
        RecordingSink cancelled; // of those committed so far
        cancelled.onStep = [&](const Step& step) {
            if (step.committedEnd == 5) {
                control.cancel();
            }
        };
        QCOMPARE(bench.engine.run(bench.model, bench.context, control, cancelled)->nearTies, 1U);
    }
};

JACOBI_TEST(EngineBatchTest)
#include "tst_enginebatch.moc"
