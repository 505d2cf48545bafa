// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/gpuhost.h"
#include "models/families/benchflow.h"
#include "models/tarflow/tarflowmodel.h"
#include "tests/models/families/flowfolder.h"
#include "tests/testmain.h"

#include <nlohmann/json.hpp>

#include <cstdlib>

using namespace jacobi;
using namespace jacobi::test;

namespace {

RunRequest requestFor(const std::string& method, const std::string& device)
{
    RunRequest request;
    request.modelId = "whirl";
    request.method = method;
    request.device = device;
    request.guidance = 1.0;
    request.tolerance = 1e-3;
    request.window = 4;
    request.segments = 3;
    request.pictures = 2;
    request.className = flowClassNames()[5];
    request.denoise = 1.0;
    request.seed = 21;
    return request;
}

Trace make(FlowFolder& folder, const RunRequest& request)
{
    QuietProgress progress;
    const auto resolved = settle(*folder.backend, request, progress, {});
    if (!resolved) {
        qFatal("%s", resolved.error().message.c_str());
    }
    RunControl control;
    MemoryTrace memory;
    if (const auto ran = folder.backend->run(resolved->request, control, memory); !ran) {
        qFatal("%s [%s]", ran.error().message.c_str(), ran.error().detail.c_str());
    }
    return memory.take();
}

/// The same passes, and pictures that are nowhere a level apart.
void compareTraces(const Trace& found, const Trace& expected)
{
    QCOMPARE(found.steps.size(), expected.steps.size());
    for (std::size_t i = 0; i < found.steps.size(); ++i) {
        QCOMPARE(found.steps[i]->lane, expected.steps[i]->lane);
        QCOMPARE(found.steps[i]->committedEnd, expected.steps[i]->committedEnd);
    }
    const auto& a = found.previews.back()->rgb;
    const auto& b = expected.previews.back()->rgb;
    QVERIFY(found.previews.back()->isFinal);
    QCOMPARE(a.size(), b.size());
    for (std::size_t i = 0; i < a.size(); ++i) {
        QVERIFY(std::abs(int{a[i]} - int{b[i]}) <= 1);
    }
}

} // namespace

/// A backend with a GPU that is really the CPU, and the flows on it.
class FlowPlaceTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aFlowRunsWhereItIsAsked()
    {
        FlowFolder folder;
        folder.open(true);
        for (const char* method : {"sequential", "jacobi", "gs-jacobi", "front"}) {
            const Trace onGpu = make(folder, requestFor(method, "auto"));
            QCOMPARE(onGpu.header->deviceName, std::string("Made-up card"));
            QCOMPARE(onGpu.header->request.device, std::string("cuda:0"));
            compareTraces(make(folder, requestFor(method, "cuda:0")), onGpu); // it is there already
            const Trace onCpu = make(folder, requestFor(method, "cpu"));
            QCOMPARE(onCpu.header->request.device, std::string("cpu"));
            compareTraces(onGpu, onCpu);
        }
    }

    void strategiesAreMeasuredForTheDevice()
    {
        FlowFolder folder;
        folder.open(true);
        RunRequest request = requestFor("gs-jacobi", "auto");
        request.strategy = kAutoPasses;
        make(folder, request);
        request.device = "cpu";
        QVERIFY(folder.backend->resolve(request)->request.hasAuto());
        request.device = "auto";
        QVERIFY(!folder.backend->resolve(request)->request.hasAuto());
    }

    void analysingWorksWhereverTheFlowIs()
    {
        FlowFolder folder;
        folder.open(true);
        make(folder, requestFor("jacobi", "auto"));
        QuietProgress progress;
        const auto analysed = folder.backend->job(kAnalyseFlowJob, {{"model", "whirl"}, {"images", 8}}, progress, {});
        QVERIFY2(analysed, analysed ? "" : analysed.error().message.c_str());
    }

    void bytesAreThoseOfTheWeights()
    {
        const TarFlowFamily family;
        const LoadedModel loaded = loadedTarFlow(tarflowWeights(smallFlow(), randomTensors(smallFlow())), 0.05);
        RunRequest request = requestFor("jacobi", "cuda:0");
        const FlowBytes two = family.flowBytes(loaded, request);
        std::uint64_t numbers = 0;
        for (const auto& [name, tensor] : randomTensors(smallFlow())) {
            numbers += static_cast<std::uint64_t>(tensor.numel());
        }
        QCOMPARE(two.weights, 4 * numbers);
        request.pictures = 4;
        QVERIFY(family.flowBytes(loaded, request).run > two.run);
    }

    void aGpuWithoutRoomRefuses()
    {
        static DeviceOps ops = hostOps();
        ops.describe = [](int, DeviceDescription* out) {
            out->totalBytes = 1'000'000;
            out->freeBytes = 900'000;
            return 0;
        };
        GpuHost gpu(&ops, c10::DeviceType::CPU);
        LoadedModel loaded = loadedTarFlow(tarflowWeights(smallFlow(), randomTensors(smallFlow())), 0.05);
        const auto placed =
            gpu.placeFlow(requestFor("jacobi", "cuda:0"), "cuda:0", ModelInfo{}, TarFlowFamily(), loaded);
        QVERIFY(!placed);
        QCOMPARE(placed.error().code, ErrorCode::OutOfMemory);
        QCOMPARE(loaded.flowPlace, std::string("cpu"));
    }

    void theBenchRunsThere()
    {
        FlowFolder folder;
        const std::string plan = folder.backend->resolve(requestFor("jacobi", "cpu"))->request.plan;
        const std::string sequential = folder.backend->resolve(requestFor("sequential", "cpu"))->request.plan;
        const auto row = [](const char* method, const std::string& ownPlan) {
            return nlohmann::json{{"method", method}, {"strategy", ""},  {"plan", ownPlan},
                                  {"batch", 2},       {"guidance", 1.0}, {"clip", 0.0}};
        };
        const nlohmann::json options{{"modelFolder", folder.model().string()},
                                     {"device", "cuda:0"},
                                     {"pictures", 2},
                                     {"rows", {row("sequential", sequential), row("jacobi", plan)}}};
        QuietProgress progress;
        GpuHost gpu(&hostOps(), c10::DeviceType::CPU);
        const auto done = benchFlow(options, progress, {}, &gpu);
        QVERIFY2(done, done ? "" : done.error().message.c_str());
        QVERIFY(done->at("records")[1]["max_difference"].get<double>() < 1e-2);
        QCOMPARE(benchFlow(options, progress, {}).error().code, ErrorCode::NoDevice);
    }

    /// What a pass costs is found as runs make it: as a graph.
    void theBenchTimesRecordedPasses()
    {
        static int captures = 0;
        static DeviceOps ops = hostOps();
        captures = 0;
        ops.beginCapture = [](void*) { return ++captures, 0; };
        ops.endCapture = [](void*, void** graph) { return *graph = &captures, 0; };
        ops.launchGraph = [](void*, void*) { return 0; };
        ops.destroyGraph = [](void*) { return 0; };
        FlowFolder folder;
        const std::string plan = folder.backend->resolve(requestFor("sequential", "cpu"))->request.plan;
        const nlohmann::json options{{"modelFolder", folder.model().string()},
                                     {"device", "cuda:0"},
                                     {"pictures", 2},
                                     {"rows",
                                      {{{"method", "sequential"},
                                        {"strategy", ""},
                                        {"plan", plan},
                                        {"batch", 2},
                                        {"guidance", 1.0},
                                        {"clip", 0.0}}}}};
        QuietProgress progress;
        GpuHost gpu(&ops, c10::DeviceType::CPU);
        const auto done = benchFlow(options, progress, {}, &gpu);
        QVERIFY2(done, done ? "" : done.error().message.c_str());
        QCOMPARE(done->at("pass_cost").size(), std::size_t{5});
        QCOMPARE(captures, 3 + 5); // one token of each block, then five widths of one
    }
};

JACOBI_TEST(FlowPlaceTest)
#include "tst_flowplace.moc"
