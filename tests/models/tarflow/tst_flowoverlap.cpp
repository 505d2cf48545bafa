// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/decode/flowoverlap.h"

#include "tests/models/tarflow/deviceruns.h"
#include "tests/testmain.h"

#include <ATen/Parallel.h>

#include <map>

using namespace jacobi;
using namespace jacobi::test;

namespace {

constexpr double kGrown = 1e-6; // the same on the way through iterates that grow

at::Tensor latentFor(const FlowLayout& layout, std::int64_t batch = 2)
{
    at::manual_seed(3);
    return at::randn({batch, layout.tokens(), layout.channels}, at::kDouble);
}

FlowSettings overlapping(std::uint32_t lag, double tolerance, FlowStop stop = FlowStop::Max,
                         FlowStart start = FlowStart::Input)
{
    FlowBlockPlan plan = planOf(FlowMethod::Jacobi);
    plan.tolerance = tolerance;
    plan.stop = stop;
    plan.start = start;
    FlowSettings settings = everyBlock(3, plan);
    settings.strategy.lag = lag;
    return settings;
}

FlowSettings sequential()
{
    return everyBlock(3, planOf(FlowMethod::Sequential));
}

double distance(const at::Tensor& a, const at::Tensor& b)
{
    return (a - b).abs().max().item<double>();
}

/// A model of one cache only.
class NoChain final : public FlowModel {
public:
    explicit NoChain(FlowModel& model) : m_model(model) {}
    const FlowLayout& layout() const override { return m_model.layout(); }
    at::ScalarType realType() const override { return m_model.realType(); }
    at::Tensor scaledLatent(const at::Tensor& latent) const override { return m_model.scaledLatent(latent); }
    void begin(std::int64_t batch, const FlowCondition& condition, std::int64_t maxRows) override
    {
        m_model.begin(batch, condition, maxRows);
    }
    void enterBlock(std::int64_t block) override { m_model.enterBlock(block); }
    at::Tensor pass(const at::Tensor& x, std::int64_t first, std::int64_t count) override
    {
        return m_model.pass(x, first, count);
    }

private:
    FlowModel& m_model;
};

} // namespace

class FlowOverlapTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void cleanup() { at::set_num_threads(m_threads); }

    void atToleranceZeroItIsTheSequentialInverse_data()
    {
        QTest::addColumn<int>("lag");
        QTest::addColumn<bool>("affine");
        QTest::addColumn<double>("guidance");
        QTest::addColumn<int>("start");
        for (const int lag : {1, 2, 7, 40}) {
            QTest::addRow("lag %d", lag) << lag << true << 0.0 << 0;
        }
        QTest::addRow("shift only") << 2 << false << 0.0 << 0;
        QTest::addRow("guided") << 2 << true << 1.5 << 0;
        QTest::addRow("from zeros") << 2 << true << 0.0 << 1;
        QTest::addRow("from a fit") << 2 << true << 0.0 << 2;
    }
    void atToleranceZeroItIsTheSequentialInverse()
    {
        QFETCH(int, lag);
        QFETCH(bool, affine);
        QFETCH(double, guidance);
        QFETCH(int, start);
        TarFlowModel model(withStarts(randomWeights(0.04, 4, affine)));
        const at::Tensor latent = latentFor(model.layout());
        FlowSettings settings =
            overlapping(static_cast<std::uint32_t>(lag), 0.0, FlowStop::Max, static_cast<FlowStart>(start));
        FlowSettings exact = sequential();
        exact.guidance = settings.guidance = guidance;
        const FlowRunResult run = runFlow(model, settings, latent, {1, 2});
        QVERIFY2(run.error.empty(), run.error.c_str());
        const double off = distance(run.tokens, runFlow(model, exact, latent, {1, 2}).tokens);
        QVERIFY2(off < kExact, qPrintable(QString::number(off)));
        QVERIFY(run.report.passes <= 3 * 15);
    }

    void aToleranceSavesPassesAndIsKept()
    {
        TarFlowModel model(randomWeights(0.03));
        const at::Tensor latent = latentFor(model.layout(), 1);
        const at::Tensor exact = runFlow(model, sequential(), latent).tokens;
        for (const FlowStop stop : {FlowStop::Max, FlowStop::Rms}) {
            const FlowSettings together = overlapping(1, 1e-3, stop);
            FlowSettings inTurn = together;
            inTurn.strategy.lag = 0;
            const FlowRunResult run = runFlow(model, together, latent);
            const FlowRunResult other = runFlow(model, inTurn, latent);
            QVERIFY(run.report.passes < other.report.passes); // one after the other
            QVERIFY(run.report.rows > 0);
            QVERIFY2(distance(run.tokens, exact) < 0.02, qPrintable(QString::number(distance(run.tokens, exact))));
            for (const FlowSegmentReport& report : run.report.segments) {
                QVERIFY(report.residual <= 1e-3);
            }
        }
    }

    /// A pass has a step of every block at work, from the last to the first; a block begins so many passes after the one
    /// before it, and all are complete in the end.
    void aPassIsOneOfEveryBlockAtWork()
    {
        constexpr std::uint32_t kLag = 3;
        TarFlowModel model(randomWeights(0.03));
        const FlowRunResult run = runFlow(model, overlapping(kLag, 1e-4), latentFor(model.layout()));
        std::map<std::uint32_t, std::uint32_t> first;                               // pass of a block
        std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint32_t> committed; // of item and block
        std::uint64_t rows = 0;
        std::uint32_t pass = 0;
        for (std::size_t i = 0; i < run.steps.size(); ++i) {
            const Step& step = *run.steps[i];
            QVERIFY(step.pass == pass || step.pass == pass + 1);
            if (i > 0 && step.pass == pass) {
                const Step& before = *run.steps[i - 1];
                QVERIFY(step.lane == before.lane ? step.item == before.item + 1 : step.lane < before.lane);
            }
            pass = step.pass;
            first.try_emplace(step.lane, step.pass);
            std::uint32_t& end = committed[{step.item, step.lane}];
            QCOMPARE(step.begin, end);
            QVERIFY(step.committedEnd >= end);
            end = step.committedEnd;
            rows += step.item == 0 ? 15 : 0;
            QCOMPARE(step.residual.size(), static_cast<std::size_t>(step.end - step.begin));
        }
        QCOMPARE(std::uint64_t{pass} + 1, run.report.passes);
        QCOMPARE(rows, run.report.rows);
        for (std::uint32_t block = 0; block < 3; ++block) {
            QCOMPARE(first[block], kLag * (2 - block));
            QCOMPARE((committed[{0, block}]), 16U);
            QCOMPARE((committed[{1, block}]), 16U);
        }
    }

    /// What a block has made so far is there to be seen, and the nearest to the picture is the run's state.
    void everyBlockCanBeLookedAt()
    {
        const c10::InferenceMode inference;
        TarFlowModel model(randomWeights(0.03));
        const auto decoder = makeFlowDecoder(overlapping(2, 1e-4), model);
        const at::Tensor latent = latentFor(model.layout());
        QVERIFY(decoder->start(latent, {}));
        QVERIFY(distance(decoder->state(), latent * model.weights().variance.sqrt()) < kExact);
        std::uint64_t passes = 0;
        while (!decoder->done()) {
            QVERIFY(decoder->step().has_value());
            if (decoder->waiting() > 0) {
                continue;
            }
            ++passes;
            QVERIFY(decoder->stateOf(0, 2).defined());
            QCOMPARE(decoder->stateOf(0, 1).defined(), passes > 2);
            QCOMPARE(decoder->stateOf(1, 0).defined(), passes > 4);
            const std::uint32_t nearest = passes > 4 ? 0 : passes > 2 ? 1 : 2;
            QVERIFY(at::equal(decoder->state()[1], decoder->stateOf(1, nearest)));
        }
    }

    void threadsMakeNoDifference()
    {
        TarFlowModel model(randomWeights(0.03));
        const at::Tensor latent = latentFor(model.layout());
        at::set_num_threads(1);
        const FlowRunResult one = runFlow(model, overlapping(2, 1e-3), latent);
        at::set_num_threads(2);
        const FlowRunResult two = runFlow(model, overlapping(2, 1e-3), latent);
        QVERIFY(at::equal(one.tokens, two.tokens));
        QCOMPARE(one.report.passes, two.report.passes);
    }

    /// Pictures go on by themselves: each is that of a batch of its own, bit for bit, and so are its steps.
    void picturesGoOnByThemselves()
    {
        TarFlowModel model(randomWeights(0.03));
        const at::Tensor latent =
            latentFor(model.layout(), 3) * at::tensor({0.3, 1.0, 0.6}, at::kDouble).view({3, 1, 1});
        FlowSettings settings = overlapping(2, 1e-3);
        settings.together = false;
        QVERIFY(goesApart(settings, model));
        const FlowRunResult run = runFlow(model, settings, latent, {0, 2, 1});
        QVERIFY2(run.error.empty(), run.error.c_str());
        std::uint64_t most = 0;
        const std::int64_t labels[] = {0, 2, 1};
        for (std::int64_t item = 0; item < 3; ++item) {
            const FlowRunResult alone = runFlow(model, settings, latent.narrow(0, item, 1), {labels[item]});
            QVERIFY(at::equal(run.tokens[item], alone.tokens[0]));
            most = std::max(most, alone.report.passes);
            std::vector<std::pair<std::uint32_t, std::uint32_t>> passes;
            std::vector<std::pair<std::uint32_t, std::uint32_t>> own;
            for (const auto& step : run.steps) {
                if (step->item == static_cast<std::uint32_t>(item)) {
                    passes.emplace_back(step->pass, step->lane);
                }
            }
            for (const auto& step : alone.steps) {
                own.emplace_back(step->pass, step->lane);
            }
            QVERIFY(passes == own);
        }
        QCOMPARE(run.report.passes, most);
    }

    /// Where tokens depend on each other so much that nothing converges, iterates leave the finite numbers on the way. They are
    /// cleaned, it takes what the sequential inverse does, and its result is that.
    void overflowOnTheWayIsCleaned()
    {
        for (const double scale : {0.05, 0.2}) {
            TarFlowModel model(randomWeights(0.06, 4, true, 0, at::kFloat));
            const at::Tensor latent = scale * latentFor(model.layout(), 1);
            const FlowRunResult run = runFlow(model, overlapping(1, 0.0), latent);
            const FlowRunResult exact = runFlow(model, sequential(), latent);
            QVERIFY2(exact.error.empty(), exact.error.c_str());
            QVERIFY2(run.error.empty(), run.error.c_str());
            std::uint64_t replaced = 0;
            for (const FlowSegmentReport& report : run.report.segments) {
                replaced += report.replaced;
            }
            QVERIFY(replaced > 0);
            QCOMPARE(run.report.passes, std::uint64_t{3 * 15});
            QVERIFY(distance(run.tokens, exact.tokens) < 1e-3 * exact.tokens.abs().max().item<double>());
        }
    }

    /// A latent that the sequential inverse cannot do is told, after the block was tried one by one.
    void overflowOfTheExactOneIsSaid()
    {
        TarFlowModel model(randomWeights(0.3));
        const at::Tensor latent = latentFor(model.layout(), 1);
        const FlowRunResult run = runFlow(model, overlapping(1, 0.0), latent);
        QVERIFY(run.error.find("left the range of numbers in block 2") != std::string::npos);
        QCOMPARE(run.error, runFlow(model, sequential(), latent).error);
        QVERIFY(run.report.segments.front().fellBack);
        QVERIFY(at::isfinite(run.tokens).all().item<bool>());
    }

    /// There a pass of all blocks is one: what it does is what the CPU's do.
    void aDeviceMakesOnePassOfAllBlocks_data()
    {
        QTest::addColumn<int>("lag");
        QTest::addColumn<double>("tolerance");
        QTest::addColumn<bool>("affine");
        QTest::addColumn<double>("guidance");
        QTest::addColumn<double>("clip");
        QTest::addColumn<int>("start");
        QTest::addRow("to the end") << 1 << 0.0 << true << 0.0 << 0.0 << 0;
        QTest::addRow("one block after the other") << 40 << 1e-4 << true << 0.0 << 0.0 << 0;
        QTest::addRow("shift only") << 2 << 1e-3 << false << 0.0 << 0.0 << 0;
        QTest::addRow("guided, from zeros") << 2 << 1e-3 << true << 1.5 << 0.0 << 1;
        QTest::addRow("cut, from a fit") << 1 << 1e-3 << true << 0.0 << 0.8 << 2;
        QTest::addRow("guided and cut") << 3 << 1e-4 << true << 0.7 << 1.1 << 0;
    }
    void aDeviceMakesOnePassOfAllBlocks()
    {
        QFETCH(int, lag);
        QFETCH(double, tolerance);
        QFETCH(bool, affine);
        QFETCH(double, guidance);
        QFETCH(double, clip);
        QFETCH(int, start);
        const TarFlowWeights weights = withStarts(randomWeights(0.04, 4, affine));
        FlowSettings settings =
            overlapping(static_cast<std::uint32_t>(lag), tolerance, FlowStop::Max, static_cast<FlowStart>(start));
        settings.guidance = guidance;
        settings.attentionTemperature = 0.6;
        settings.clip = clip;
        DeviceFlow device = onDevice(weights);
        for (const std::int64_t batch : {2, 1, 2}) {
            TarFlowModel model(weights);
            const std::vector<std::int64_t> labels(static_cast<std::size_t>(batch), 1);
            compareRuns(runFlow(device, settings, latentFor(model.layout(), batch), labels, true),
                        runFlow(model, settings, latentFor(model.layout(), batch), labels, true));
        }
    }

    /// Blocks of which one has to be inverted token by token, while the others go on.
    void aDeviceFallsBackAlike()
    {
        const TarFlowWeights overflowing = randomWeights(0.3);
        const TarFlowWeights cleaned = randomWeights(0.06, 4, true, 0);
        for (const TarFlowWeights& weights : {overflowing, cleaned}) {
            TarFlowModel model(weights);
            DeviceFlow device = onDevice(weights);
            const at::Tensor latent = 0.2 * latentFor(model.layout(), 1);
            const FlowSettings settings = overlapping(1, 0.0);
            compareRuns(runFlow(device, settings, latent, {}, true), runFlow(model, settings, latent, {}, true),
                        kGrown);
        }
    }

    /// One graph for all blocks, kept for the runs that follow.
    void aDeviceRecordsThePassOfAllBlocksOnce()
    {
        static int captures = 0;
        captures = 0;
        DeviceOps ops = hostOps(); // what is captured is done too; what is launched is not
        ops.beginCapture = [](void*) { return ++captures, 0; };
        ops.endCapture = [](void*, void** graph) { return *graph = &captures, 0; };
        ops.launchGraph = [](void*, void*) { return 0; };
        ops.destroyGraph = [](void*) { return 0; };
        DeviceFlow device(ops, std::make_unique<DeviceTarFlow>(placedOn(randomWeights(0.04), at::kCPU)));
        const at::Tensor latent = latentFor(device.layout());
        runFlow(device, overlapping(1, 1e-3), latent);
        QCOMPARE(captures, 1);
        runFlow(device, overlapping(2, 1e-3), latent);
        QCOMPARE(captures, 1);
        QCOMPARE(device.graphs(), std::size_t{1});
        device.setWantsGraphs(false);
        QVERIFY(runFlow(device, overlapping(1, 1e-3), latent).error.empty());
        QCOMPARE(captures, 1);
    }

    void whatCannotOverlapIsSaid()
    {
        TarFlowModel model(randomWeights(0.03));
        const at::Tensor latent = latentFor(model.layout());
        NoChain without(model);
        QVERIFY(runFlow(without, overlapping(1, 1e-3), latent).error.find("cannot overlap") != std::string::npos);
        FlowSettings settings = overlapping(1, 1e-3);
        settings.strategy.blocks[1].method = FlowMethod::Front;
        QVERIFY(runFlow(model, settings, latent).error.find("block 1 cannot overlap") != std::string::npos);
        TarFlowModel one(randomWeights(0.04, 1)); // one token needs no pass
        QCOMPARE(runFlow(one, overlapping(1, 1e-3), latentFor(one.layout())).report.passes, std::uint64_t{0});
    }

private:
    int m_threads = at::get_num_threads();
};

JACOBI_TEST(FlowOverlapTest)
#include "tst_flowoverlap.moc"
