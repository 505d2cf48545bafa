// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/gpuhost.h"
#include "models/families/benchflow.h"
#include "models/tarflow/tarflowmodel.h"
#include "tests/models/families/flowfolder.h"
#include "tests/testmain.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <set>

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

/// A GPU whose waits for a pass, or whose memory, can be made to fail; and what it gave out.
struct Trouble {
    static inline int waitsLeft = -1; ///< that succeed; below 0: all of them
    static inline int code = 0;       ///< of those that do not
    static inline int waits = 0;
    static inline int allocationsLeft = -1; ///< likewise
    static inline int held = 0;             ///< pieces of memory

    static int wait()
    {
        ++waits;
        return waitsLeft < 0 || waitsLeft-- > 0 ? 0 : (waitsLeft = 0, code);
    }
    static int allocate(void** out, std::uint64_t bytes)
    {
        if (allocationsLeft >= 0 && allocationsLeft-- == 0) {
            allocationsLeft = 0;
            return kDeviceOutOfMemory;
        }
        const int found = hostOps().allocate(out, bytes);
        held += found == 0 ? 1 : 0;
        return found;
    }
    static int release(void* memory)
    {
        --held;
        return hostOps().release(memory);
    }
    static const DeviceOps& ops()
    {
        waitsLeft = allocationsLeft = -1;
        waits = held = 0;
        static const DeviceOps table = [] {
            DeviceOps ops = hostOps();
            ops.awaitEvent = [](void*) { return wait(); };
            ops.synchronize = [](void*) { return wait(); };
            ops.allocate = ops.allocatePinned = allocate;
            ops.release = ops.releasePinned = release;
            return ops;
        }();
        return table;
    }
};

Result<RunSummary> tryToMake(FlowFolder& folder, const RunRequest& request, MemoryTrace& memory)
{
    RunControl control;
    return folder.backend->run(folder.backend->resolve(request)->request, control, memory);
}

void verifyOutOfMemory(const Result<RunSummary>& run)
{
    QVERIFY(!run);
    QCOMPARE(run.error().code, ErrorCode::OutOfMemory);
    for (const char* words : {"The GPU ran out of memory.", "window", "pictures", "precision"}) {
        QVERIFY2(run.error().message.find(words) != std::string::npos, run.error().message.c_str());
    }
    QVERIFY(run.error().cpuWouldDo);
    QCOMPARE(Trouble::held, 0); // the model went, and with it what it held
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
            RunRequest one = requestFor(method, "auto"); // of several, those on the processor go on by themselves
            one.pictures = 1;
            const Trace oneOnGpu = make(folder, one);
            one.device = "cpu";
            const Trace onCpu = make(folder, one);
            QCOMPARE(onCpu.header->request.device, std::string("cpu"));
            compareTraces(oneOnGpu, onCpu);
        }
    }

    /// On the processor each picture of a batch is the one that its seed gives alone, pass by pass.
    void picturesOfABatchGoOnByThemselves()
    {
        FlowFolder folder;
        RunRequest request = requestFor("jacobi", "cpu");
        request.pictures = 3;
        const Trace batch = make(folder, request);
        std::uint64_t most = 0;
        for (std::uint32_t item = 0; item < 3; ++item) {
            request.pictures = 1;
            request.seed = 21 + item;
            const Trace alone = make(folder, request);
            std::vector<std::shared_ptr<const Step>> steps;
            std::ranges::copy_if(batch.steps, std::back_inserter(steps),
                                 [=](const auto& s) { return s->item == item; });
            QCOMPARE(steps.size(), alone.steps.size());
            for (std::size_t i = 0; i < steps.size(); ++i) {
                QCOMPARE(steps[i]->pass, static_cast<std::uint32_t>(i));
                QCOMPARE(steps[i]->lane, alone.steps[i]->lane);
                QCOMPARE(steps[i]->committedEnd, alone.steps[i]->committedEnd);
            }
            std::set<std::uint32_t> ended;
            for (const auto& preview : batch.previews) {
                if (preview->item == item && preview->committedEnd == 16 && !preview->isFinal) {
                    ended.insert(steps.at(preview->pass)->lane);
                    QCOMPARE(steps.at(preview->pass)->committedEnd, 16U);
                }
                if (preview->item == item && preview->isFinal) {
                    QCOMPARE(preview->pass, static_cast<std::uint32_t>(steps.size() - 1));
                    QVERIFY(std::ranges::equal(preview->rgb, alone.previews.back()->rgb,
                                               [](int a, int b) { return std::abs(a - b) <= 1; }));
                }
            }
            QCOMPARE(ended.size(), std::size_t{3}); // every block ends with a preview
            most = std::max<std::uint64_t>(most, steps.size());
        }
        QCOMPARE(batch.summary->passes, most);
        QCOMPARE(batch.summary->tokens, std::uint64_t{3 * 3 * 16});
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
        const DeviceBytes two = family.flowBytes(loaded, request);
        std::uint64_t numbers = 0;
        for (const auto& [name, tensor] : randomTensors(smallFlow())) {
            numbers += static_cast<std::uint64_t>(tensor.numel());
        }
        QCOMPARE(two.weights, 4 * numbers);
        request.pictures = 4;
        QVERIFY(family.flowBytes(loaded, request).run > two.run);
    }

    /// A refusal by it, before anything is read, is never wrong.
    void whatModelJsonSaysIsTheLeast()
    {
        FlowFolder folder;
        const TarFlowFamily family;
        const ModelInfo model = folder.backend->models().at(0);
        const auto loaded = family.load(model, at::kFloat);
        QVERIFY(loaded);
        for (const char* method : {"jacobi", "gs-jacobi"}) {
            for (const int pictures : {1, 4}) {
                RunRequest request = requestFor(method, "cuda:0");
                request.pictures = pictures;
                request.precision = "float32";
                const DeviceBytes all = family.flowBytes(*loaded, request);
                const DeviceBytes least = family.leastFlowBytes(model, request);
                QVERIFY(least.weights > 0 && least.weights <= all.weights);
                QCOMPARE(least.run, all.run);
                request.precision = "float64";
                QCOMPARE(family.leastFlowBytes(model, request).weights, 2 * least.weights);
            }
        }
        ModelInfo gone = model;
        gone.folder = "/nowhere";
        QCOMPARE(family.leastFlowBytes(gone, requestFor("jacobi", "cuda:0")).run, std::uint64_t{0});
    }

    void aFlowThatCannotFitIsRefusedBeforeItIsRead()
    {
        static DeviceOps ops = hostOps();
        ops.describe = [](int, DeviceDescription* out) {
            out->totalBytes = 1'000'000;
            out->freeBytes = 900'000;
            return 0;
        };
        FlowFolder folder;
        folder.open(true, ops);
        const RunRequest request = folder.backend->resolve(requestFor("jacobi", "auto"))->request;
        std::fstream weights(folder.model() / kFlowWeightsFile, std::ios::binary | std::ios::in | std::ios::out);
        weights << "not what it was"; // which reading it would find
        weights.close();
        RunControl control;
        MemoryTrace memory;
        const auto run = folder.backend->run(request, control, memory);
        QVERIFY(!run);
        QVERIFY2(run.error().message.find("GPU memory") != std::string::npos, run.error().message.c_str());
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

    /// Told by the code that the device returned, through code that throws, and what came before is kept.
    void aDeviceThatIsLostInAPassStaysLost()
    {
        FlowFolder folder;
        folder.open(true, Trouble::ops());
        make(folder, requestFor("jacobi", "auto")); // it was looked at, and the flow is there
        Trouble::code = 702;                        // cudaErrorLaunchTimeout
        Trouble::waitsLeft = 3;
        MemoryTrace first;
        const auto run = tryToMake(folder, requestFor("jacobi", "auto"), first);
        QVERIFY(!run);
        QCOMPARE(run.error().code, ErrorCode::NoDevice);
        QVERIFY2(run.error().message.find("start the program again") != std::string::npos, run.error().message.c_str());
        QVERIFY(!first.trace().steps.empty());
        const int waits = Trouble::waits;
        MemoryTrace second;
        const auto again = tryToMake(folder, requestFor("jacobi", "auto"), second);
        QVERIFY(!again);
        QCOMPARE(again.error().code, ErrorCode::NoDevice);
        QCOMPARE(again.error().message, run.error().message);
        QCOMPARE(Trouble::waits, waits); // nothing more was asked of it
        make(folder, requestFor("jacobi", "cpu"));
        folder.backend.reset();
        QCOMPARE(Trouble::held, 0);
    }

    void aRunAfterOneThatRanOutOfMemoryIsFine()
    {
        FlowFolder folder;
        folder.open(true, Trouble::ops());
        const Trace expected = make(folder, requestFor("jacobi", "auto"));
        RunRequest larger = requestFor("jacobi", "auto");
        larger.pictures = 3;
        Trouble::allocationsLeft = 0;
        MemoryTrace first;
        verifyOutOfMemory(tryToMake(folder, larger, first)); // before the first pass
        Trouble::allocationsLeft = -1;
        compareTraces(make(folder, requestFor("jacobi", "auto")), expected);

        Trouble::code = kDeviceOutOfMemory;
        Trouble::waitsLeft = 2;
        MemoryTrace second;
        verifyOutOfMemory(tryToMake(folder, requestFor("jacobi", "auto"), second)); // in one of the first passes
        Trouble::waitsLeft = -1;
        compareTraces(make(folder, requestFor("jacobi", "auto")), expected);
        folder.backend.reset();
        QCOMPARE(Trouble::held, 0);
    }

    /// Likewise where a strategy is being measured.
    void measuringThatRanOutOfMemoryFreesTheFlow()
    {
        FlowFolder folder;
        folder.open(true, Trouble::ops());
        make(folder, requestFor("jacobi", "auto"));
        RunRequest request = requestFor("gs-jacobi", "auto");
        request.strategy = kAutoPasses;
        Trouble::code = kDeviceOutOfMemory;
        Trouble::waitsLeft = 2;
        QuietProgress progress;
        const auto settled = settle(*folder.backend, request, progress, {});
        QVERIFY(!settled);
        QCOMPARE(settled.error().code, ErrorCode::OutOfMemory);
        QCOMPARE(Trouble::held, 0);
        Trouble::waitsLeft = -1;
        make(folder, request);
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
        QCOMPARE(captures, 3 + 3 + 5); // three checks, one token of each block, then five widths of one
    }
};

JACOBI_TEST(FlowPlaceTest)
#include "tst_flowplace.moc"
