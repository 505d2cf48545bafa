// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/enginebackend.h"

#include "core/cuda/hostkernels.h"
#include "tests/core/engine/fakes.h"
#include "tests/testmain.h"

#include <ATen/Parallel.h>

#include <cstring>
#include <limits>
#include <new>
#include <stdexcept>

using namespace jacobi;
using namespace jacobi::test;

namespace {

class NoProgress : public ProgressSink {
public:
    void progress(const JobProgress& progress) override { lines.push_back(progress.line); }
    std::vector<std::string> lines;
};

/// A backend over fakes whose models and family the test may change while it lives.
struct Bench {
    /// gpu: of a made-up card, or null where there is none.
    explicit Bench(const DeviceOps* gpu = nullptr)
    {
        models = {fakeModel()};
        auto owned = std::make_unique<FakeFamily>(fakes);
        family = owned.get();
        BackendParts parts;
        parts.families.push_back(std::move(owned));
        parts.findModels = [this](const std::vector<std::string>& folders) {
            searched = folders;
            return models;
        };
        parts.engine = Engine(plainDecoders(fakes, 1), fakeClock(fakes));
        if (gpu != nullptr) {
            parts.gpu = {true, 1, "Made-up card", 13000, {{"Made-up card", 9, 0, 24'000'000'000}}, ""};
            parts.gpuOps = gpu;
            parts.gpuType = c10::DeviceType::CPU;
        }
        parts.jobs["count"] = [](const nlohmann::json& options, ProgressSink& sink,
                                 const std::stop_token& stop) -> Result<nlohmann::json> {
            for (int i = 0; i < options.at("to").get<int>(); ++i) {
                if (stop.stop_requested()) {
                    return fail(ErrorCode::Cancelled, "Stopped.");
                }
                sink.progress({0.0, -1.0, std::to_string(i), {}});
            }
            return nlohmann::json{{"counted", true}};
        };
        BackendOptions options;
        options.modelFolders = {"/nowhere", "/else"};
        options.threads = 1;
        backend = std::move(*makeBackend(std::move(parts), options));
    }

    Result<RunSummary> run(const RunRequest& request, RecordingSink& sink)
    {
        RunControl control;
        return backend->run(request, control, sink);
    }
    RunRequest resolved(RunRequest request = fakeRequest()) { return backend->resolve(request)->request; }

    Fakes fakes;
    std::vector<ModelInfo> models;
    std::vector<std::string> searched;
    FakeFamily* family = nullptr;
    std::unique_ptr<Backend> backend;
};

} // namespace

class EngineBackendTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void listsModelsOfTheGivenFolders()
    {
        Bench bench;
        QCOMPARE(bench.backend->models().size(), std::size_t{1});
        QCOMPARE(bench.searched, (std::vector<std::string>{"/nowhere", "/else"}));
        QCOMPARE(bench.backend->device().id, std::string("cpu"));
    }

    void aModelOfAnUnknownFamilyIsListedWithItsProblem()
    {
        Bench bench;
        bench.models[0].family = "other";
        QVERIFY(bench.backend->models()[0].problem.find("\"other\"") != std::string::npos);
        const auto resolved = bench.backend->resolve(fakeRequest());
        QVERIFY(!resolved.has_value());
        QCOMPARE(resolved.error().code, ErrorCode::Corrupt);
    }

    void aMissingModelNamesThoseThere()
    {
        Bench bench;
        RunRequest request = fakeRequest();
        request.modelId = "huge";
        const auto resolved = bench.backend->resolve(request);
        QCOMPARE(resolved.error().code, ErrorCode::NotFound);
        QCOMPARE(resolved.error().message, std::string("There is no model \"huge\". These were found: tiny."));
        bench.models.clear();
        QCOMPARE(bench.backend->resolve(request).error().message,
                 std::string("There is no model \"huge\". No model was found in: /nowhere, /else."));
    }

    void aBrokenModelSaysItsProblem()
    {
        Bench bench;
        bench.models[0].problem = "Its weights are missing.";
        const auto resolved = bench.backend->resolve(fakeRequest());
        QCOMPARE(resolved.error().code, ErrorCode::Corrupt);
        QVERIFY(resolved.error().message.find("Its weights are missing.") != std::string::npos);
    }

    void aRequestForAGpuIsRefusedWithTheReason()
    {
        Bench bench;
        RunRequest request = fakeRequest();
        request.device = "cuda:0";
        const auto resolved = bench.backend->resolve(request);
        QCOMPARE(resolved.error().code, ErrorCode::NoDevice);
        QVERIFY(resolved.error().cpuWouldDo);
        BackendOptions options;
        options.device = "cuda:0";
        QCOMPARE(makeBackend({}, options).error().code, ErrorCode::NoDevice);
    }

    void loadsOnceForManyRuns()
    {
        Bench bench;
        RecordingSink sink;
        for (int i = 0; i < 3; ++i) {
            QCOMPARE(bench.run(bench.resolved(), sink)->tokens, 20U);
        }
        QCOMPARE(bench.fakes.loads, 1);
    }

    void loadsAgainWhenPrecisionOrFilesChange()
    {
        Bench bench;
        RecordingSink sink;
        QVERIFY(bench.run(bench.resolved(), sink).has_value());
        QCOMPARE(bench.family->lastType, at::kFloat);
        RunRequest request = fakeRequest();
        request.precision = "float64";
        QVERIFY(bench.run(bench.resolved(request), sink).has_value());
        QCOMPARE(bench.family->lastType, at::kDouble);
        QCOMPARE(bench.fakes.loads, 2);
        bench.models[0].hash = "beef";
        QVERIFY(bench.run(bench.resolved(), sink).has_value());
        QCOMPARE(bench.fakes.loads, 3);
    }

    void aModelChangedSinceResolvingIsRefused()
    {
        Bench bench;
        const RunRequest request = bench.resolved();
        bench.models[0].hash = "beef";
        RecordingSink sink;
        const auto summary = bench.run(request, sink);
        QCOMPARE(summary.error().code, ErrorCode::InvalidRequest);
        QVERIFY(summary.error().message.find("have changed") != std::string::npos);
    }

    void aBadRequestFailsWithASummaryAndNoHeader()
    {
        Bench bench;
        RunRequest request = fakeRequest();
        request.window = 0;
        RecordingSink sink;
        const auto summary = bench.run(request, sink);
        QCOMPARE(summary.error().code, ErrorCode::InvalidRequest);
        QCOMPARE(sink.order, std::string("."));
        QCOMPARE(sink.trace.summary->outcome, Outcome::Failed);
        QCOMPARE(sink.trace.summary->message, summary.error().message);
        QCOMPARE(bench.fakes.loads, 0);
    }

    void aLoaderThatFailsOrThrowsLeavesTheNextRunFine()
    {
        Bench bench;
        const std::vector<std::pair<std::function<Result<void>()>, ErrorCode>> troubles{
            {[]() -> Result<void> { return fail(ErrorCode::Corrupt, "The file is cut."); }, ErrorCode::Corrupt},
            {[]() -> Result<void> { throw std::bad_alloc(); }, ErrorCode::OutOfMemory},
            {[]() -> Result<void> { TORCH_CHECK(false, "no"); }, ErrorCode::Internal},
            {[]() -> Result<void> { throw std::runtime_error("no"); }, ErrorCode::Internal},
        };
        for (const auto& [trouble, code] : troubles) {
            RecordingSink sink;
            bench.family->onLoad = trouble;
            const auto failed = bench.run(bench.resolved(), sink);
            QVERIFY(!failed.has_value());
            QCOMPARE(failed.error().code, code);
            QCOMPARE(sink.order, std::string("."));
            bench.family->onLoad = nullptr;
            RecordingSink next;
            QCOMPARE(bench.run(bench.resolved(), next)->tokens, 20U);
            bench.models[0].hash += "1"; // load again in the next round
        }
    }

    void tooLargeAModelIsRefusedBeforeLoading()
    {
        Bench bench;
        bench.family->needed = std::numeric_limits<std::uint64_t>::max() / 2;
        RecordingSink sink;
        const auto failed = bench.run(bench.resolved(), sink);
        QCOMPARE(failed.error().code, ErrorCode::OutOfMemory);
        QCOMPARE(bench.fakes.loads, 0);
    }

    /// By its sizes alone: nothing of the model is read, and what would fit is named.
    void aModelTooLargeForTheGpuIsRefusedBeforeLoading()
    {
        DeviceOps ops = hostOps();
        ops.describe = [](int, DeviceDescription* out) {
            *out = DeviceDescription{};
            std::strcpy(out->name, "Made-up card");
            out->totalBytes = out->freeBytes = 20'000'000'000;
            return 0;
        };
        Bench bench(&ops);
        DeviceSizes sizes;
        sizes.network.shape = {32,  4096,  32,   32,
                               128, 11008, 8192, RotaryPairs::Halves}; // of 6.5 thousand million numbers
        sizes.network.tableRows = 8192;
        sizes.layout.rows = 4;
        sizes.layout.columns = 5;
        sizes.layout.codes = 8192;
        bench.family->sizes = sizes;
        RunRequest request = fakeRequest();
        request.precision = "float32";
        RecordingSink sink;
        const auto refused = bench.run(bench.resolved(request), sink);
        QVERIFY(!refused);
        QCOMPARE(refused.error().code, ErrorCode::OutOfMemory);
        for (const char* words :
             {"GPU memory", "20.0 GB is free on Made-up card", "The precision bfloat16 would take 13.",
              "int8 would take 6.", "a smaller precision"}) {
            QVERIFY2(refused.error().message.find(words) != std::string::npos, refused.error().message.c_str());
        }
        QVERIFY(refused.error().cpuWouldDo);
        QCOMPARE(bench.fakes.loads, 0);
        QCOMPARE(sink.order, std::string("."));

        // What makes the pictures counts as well.
        request.precision = "int8";
        sizes.pictures = {10'000'000'000, 3'000'000'000};
        bench.family->sizes = sizes;
        RecordingSink other;
        const auto alone = bench.run(bench.resolved(request), other);
        QVERIFY(!alone);
        QVERIFY2(alone.error().message.starts_with("This needs about 19."), alone.error().message.c_str());
        QVERIFY(alone.error().message.find("a smaller precision") == std::string::npos);
        QCOMPARE(bench.fakes.loads, 0);

        request.precision = "float32";
        request.device = "cpu";
        RecordingSink onCpu;
        QCOMPARE(bench.run(bench.resolved(request), onCpu)->tokens, 20U);
    }

    void threadsAreSetForTheCallingThread()
    {
        Bench bench;
        at::set_num_threads(2);
        RecordingSink sink;
        int seen = 0;
        sink.onStep = [&](const Step&) { seen = at::get_num_threads(); };
        QVERIFY(bench.run(bench.resolved(), sink).has_value());
        QCOMPARE(seen, 1);
    }

    void jobsRunReportAndStop()
    {
        Bench bench;
        NoProgress sink;
        std::stop_source stop;
        const auto done = bench.backend->job("count", {{"to", 3}}, sink, stop.get_token());
        QVERIFY(done->at("counted").get<bool>());
        QCOMPARE(sink.lines, (std::vector<std::string>{"0", "1", "2"}));
        stop.request_stop();
        QCOMPARE(bench.backend->job("count", {{"to", 3}}, sink, stop.get_token()).error().code, ErrorCode::Cancelled);
        QCOMPARE(bench.backend->job("count", nlohmann::json::object(), sink, {}).error().code, ErrorCode::Internal);
        QCOMPARE(bench.backend->job("dance", {}, sink, {}).error().code, ErrorCode::Unsupported);
    }
};

JACOBI_TEST(EngineBackendTest)
#include "tst_enginebackend.moc"
