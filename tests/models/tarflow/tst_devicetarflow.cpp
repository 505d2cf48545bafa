// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/models/tarflow/deviceruns.h"
#include "tests/testmain.h"

using namespace jacobi;
using namespace jacobi::test;

namespace {

at::Tensor latentFor(const FlowLayout& layout, std::int64_t batch = 2)
{
    at::manual_seed(3);
    return at::randn({batch, layout.tokens(), layout.channels}, at::kDouble);
}

struct Setting {
    std::vector<std::int64_t> labels;
    double guidance = 0.0;
    double temperature = 1.0;
    double clip = 0.0;
    bool annealed = true;
};

void compareModels(const TarFlowWeights& weights, const FlowBlockPlan& plan, const Setting& setting)
{
    FlowSettings settings = everyBlock(static_cast<std::uint32_t>(weights.config.blocks), plan);
    settings.guidance = setting.guidance;
    settings.attentionTemperature = setting.temperature;
    settings.clip = setting.clip;
    settings.annealed = setting.annealed;
    TarFlowModel model(weights);
    DeviceFlow flow = onDevice(weights);
    const at::Tensor latent = latentFor(model.layout());
    const FlowRunResult expected = runFlow(model, settings, latent, setting.labels, true);
    compareRuns(runFlow(flow, settings, latent, setting.labels, true), expected);
    flow.runsAhead = false;
    compareRuns(runFlow(flow, settings, latent, setting.labels, true), expected);
}

FlowBlockPlan plan(FlowMethod method, std::uint32_t number, double tolerance, FlowStart start = FlowStart::Input)
{
    FlowBlockPlan plan = planOf(method, number);
    plan.tolerance = tolerance;
    plan.stop = FlowStop::Max;
    plan.start = start;
    return plan;
}

} // namespace

class DeviceTarFlowTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyMethodIsThatOfTheCpu_data()
    {
        QTest::addColumn<int>("method");
        QTest::addColumn<int>("number");
        QTest::addColumn<double>("tolerance");
        QTest::newRow("sequential") << static_cast<int>(FlowMethod::Sequential) << 1 << 0.0;
        QTest::newRow("jacobi") << static_cast<int>(FlowMethod::Jacobi) << 1 << 1e-3;
        QTest::newRow("jacobi to the end") << static_cast<int>(FlowMethod::Jacobi) << 1 << 0.0;
        QTest::newRow("segments") << static_cast<int>(FlowMethod::Segments) << 4 << 1e-3;
        QTest::newRow("ragged segments") << static_cast<int>(FlowMethod::Segments) << 5 << 1e-3;
        QTest::newRow("front") << static_cast<int>(FlowMethod::Front) << 5 << 1e-3;
        QTest::newRow("wide front") << static_cast<int>(FlowMethod::Front) << 16 << 1e-3;
    }
    void everyMethodIsThatOfTheCpu()
    {
        QFETCH(int, method);
        QFETCH(int, number);
        QFETCH(double, tolerance);
        const auto with = [&](FlowStart start) {
            return plan(static_cast<FlowMethod>(method), static_cast<std::uint32_t>(number), tolerance, start);
        };
        const TarFlowWeights weights = withStarts(randomWeights(0.04));
        compareModels(weights, with(FlowStart::Input), {});
        compareModels(weights, with(FlowStart::Zeros), {{1, 2}, 0.0, 1.0, 0.8, true});
        compareModels(weights, with(FlowStart::Fitted), {{2, 0}, 1.5, 1.0, 0.0, true});
        compareModels(weights, with(FlowStart::Input), {{}, 0.7, 0.4, 1.5, false});
    }

    void everyStopIsSeenByTheDevice()
    {
        const TarFlowWeights weights = randomWeights(0.04);
        for (const FlowStop stop : {FlowStop::Max, FlowStop::Rms, FlowStop::Published}) {
            for (const double tolerance : {0.3, 1e-2, 1e-5}) { // some are met while the next pass is under way
                FlowBlockPlan jacobi = plan(FlowMethod::Jacobi, 1, tolerance);
                jacobi.stop = stop;
                compareModels(weights, jacobi, {{1, 0}, 0.5, 0.8, 0.0, true});
                FlowBlockPlan segments = plan(FlowMethod::Segments, 3, tolerance);
                segments.stop = stop;
                compareModels(weights, segments, {});
            }
        }
    }

    void aFlowThatOnlyShifts()
    {
        const TarFlowWeights weights = randomWeights(0.1, 4, false, 0);
        compareModels(weights, plan(FlowMethod::Front, 4, 1e-3), {});
        compareModels(weights, plan(FlowMethod::Jacobi, 1, 1e-3), {{}, 0.5, 0.5, 0.0, true});
    }

    void iteratesThatLeaveTheNumbersFallBackAlike()
    {
        const TarFlowWeights weights = randomWeights(0.3, 4, true, 0);
        for (const std::uint32_t passes : {2U, 4U}) {
            FlowBlockPlan few = plan(FlowMethod::Jacobi, 1, 0.0);
            few.maxPasses = passes;
            compareModels(weights, few, {});
            few = plan(FlowMethod::Segments, 2, 0.0);
            few.maxPasses = passes;
            compareModels(weights, few, {});
        }
    }

    void roomIsMadeAnewWhereItHasTo()
    {
        const TarFlowWeights weights = randomWeights(0.04);
        TarFlowModel model(weights);
        DeviceFlow flow = onDevice(weights);
        for (const std::int64_t batch : {2, 2, 1, 3}) {
            for (const FlowMethod method : {FlowMethod::Sequential, FlowMethod::Jacobi, FlowMethod::Front}) {
                const FlowSettings settings = everyBlock(3, plan(method, 3, 1e-4));
                const at::Tensor latent = latentFor(model.layout(), batch);
                const auto found = runFlow(flow, settings, latent, {});
                const auto expected = runFlow(model, settings, latent, {});
                QCOMPARE(found.report.passes, expected.report.passes);
                QVERIFY(differenceOf(found.tokens, expected.tokens) < kExact);
            }
        }
    }

    void passesThatComeAgainAreRecordedWhereThatCanBe()
    {
        const TarFlowWeights weights = randomWeights(0.04);
        static int captures = 0;
        static bool mayRecord = true;
        captures = 0;
        DeviceOps ops = hostOps(); // what is captured is done too; what is launched is not
        ops.beginCapture = [](void*) { return ++captures, mayRecord ? 0 : 801; };
        ops.endCapture = [](void*, void** graph) { return *graph = &captures, 0; };
        ops.launchGraph = [](void*, void*) { return 0; };
        ops.destroyGraph = [](void*) { return 0; };
        DeviceFlow flow(ops, std::make_unique<DeviceTarFlow>(placedOn(weights, at::kCPU)));
        const FlowSettings settings = everyBlock(3, plan(FlowMethod::Segments, 4, 0.0));
        const at::Tensor latent = latentFor(flow.layout());
        const std::uint64_t passes = runFlow(flow, settings, latent).report.passes;
        QVERIFY(passes > 0);
        QCOMPARE(captures, 3); // a block: its segments of 4 and 3 tokens are of one width
        QCOMPARE(flow.graphs(), std::size_t{3});
        runFlow(flow, settings, latent);
        QCOMPARE(captures, 3);
        flow.setWantsGraphs(false);
        const auto plain = runFlow(flow, settings, latent);
        mayRecord = false;
        DeviceFlow refused(ops, std::make_unique<DeviceTarFlow>(placedOn(weights, at::kCPU)));
        const auto padded = runFlow(refused, settings, latent);
        QCOMPARE(refused.graphs(), std::size_t{0});
        QVERIFY(!refused.whyNoGraph().empty());
        QCOMPARE(padded.report.passes, plain.report.passes);
        QVERIFY(differenceOf(padded.tokens, plain.tokens) < kExact);
    }

    void aPassByItselfIsThatOfTheCpu()
    {
        const c10::InferenceMode inference;
        const TarFlowWeights weights = randomWeights(0.04);
        TarFlowModel model(weights);
        DeviceFlow flow = onDevice(weights);
        const at::Tensor x = latentFor(model.layout());
        for (FlowModel* one : {static_cast<FlowModel*>(&model), static_cast<FlowModel*>(&flow)}) {
            one->begin(2, {{1, 2}, true, 0.5}, 16);
            one->enterBlock(1);
        }
        for (const auto& [first, count] : {std::pair{0, 16}, std::pair{4, 5}, std::pair{15, 1}}) {
            const at::Tensor expected = model.pass(x, first, count);
            const at::Tensor found = flow.pass(x, first, count);
            QCOMPARE(found.sizes().vec(), expected.sizes().vec());
            QVERIFY(differenceOf(found, expected) < kExact);
        }
    }
};

JACOBI_TEST(DeviceTarFlowTest)
#include "tst_devicetarflow.moc"
