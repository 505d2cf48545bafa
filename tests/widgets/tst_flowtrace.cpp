// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/testmain.h"
#include "tests/widgets/flowstage.h"

#include <QtTest>

#include <cmath>

using namespace jacobi;
using namespace jacobi::test;

namespace {

QColor colourOf(const QImage& image)
{
    return image.isNull() ? QColor() : image.pixelColor(3, 3);
}

} // namespace

class FlowTraceTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void blocksAreFoundInTheOrderTheyWereWorkedOn()
    {
        const FlowStage stage;
        QVERIFY(stage.flow.isFlow());
        QCOMPARE(stage.flow.blocks(), 3);
        QCOMPARE(stage.flow.runs().size(), std::size_t{3});
        const int blocks[] = {2, 1, 0};
        const int ends[] = {5, 20, 26};
        for (std::size_t at = 0; at < 3; ++at) {
            QCOMPARE(stage.flow.runs()[at].block, blocks[at]);
            QCOMPARE(stage.flow.runs()[at].end, ends[at]);
            QVERIFY(stage.flow.isConverged(static_cast<int>(at)));
        }
        QCOMPARE(stage.flow.blockOf(4), 2);
        QCOMPARE(stage.flow.blockOf(5), 1);
        QCOMPARE(stage.flow.blockOf(26), -1);
        QCOMPARE(stage.flow.runOf(0)->passes(), 6);
        QVERIFY(!stage.flow.runOf(7));
    }

    void whatIsDoneGrowsOverTheBlocks()
    {
        const FlowStage stage;
        QCOMPARE(stage.flow.total(), 48);
        QCOMPARE(stage.flow.sequentialPasses(), 45);
        int before = 0;
        for (int pass = 0; pass < stage.model.passes(); ++pass) {
            QVERIFY(stage.flow.doneAfter(pass) >= before);
            before = stage.flow.doneAfter(pass);
        }
        QCOMPARE(before, 48);
        QCOMPARE(stage.flow.doneAfter(4), 16);
        QCOMPARE(stage.flow.doneAfter(5), 18); // the first position of a block is there from the start
    }

    void theModelCountsAnewInEachBlock()
    {
        const FlowStage stage;
        QCOMPARE(stage.model.committedEnd(4), 16);
        QCOMPARE(stage.model.committedBefore(5), 0);
        QCOMPARE(stage.model.committedEnd(5), 2);
        QCOMPARE(stage.model.acceptedInPass(5), 2);
        QCOMPARE(stage.model.committedEnd(25), 16);
    }

    void residualsAreMeasuredAsThePlanStops()
    {
        const FlowStage stage;
        QVERIFY(std::abs(stage.flow.residual(1) - flowResidual(2, 1)) < 1e-6);
        QVERIFY(std::abs(stage.flow.residual(20) - flowResidual(0, 0)) < 1e-6);
        QVERIFY(std::isnan(stage.flow.residual(-1)));
        QCOMPARE(stage.flow.tolerance(2), 1e-2);
        QCOMPARE(stage.flow.tolerance(1), 0.0); // one by one: nothing to hold it against
        QCOMPARE(stage.flow.tolerance(0), 1e-3);
        QCOMPARE(planWords(*stage.flow.plan(0)), QString("front 8"));
        QCOMPARE(planWords(*stage.flow.plan(1)), QString("one by one"));
    }

    void picturesBelongToTheirPasses()
    {
        const FlowStage stage;
        QCOMPARE(colourOf(stage.flow.pictureAt(1)), QColor(Qt::magenta)); // the noise, until there is something newer
        QCOMPARE(colourOf(stage.flow.pictureAt(2)), QColor(Qt::red));
        QCOMPARE(colourOf(stage.flow.pictureAt(3)), QColor(Qt::red));
        QCOMPARE(colourOf(stage.flow.pictureAt(4)), QColor(Qt::green));
        QCOMPARE(colourOf(stage.flow.pictureAt(18)), QColor(Qt::green));
        QCOMPARE(colourOf(stage.flow.pictureAt(19)), QColor(Qt::blue));
        QCOMPARE(colourOf(stage.flow.pictureAt(25)), QColor(Qt::white)); // the final one
        QCOMPARE(colourOf(stage.flow.pictureAfter(0)), QColor(Qt::yellow));
        QCOMPARE(colourOf(stage.flow.pictureAfter(2)), QColor(Qt::green));
        QCOMPARE(colourOf(stage.flow.finalPicture()), QColor(Qt::white));
        QCOMPARE(colourOf(stage.flow.startPicture()), QColor(Qt::magenta));
    }

    /// Live and replayed runs give the same.
    void growingGivesTheSame()
    {
        const Trace trace = makeFlowTrace();
        TraceModel model;
        FlowTrace flow(&model);
        model.appendHeader(trace.header);
        for (const auto& step : trace.steps) {
            model.appendStep(step);
        }
        QVERIFY(!flow.isConverged(3));
        for (const auto& preview : trace.previews) {
            model.appendPreview(preview);
        }
        const FlowStage whole;
        QCOMPARE(flow.runs().size(), whole.flow.runs().size());
        for (int pass = 0; pass < model.passes(); ++pass) {
            QCOMPARE(flow.doneAfter(pass), whole.flow.doneAfter(pass));
            QCOMPARE(colourOf(flow.pictureAt(pass)), colourOf(whole.flow.pictureAt(pass)));
        }
    }

    void blocksThatOverlapShareTheirPasses()
    {
        const FlowStage stage(makeOverlappingTrace());
        QVERIFY(stage.flow.overlaps());
        QVERIFY(!FlowStage().flow.overlaps());
        QCOMPARE(stage.model.passes(), 10);
        QCOMPARE(stage.flow.runs().size(), std::size_t{3});
        const int begins[] = {0, 2, 4};
        const int ends[] = {6, 9, 10};
        for (int at = 0; at < 3; ++at) {
            const BlockRun& run = stage.flow.runs()[static_cast<std::size_t>(at)];
            QCOMPARE(run.block, 2 - at);
            QCOMPARE(run.begin, begins[at]);
            QCOMPARE(run.end, ends[at]);
            QVERIFY(stage.flow.isConverged(at));
        }
        QCOMPARE(stage.flow.blockOf(1), 2); // the one nearest the picture
        QCOMPARE(stage.flow.blockOf(3), 1);
        QCOMPARE(stage.flow.blockOf(5), 0);
        QCOMPARE(stage.flow.runsAt(5).size(), std::size_t{3});
        QCOMPARE(stage.flow.blockWords(5), QString("blocks 2 to 0"));
        QCOMPARE(stage.flow.blockWords(0), QString("block 2"));
        QVERIFY(std::abs(stage.flow.residual(0, 5) - flowResidual(2, 5)) < 1e-6);
        QVERIFY(std::abs(stage.flow.residual(2, 5) - flowResidual(0, 1)) < 1e-6);
        QVERIFY(std::abs(stage.flow.residual(5) - 0.5) < 1e-6); // block 1's, which moves most
        QVERIFY(std::isnan(stage.flow.residual(0, 7)));
        QCOMPARE(stage.flow.finalAfter(0, 3), 5);
        QCOMPARE(stage.flow.finalAfter(0, 9), 16);
        QCOMPARE(stage.flow.finalAfter(2, 8), 0);
        QCOMPARE(stage.flow.doneAfter(3), 5);
        QCOMPARE(stage.flow.doneAfter(9), 48);
        QCOMPARE(stage.model.secondsUntil(9), 1e-3 * 19); // 6 + 7 + 6 block passes of a millisecond
    }

    void picturesAreOfTheirBlocks()
    {
        const FlowStage stage(makeOverlappingTrace());
        const auto shade = [](const QColor& colour, int pass) { return QColor(colour.darker(100 + 5 * pass).rgb()); };
        QCOMPARE(colourOf(stage.flow.pictureAt(1)), QColor(Qt::magenta));
        QCOMPARE(colourOf(stage.flow.pictureAt(3)), shade(Qt::blue, 3)); // of block 1, the nearest at work
        QCOMPARE(colourOf(stage.flow.pictureAt(4)), shade(Qt::blue, 3)); // none of block 0 yet
        QCOMPARE(colourOf(stage.flow.pictureAt(8)), shade(Qt::yellow, 7));
        QCOMPARE(colourOf(stage.flow.pictureAt(9)), QColor(Qt::white));
        QCOMPARE(colourOf(stage.flow.pictureOf(2, 4)), shade(Qt::green, 3));
        QCOMPARE(colourOf(stage.flow.pictureOf(2, 9)), shade(Qt::green, 5));
        QCOMPARE(colourOf(stage.flow.pictureOf(1, 6)), shade(Qt::blue, 5));
        QVERIFY(stage.flow.pictureOf(0, 3).isNull());
        QCOMPARE(colourOf(stage.flow.pictureAfter(2)), shade(Qt::green, 5));
        QCOMPARE(colourOf(stage.flow.pictureAfter(0)), shade(Qt::yellow, 9));
    }

    /// Steps of a pass may come one by one, with pictures between them.
    void growingByBlocksGivesTheSame()
    {
        const Trace trace = makeOverlappingTrace();
        TraceModel model;
        FlowTrace flow(&model);
        model.appendHeader(trace.header);
        for (const auto& step : trace.steps) {
            model.appendStep(step);
        }
        const FlowStage whole(trace);
        QCOMPARE(model.passes(), whole.model.passes());
        for (int pass = 0; pass < model.passes(); ++pass) {
            QCOMPARE(flow.doneAfter(pass), whole.flow.doneAfter(pass));
            QCOMPARE(flow.residual(pass), whole.flow.residual(pass));
            QCOMPARE(flow.blockWords(pass), whole.flow.blockWords(pass));
            QCOMPARE(model.secondsUntil(pass), whole.model.secondsUntil(pass));
            QCOMPARE(model.committedEnd(pass), whole.model.committedEnd(pass));
        }
    }

    void aRunOfTokensIsNoFlow()
    {
        TraceModel model;
        FlowTrace flow(&model);
        model.setTrace(makeTrace({}));
        QVERIFY(!flow.isFlow());
        QCOMPARE(flow.runs().size(), std::size_t{0});
        QCOMPARE(flow.blockOf(0), -1);
        QVERIFY(flow.pictureAt(0).isNull());
        model.clear();
        QVERIFY(!flow.isFlow());
    }

    /// Blocks that come back, columns of a wrong length, a plan that is none, previews without pixels.
    void hostileTracesBreakNothing()
    {
        Trace trace = makeFlowTrace();
        auto header = std::make_shared<RunHeader>(*trace.header);
        header->request.plan = std::string(1, '{'); // no JSON
        header->layout.reversed = {true};
        trace.header = header;
        auto odd = std::make_shared<Step>(*trace.steps[7]);
        odd->lane = 4'000'000'000U;
        odd->residual.resize(1000, 2.0F);
        odd->committedEnd = 4'000'000'000U;
        odd->end = 4'000'000'000U;
        trace.steps[7] = odd;
        auto empty = std::make_shared<Preview>(*trace.previews[2]);
        empty->rgb.clear();
        trace.previews[2] = empty;
        TraceModel model;
        FlowTrace flow(&model);
        model.setTrace(trace);
        for (int pass = -1; pass <= model.passes(); ++pass) {
            flow.residual(pass);
            flow.doneAfter(pass);
            flow.pictureAt(pass);
        }
        QVERIFY(!flow.plan(2));
        QCOMPARE(flow.runs().size(), std::size_t{5});
    }
};

JACOBI_TEST(FlowTraceTest)
#include "tst_flowtrace.moc"
