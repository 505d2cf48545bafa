// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/families/tarflowfamily.h"

#include "core/io/modelfile.h"
#include "core/trace/flowstrategy.h"
#include "core/trace/tracerecords.h"
#include "core/trace/tracestats.h"
#include "tests/models/families/flowfolder.h"
#include "tests/testmain.h"

#include <fstream>
#include <limits>
#include <set>

using namespace jacobi;
using namespace jacobi::test;

namespace {

RunRequest requestFor(const std::string& method)
{
    RunRequest request;
    request.modelId = "whirl";
    request.method = method;
    request.guidance = 0.0;
    request.tolerance = 0.0;
    request.window = 4;
    request.segments = 3; // does not divide the tokens
    request.className = flowClassNames()[5];
    request.seed = 21;
    return request;
}

struct Made {
    std::string error;
    Trace trace;
    std::vector<std::uint8_t> picture(std::uint32_t item = 0) const
    {
        for (const auto& preview : trace.previews) {
            if (preview->isFinal && preview->item == item) {
                return preview->rgb;
            }
        }
        return {};
    }
};

Made make(FlowFolder& folder, const RunRequest& request)
{
    Made made;
    QuietProgress progress;
    const auto resolved = settle(*folder.backend, request, progress, {});
    if (!resolved) {
        made.error = resolved.error().message;
        return made;
    }
    RunControl control;
    MemoryTrace memory;
    if (const auto ran = folder.backend->run(resolved->request, control, memory); !ran) {
        made.error = ran.error().message;
    }
    made.trace = memory.take();
    return made;
}

/// Loads the model after its weights were changed and describes the new file in model.json.
std::string errorAfter(FlowFolder& folder, TarFlowConfig config, const TarFlowTensors& tensors)
{
    if (!exportFlow(folder.model(), config, tensors, 0.05)) {
        return "not written";
    }
    folder.open();
    return make(folder, requestFor("sequential")).error;
}

bool has(const std::string& text, const char* part)
{
    if (text.find(part) == std::string::npos) {
        qWarning("%s", text.c_str());
        return false;
    }
    return true;
}

} // namespace

class TarFlowFamilyTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aFlowIsListedWithItsClasses()
    {
        FlowFolder folder;
        const std::vector<ModelInfo> models = folder.backend->models();
        QCOMPARE(models.size(), std::size_t{1});
        QVERIFY2(models[0].problem.empty(), models[0].problem.c_str());
        QCOMPARE(models[0].layout.blocks, 3U);
        QCOMPARE(models[0].layout.reversed, (std::vector<bool>{false, true, false}));
        QCOMPARE(models[0].classes, flowClassNames());
        QCOMPARE(models[0].strategies.front(), std::string("auto-time"));
        QVERIFY(models[0].strategies.size() > 3); // presets
        QCOMPARE(models[0].defaults.method, std::string("gs-jacobi"));
        QCOMPARE(models[0].defaults.strategy, std::string("auto-time"));
    }

    void everyMethodGivesTheSequentialPicture()
    {
        FlowFolder folder;
        for (const double guidance : {0.0, 2.0}) {
            RunRequest request = requestFor("sequential");
            request.guidance = guidance;
            const Made sequential = make(folder, request);
            QCOMPARE(sequential.error, std::string());
            for (const char* method : {"jacobi", "gs-jacobi", "front"}) {
                request.method = method;
                const Made other = make(folder, request);
                QCOMPARE(other.error, std::string());
                QCOMPARE(other.picture(), sequential.picture());
            }
        }
    }

    void aPictureOfABatchIsThatOfItsSeed()
    {
        FlowFolder folder;
        for (const char* method : {"sequential", "front"}) {
            RunRequest request = requestFor(method);
            request.pictures = 3;
            const Made batch = make(folder, request);
            request.pictures = 1;
            for (std::uint32_t item = 0; item < 3; ++item) {
                request.seed = 21 + item;
                QCOMPARE(make(folder, request).picture(), batch.picture(item));
            }
        }
    }

    void presetsAndCrmRun()
    {
        FlowFolder folder;
        const std::vector<std::string> strategies = folder.backend->models()[0].strategies;
        for (const std::string& strategy : strategies) {
            if (strategy != kAutoTime) { // below
                RunRequest request = requestFor("gs-jacobi");
                request.strategy = strategy;
                const Made made = make(folder, request);
                QVERIFY2(made.error.empty(), made.error.c_str());
                QVERIFY(!made.picture().empty());
            }
        }
    }

    /// The strategy of fewest passes has the blocks overlap: fewer passes than one block after the other, a trace that says
    /// which block did what, and the sequential picture to within a step of its bytes.
    void blocksOverlapForFewestPasses()
    {
        FlowFolder folder;
        RunRequest request = requestFor("gs-jacobi");
        request.pictures = 2;
        request.strategy = kAutoBlocks;
        const Made inTurn = make(folder, request);
        request.strategy = kAutoPasses;
        const Made made = make(folder, request);
        QVERIFY2(made.error.empty() && inTurn.error.empty(), made.error.c_str());
        const auto planOf = [](const Made& run) {
            return flowStrategyFromJson(run.trace.header->request.plan, "It").value();
        };
        QVERIFY(planOf(made).overlaps());
        QVERIFY(!planOf(inTurn).overlaps());
        const TraceLayout& layout = made.trace.header->layout;
        const TraceStats stats = traceStats(made.trace);
        QVERIFY(stats.passes < traceStats(inTurn.trace).passes);
        QCOMPARE(stats.passes, made.trace.summary->passes);
        QCOMPARE(made.trace.summary->tokens, std::uint64_t{2} * 3 * layout.positions());
        QCOMPARE(stats.tokens, made.trace.summary->tokens);
        std::set<std::int32_t> lanes;
        for (const auto& preview : made.trace.previews) {
            QVERIFY(checkPreview(*preview, layout));
            QVERIFY(!preview->isFinal || preview->lane == -1);
            if (preview->committedEnd == layout.positions() && !preview->isFinal && preview->item == 1) {
                lanes.insert(preview->lane);
            }
        }
        QCOMPARE(lanes, (std::set<std::int32_t>{0, 1, 2})); // each block's end is shown
        request = requestFor("sequential");
        request.pictures = 2;
        const Made exact = make(folder, request);
        for (const std::uint32_t item : {0U, 1U}) {
            const auto a = made.picture(item);
            const auto b = exact.picture(item);
            QCOMPARE(a.size(), b.size());
            for (std::size_t i = 0; i < a.size(); ++i) {
                QVERIFY(std::abs(int{a[i]} - int{b[i]}) <= 2); // 0.01 of [-1, 1]
            }
        }
    }

    void publishedPresetsAreForEightBlocks()
    {
        const TarFlowFamily family;
        ModelInfo model;
        model.layout = {8, 8, 1, 2, 8, std::vector<bool>(8)};
        QCOMPARE(family.presetNames(model).size(), std::size_t{5});
        QVERIFY(family.preset(model, "7-8-32-10").has_value());
        model.layout.blocks = 6;
        QVERIFY(!family.preset(model, "7-8-32-10"));
        const auto last = family.preset(model, "last-8-32-10");
        QVERIFY(last.has_value());
        QVERIFY(last->blocks[5].method == FlowMethod::Segments && last->blocks[5].maxPasses == 32);
        QVERIFY(last->blocks[4].method == FlowMethod::Jacobi && last->blocks[4].maxPasses == 10);
    }

    void whatWasMeasuredIsRemembered()
    {
        FlowFolder folder;
        RunRequest request = requestFor("gs-jacobi");
        request.strategy = kAutoPasses;
        QuietProgress progress;
        QVERIFY(folder.backend->resolve(request)->request.hasAuto());
        const auto first = settle(*folder.backend, request, progress, {});
        QVERIFY2(first.has_value(), first ? "" : first.error().message.c_str());
        QVERIFY(progress.count > 3);
        QVERIFY(!first->request.hasAuto());
        folder.open(); // another day
        const auto again = folder.backend->resolve(request);
        QVERIFY(again.has_value());
        QVERIFY(again->request == first->request);
        request.pictures = 2; // costs something else
        QVERIFY(folder.backend->resolve(request)->request.hasAuto());
        std::ofstream(folder.root() / "cache" / "strategies.json") << "{}";
        folder.open();
        request.pictures = 1;
        QVERIFY(folder.backend->resolve(request)->request.hasAuto());
    }

    void measuringCanBeStopped()
    {
        FlowFolder folder;
        RunRequest request = requestFor("gs-jacobi");
        request.strategy = kAutoTime;
        std::stop_source stop;
        QuietProgress progress;
        progress.onProgress = [&](const JobProgress&) { stop.request_stop(); };
        const auto made = settle(*folder.backend, request, progress, stop.get_token());
        QVERIFY(!made);
        QCOMPARE(made.error().code, ErrorCode::Cancelled);
        QVERIFY(folder.backend->resolve(request)->request.hasAuto());
    }

    void theFastestIsMeasuredOnce()
    {
        FlowFolder folder;
        RunRequest request = folder.backend->models()[0].defaults;
        request.className = flowClassNames()[2];
        const Made made = make(folder, request);
        QVERIFY2(made.error.empty(), made.error.c_str());
        QCOMPARE(made.trace.header->request.strategy, std::string(kAutoTime));
        QVERIFY(!made.trace.header->request.plan.empty());
        QuietProgress progress;
        QVERIFY(settle(*folder.backend, request, progress, {}).has_value());
        QCOMPARE(progress.count, 0);
    }

    void anAnalysisIsSavedAndUsed()
    {
        FlowFolder folder;
        QuietProgress progress;
        const auto done = folder.backend->job(kAnalyseFlowJob, {{"model", "whirl"}, {"images", 8}}, progress, {});
        QVERIFY2(done.has_value(), done ? "" : done.error().message.c_str());
        const std::string hash = folder.backend->models()[0].hash;
        const auto saved = findFlowAnalysis(folder.model(), {}, hash);
        QVERIFY(saved.has_value());
        QCOMPARE(saved->blocks.size(), std::size_t{3});
        QVERIFY(saved->blocks[0].passes >= 1.0 && saved->blocks[0].crm > 0.0);
        QCOMPARE(saved->images, 8U);
        RunRequest request = requestFor("gs-jacobi");
        request.strategy = kCrm;
        QVERIFY(!folder.backend->resolve(request)->request.hasAuto());
        const auto wrong = folder.backend->job(kAnalyseFlowJob, {{"model", "eddy"}}, progress, {});
        QVERIFY(!wrong && has(wrong.error().message, "There is no model \"eddy\""));
    }

    /// Else a look at a few pictures would change what the strategy crm is.
    void anAnalysisOfMorePicturesIsKept()
    {
        FlowFolder folder;
        QuietProgress progress;
        const auto analyse = [&](int images, bool replace) {
            return folder.backend
                ->job(kAnalyseFlowJob, {{"model", "whirl"}, {"images", images}, {"replace", replace}}, progress, {})
                .value();
        };
        const std::string hash = folder.backend->models()[0].hash;
        RunRequest request = requestFor("gs-jacobi");
        request.strategy = kCrm;
        QVERIFY(analyse(8, false).contains("file"));
        const std::string plan = folder.backend->resolve(request)->request.plan;
        const nlohmann::json kept = analyse(4, false);
        QCOMPARE(kept["images"].get<int>(), 4);
        QCOMPARE(kept["keptImages"].get<int>(), 8);
        QVERIFY(has(kept["note"].get<std::string>(), "8 pictures is kept") && !kept.contains("file"));
        QCOMPARE(findFlowAnalysis(folder.model(), {}, hash)->images, 8U);
        QCOMPARE(folder.backend->resolve(request)->request.plan, plan);
        QVERIFY(analyse(4, true).contains("file"));
        QCOMPARE(findFlowAnalysis(folder.model(), {}, hash)->images, 4U);
        QVERIFY(analyse(8, false).contains("file")); // more replace fewer
    }

    void anAnalysisCanBeStopped()
    {
        FlowFolder folder;
        QuietProgress progress;
        std::stop_source stop;
        progress.onProgress = [&](const JobProgress&) { stop.request_stop(); }; // before the first pictures
        const auto done =
            folder.backend->job(kAnalyseFlowJob, {{"model", "whirl"}, {"images", 100'000}}, progress, stop.get_token());
        QVERIFY(!done);
        QCOMPARE(done.error().code, ErrorCode::Cancelled);
        QVERIFY(!findFlowAnalysis(folder.model(), {}, folder.backend->models()[0].hash));
    }

    void badModelsAreRefused()
    {
        FlowFolder folder;
        TarFlowTensors tensors = randomTensors(smallFlow());
        tensors["blocks.1.proj_in.weight"][0][0] = std::numeric_limits<float>::quiet_NaN();
        QVERIFY(
            has(errorAfter(folder, smallFlow(), tensors), "blocks.1.proj_in.weight holds a number that is not finite"));
        tensors = randomTensors(smallFlow());
        tensors["blocks.0.pos_embed"] = at::zeros({15, 64});
        tensors["var"] = at::ones({15, 12});
        QVERIFY(has(errorAfter(folder, smallFlow(), tensors), "15 tokens form no square"));
        tensors = randomTensors(smallFlow());
        tensors["blocks.2.proj_out.bias"] = at::zeros({5});
        QVERIFY(has(errorAfter(folder, smallFlow(), tensors), "blocks.2.proj_out.bias has the shape [5]"));
        TarFlowConfig more = smallFlow();
        more.blocks = 4; // model.json says so, the weights do not
        QVERIFY(has(errorAfter(folder, more, randomTensors(smallFlow())), "do not agree with the weights"));
    }

    void cutWeightsAreRefused()
    {
        FlowFolder folder;
        const auto file = folder.model() / kFlowWeightsFile;
        std::filesystem::resize_file(file, std::filesystem::file_size(file) / 2);
        QVERIFY(has(make(folder, requestFor("sequential")).error, "bytes instead of"));
        auto manifest = readModelManifest(folder.model());
        QVERIFY(manifest.has_value());
        manifest->files = {*describeModelFile(folder.model(), kFlowWeightsFile)}; // as if it had been made so
        QVERIFY(writeModelManifest(folder.model(), *manifest));
        folder.open();
        QVERIFY(!make(folder, requestFor("sequential")).error.empty());
        std::ofstream(folder.model() / "cut.pth", std::ios::binary) << "PK\x03\x04 and then nothing";
        manifest->files = {*describeModelFile(folder.model(), "cut.pth")};
        QVERIFY(writeModelManifest(folder.model(), *manifest));
        folder.open();
        QVERIFY(has(make(folder, requestFor("sequential")).error, "cut.pth"));
    }

    void aClassThatDoesNotExistIsNamed()
    {
        FlowFolder folder;
        RunRequest request = requestFor("sequential");
        request.className = "sea in winter";
        QVERIFY(has(make(folder, request).error, "There is no class \"sea in winter\". Choose one of \""));
    }
};

JACOBI_TEST(TarFlowFamilyTest)
#include "tst_tarflowfamily.moc"
