// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/resolveflow.h"

#include "tests/core/engine/fakeflow.h"
#include "tests/testmain.h"

#include <QTemporaryDir>

#include <fstream>
#include <limits>

using namespace jacobi;
using namespace jacobi::test;

namespace {

Result<ResolvedRequest> resolved(const RunRequest& request)
{
    FlowFakes fakes;
    return resolveFlowRequest(request, fakeFlowModel(), FakeFlowFamily(fakes), {"cpu", "CPU", ""});
}

FlowStrategy planOf(const RunRequest& request)
{
    return flowStrategyFromJson(resolved(request).value().request.plan, "It").value();
}

bool refused(const RunRequest& request, const std::string& sentence)
{
    const auto made = resolved(request);
    if (made) {
        qWarning("not refused");
        return false;
    }
    const bool says = made.error().message.find(sentence) != std::string::npos;
    if (!says) {
        qWarning("%s", made.error().message.c_str());
    }
    return says;
}

RunRequest withStrategy(const std::string& strategy)
{
    RunRequest request = fakeFlowRequest("gs-jacobi");
    request.strategy = strategy;
    return request;
}

} // namespace

class ResolveFlowTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void methodsBecomePlans()
    {
        QVERIFY(planOf(fakeFlowRequest()).blocks[2].method == FlowMethod::Sequential);
        RunRequest request = fakeFlowRequest("front");
        request.window = 5;
        request.tolerance = 0.25;
        const FlowBlockPlan front = planOf(request).blocks[1];
        QVERIFY(front.method == FlowMethod::Front && front.window == 5 && front.tolerance == 0.25);
        QVERIFY(planOf(fakeFlowRequest("jacobi")).blocks[0].method == FlowMethod::Jacobi);
        const FlowBlockPlan segments = planOf(fakeFlowRequest("gs-jacobi")).blocks[0];
        QVERIFY(segments.method == FlowMethod::Segments && segments.segments == 2);
        QCOMPARE(planOf(withStrategy("by-hand")).blocks[2].window, 4U);
    }

    void whatMeansNothingIsCleared()
    {
        RunRequest request = fakeFlowRequest();
        request.prompt = "a red boat";
        request.temperature = 0.0;
        request.topK = 9;
        request.window = 1000;
        request.strategy = "auto-time";
        request.clip = 3.0;
        request.guidanceSchedule = kConstant;
        const auto made = resolved(request);
        QVERIFY2(made.has_value(), made ? "" : made.error().message.c_str());
        const RunRequest& r = made->request;
        QVERIFY(r.coupling.empty() && r.initialisation.empty() && r.prompt.empty() && r.strategy.empty());
        QVERIFY(r.topK == 0 && r.window == 1 && r.clip == 0.0 && r.guidanceSchedule == kAnnealed);
        QCOMPARE(r.modelHash, std::string("00aa"));
        QCOMPARE(made->notes.size(), std::size_t{1}); // the prompt
        QVERIFY(resolved(r)->request == r);
    }

    void aMeasuredStrategyStaysOpen()
    {
        for (const char* strategy : kMeasuredStrategies) {
            const auto made = resolved(withStrategy(strategy));
            QVERIFY(made.has_value() && made->request.hasAuto() && made->request.plan.empty());
        }
    }

    void wrongRequestsAreRefused()
    {
        RunRequest request = fakeFlowRequest("sjd");
        QVERIFY(refused(request, "Choose sequential, jacobi, gs-jacobi or front"));
        request = fakeFlowRequest();
        request.className = "breeze";
        QVERIFY(refused(request, "There is no class \"breeze\". Choose one of \"calm\", \"storm\", or none."));
        request = fakeFlowRequest("gs-jacobi");
        request.segments = 0;
        QVERIFY(refused(request, "segments is 0, but must be between 1 and 6"));
        request.segments = 7;
        QVERIFY(refused(request, "segments is 7"));
        request = fakeFlowRequest("front");
        request.window = 0;
        QVERIFY(refused(request, "window is 0"));
        request.window = kAutoWindow;
        QVERIFY(refused(request, "auto-time"));
        request = fakeFlowRequest("jacobi");
        request.tolerance = -1.0;
        QVERIFY(refused(request, "tolerance is -1"));
        request.tolerance = std::numeric_limits<double>::quiet_NaN();
        QVERIFY(refused(request, "tolerance"));
        request = fakeFlowRequest("jacobi"); // what it does not use, too
        request.segments = -5;
        QVERIFY(refused(request, "segments is -5"));
        request.segments = 1000;
        QVERIFY(resolved(request).has_value());
        request.window = 0;
        QVERIFY(refused(request, "window is 0"));
        request.window = kAutoWindow;
        QVERIFY(resolved(request).has_value());
        request = fakeFlowRequest();
        request.pictures = 65;
        QVERIFY(refused(request, "pictures is 65"));
        request = fakeFlowRequest();
        request.guidance = 31.0;
        QVERIFY(refused(request, "guidance is 31"));
        request = fakeFlowRequest();
        request.guidanceSchedule = "sudden";
        QVERIFY(refused(request, "guidance schedule"));
        request = fakeFlowRequest();
        request.precision = "float16";
        QVERIFY(refused(request, "precision"));
        request = fakeFlowRequest("jacobi");
        request.clip = -3.0;
        QVERIFY(refused(request, "clip is -3"));
        QVERIFY(refused(withStrategy("fastest"), "There is no strategy \"fastest\" for this model. Choose auto-time, "
                                                 "auto-passes, auto-blocks, crm or by-hand"));
    }

    void strategyFilesAreRead()
    {
        const QTemporaryDir folder;
        const std::filesystem::path path = folder.filePath("mine.json").toStdString();
        FlowStrategy strategy = everyBlock(3, {});
        strategy.blocks[1].method = FlowMethod::Front;
        strategy.blocks[1].window = 3;
        strategy.modelHash = "00aa";
        strategy.batch = 4;
        QVERIFY(writeFlowStrategy(path, strategy));
        const auto made = resolved(withStrategy(path.string()));
        QVERIFY(made.has_value());
        QVERIFY(planOf(withStrategy(path.string())) == strategy);
        QCOMPARE(made->notes.size(), std::size_t{1}); // another batch
        strategy.modelHash = "another";
        QVERIFY(writeFlowStrategy(path, strategy));
        QVERIFY(refused(withStrategy(path.string()), "made for another model"));
        strategy.modelHash.clear();
        strategy.blocks.pop_back();
        QVERIFY(writeFlowStrategy(path, strategy));
        QVERIFY(refused(withStrategy(path.string()), "has 2 blocks, the model 3"));
        std::ofstream(path) << "{\"schema\": 1, \"blocks\": [{\"block\": 0, \"method\": \"jacobi\", \"speed\": 9}]}";
        QVERIFY(refused(withStrategy(path.string()), "\"speed\" is not a key"));
        std::ofstream(path)
            << "{\"schema\": 1, \"blocks\": [{\"block\": 0, \"method\": \"segments\", \"segments\": 0}]}";
        QVERIFY(refused(withStrategy(path.string()), "segments"));
        std::filesystem::remove(path);
        QVERIFY(refused(withStrategy(path.string()), "mine.json"));
    }

    void aPlanThatIsThereIsWhatRuns()
    {
        RunRequest request = withStrategy("auto-time");
        FlowBlockPlan plan;
        plan.method = FlowMethod::Jacobi;
        request.plan = flowStrategyToLine(everyBlock(3, plan));
        QVERIFY(planOf(request).blocks[0].method == FlowMethod::Jacobi);
        request.plan = flowStrategyToLine(everyBlock(2, plan));
        QVERIFY(refused(request, "2 blocks"));
        request.plan = "{";
        QVERIFY(refused(request, "The request's plan"));
    }
};

JACOBI_TEST(ResolveFlowTest)
#include "tst_resolveflow.moc"
