// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/flowrun.h"

#include "core/trace/memorytrace.h"
#include "core/trace/tracefile.h"
#include "core/trace/tracerecords.h"
#include "core/trace/tracestats.h"
#include "tests/core/engine/fakeflow.h"
#include "tests/testmain.h"

#include <QTemporaryDir>

#include <map>
#include <set>
#include <stdexcept>

using namespace jacobi;
using namespace jacobi::test;

namespace {

const DeviceInfo kCpu{"cpu", "CPU, 1 thread", ""};

/// A run of the fake flow to its end, by a clock of its own.
struct FlowBench {
    explicit FlowBench(RunRequest request) : FlowBench(std::move(request), [](FlowBench&) {}) {}
    FlowBench(RunRequest request, const std::function<void(FlowBench&)>& prepare)
    {
        const FakeFlowFamily family(fakes);
        const ModelInfo model = fakeFlowModel();
        const auto resolved = resolveFlowRequest(request, model, family, kCpu);
        if (!resolved) {
            error = resolved.error().message;
            return;
        }
        LoadedModel loaded = fakeFlowLoaded(fakes);
        prepareModel(loaded, model.layout);
        const RunContext context{resolved->request, model.layout, model.name, "CPU", model.classes};
        fakes.nowNs = 0;
        prepare(*this);
        loaded.previewNs = fakes.pictureNs;
        const Engine engine(makeDecoder, [this] { return fakes.nowNs; });
        const auto ran = engine.run(loaded, context, control, sink);
        if (!ran) {
            error = ran.error().message;
        }
    }

    const RunSummary& summary() const { return *sink.trace.summary; }
    std::vector<std::uint8_t> picture(std::uint32_t item = 0) const
    {
        for (const auto& preview : sink.trace.previews) {
            if (preview->isFinal && preview->item == item) {
                return preview->rgb;
            }
        }
        return {};
    }

    FlowFakes fakes;
    RunControl control;
    RecordingSink sink;
    std::string error;
};

RunRequest withPictures(RunRequest request, int pictures, std::uint64_t seed = 11)
{
    request.pictures = pictures;
    request.seed = seed;
    return request;
}

} // namespace

class FlowRunTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void sequentialReadsATokenAPass()
    {
        const FlowBench bench(fakeFlowRequest());
        QCOMPARE(bench.error, std::string());
        QCOMPARE(bench.summary().outcome, Outcome::Complete);
        QCOMPARE(bench.summary().passes, std::uint64_t{15}); // 3 blocks of 6 tokens, of which the first is given
        QCOMPARE(bench.summary().tokens, std::uint64_t{18});
        QCOMPARE(bench.sink.order.front(), 'h');
        QCOMPARE(bench.sink.order.substr(bench.sink.order.size() - 2), std::string("f."));
        QCOMPARE(bench.fakes.denoised, 1);
    }

    void everyMethodGivesTheSequentialPicture_data()
    {
        QTest::addColumn<QString>("method");
        QTest::addColumn<double>("guidance");
        for (const char* method : {"jacobi", "gs-jacobi", "front"}) {
            QTest::newRow(method) << method << 0.0;
            QTest::newRow((std::string(method) + ", guided").c_str()) << method << 1.5;
        }
    }
    void everyMethodGivesTheSequentialPicture()
    {
        QFETCH(QString, method);
        QFETCH(double, guidance);
        const auto request = [&](const std::string& name) {
            RunRequest made = withPictures(fakeFlowRequest(name), 2);
            made.className = "storm";
            made.guidance = guidance;
            return made;
        };
        const FlowBench sequential(request("sequential"));
        const FlowBench other(request(method.toStdString()));
        QCOMPARE(other.error, std::string());
        QVERIFY(!other.picture(1).empty());
        QCOMPARE(other.picture(0), sequential.picture(0));
        QCOMPARE(other.picture(1), sequential.picture(1));
        QVERIFY(other.summary().passes <= sequential.summary().passes);
    }

    void aPictureOfABatchIsThatOfItsSeed()
    {
        for (const char* method : {"sequential", "front", "jacobi"}) {
            const FlowBench batch(withPictures(fakeFlowRequest(method), 3));
            for (std::uint32_t item = 0; item < 3; ++item) {
                const FlowBench alone(withPictures(fakeFlowRequest(method), 1, 11 + item));
                QCOMPARE(batch.picture(item), alone.picture());
            }
            QVERIFY(batch.picture(0) != batch.picture(1));
        }
    }

    void classAndGuidanceCount()
    {
        RunRequest request = fakeFlowRequest();
        const FlowBench none(request);
        request.className = "storm";
        const FlowBench storm(request);
        request.guidance = 3.0;
        const FlowBench guided(request);
        QVERIFY(none.picture() != storm.picture());
        QVERIFY(storm.picture() != guided.picture());
    }

    void stepsKeepTheTracesPromises()
    {
        RunRequest request = withPictures(fakeFlowRequest("gs-jacobi"), 2);
        const FlowBench bench(request);
        std::map<std::uint32_t, std::uint32_t> committed; // of an item, in its block
        std::map<std::uint32_t, std::uint32_t> lane;
        std::uint32_t passes = 0;
        for (const auto& step : bench.sink.trace.steps) {
            QVERIFY(checkStep(*step, bench.sink.trace.header->layout));
            QVERIFY(step->pass == passes || step->pass + 1 == passes);
            passes = step->pass + 1;
            if (!lane.contains(step->item) || lane[step->item] != step->lane) {
                QCOMPARE(step->lane, lane.contains(step->item) ? lane[step->item] - 1 : 2U);
                lane[step->item] = step->lane;
                committed[step->item] = 0;
            }
            QCOMPARE(step->begin, committed[step->item]);
            QVERIFY(step->committedEnd >= step->begin);
            committed[step->item] = step->committedEnd;
            QVERIFY(step->token.empty());
            QCOMPARE(step->residual.size(), std::size_t{step->end - step->begin});
            QCOMPARE(step->state.size(), step->residual.size());
        }
        QCOMPARE(lane[1], 0U);
        QCOMPARE(committed[1], 6U);
        QCOMPARE(bench.summary().passes, std::uint64_t{passes});
        const TraceStats stats = traceStats(bench.sink.trace);
        QCOMPARE(stats.tokens, bench.summary().tokens);
        QCOMPARE(stats.passes, bench.summary().passes);
    }

    void everyBlockEndsWithAPicture()
    {
        const FlowBench bench(withPictures(fakeFlowRequest("front"), 2));
        std::map<std::uint32_t, std::uint32_t> laneOfPass;
        for (const auto& step : bench.sink.trace.steps) {
            laneOfPass[step->pass] = step->lane;
        }
        std::set<std::pair<std::uint32_t, std::uint32_t>> seen; // lane, item
        for (const auto& preview : bench.sink.trace.previews) {
            QVERIFY(checkPreview(*preview, bench.sink.trace.header->layout));
            if (!preview->isFinal && preview->committedEnd == 6) {
                seen.insert({laneOfPass.at(preview->pass), preview->item});
            }
        }
        QCOMPARE(seen.size(), std::size_t{6});
    }

    /// Pictures on the way, with what the sink takes, have 3 % of the run; only the noise it starts from and blocks' ends are shown at
    /// any price, and count.
    void picturesOnTheWayStayWithinTheBudget_data()
    {
        QTest::addColumn<qint64>("pictureNs");
        QTest::addColumn<qint64>("sinkNs");
        QTest::addColumn<int>("ends");
        QTest::addColumn<int>("most");
        QTest::newRow("cheap: one a pass") << qint64{10} << qint64{20} << 3 << 15;
        QTest::newRow("some, and every block's end") << qint64{10'000} << qint64{30'000} << 3 << 10;
        QTest::newRow("only blocks' ends") << qint64{100'000} << qint64{40'000} << 3 << 3;
        QTest::newRow("dearer than the budget") << qint64{500'000} << qint64{500'000} << 3 << 3;
    }
    void picturesOnTheWayStayWithinTheBudget()
    {
        QFETCH(const qint64, pictureNs);
        QFETCH(const qint64, sinkNs);
        QFETCH(const int, ends);
        QFETCH(const int, most);
        std::int64_t spent = 0;
        int shown = 0;
        int ended = 0;
        bool isWithin = true;
        const FlowBench bench(fakeFlowRequest(), [&](FlowBench& self) { // 15 passes of 1 ms
            self.fakes.passNs = 1'000'000;
            self.fakes.pictureNs = pictureNs;
            self.sink.tellPreviewNs = [=](std::uint32_t width, std::uint32_t height) {
                return width == 3 && height == 2 ? sinkNs : 0;
            };
            self.sink.onPreview = [&](const Preview& preview) {
                self.fakes.nowNs += sinkNs;
                spent += preview.isFinal ? 0 : pictureNs + sinkNs;
                if (!preview.isFinal && !isOfTheStart(preview)) {
                    ++shown;
                    ended += preview.committedEnd == 6 ? 1 : 0;
                    isWithin = isWithin && (preview.committedEnd == 6 || spent * 100 <= self.fakes.nowNs * 3);
                }
            };
        });
        QCOMPARE(bench.error, std::string());
        QCOMPARE(ended, ends);
        QVERIFY2(shown >= ended && shown <= most, qPrintable(QString::number(shown)));
        QVERIFY(isWithin);
        QCOMPARE(bench.summary().passes, std::uint64_t{15});
    }

    void theFirstPictureIsTheNoise()
    {
        const FlowBench bench(withPictures(fakeFlowRequest("front"), 2));
        const auto& previews = bench.sink.trace.previews;
        QVERIFY(isOfTheStart(*previews[0]) && isOfTheStart(*previews[1]));
        QCOMPARE(previews[1]->item, 1U);
        QVERIFY(previews[0]->rgb != previews[1]->rgb);
        QVERIFY(std::none_of(previews.begin() + 2, previews.end(), [](const auto& one) { return isOfTheStart(*one); }));
        RecordingSink again; // replayed it comes first, too
        std::size_t before = 0;
        again.onStep = [&](const Step& step) { before = step.pass == 0 ? again.trace.previews.size() : before; };
        replay(bench.sink.trace, again);
        QCOMPARE(before, std::size_t{2});
        QCOMPARE(again.trace.previews.size(), previews.size());
    }

    void aTraceFileHoldsAFlow()
    {
        const FlowBench bench(withPictures(fakeFlowRequest("gs-jacobi"), 2));
        const QTemporaryDir folder;
        const std::filesystem::path path = folder.filePath("run.jtrace").toStdString();
        const auto written = writeTrace(path, bench.sink.trace);
        QVERIFY2(written.has_value(), written ? "" : written.error().message.c_str());
        const auto read = readTrace(path);
        QVERIFY(read.has_value());
        QCOMPARE(read->damage, std::string());
        QVERIFY(*read->header == *bench.sink.trace.header);
        QCOMPARE(read->steps.size(), bench.sink.trace.steps.size());
        QVERIFY(*read->summary == bench.summary());
    }

    void withoutTheLastStepThePictureIsTheIterate()
    {
        RunRequest request = fakeFlowRequest();
        request.denoise = 0.0;
        const FlowBench bench(request);
        QCOMPARE(bench.fakes.denoised, 0);
        QCOMPARE(bench.picture(), bench.sink.trace.previews[bench.sink.trace.previews.size() - 2]->rgb);
    }

    void cancelStopsWithinAPass()
    {
        const FlowBench bench(fakeFlowRequest("front"), [](FlowBench& self) {
            self.sink.onStep = [&self](const Step& step) {
                if (step.pass == 4) {
                    self.control.cancel();
                }
            };
        });
        QCOMPARE(bench.summary().outcome, Outcome::Cancelled);
        QCOMPARE(bench.summary().passes, std::uint64_t{5});
        QCOMPARE(bench.fakes.denoised, 0);
        QVERIFY(!bench.picture().empty()); // as far as it was
    }

    void cancelledBeforeItBeganItIsASummary()
    {
        const FlowBench bench(fakeFlowRequest(), [](FlowBench& self) { self.control.cancel(); });
        QCOMPARE(bench.sink.order, std::string("."));
        QCOMPARE(bench.summary().outcome, Outcome::Cancelled);
    }

    void whatThrowsIsAFailedRun()
    {
        const FlowBench bench(fakeFlowRequest(), [](FlowBench& self) {
            self.fakes.onPass = [](int pass) {
                if (pass == 3) {
                    throw std::runtime_error("the roof fell in");
                }
            };
        });
        QVERIFY(!bench.error.empty());
        QCOMPARE(bench.summary().outcome, Outcome::Failed);
        QCOMPARE(bench.summary().passes, std::uint64_t{3});
    }

    void valuesThatLeaveTheNumbersAreInvertedOneByOne()
    {
        FlowStrategy strategy = everyBlock(3, {});
        strategy.blocks[2].method = FlowMethod::Jacobi;
        strategy.blocks[2].maxPasses = 2; // too few
        RunRequest request = fakeFlowRequest("gs-jacobi");
        request.plan = flowStrategyToLine(strategy);
        const auto breakIt = [](FlowBench& self) { self.fakes.overflows = true; };
        const FlowBench exact(fakeFlowRequest(), breakIt);
        QCOMPARE(exact.error, std::string());
        const FlowBench bench(request, breakIt);
        QCOMPARE(bench.error, std::string());
        QVERIFY(bench.summary().nonFinite > 0);
        QCOMPARE(bench.summary().fallbacks, std::uint64_t{1});
        QCOMPARE(bench.picture(), exact.picture());
    }
};

JACOBI_TEST(FlowRunTest)
#include "tst_flowrun.moc"
