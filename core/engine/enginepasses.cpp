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

constexpr const char* kEverything = "everything"; // the picture that the others are one thing less of

const char* pathName(AttentionPath path)
{
    return std::ranges::find(kAttentionNames, path, &std::pair<AttentionPath, const char*>::first)->second;
}

} // namespace

/// A pass of the network alone, as a graph; with `split`, also with some of its parts only.
Result<void> EngineMeasures::pass(const BenchShape& shape, DeviceModel& model, std::int64_t window, std::int64_t cached,
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
    record["bytes"] = read;
    record["attention"] = pathName(choice.path);
    record["attention_reason"] = choice.reason;
    if (!model.productChoice().reason.empty()) {
        record["product_reason"] = model.productChoice().reason;
    }
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

Result<void> EngineMeasures::passes(const BenchShape& shape, DeviceModel& model)
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
    std::uint64_t passes = 0;
    double spent = 0.0;
    bool isWhole = true; // the last of them
    while (times.size() < kPictures && spent < kEnoughSeconds) {
        if (auto started = (*decoder)->start({{1, 2, 3, 0}}); !started) {
            return started;
        }
        passes = 0;
        const auto begin = std::chrono::steady_clock::now();
        while (!(*decoder)->done()) {
            isWhole = secondsOf(std::chrono::steady_clock::now() - begin) < kLongestPicture;
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
    m_pictureSeconds = variant == kEverything && isWhole ? median : m_pictureSeconds;
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
