// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/families/scenesfamily.h"

#include "core/cuda/hostkernels.h"
#include "core/device/devicedecoder.h"
#include "core/device/runroom.h"
#include "core/engine/enginebackend.h"
#include "core/engine/memory.h"
#include "core/trace/memorytrace.h"
#include "tests/testmain.h"

#include <algorithm>
#include <cstring>

using namespace jacobi;

namespace {

/// A backend that takes the kernels' host versions for a GPU.
class Machine {
public:
    explicit Machine(const DeviceOps& ops, const std::string& device = "auto")
    {
        BackendParts parts;
        parts.families.push_back(std::make_unique<ScenesFamily>());
        parts.findModels = findModels;
        parts.gpu.driver = true;
        parts.gpu.gpus = 1;
        parts.gpu.cards = {{"Made-up card", 9, 0, 80'000'000'000}};
        parts.gpu.name = "Made-up card";
        parts.gpu.engineProblem.clear();
        parts.gpuOps = &ops;
        parts.gpuType = c10::DeviceType::CPU;
        BackendOptions options;
        options.device = device;
        options.threads = 1;
        options.modelFolders = {JACOBI_SOURCE_DIR "/models/pretrained"};
        m_backend = std::move(*makeBackend(std::move(parts), options));
    }

    Backend& backend() { return *m_backend; }
    Result<RunSummary> run(const RunRequest& request)
    {
        m_trace = std::make_unique<MemoryTrace>();
        RunControl control;
        return m_backend->run(m_backend->resolve(request)->request, control, *m_trace);
    }
    const Trace& trace() const { return m_trace->trace(); }
    std::vector<std::int32_t> tokens() const
    {
        std::vector<std::int32_t> tokens(256, -1);
        for (const auto& step : trace().steps) {
            std::copy(step->token.begin(), step->token.end(), tokens.begin() + step->begin);
        }
        return tokens;
    }

private:
    std::unique_ptr<Backend> m_backend;
    std::unique_ptr<MemoryTrace> m_trace;
};

RunRequest request(const std::string& method, const std::string& precision)
{
    RunRequest request;
    request.modelId = "scenes";
    request.method = method;
    request.coupling = "gumbel-exact";
    request.window = 16;
    request.prompt = "a red house in the snow";
    request.seed = 7;
    request.precision = precision;
    return request;
}

} // namespace

/// The built-in model on what stands for a GPU here: the same code as on one, and the kernels' bodies on the CPU.
class ScenesFamilyTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void promptsOfItsGrammarAreCompleted()
    {
        const ScenesFamily family;
        const auto models = findModels({JACOBI_SOURCE_DIR "/models/pretrained"});
        const auto found = std::ranges::find(models, std::string("scenes"), &ModelInfo::id);
        QVERIFY(found != models.end() && found->defaults.completesPrompt);
        QVERIFY(family.completesPrompts(*found));
        ModelInfo other = *found;
        other.vocabulary.pop_back();
        QVERIFY(!family.completesPrompts(other));
        const auto loaded = family.load(*found, at::kFloat);
        QVERIFY(loaded);
        const std::string completed = loaded->completePrompt("a house by the sea", 3);
        QVERIFY(completed.size() > 30);
        QVERIFY(loaded->encodePrompt(completed) != loaded->encodePrompt("a house by the sea"));
    }

    /// SJD2 too: drafts that begin as noise, by the model that was tuned to read it.
    void aDenoisedRunOnTheDeviceIsTheCpus()
    {
        Machine machine(hostOps());
        RunRequest request = ::request("sjd2", "float64");
        request.modelId = "scenes-sjd2";
        request.noiseSteps = 2;
        QVERIFY(machine.run(request));
        QCOMPARE(machine.trace().header->deviceName, std::string("Made-up card"));
        const auto onDevice = machine.tokens();
        const std::size_t passes = machine.trace().steps.size();
        QVERIFY(!machine.trace().steps.front()->noiseLevel.empty());
        request.device = "cpu";
        QVERIFY(machine.run(request));
        QCOMPARE(machine.tokens(), onDevice);
        QCOMPARE(machine.trace().steps.size(), passes);
    }

    void aRunOnTheDeviceIsTheCpus()
    {
        Machine machine(hostOps());
        QVERIFY(machine.run(request("sjd", "float64")));
        const auto onDevice = machine.tokens();
        const std::size_t passes = machine.trace().steps.size();
        QCOMPARE(machine.trace().header->deviceName, std::string("Made-up card"));
        RunRequest onCpu = request("sjd", "float64");
        onCpu.device = "cpu";
        QVERIFY(machine.run(onCpu));
        QCOMPARE(machine.tokens(), onDevice);
        QCOMPARE(machine.trace().steps.size(), passes);
        QCOMPARE(machine.trace().header->deviceName, std::string("CPU, 1 thread"));
    }

    void aRunOnTheCpuLeavesTheDeviceAlone()
    {
        static int passes = 0;
        passes = 0;
        DeviceOps counting = hostOps();
        counting.embedRows = [](const EmbedJob* job, void* stream) {
            return ++passes, hostOps().embedRows(job, stream);
        };
        Machine machine(counting);
        QVERIFY(machine.run(request("sjd", "float32")));
        const auto onDevice = machine.trace().previews.back();
        QVERIFY(passes > 0);
        passes = 0;
        RunRequest onCpu = request("sjd", "float32");
        onCpu.device = "cpu";
        QVERIFY(machine.run(onCpu)); // the model is on both
        QCOMPARE(passes, 0);
        QCOMPARE(machine.trace().previews.back()->rgb, onDevice->rgb);
    }

    void precisionsAreChosenAndKept()
    {
        Machine machine(hostOps());
        QCOMPARE(machine.backend().resolve(request("sjd", "auto"))->request.precision, std::string("bfloat16"));
        QVERIFY(machine.backend().resolve(request("sjd", "int8")));
        RunRequest onCpu = request("sjd", "auto");
        onCpu.device = "cpu";
        QCOMPARE(machine.backend().resolve(onCpu)->request.precision, std::string("float32"));
        onCpu.precision = "int8";
        const auto refused = machine.backend().resolve(onCpu);
        QVERIFY(!refused);
        QVERIFY(refused.error().message.find("for GPUs") != std::string::npos);

        for (const char* precision : {"bfloat16", "int8"}) {
            QVERIFY(machine.run(request("sjd", precision)));
            QCOMPARE(machine.trace().steps.back()->committedEnd, 256U);
            QCOMPARE(machine.trace().header->request.precision, std::string(precision));
        }
    }

    void aCardWithoutKernelsIsNotUsed()
    {
        static int asked = 0;
        asked = 0;
        DeviceOps other = hostOps();
        other.hasKernels = [](int) { return ++asked, 209; }; // cudaErrorNoKernelImageForDevice
        other.describe = [](int, DeviceDescription* out) {
            *out = DeviceDescription{};
            std::strcpy(out->name, "Made-up card");
            out->major = 12;
            out->minor = 1;
            return 0;
        };
        const std::string found = "A GPU was found (Made-up card), but the kernels of this build have no code for its "
                                  "compute capability 12.1 (a build with -DCMAKE_CUDA_ARCHITECTURES=121 has)";
        Machine machine(other);
        QCOMPARE(asked, 0); // no memory there is taken before a run wants it
        for (int i = 0; i < 2; ++i) {
            const auto resolved = machine.backend().resolve(request("sjd", "auto"));
            QVERIFY(resolved);
            QCOMPARE(resolved->request.device, std::string("cpu"));
            QCOMPARE(resolved->request.precision, std::string("float32"));
            QCOMPARE(resolved->notes.back(), found + "; the CPU is used.");
        }
        QCOMPARE(machine.backend().device().id, std::string("cpu"));
        QCOMPARE(machine.backend().device().reason, found + "; the CPU is used.");
        QVERIFY(machine.run(request("sjd", "auto")));
        QCOMPARE(machine.trace().header->deviceName, std::string("CPU, 1 thread"));
        QCOMPARE(asked, 1);

        RunRequest named = request("sjd", "auto");
        named.device = "cuda:0";
        for (const char* device : {"auto", "cuda:0"}) {
            Machine strict(other, device);
            const auto refused = strict.backend().resolve(named);
            QVERIFY(!refused);
            QCOMPARE(refused.error().code, ErrorCode::NoDevice);
            QCOMPARE(refused.error().message, found + ", so cuda:0 cannot be used.");
            QVERIFY(refused.error().cpuWouldDo);
        }
    }

    void whatDoesNotFitIsRefused()
    {
        DeviceOps small = hostOps();
        small.describe = [](int, DeviceDescription* out) {
            *out = DeviceDescription{};
            std::strcpy(out->name, "Made-up card");
            out->totalBytes = out->freeBytes = 4'000'000;
            return 0;
        };
        Machine machine(small);
        const auto run = machine.run(request("sjd", "float32"));
        QVERIFY(!run);
        QCOMPARE(run.error().code, ErrorCode::OutOfMemory);
        QVERIFY(run.error().message.find("GPU memory") != std::string::npos);
        RunRequest onCpu = request("sequential", "auto");
        onCpu.device = "cpu";
        QVERIFY(machine.run(onCpu)); // the next run works
    }

    /// What is known before anything is loaded is what the loaded network says.
    void sizesFollowFromModelJson()
    {
        const ScenesFamily family;
        const auto models = findModels({JACOBI_SOURCE_DIR "/models/pretrained"});
        for (const char* id : {"scenes", "scenes-sjd2"}) {
            const auto found = std::ranges::find(models, std::string(id), &ModelInfo::id);
            QVERIFY(found != models.end());
            const auto sizes = family.deviceSizes(*found);
            const auto network = family.describeNetwork(*found);
            const auto loaded = family.load(*found, at::kFloat);
            QVERIFY(sizes && network && loaded);
            QCOMPARE(sizes->network, sizesOf(*network));
            QCOMPARE(sizes->network.noiseSize > 0, found->mostNoiseSteps > 0);
            QCOMPARE(sizes->layout.positions(), loaded->tokens->layout().positions());
            QCOMPARE(sizes->layout.codes, loaded->tokens->layout().codes);
            QVERIFY(sizes->pictures.weights > 0 && sizes->pictures.run > 0);
        }
        ModelInfo gone;
        gone.folder = "/nowhere";
        QVERIFY(!family.deviceSizes(gone));
    }

    /// To the byte, the tenth that is left to others included.
    void aRunFitsWhereItsEstimateDoes()
    {
        static std::uint64_t free = 0;
        DeviceOps exact = hostOps();
        exact.describe = [](int, DeviceDescription* out) {
            *out = DeviceDescription{};
            std::strcpy(out->name, "Made-up card");
            out->totalBytes = 80'000'000'000;
            out->freeBytes = free;
            return 0;
        };
        Machine machine(exact);
        const auto models = findModels({JACOBI_SOURCE_DIR "/models/pretrained"});
        const DeviceSizes sizes = *ScenesFamily().deviceSizes(*std::ranges::find(models, "scenes", &ModelInfo::id));
        const auto resolved = machine.backend().resolve(request("sjd", "bfloat16"));
        const DecodeSettings settings = decodeSettings(resolved->request);
        const std::uint64_t needed =
            sizes.pictures.weights + sizes.pictures.run +
            DeviceWeights::bytesOf(sizes.network.shape, sizes.network.tableRows, DevicePrecision::BFloat16) +
            RunRoom::bytesOf(settings, sizes.network, sizes.layout, DevicePrecision::BFloat16, 1);
        free = needed / 9 * 10 - 20;
        while (free - free / 10 < needed) {
            ++free;
        }
        const auto refused = machine.run(request("sjd", "float32"));
        QVERIFY(!refused);
        QCOMPARE(refused.error().code, ErrorCode::OutOfMemory);
        const std::string hint = "bfloat16 would take " + memoryText(needed);
        QVERIFY2(refused.error().message.find(hint) != std::string::npos, refused.error().message.c_str());
        QVERIFY(machine.run(request("sjd", "bfloat16")));
        Machine another(exact);
        --free;
        const auto closely = another.run(request("sjd", "bfloat16"));
        QVERIFY(!closely);
        QCOMPARE(closely.error().code, ErrorCode::OutOfMemory);
    }

    void aDeviceThatIsWrongIsNotUsed()
    {
        DeviceOps wrong = hostOps();
        wrong.gate = [](const GateJob*, void*) { return 0; };
        Machine machine(wrong);
        const auto run = machine.run(request("sjd", "float32"));
        QVERIFY(!run);
        QCOMPARE(run.error().code, ErrorCode::NoDevice);
        QVERIFY(run.error().message.find("selftest") != std::string::npos);
        QVERIFY(machine.trace().steps.empty());
    }

    /// In its third pass, and at each of the first allocations of a run; afterwards all is given back, and the next run is fine.
    void aRunAfterOneThatRanOutOfMemoryIsFine()
    {
        static int left = -1;  // allocations that succeed; below 0: all of them
        static int waits = -1; // likewise
        static int held = 0;
        left = waits = -1;
        held = 0;
        DeviceOps full = hostOps();
        full.allocate = full.allocatePinned = [](void** out, std::uint64_t bytes) {
            if (left >= 0 && left-- == 0) {
                return kDeviceOutOfMemory;
            }
            return ++held, hostOps().allocate(out, bytes);
        };
        full.release = full.releasePinned = [](void* memory) { return --held, hostOps().release(memory); };
        full.awaitEvent = [](void*) { return waits >= 0 && waits-- == 0 ? kDeviceOutOfMemory : 0; };
        Machine machine(full);
        QVERIFY(machine.run(request("sjd", "float32")));
        const auto tokens = machine.tokens();
        const int kept = held; // for the next run
        QVERIFY(kept > 0);
        const auto verifyOutOfMemory = [&](std::size_t steps) {
            const auto run = machine.run(request("sjd", "float32"));
            QVERIFY(!run);
            QCOMPARE(run.error().code, ErrorCode::OutOfMemory);
            for (const char* words : {"The GPU ran out of memory.", "window", "pictures", "precision"}) {
                QVERIFY2(run.error().message.find(words) != std::string::npos, run.error().message.c_str());
            }
            QCOMPARE(machine.trace().steps.size(), steps);
            QCOMPARE(held, 0);
        };
        waits = 2;
        verifyOutOfMemory(2);
        waits = -1;
        for (int at = 0; at < 3; ++at) {
            left = at;
            verifyOutOfMemory(0);
            left = -1;
        }
        QVERIFY(machine.run(request("sjd", "float32")));
        QCOMPARE(machine.tokens(), tokens);
        QCOMPARE(held, kept);
    }

    void aLostDeviceStaysLost()
    {
        static int waits = 0;
        waits = 0;
        DeviceOps dying = hostOps();
        dying.awaitEvent = [](void*) { return ++waits > 3 ? 700 : 0; }; // cudaErrorIllegalAddress
        Machine machine(dying);
        QVERIFY(machine.backend().device().id == "cuda:0");
        const auto run = machine.run(request("sjd", "float32"));
        QVERIFY(!run);
        QCOMPARE(run.error().code, ErrorCode::NoDevice);
        QCOMPARE(machine.trace().steps.size(), std::size_t{3}); // what came before is kept
        const auto again = machine.run(request("sjd", "float32"));
        QVERIFY(!again);
        QCOMPARE(again.error().code, ErrorCode::NoDevice);
        QCOMPARE(waits, 4); // nothing more was asked of it
        RunRequest onCpu = request("sequential", "auto");
        onCpu.device = "cpu";
        QVERIFY(machine.run(onCpu));
    }
};

JACOBI_TEST(ScenesFamilyTest)
#include "tst_scenesfamily.moc"
