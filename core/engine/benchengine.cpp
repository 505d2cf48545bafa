// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/benchengine.h"

#include "core/cuda/devicewindows.h"
#include "core/cuda/hostkernels.h"
#include "core/device/devicedecoder.h"
#include "core/device/passgraph.h"
#include "core/device/randomnetwork.h"
#include "core/engine/benchshapes.h"
#include "core/engine/guard.h"
#include "core/engine/torchcuda.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <functional>

namespace jacobi {
namespace {

using nlohmann::json;
using Work = std::function<Result<void>()>;

constexpr std::int64_t kLanes = 2; // one picture with guidance

constexpr std::array<std::pair<AttentionPath, const char*>, 3> kPaths{
    {{AttentionPath::Masked, "masked"}, {AttentionPath::Flash, "flash"}, {AttentionPath::Shared, "shared"}}};

const char* pathName(AttentionPath path)
{
    return std::ranges::find(kPaths, path, &std::pair<AttentionPath, const char*>::first)->second;
}

double secondsOf(std::chrono::steady_clock::duration time)
{
    return std::chrono::duration<double>(time).count();
}

/// What is measured on, and what was found.
class Bench {
public:
    Bench(const DeviceOps& ops, at::Device device, ProgressSink& sink, const std::stop_token& stop)
        : m_ops(ops), m_device(device), m_stream(device), m_sink(sink), m_stop(stop)
    {
    }

    Result<void> run(const std::vector<BenchShape>& shapes, DevicePrecision precision);
    bool withPictures = true;
    std::optional<AttentionPath> attention; ///< that all passes use but those that measure another
    json records() { return std::move(m_records); }

private:
    struct Samples {
        double median = 0.0, low = 0.0, high = 0.0; ///< seconds
    };

    bool isCpu() const { return m_device.is_cpu(); }
    at::TensorOptions options(at::ScalarType type) const { return at::TensorOptions().dtype(type).device(m_device); }
    Result<void> wait() const
    {
        const int code = m_ops.synchronize(m_stream.handle());
        return code == 0 ? Result<void>() : tl::unexpected(deviceError(m_ops, code, "wait"));
    }

    Result<Samples> time(const Work& work, double leastSeconds = 0.005);
    void note(json record, const Samples& samples, const char* unit, double scale);
    Result<void> tell(const std::string& line, double fraction);
    Result<void> ceilings();
    Result<void> sampling(std::int64_t codes, std::int64_t window);
    Result<void> passes(const BenchShape& shape, DeviceModel& model);
    Result<void> pass(const BenchShape& shape, DeviceModel& model, std::int64_t window, std::int64_t cached,
                      bool split);
    Result<void> pass(DeviceTransformer& network, std::int64_t cached, json record, double floor);
    Result<void> picture(const BenchShape& shape, DeviceModel& model, const std::string& variant, std::uint32_t window);
    Result<void> pictures(const BenchShape& shape, DevicePrecision precision, DeviceModel& model);
    Result<std::unique_ptr<DeviceModel>> load(const BenchShape& shape, std::int64_t codes, DevicePrecision precision);

    const DeviceOps& m_ops;
    at::Device m_device;
    DeviceStream m_stream;
    ProgressSink& m_sink;
    const std::stop_token& m_stop;
    json m_records = json::array();
    double m_fraction = 0.0;  ///< of the work that is done
    double m_bandwidth = 0.0; ///< bytes a second, read and written
    double m_rate = 0.0;      ///< multiplications and additions a second
};

/// At least 20 samples, each of as many calls as take leastSeconds; the work is put on the stream and waited for at the end of
/// a sample.
Result<Bench::Samples> Bench::time(const Work& work, double leastSeconds)
{
    constexpr int kSamples = 20;
    int calls = 1;
    std::vector<double> times;
    for (int sample = -2; sample < kSamples; ++sample) { // the first two find out how many calls
        if (m_stop.stop_requested()) {
            return fail(ErrorCode::Cancelled, "The measurement was stopped.");
        }
        const auto begin = std::chrono::steady_clock::now();
        for (int call = 0; call < calls; ++call) {
            if (auto done = work(); !done) {
                return tl::unexpected(done.error());
            }
        }
        if (auto done = wait(); !done) {
            return tl::unexpected(done.error());
        }
        const double each = secondsOf(std::chrono::steady_clock::now() - begin) / calls;
        if (sample < 0) {
            calls = std::clamp(static_cast<int>(leastSeconds / std::max(each, 1e-7)), 1, 10'000);
        } else {
            times.push_back(each);
        }
    }
    std::ranges::sort(times);
    return Samples{times[times.size() / 2], times[times.size() / 4], times[times.size() * 3 / 4]};
}

void Bench::note(json record, const Samples& samples, const char* unit, double scale)
{
    // A rate is so much an hour the faster it went: quartiles change places.
    const bool isRate = scale < 0.0;
    const auto value = [&](double seconds) { return isRate ? -scale / seconds : seconds * scale; };
    record["median"] = value(samples.median);
    record["low"] = value(isRate ? samples.high : samples.low);
    record["high"] = value(isRate ? samples.low : samples.high);
    record["unit"] = unit;
    // As they come: a measurement of minutes that is stopped has told what it found.
    JobProgress progress;
    progress.fraction = m_fraction;
    progress.line = record.dump();
    m_sink.progress(progress);
    m_records.push_back(std::move(record));
}

Result<void> Bench::tell(const std::string& line, double fraction)
{
    JobProgress progress;
    progress.fraction = m_fraction = fraction;
    progress.line = line;
    m_sink.progress(progress);
    return m_stop.stop_requested() ? fail(ErrorCode::Cancelled, "The measurement was stopped.") : Result<void>();
}

Result<void> Bench::ceilings()
{
    const std::int64_t numbers = isCpu() ? 4'000'000 : 250'000'000;
    const at::Tensor from = at::randn({numbers}, options(at::kFloat));
    const at::Tensor to = at::empty_like(from);
    const auto copied = time([&]() -> Result<void> {
        to.copy_(from);
        return {};
    });
    if (!copied) {
        return tl::unexpected(copied.error());
    }
    const double bytes = 2.0 * static_cast<double>(from.nbytes());
    m_bandwidth = bytes / copied->median;
    note({{"case", "copy"}}, *copied, "GB/s", -bytes * 1e-9);

    const std::int64_t side = isCpu() ? 384 : 8192;
    const at::ScalarType type = isCpu() ? at::kFloat : at::kBFloat16;
    const at::Tensor a = at::randn({side, side}, options(type));
    const at::Tensor b = at::randn({side, side}, options(type));
    at::Tensor c = at::empty_like(a);
    const auto multiplied = time([&]() -> Result<void> {
        at::mm_out(c, a, b);
        return {};
    });
    if (!multiplied) {
        return tl::unexpected(multiplied.error());
    }
    const double operations = 2.0 * static_cast<double>(side) * static_cast<double>(side) * static_cast<double>(side);
    m_rate = operations / multiplied->median;
    note({{"case", "matrix product"}, {"side", side}}, *multiplied, "TFLOP/s", -operations * 1e-12);
    return {};
}

/// Both window kernels on random logits.
Result<void> Bench::sampling(std::int64_t codes, std::int64_t window)
{
    WindowSetup setup;
    setup.branches = kLanes;
    setup.window = static_cast<std::uint32_t>(window);
    setup.knobs = {3.0, 1.0, 1.0, isCpu() ? 50 : 2000};
    setup.logitsType = isCpu() ? NumberType::Float32 : NumberType::BFloat16;
    setup.runs = {1};
    const TokenLayout layout = lineLayout(256, 256, codes); // so long that it does not end meanwhile
    const auto windows = DeviceWindows::make(m_ops, layout, setup);
    if (!windows) {
        return tl::unexpected(windows.error());
    }
    const at::Tensor random =
        at::randn({kLanes * window * codes}, options(isCpu() ? at::kFloat : at::kBFloat16)).mul_(4.0);
    at::for_blob((*windows)->logits(), random.sizes())
        .options(random.options())
        .target_device(m_device)
        .make_tensor()
        .copy_(random);
    if (auto begun = (*windows)->begin(std::vector<std::int32_t>(kLanes, 0), m_stream.handle()); !begun) {
        return begun;
    }
    const auto samples = time([&] { return (*windows)->enqueueKernels(m_stream.handle()); });
    if (!samples) {
        return tl::unexpected(samples.error());
    }
    note({{"case", "sampling"}, {"codes", codes}, {"window", window}}, *samples, "us", 1e6);
    return {};
}

Result<std::unique_ptr<DeviceModel>> Bench::load(const BenchShape& shape, std::int64_t codes, DevicePrecision precision)
{
    TransformerShape sizes = shape.shape;
    sizes.codes = codes;
    // Made where they are used: most of these do not fit into a computer's memory as float32.
    const at::ScalarType type = realTypeOf(precision);
    const NetworkDescription network = randomNetwork(sizes, options(type), 1);
    if (auto made = wait(); !made) { // the model has a stream of its own
        return tl::unexpected(made.error());
    }
    return DeviceModel::make(m_ops, m_device, precision, network, lineLayout(shape.rows, shape.columns, codes));
}

/// A pass of the network alone, as a graph; with `split`, also with some of its parts only.
Result<void> Bench::pass(const BenchShape& shape, DeviceModel& model, std::int64_t window, std::int64_t cached,
                         bool split)
{
    const DeviceWeights& weights = model.weights();
    const std::int64_t capacity = (cached + window + 15) / 16 * 16;
    DeviceTransformer network(m_ops, weights, model.network().rotary(capacity), {kLanes, window, capacity});
    const AttentionChoice choice = model.attention(kLanes, window, capacity);
    network.setPass(window, choice.path);
    const double read =
        static_cast<double>(weights.matrixBytes()) +
        static_cast<double>(static_cast<std::uint64_t>(kLanes * capacity) * cacheNumbers(weights.shape)) *
            static_cast<double>(c10::elementSize(weights.type()));
    const double products =
        2.0 * static_cast<double>(numbersOfPass(weights.shape)) * static_cast<double>(kLanes * window);
    json record{{"case", "pass"}, {"shape", shape.name}, {"window", window}, {"cached", cached}};
    record["attention"] = pathName(choice.path);
    record["attention_reason"] = choice.reason;
    if (auto done = pass(network, cached, record, std::max(read / m_bandwidth, products / m_rate)); !done || !split) {
        return done;
    }
    constexpr std::array<std::pair<PassPart, const char*>, 9> kParts{{{PassPart::Norms, "norms"},
                                                                      {PassPart::Qkv, "queries, keys, values"},
                                                                      {PassPart::Places, "rotation and cache"},
                                                                      {PassPart::Attention, "attention"},
                                                                      {PassPart::AttentionOut, "attention's output"},
                                                                      {PassPart::GateUp, "gate and up"},
                                                                      {PassPart::Gates, "gating"},
                                                                      {PassPart::Down, "down"},
                                                                      {PassPart::Head, "head"}}};
    record["case"] = "part of a pass";
    for (const auto& [part, name] : kParts) {
        network.parts = 1U << static_cast<std::uint32_t>(part);
        record["variant"] = name;
        if (auto done = pass(network, cached, record, 0.0); !done) {
            return done;
        }
    }
    network.parts = 1U << static_cast<std::uint32_t>(PassPart::Attention);
    for (const AttentionPath other : {AttentionPath::Flash, AttentionPath::Masked}) {
        const bool isAble = other == AttentionPath::Masked || (!isCpu() && weights.type() == at::kBFloat16);
        if (other == choice.path || !isAble) {
            continue;
        }
        network.setPass(window, other);
        record["attention"] = pathName(other);
        record["variant"] = std::string("attention, ") + pathName(other);
        if (auto done = pass(network, cached, record, 0.0); !done) {
            return done;
        }
    }
    return {};
}

/// floor: seconds; 0: not told.
Result<void> Bench::pass(DeviceTransformer& network, std::int64_t cached, json record, double floor)
{
    const DeviceWeights& weights = network.weights();
    network.input().normal_();
    const at::Tensor lengths = at::full({kLanes}, cached, options(at::kInt));
    const at::Tensor logits = at::empty({kLanes * network.rows(), weights.shape.codes}, options(weights.type()));
    std::vector<at::Tensor> kept;
    PassGraph graph;
    const auto recorded = graph.record(m_ops, m_stream.handle(), [&] {
        kept.clear();
        return network.enqueue(lengths, logits, kept, m_stream.handle());
    });
    if (!recorded) {
        return recorded;
    }
    const auto samples = time([&] { return graph.launch(); });
    if (!samples) {
        return tl::unexpected(samples.error());
    }
    record["graph"] = graph.isGraph();
    if (floor > 0.0) {
        record["of_floor"] = floor / samples->median;
    }
    note(std::move(record), *samples, "ms", 1e3);
    return {};
}

Result<void> Bench::passes(const BenchShape& shape, DeviceModel& model)
{
    const std::int64_t positions = shape.rows * shape.columns;
    const std::vector<std::int64_t> windows =
        isCpu() ? std::vector<std::int64_t>{1, 8} : std::vector<std::int64_t>{1, 8, 16, 32, 48, 64, 96};
    for (const std::int64_t window : windows) {
        if (auto done = pass(shape, model, window, positions / 2, window == (isCpu() ? 8 : 32)); !done) {
            return done;
        }
    }
    return isCpu() ? Result<void>() : pass(shape, model, 32, positions, false);
}

/// Pictures whose passes commit what was recorded (window 32), or one token each (window 1): three, or fewer of those that
/// take long.
Result<void> Bench::picture(const BenchShape& shape, DeviceModel& model, const std::string& variant,
                            std::uint32_t window)
{
    DecodeSettings settings;
    settings.method = window == 1 ? "sequential" : "sjd";
    settings.initialisation = "sample-left";
    settings.window = window;
    settings.guidance = 3.0;
    settings.topK = isCpu() ? 50 : 2000;
    model.recordedRuns = window == 1 ? std::vector<std::uint32_t>{1}
                                     : std::vector<std::uint32_t>(kRecordedRuns.begin(), kRecordedRuns.end());
    auto decoder = makeDeviceDecoder(settings, model);
    if (!decoder) {
        return tl::unexpected(decoder.error());
    }
    std::vector<double> times;
    std::uint64_t passes = 0;
    constexpr int kPictures = 3;
    constexpr double kEnoughSeconds = 4.0;
    constexpr double kLongestSeconds = 30.0; // a picture that takes longer is cut
    double spent = 0.0;
    bool isWhole = true; // the last of them
    while (times.size() < kPictures && spent < kEnoughSeconds) {
        if (auto started = (*decoder)->start({{1, 2, 3, 0}}); !started) {
            return started;
        }
        passes = 0;
        const auto begin = std::chrono::steady_clock::now();
        while (!(*decoder)->done()) {
            isWhole = secondsOf(std::chrono::steady_clock::now() - begin) < kLongestSeconds;
            if (!isWhole) {
                break;
            }
            if (auto step = (*decoder)->step(); !step) {
                return tl::unexpected(step.error());
            }
            ++passes;
            if (m_stop.stop_requested()) {
                return fail(ErrorCode::Cancelled, "The measurement was stopped.");
            }
        }
        times.push_back(secondsOf(std::chrono::steady_clock::now() - begin));
        spent += times.back();
    }
    std::ranges::sort(times);
    const double median = times[times.size() / 2];
    note({{"case", "picture"},
          {"shape", shape.name},
          {"variant", variant},
          {"window", window},
          {"passes", passes},
          {"graph", model.lastPass.whyNoGraph.empty()},
          {"whole", isWhole},
          {"ms_a_pass", median * 1e3 / static_cast<double>(passes)}},
         Samples{median, times.front(), times.back()}, "s", 1.0);
    return {};
}

Result<void> Bench::pictures(const BenchShape& shape, DevicePrecision precision, DeviceModel& model)
{
    constexpr std::uint32_t kWindow = 32;
    const auto run = [&](const std::string& variant, DeviceModel& on, std::uint32_t window) {
        const Result<void> done = picture(shape, on, variant, window);
        on.wantsGraphs = on.runsAhead = true;
        on.forcedAttention = attention;
        return done;
    };
    if (auto done = run("sequential", model, 1); !done) {
        return done;
    }
    if (auto done = run("everything", model, kWindow); !done) {
        return done;
    }
    model.wantsGraphs = false;
    if (auto done = run("no graph", model, kWindow); !done) {
        return done;
    }
    model.runsAhead = false;
    if (auto done = run("a wait each pass", model, kWindow); !done) {
        return done;
    }
    model.forcedAttention = AttentionPath::Masked;
    if (auto done = run("attention with a mask", model, kWindow); !done) {
        return done;
    }
    if (shape.wholeHead == shape.shape.codes) {
        return {};
    }
    const auto whole = load(shape, shape.wholeHead, precision);
    if (!whole) {
        return tl::unexpected(whole.error());
    }
    (*whole)->forcedAttention = attention;
    return run("whole head", **whole, kWindow);
}

Result<void> Bench::run(const std::vector<BenchShape>& shapes, DevicePrecision precision)
{
    const c10::InferenceMode inference;
    const DeviceStream::Use use(m_stream);
    if (auto told = tell("Ceilings", 0.0); !told) {
        return told;
    }
    if (auto done = ceilings(); !done) {
        return done;
    }
    for (const std::int64_t codes :
         isCpu() ? std::vector<std::int64_t>{512} : std::vector<std::int64_t>{8192, 16384, 32768, 65536}) {
        if (auto done = sampling(codes, isCpu() ? 8 : 32); !done) {
            return done;
        }
    }
    double done = 0.1;
    for (const BenchShape& shape : shapes) {
        if (auto told = tell("Passes and pictures: " + std::string(shape.name), done); !told) {
            return told;
        }
        done += 0.9 / static_cast<double>(shapes.size());
        giveBackCachedMemory(m_device);
        DeviceDescription card;
        m_ops.describe(isCpu() ? 0 : m_device.index(), &card);
        const std::uint64_t needed = 2 * DeviceWeights::bytesOf(shape.shape, shape.shape.codes, precision);
        if (card.totalBytes > 0 && needed > card.freeBytes) {
            m_records.push_back(
                {{"case", "pass"}, {"shape", shape.name}, {"not_run", "it does not fit into the GPU's memory"}});
            continue;
        }
        const auto model = load(shape, shape.shape.codes, precision);
        if (!model) {
            return tl::unexpected(model.error());
        }
        (*model)->forcedAttention = attention;
        if (auto measured = passes(shape, **model); !measured) {
            return measured;
        }
        if (auto measured = withPictures ? pictures(shape, precision, **model) : Result<void>(); !measured) {
            return measured;
        }
        DeviceDescription after;
        m_ops.describe(isCpu() ? 0 : m_device.index(), &after);
        m_records.push_back(
            {{"case", "memory"},
             {"shape", shape.name},
             {"unit", "GB"},
             {"weights", static_cast<double>((*model)->weights().matrixBytes()) * 1e-9},
             {"taken", (static_cast<double>(card.freeBytes) - static_cast<double>(after.freeBytes)) * 1e-9}});
    }
    return {};
}

Result<std::vector<BenchShape>> shapesOf(const json& options, bool isCpu)
{
    std::vector<BenchShape> shapes;
    const auto names = options.value("shapes", std::vector<std::string>());
    for (const BenchShape& shape : kBenchShapes) {
        const bool isNamed = std::ranges::find(names, shape.name) != names.end();
        if (isNamed || (names.empty() && (shape.name == "tiny") == isCpu)) {
            shapes.push_back(shape);
        }
    }
    if (shapes.size() < names.size()) {
        std::string known;
        for (const BenchShape& shape : kBenchShapes) {
            known += (known.empty() ? "" : ", ") + std::string(shape.name);
        }
        return fail(ErrorCode::InvalidRequest, "There is no such shape. Choose among: " + known + ".");
    }
    return shapes;
}

} // namespace

Result<json> benchEngine(const json& options, const GpuProbe& probe, const KernelPlugin& plugin, ProgressSink& sink,
                         const std::stop_token& stop)
{
    GpuProbe engine = probe;
    engine.engineProblem = plugin.problem;
    if (engine.engineProblem.empty() && options.value("device", "auto") != "cpu" && probe.gpus > 0) {
        engine.engineProblem = openTorchCuda(torchCudaPath()).problem;
    }
    const Result<DeviceInfo> device = chooseDevice(options.value("device", std::string("auto")), engine, 1);
    if (!device) {
        return tl::unexpected(device.error());
    }
    const bool isCpu = device->id == "cpu";
    const auto precision = devicePrecisionOf(options.value("precision", isCpu ? "float32" : "bfloat16"));
    if (!precision || *precision == DevicePrecision::Float64) {
        return fail(ErrorCode::InvalidRequest, "There is no such precision here. Choose float32, bfloat16 or int8.");
    }
    std::optional<AttentionPath> attention;
    if (const std::string name = options.value("attention", std::string("auto")); name != "auto") {
        const auto known = std::ranges::find(kPaths, name, &std::pair<AttentionPath, const char*>::second);
        if (known == kPaths.end() || (isCpu && known->first == AttentionPath::Flash)) {
            return fail(ErrorCode::InvalidRequest,
                        "There is no such attention here. Choose auto, shared, masked or, on a GPU, flash.");
        }
        attention = known->first;
    }
    const auto shapes = shapesOf(options, isCpu);
    if (!shapes) {
        return tl::unexpected(shapes.error());
    }
    return guarded([&]() -> Result<json> {
        const auto number = static_cast<c10::DeviceIndex>(isCpu ? -1 : gpuNumber(device->id).value_or(0));
        Bench bench(isCpu ? hostOps() : *plugin.ops, at::Device(isCpu ? at::kCPU : at::kCUDA, number), sink, stop);
        bench.attention = attention;
        bench.withPictures = options.value("pictures", true);
        if (auto done = bench.run(*shapes, *precision); !done) {
            return tl::unexpected(done.error());
        }
        return json{{"device", device->name}, {"reason", device->reason}, {"records", bench.records()}};
    });
}

} // namespace jacobi
