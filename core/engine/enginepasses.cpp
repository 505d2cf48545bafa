// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/devicedecoder.h"
#include "core/device/passgraph.h"
#include "core/engine/engine.h"
#include "core/engine/enginemeasures.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <array>

// The measurements of passes and of whole pictures.

namespace jacobi {
namespace {

const char* pathName(AttentionPath path)
{
    return std::ranges::find(kAttentionNames, path, &std::pair<AttentionPath, const char*>::first)->second;
}

/// Rows of a cache with room for those of a pass beside the cached ones.
std::int64_t capacityFor(std::int64_t window, std::int64_t cached)
{
    return (cached + window + 15) / 16 * 16;
}

/// The weights once, and every lane's cache.
double bytesOfPass(const DeviceWeights& weights, std::int64_t lanes, std::int64_t capacity)
{
    const auto cacheBytes = static_cast<double>(static_cast<std::uint64_t>(lanes * capacity) *
                                                cacheNumbers(weights.shape) * c10::elementSize(weights.type()));
    return static_cast<double>(weights.matrixBytes()) + cacheBytes;
}

} // namespace

/// Seconds that a pass takes at least: its bytes by the copy's rate or its products by the matrix rate. cached: rows there are
/// in each lane's cache before it.
double EngineMeasures::floorOf(const DeviceWeights& weights, std::int64_t window, std::int64_t cached) const
{
    const double products =
        2.0 * static_cast<double>(numbersOfPass(weights.shape)) * static_cast<double>(kLanes * window);
    return std::max(bytesOfPass(weights, kLanes, capacityFor(window, cached)) / m_bandwidth, products / m_rate);
}

/// The same of several passes.
double EngineMeasures::floorOf(const DeviceWeights& weights, std::int64_t window,
                               const std::vector<std::int64_t>& cached) const
{
    double all = 0.0;
    for (const std::int64_t rows : cached) {
        all += floorOf(weights, window, rows);
    }
    return all;
}

/// A pass of the network alone, as a graph; with `split`, also with some of its parts only.
Result<void> EngineMeasures::pass(const BenchShape& shape, DeviceModel& model, std::int64_t window, std::int64_t cached,
                                  bool split)
{
    const DeviceWeights& weights = model.weights();
    const std::int64_t capacity = capacityFor(window, cached);
    DeviceTransformer network(m_ops, weights, model.network().rotary(capacity), {kLanes, window, capacity});
    const AttentionChoice choice = model.attention(kLanes, window, capacity);
    network.setPass(window, choice.path);
    json record{{"case", "pass"}, {"shape", shape.name}, {"window", window}, {"cached", cached}};
    record["bytes"] = bytesOfPass(weights, kLanes, capacity);
    record["attention"] = pathName(choice.path);
    record["attention_reason"] = choice.reason;
    if (!model.productChoice().reason.empty()) {
        record["product_reason"] = model.productChoice().reason;
    }
    if (auto done = pass(network, cached, record, floorOf(weights, window, cached)); !done || !split) {
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
Result<void> EngineMeasures::pass(DeviceTransformer& network, std::int64_t cached, json record, double floor)
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

/// With a cache that is half full, and at both ends of the windows also a quarter full and full; at the usual window with its
/// parts.
Result<void> EngineMeasures::passesAt(const BenchShape& shape, DeviceModel& model, std::int64_t window)
{
    const std::int64_t positions = shape.rows * shape.columns;
    const std::int64_t usual = isCpu() ? 8 : kPictureWindow;
    const bool isEnd = window == 1 || window == usual;
    for (const std::int64_t cached : {positions / 4, positions / 2, positions}) {
        const bool isHalf = cached == positions / 2;
        if (!isHalf && !isEnd) {
            continue;
        }
        if (auto done = pass(shape, model, window, cached, isHalf && window == usual); !done) {
            return done;
        }
    }
    return {};
}

Result<void> EngineMeasures::passes(const BenchShape& shape, DeviceModel& model)
{
    const std::vector<std::int64_t> windows =
        isCpu() ? std::vector<std::int64_t>{1, 8} : std::vector<std::int64_t>{1, 8, 16, 32, 48, 64, 96};
    for (const std::int64_t window : windows) {
        if (auto done = passesAt(shape, model, window); !done) {
            return done;
        }
    }
    return {};
}

/// Pictures whose passes commit what was recorded (window 32), or one token each (window 1): three, or fewer of those that
/// take long.
Result<void> EngineMeasures::picture(const BenchShape& shape, DeviceModel& model, const std::string& variant,
                                     std::uint32_t window)
{
    model.recordedRuns = window == 1 ? std::vector<std::uint32_t>{1}
                                     : std::vector<std::uint32_t>(kRecordedRuns.begin(), kRecordedRuns.end());
    auto decoder = makeDeviceDecoder(decodeSettings(pictureRequest(window)), model);
    if (!decoder) {
        return tl::unexpected(decoder.error());
    }
    std::vector<double> times;
    std::vector<std::int64_t> cachedRows; // before each pass
    double spent = 0.0;
    bool isWhole = true; // the last of them
    while (times.size() < kPictures && spent < kEnoughSeconds) {
        if (auto started = (*decoder)->start({kPrompt}); !started) {
            return started;
        }
        cachedRows.clear();
        const auto begin = std::chrono::steady_clock::now();
        while (!(*decoder)->done()) {
            isWhole = secondsOf(std::chrono::steady_clock::now() - begin) < kLongestPicture;
            if (!isWhole) {
                break;
            }
            const auto step = (*decoder)->step();
            if (!step) {
                return tl::unexpected(step.error());
            }
            cachedRows.push_back(cachedBefore(kPrompt.size(), **step));
            if (m_stop.stop_requested()) {
                return fail(ErrorCode::Cancelled, "The measurement was stopped.");
            }
        }
        times.push_back(secondsOf(std::chrono::steady_clock::now() - begin));
        spent += times.back();
    }
    std::ranges::sort(times);
    const double median = times[times.size() / 2];
    m_pictureSeconds = variant == kEverything && isWhole ? median : m_pictureSeconds;
    note({{"case", "picture"},
          {"shape", shape.name},
          {"variant", variant},
          {"window", window},
          {"passes", cachedRows.size()},
          {"graph", model.lastPass.whyNoGraph.empty()},
          {"whole", isWhole},
          {"of_floor", floorOf(model.weights(), window, cachedRows) / median},
          {"ms_a_pass", median * 1e3 / static_cast<double>(cachedRows.size())}},
         Samples{median, times.front(), times.back()}, "s", 1.0);
    return {};
}

Result<void> EngineMeasures::pictures(const BenchShape& shape, DevicePrecision precision, DeviceModel& model)
{
    const auto run = [&](const std::string& variant, DeviceModel& on, std::uint32_t window) {
        const Result<void> done = picture(shape, on, variant, window);
        on.wantsGraphs = on.runsAhead = true;
        on.forcedAttention = attention;
        return done;
    };
    if (auto done = run("sequential", model, 1); !done) {
        return done;
    }
    if (auto done = run(kEverything, model, kPictureWindow); !done) {
        return done;
    }
    model.wantsGraphs = false;
    if (auto done = run("no graph", model, kPictureWindow); !done) {
        return done;
    }
    model.runsAhead = false;
    if (auto done = run("a wait each pass", model, kPictureWindow); !done) {
        return done;
    }
    model.forcedAttention = AttentionPath::Masked;
    if (auto done = run("attention with a mask", model, kPictureWindow); !done) {
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
    return run("whole head", **whole, kPictureWindow);
}

} // namespace jacobi
