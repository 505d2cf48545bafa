// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/decode/flowapart.h"

#include "core/cuda/hostkernels.h"
#include "core/device/deviceflow.h"
#include "models/tarflow/devicetarflow.h"
#include "tests/models/tarflow/flowruns.h"
#include "tests/testmain.h"

#include <ATen/Parallel.h>

#include <set>

using namespace jacobi;
using namespace jacobi::test;

namespace {

constexpr std::int64_t kBatch = 5;

at::Tensor latentFor(const FlowLayout& layout)
{
    at::manual_seed(3);
    return at::randn({kBatch, layout.tokens(), layout.channels}, at::kDouble) *
           at::linspace(0.3, 1.0, kBatch, at::kDouble).view({kBatch, 1, 1}); // some are harder
}

FlowSettings settingsFor(FlowMethod method, FlowStop stop, double tolerance = 1e-3)
{
    FlowBlockPlan plan = planOf(method, method == FlowMethod::Segments ? 2 : 6);
    plan.tolerance = tolerance;
    plan.stop = stop;
    FlowSettings settings = everyBlock(3, plan);
    settings.together = false;
    settings.guidance = 0.5;
    settings.attentionTemperature = 0.7;
    return settings;
}

std::vector<std::int64_t> labels()
{
    return {0, 2, 1, 1, 0};
}

/// What the run says of one picture is what a run of it alone says.
void compareWithAlone(const FlowRunResult& run, std::int64_t item, const FlowRunResult& alone)
{
    QVERIFY(at::equal(run.tokens.narrow(0, item, 1), alone.tokens)); // bit for bit
    std::size_t at = 0;
    for (const auto& step : run.steps) {
        if (step->item != static_cast<std::uint32_t>(item)) {
            continue;
        }
        QVERIFY(at < alone.steps.size());
        const Step& other = *alone.steps[at++];
        QCOMPARE(step->pass, other.pass);
        QCOMPARE(step->lane, other.lane);
        QCOMPARE(step->segment, other.segment);
        QCOMPARE(step->begin, other.begin);
        QCOMPARE(step->end, other.end);
        QCOMPARE(step->committedEnd, other.committedEnd);
        QVERIFY(step->state == other.state);
    }
    QCOMPARE(at, alone.steps.size());
    std::size_t segment = 0;
    for (const FlowSegmentReport& report : run.report.segments) {
        if (report.item == static_cast<std::uint32_t>(item)) {
            QCOMPARE(report.passes, alone.report.segments.at(segment).passes);
            QCOMPARE(report.residual, alone.report.segments.at(segment++).residual);
        }
    }
    QCOMPARE(segment, alone.report.segments.size());
}

} // namespace

class FlowApartTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void cleanup() { at::set_num_threads(m_threads); }

    void everyPictureIsThatOfABatchOfItsOwn_data()
    {
        QTest::addColumn<int>("method");
        QTest::addColumn<int>("stop");
        QTest::addColumn<int>("threads");
        for (const int threads : {1, 2}) {
            for (const FlowStop stop : {FlowStop::Max, FlowStop::Rms}) {
                for (const FlowMethod method : {FlowMethod::Jacobi, FlowMethod::Segments, FlowMethod::Front}) {
                    QTest::addRow("method %d, stop %d, %d threads", static_cast<int>(method), static_cast<int>(stop),
                                  threads)
                        << static_cast<int>(method) << static_cast<int>(stop) << threads;
                }
            }
        }
    }
    void everyPictureIsThatOfABatchOfItsOwn()
    {
        QFETCH(int, method);
        QFETCH(int, stop);
        QFETCH(int, threads);
        at::set_num_threads(threads);
        TarFlowModel model(randomWeights(0.02));
        const FlowSettings settings = settingsFor(static_cast<FlowMethod>(method), static_cast<FlowStop>(stop));
        QVERIFY(goesApart(settings, model));
        const at::Tensor latent = latentFor(model.layout());
        const FlowRunResult run = runFlow(model, settings, latent, labels());
        QVERIFY2(run.error.empty(), run.error.c_str());
        std::uint64_t most = 0;
        std::uint64_t rows = 0;
        for (std::int64_t item = 0; item < kBatch; ++item) {
            const FlowRunResult alone =
                runFlow(model, settings, latent.narrow(0, item, 1), {labels()[static_cast<std::size_t>(item)]});
            compareWithAlone(run, item, alone);
            most = std::max(most, alone.report.passes);
            rows += alone.report.rows;
        }
        QCOMPARE(run.report.passes, most);
        QCOMPARE(run.report.rows, rows / kBatch);
    }

    /// A pass serves pictures in several blocks, each once.
    void aPassIsOfEveryPictureThatIsNotDone()
    {
        const c10::InferenceMode inference;
        TarFlowModel model(randomWeights(0.02));
        const auto decoder = makeFlowDecoder(settingsFor(FlowMethod::Jacobi, FlowStop::Max), model);
        QVERIFY(decoder->start(latentFor(model.layout()), labels()));
        std::size_t working = kBatch;
        bool isSpread = false;
        std::uint32_t pass = 0;
        for (; !decoder->done(); ++pass) {
            std::set<std::uint32_t> blocks;
            std::vector<std::uint32_t> items;
            do {
                const auto step = decoder->step();
                QVERIFY(step.has_value());
                QCOMPARE((*step)->pass, pass);
                items.push_back((*step)->item);
                blocks.insert((*step)->lane);
            } while (decoder->waiting() > 0);
            QVERIFY(std::ranges::is_sorted(items));
            QVERIFY(std::ranges::adjacent_find(items) == items.end());
            QVERIFY(items.size() <= working);
            working = items.size();
            isSpread = isSpread || blocks.size() > 1;
            QCOMPARE(decoder->report().passes, std::uint64_t{pass} + 1);
            QCOMPARE(decoder->state().size(0), kBatch);
        }
        QVERIFY(isSpread);
        QVERIFY(working < kBatch);
    }

    void nobodyWaitsForTheSlowest()
    {
        TarFlowModel model(randomWeights(0.02));
        FlowSettings settings = settingsFor(FlowMethod::Jacobi, FlowStop::Max);
        const at::Tensor latent = latentFor(model.layout());
        const FlowReport apart = runFlow(model, settings, latent, labels()).report;
        settings.together = true;
        const FlowReport together = runFlow(model, settings, latent, labels()).report;
        QVERIFY(apart.passes <= together.passes);
        QVERIFY(apart.rows < together.rows);
    }

    void whatStaysTogether()
    {
        TarFlowModel model(randomWeights(0.02));
        QVERIFY(!goesApart(settingsFor(FlowMethod::Sequential, FlowStop::Max), model));
        QVERIFY(!goesApart(settingsFor(FlowMethod::Jacobi, FlowStop::Published), model)); // which is of a batch
        FlowSettings narrow = settingsFor(FlowMethod::Jacobi, FlowStop::Max);
        narrow.strategy.blocks[1] = planOf(FlowMethod::Front, 3);
        QVERIFY(!goesApart(narrow, model));
        DeviceFlow onDevice(hostOps(), std::make_unique<DeviceTarFlow>(placedOn(model.weights(), at::kCPU)));
        QVERIFY(!goesApart(settingsFor(FlowMethod::Jacobi, FlowStop::Max), onDevice));
    }

    void mistakesAreNamed()
    {
        TarFlowModel model(randomWeights(0.02));
        const FlowSettings settings = settingsFor(FlowMethod::Jacobi, FlowStop::Max);
        const at::Tensor latent = latentFor(model.layout());
        QVERIFY(runFlow(model, settings, latent, {0, 1}).error.find("every picture") != std::string::npos);
        QVERIFY(runFlow(model, settings, latent, {0, 1, 2, 3, 0}).error.find("every picture") != std::string::npos);
        QVERIFY(runFlow(model, settings, latent.narrow(1, 0, 5), {}).error.find("shape") != std::string::npos);
        QVERIFY(runFlow(model, settings, latent.select(0, 0), {}).error.find("shape") != std::string::npos);
    }

private:
    int m_threads = at::get_num_threads();
};

JACOBI_TEST(FlowApartTest)
#include "tst_flowapart.moc"
