// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/io/files.h"
#include "tests/models/tarflow/flowruns.h"
#include "tests/models/tarflow/goldendata.h"
#include "tests/testmain.h"

using namespace jacobi;
using namespace jacobi::test;

namespace {

constexpr double kExact = 1e-9; // float64; products of other shapes round differently

at::Tensor latentFor(const TarFlowModel& model, std::int64_t batch = 2)
{
    at::manual_seed(3);
    return at::randn({batch, model.layout().tokens(), model.layout().channels}, at::kDouble);
}

at::Tensor sequentially(TarFlowModel& model, const at::Tensor& latent, FlowSettings settings = {},
                        const std::vector<std::int64_t>& labels = {})
{
    settings.strategy = everyBlock(model.layout().blocks, planOf(FlowMethod::Sequential)).strategy;
    return runFlow(model, settings, latent, labels).tokens;
}

/// Steps of each picture: the pass counts up, positions are committed in order and each block ends complete.
void checkSteps(const FlowRunResult& run, const FlowLayout& layout, std::uint32_t batch)
{
    std::vector<std::uint32_t> committed(batch, 0);
    std::uint32_t lane = layout.blocks;
    QCOMPARE(run.steps.size(), static_cast<std::size_t>(run.report.passes) * batch);
    for (std::size_t i = 0; i < run.steps.size(); ++i) {
        const Step& step = *run.steps[i];
        QCOMPARE(step.item, static_cast<std::uint32_t>(i % batch));
        QCOMPARE(step.pass, static_cast<std::uint32_t>(i / batch));
        if (step.lane != lane) {
            QCOMPARE(step.lane, lane - 1);
            QVERIFY(i % batch == 0 && (lane == layout.blocks || committed[0] == layout.tokens()));
            lane = step.lane;
            committed.assign(batch, 0);
        }
        QCOMPARE(step.begin, committed[step.item]);
        QVERIFY(step.committedEnd > step.begin && step.committedEnd <= step.end && step.end <= layout.tokens());
        QCOMPARE(step.state.size(), static_cast<std::size_t>(step.end - step.begin));
        QCOMPARE(step.residual.size(), step.state.size());
        for (std::uint32_t t = step.begin; t < step.end; ++t) {
            const TokenState state = step.state[t - step.begin];
            const bool final = state == TokenState::Converged || state == TokenState::Bonus;
            QCOMPARE(final, t < step.committedEnd);
            QCOMPARE(state == TokenState::New, !final && std::isnan(step.residual[t - step.begin]));
        }
        committed[step.item] = step.committedEnd;
    }
    QCOMPARE(lane, 0U);
    QCOMPARE(committed[batch - 1], layout.tokens());
}

/// StartGuess's sum, term by term, raster order, for the labels 1 and none.
at::Tensor guessByLoops(const StartGuess& start, const at::Tensor& z, bool reversed)
{
    constexpr std::int64_t kColumns = 4;
    const std::int64_t tokens = z.size(1);
    at::Tensor guess = at::zeros_like(z);
    for (std::int64_t item = 0; item < z.size(0); ++item) {
        for (std::int64_t t = 0; t < tokens; ++t) {
            const std::int64_t place = reversed ? tokens - 1 - t : t; // in the block's order
            at::Tensor sum = start.scale[t] * z[item][t] + start.shift[t];
            const std::int64_t steps[] = {0, 1, kColumns};
            for (std::int64_t i = 0; i < 3; ++i) {
                if (place >= steps[i]) {
                    sum = sum + at::matmul(z[item][reversed ? t + steps[i] : t - steps[i]], start.near[i]);
                }
            }
            guess[item][t] = item == 0 ? sum + start.classes[1][t / kColumns] : sum;
        }
    }
    return guess;
}

} // namespace

class FlowDecoderTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everySegmentCountIsExact_data()
    {
        QTest::addColumn<int>("segments");
        for (int segments = 1; segments <= 16; ++segments) {
            QTest::addRow("%d", segments) << segments;
        }
    }
    void everySegmentCountIsExact()
    {
        QFETCH(int, segments);
        TarFlowModel model(withStarts(randomWeights(0.04)));
        const at::Tensor latent = latentFor(model);
        const at::Tensor exact = sequentially(model, latent);
        for (const FlowStart start : {FlowStart::Input, FlowStart::Zeros, FlowStart::Fitted}) {
            FlowBlockPlan plan = planOf(FlowMethod::Segments, static_cast<std::uint32_t>(segments));
            plan.start = start;
            const FlowRunResult run = runFlow(model, everyBlock(3, plan), latent);
            QVERIFY2(run.error.empty(), run.error.c_str());
            QVERIFY2(distance(run.tokens, exact) < kExact, qPrintable(QString::number(distance(run.tokens, exact))));
            QVERIFY(run.report.passes <= 3 * 15);
            checkSteps(run, model.layout(), 2);
            std::uint32_t next = 1; // the segments lie one behind the other and cover everything
            for (const FlowSegmentReport& report : run.report.segments) {
                QCOMPARE(report.begin, next);
                next = report.end == 16 ? 1 : report.end;
            }
        }
    }

    void everyFrontWidthIsExact_data()
    {
        QTest::addColumn<int>("window");
        for (int window = 1; window <= 18; ++window) {
            QTest::addRow("%d", window) << window;
        }
    }
    void everyFrontWidthIsExact()
    {
        QFETCH(int, window);
        TarFlowModel model(randomWeights(0.04));
        const at::Tensor latent = latentFor(model);
        const FlowRunResult run =
            runFlow(model, everyBlock(3, planOf(FlowMethod::Front, static_cast<std::uint32_t>(window))), latent);
        QVERIFY2(run.error.empty(), run.error.c_str());
        QVERIFY(distance(run.tokens, sequentially(model, latent)) < kExact);
        QVERIFY(run.report.passes <= 3 * 15);
        checkSteps(run, model.layout(), 2);
    }

    void aFrontOfOneIsTheSequentialInverse()
    {
        TarFlowModel model(randomWeights(0.04));
        const at::Tensor latent = latentFor(model);
        const FlowRunResult run = runFlow(model, everyBlock(3, planOf(FlowMethod::Front, 1)), latent);
        QVERIFY(run.tokens.equal(sequentially(model, latent))); // bit for bit
        QCOMPARE(run.report.passes, std::uint64_t{45});
        QCOMPARE(run.report.rows, std::uint64_t{45});
    }

    void afterKPassesTheFirstTokensAreExact_data()
    {
        QTest::addColumn<int>("start");
        QTest::newRow("input") << 0;
        QTest::newRow("zeros") << 1;
        QTest::newRow("fitted") << 2;
    }
    void afterKPassesTheFirstTokensAreExact()
    {
        QFETCH(int, start);
        TarFlowModel model(withStarts(randomWeights(0.06)));
        const at::Tensor latent = latentFor(model);
        FlowBlockPlan plan = planOf(FlowMethod::Jacobi);
        plan.start = static_cast<FlowStart>(start);
        FlowSettings settings = everyBlock(3, planOf(FlowMethod::Sequential));
        settings.strategy.blocks[2] = plan;
        settings.strategy.blocks[2].block = 2;
        const FlowRunResult run = runFlow(model, settings, latent, {}, true);
        const at::Tensor exact = run.states[14];
        int later = 0;
        for (int k = 0; k < 14; ++k) {
            QVERIFY(distance(run.states[static_cast<std::size_t>(k)].narrow(1, 0, k + 2), exact.narrow(1, 0, k + 2)) <
                    kExact);
            QCOMPARE(run.steps[static_cast<std::size_t>(2 * k)]->committedEnd, static_cast<std::uint32_t>(k + 2));
            later += distance(run.states[static_cast<std::size_t>(k)], exact) > 1e-6 ? 1 : 0;
        }
        QVERIFY(later >= 5); // and it was not exact from the start
    }

    /// A fit is of the picture's numbers, whichever way a block reads them; without one there is no such start.
    void aFittedStartIsTheModels()
    {
        const TarFlowWeights weights = withStarts(randomWeights(0.04));
        TarFlowModel model(weights);
        const at::Tensor z = at::randn({2, 16, 3}, at::kDouble);
        QVERIFY(model.layout().fittedStart);
        model.begin(2, {{1, -1}}, 15);
        for (const std::int64_t block : {0, 1}) {
            const at::Tensor inOrder = inBlockOrder(model.layout(), block, z).contiguous();
            const at::Tensor guess = inBlockOrder(model.layout(), block, model.fittedStart(block, inOrder));
            const at::Tensor expected =
                guessByLoops(weights.blocks[static_cast<std::size_t>(block)].start, z, block == 1);
            QVERIFY(at::allclose(guess, expected));
        }
        TarFlowModel none(randomWeights(0.04));
        QVERIFY(!none.layout().fittedStart && !none.fittedStart(0, z).defined());
        FlowBlockPlan plan = planOf(FlowMethod::Jacobi);
        plan.start = FlowStart::Fitted;
        const FlowRunResult run = runFlow(none, everyBlock(3, plan), latentFor(none));
        QVERIFY2(run.error.find("holds none") != std::string::npos, run.error.c_str());
    }

    void reversedBlocksCommitFromTheEnd()
    {
        TarFlowModel model(randomWeights(0.06));
        const at::Tensor latent = latentFor(model);
        FlowSettings settings = everyBlock(3, planOf(FlowMethod::Sequential));
        const FlowRunResult run = runFlow(model, settings, latent, {}, true);
        const at::Tensor before = run.states[14];
        // Block 1 reads from the last token: after its first pass the last two stand, the others are its input still.
        QVERIFY(run.states[15].narrow(1, 0, 14).equal(before.narrow(1, 0, 14)));
        QVERIFY(run.states[15].select(1, 15).equal(before.select(1, 15)));
        QVERIFY(!run.states[15].select(1, 14).equal(before.select(1, 14)));
    }

    void guidance()
    {
        TarFlowModel model(randomWeights(0.04));
        const at::Tensor latent = latentFor(model);
        FlowSettings settings;
        settings.attentionTemperature = 0.7;
        const at::Tensor plain = sequentially(model, latent, settings, {0, 2});
        settings.guidance = 1.5;
        const at::Tensor guided = sequentially(model, latent, settings, {0, 2});
        QVERIFY(distance(plain, guided) > 1e-3);
        settings.annealed = false;
        QVERIFY(distance(sequentially(model, latent, settings, {0, 2}), guided) > 1e-3);
        settings.strategy = everyBlock(3, planOf(FlowMethod::Front, 5)).strategy;
        const at::Tensor exact = sequentially(model, latent, settings, {0, 2});
        const double error = distance(runFlow(model, settings, latent, {0, 2}).tokens, exact, 1e-6);
        QVERIFY2(error < kExact,
                 qPrintable(QStringLiteral("%1 of %2").arg(error).arg(exact.abs().max().item<double>())));
        settings.guideScale = settings.guideShift = false;
        QVERIFY(sequentially(model, latent, settings, {0, 2}).equal(plain));
        // The other picture of a batch changes nothing.
        QVERIFY(distance(sequentially(model, latent.narrow(0, 1, 1), {}, {2}), plain.narrow(0, 1, 1)) < kExact);
    }

    void guidanceWithoutLabelsWorksThroughTheTemperature()
    {
        TarFlowModel model(randomWeights(0.04, 4, true, 0));
        const at::Tensor latent = latentFor(model);
        FlowSettings settings;
        const at::Tensor plain = sequentially(model, latent, settings);
        settings.guidance = 2.0;
        QVERIFY(distance(sequentially(model, latent, settings), plain) < kExact);
        settings.attentionTemperature = 0.3;
        QVERIFY(distance(sequentially(model, latent, settings), plain) > 1e-4);
    }

    void theLatentIsScaledOnce()
    {
        TarFlowWeights weights = randomWeights(0.04);
        const at::Tensor latent = latentFor(TarFlowModel(weights));
        TarFlowModel model(weights);
        const at::Tensor scaled = sequentially(model, latent);
        weights.variance = at::ones_like(weights.variance);
        TarFlowModel plain(weights);
        QVERIFY(distance(sequentially(plain, latent * model.weights().variance.sqrt()), scaled) < kExact);
        QVERIFY(distance(sequentially(plain, latent), scaled) > 1e-3);
    }

    void aToleranceSavesPasses()
    {
        TarFlowModel model(randomWeights(0.02, 8));
        const at::Tensor latent = latentFor(model);
        const at::Tensor exact = sequentially(model, latent);
        std::uint64_t front = 0;
        for (const FlowMethod method : {FlowMethod::Front, FlowMethod::Jacobi, FlowMethod::Segments}) {
            FlowBlockPlan plan = planOf(method, method == FlowMethod::Front ? 16 : 4);
            plan.tolerance = 1e-5;
            plan.stop = FlowStop::Max;
            const FlowRunResult run = runFlow(model, everyBlock(3, plan), latent);
            QVERIFY(distance(run.tokens, exact) < 1e-3);
            QVERIFY2(run.report.passes < 3 * 63, qPrintable(QString::number(run.report.passes)));
            QVERIFY(run.report.rows > 3 * 63);
            checkSteps(run, model.layout(), 2);
            front = method == FlowMethod::Front ? run.report.passes : front;
            QVERIFY(method != FlowMethod::Segments || front < run.report.passes);
        }
    }

    void aCapStopsEarly()
    {
        TarFlowModel model(randomWeights(0.02));
        FlowBlockPlan plan = planOf(FlowMethod::Segments, 3);
        plan.maxPasses = 2;
        const FlowRunResult run = runFlow(model, everyBlock(3, plan), latentFor(model));
        QVERIFY2(run.error.empty(), run.error.c_str());
        QCOMPARE(run.report.passes, std::uint64_t{3 * 3 * 2});
        checkSteps(run, model.layout(), 2);
    }

    void theClipBoundsJacobiOnly()
    {
        TarFlowModel model(randomWeights(0.06));
        FlowSettings settings = everyBlock(3, planOf(FlowMethod::Jacobi));
        settings.clip = 1.0;
        const at::Tensor latent = latentFor(model);
        QVERIFY(runFlow(model, settings, latent).tokens.abs().max().item<double>() <= 1.0);
        settings.strategy = everyBlock(3, planOf(FlowMethod::Front, 4)).strategy;
        QVERIFY(runFlow(model, settings, latent).tokens.abs().max().item<double>() > 1.0);
    }

    void overflowIsCleanedCountedAndAnswered()
    {
        // Log-scales so large that a wrong iterate overflows, while the right one stays small.
        TarFlowModel model(randomWeights(0.3, 4, true, 0, at::kFloat));
        const at::Tensor latent = latentFor(model);
        std::uint64_t replaced = 0;
        int fellBack = 0;
        for (const std::uint32_t cap : {0U, 1U, 2U}) {
            for (const FlowMethod method : {FlowMethod::Jacobi, FlowMethod::Segments, FlowMethod::Front}) {
                FlowBlockPlan plan = planOf(method, 4);
                plan.maxPasses = cap;
                plan.start = FlowStart::Input;
                const FlowRunResult run = runFlow(model, everyBlock(3, plan), latent);
                for (const FlowSegmentReport& report : run.report.segments) {
                    replaced += report.replaced;
                    fellBack += report.fellBack ? 1 : 0;
                }
                QVERIFY(at::isfinite(run.tokens).all().item<bool>());
            }
        }
        QVERIFY(replaced > 0);
        QVERIFY(fellBack > 0);
    }

    void mistakesAreNamed()
    {
        TarFlowModel model(randomWeights(0.04));
        const at::Tensor latent = latentFor(model);
        const FlowSettings settings = everyBlock(3, planOf(FlowMethod::Sequential));
        QVERIFY(has(runFlow(model, settings, latent, {3, 0}).error, "a label from 0 to 2"));
        QVERIFY(has(runFlow(model, settings, latent, {-1, 0}).error, "a label from 0 to 2"));
        QVERIFY(has(runFlow(model, settings, latent, {0}).error, "a label from 0 to 2"));
        QVERIFY(has(runFlow(model, settings, latent.narrow(1, 0, 15)).error, "16 tokens of 3 numbers"));
        QVERIFY(has(runFlow(model, everyBlock(2, planOf(FlowMethod::Sequential)), latent).error, "has 2 blocks"));
        QVERIFY(has(runFlow(model, everyBlock(3, planOf(FlowMethod::Segments, 17)), latent).error, "17 segments"));
        TarFlowModel unlabelled(randomWeights(0.04, 4, true, 0));
        QVERIFY(has(runFlow(unlabelled, settings, latent, {0, 0}).error, "knows no labels"));
    }

    void oneTokenNeedsNoPass()
    {
        TarFlowModel model(randomWeights(0.04, 1));
        const at::Tensor latent = latentFor(model);
        for (const FlowMethod method : {FlowMethod::Sequential, FlowMethod::Jacobi, FlowMethod::Front}) {
            const FlowRunResult run = runFlow(model, everyBlock(3, planOf(method)), latent);
            QVERIFY(run.error.empty());
            QCOMPARE(run.report.passes, std::uint64_t{0});
            QVERIFY(distance(run.tokens, latent * model.weights().variance.sqrt()) < kExact);
        }
    }

    void longHistoriesTakeTheOtherAttention()
    {
        // From 128 tokens on wide windows go through the library's attention: the same numbers, masks included.
        TarFlowModel model(randomWeights(0.02, 13, true, 2, at::kDouble, 64, 2, 1));
        const at::Tensor latent = latentFor(model);
        FlowSettings settings;
        settings.guidance = 0.5;
        settings.attentionTemperature = 0.8;
        const at::Tensor exact = sequentially(model, latent, settings, {0, 1});
        for (const FlowMethod method : {FlowMethod::Jacobi, FlowMethod::Segments, FlowMethod::Front}) {
            settings.strategy = everyBlock(2, planOf(method, method == FlowMethod::Segments ? 3 : 50)).strategy;
            QVERIFY(distance(runFlow(model, settings, latent, {0, 1}).tokens, exact) < kExact);
        }
    }

    void aDecoderMayStartAgain()
    {
        TarFlowModel model(randomWeights(0.04));
        const at::Tensor latent = latentFor(model);
        const c10::InferenceMode guard;
        const auto decoder = makeFlowDecoder(everyBlock(3, planOf(FlowMethod::Front, 4)), model);
        at::Tensor first;
        for (int round = 0; round < 2; ++round) {
            QVERIFY(decoder->start(latent, {1, 2}));
            for (int i = 0; round == 0 && i < 7; ++i) {
                QVERIFY(decoder->step()); // cut short
            }
            QVERIFY(round == 1 || decoder->start(latent, {1, 2}));
            while (!decoder->done()) {
                QVERIFY(decoder->step());
            }
            QVERIFY(round == 0 || decoder->state().equal(first));
            first = decoder->state();
        }
    }
};

JACOBI_TEST(FlowDecoderTest)
#include "tst_flowdecoder.moc"
