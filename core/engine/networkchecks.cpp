// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/networkchecks.h"

#include "core/base/largererror.h"
#include "core/cuda/devicememory.h"
#include "core/device/devicedecoder.h"
#include "core/device/productchoice.h"
#include "core/device/randomnetwork.h"
#include "core/engine/guard.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <cstdio>
#include <functional>

namespace jacobi {
namespace {

using Outcome = KernelCheck::Outcome;

constexpr TransformerShape kShape{2, 128, 4, 4, 32, 192, 96, RotaryPairs::Halves, 1e-6};
/// Of heads and widths as large models have them, with a tail in the head.
constexpr TransformerShape kOwnShape{3, 512, 8, 2, 64, 768, 1027, RotaryPairs::Halves, 1e-6};

std::string errorText(double error, double allowed)
{
    char text[80];
    std::snprintf(text, sizeof text, "largest error %.2g, allowed %.2g", error, allowed);
    return text;
}

/// The check that measures an error; what it throws or fails with is what it found.
KernelCheck measured(const std::string& name, double allowed, const std::function<Result<double>()>& measure)
{
    const Result<double> error = guarded(measure);
    if (!error) {
        return {name, Outcome::Failed, error.error().message + " [" + error.error().detail + "]"};
    }
    return {name, *error <= allowed ? Outcome::Passed : Outcome::Failed, errorText(*error, allowed)};
}

/// The same of a way that has others beside it.
KernelCheck measuredWay(const std::string& name, double allowed, const std::function<Result<double>()>& measure)
{
    KernelCheck check = measured(name, allowed, measure);
    check.isReplaceable = true;
    if (check.outcome == Outcome::Failed) {
        check.detail += "; another way is taken";
    }
    return check;
}

struct Precision {
    const char* name;
    DevicePrecision precision;
    double attention; ///< allowed error of numbers around 1
    double network;   ///< of logits, by the largest of them
};
constexpr Precision kPrecisions[] = {{"float64", DevicePrecision::Float64, 1e-12, 1e-6},
                                     {"float32", DevicePrecision::Float32, 1e-5, 1e-4},
                                     {"bfloat16", DevicePrecision::BFloat16, 0.03, 0.06},
                                     {"int8", DevicePrecision::Int8, 0.03, 0.06}};

/// The weights as they are multiplied with, in float64 on the CPU.
std::vector<BlockWeights> effectiveBlocks(const DeviceWeights& weights)
{
    const auto wide = [](const at::Tensor& tensor) { return tensor.to(at::kCPU, at::kDouble); };
    std::vector<BlockWeights> blocks;
    for (const DeviceWeights::Block& block : weights.blocks) {
        BlockWeights plain;
        plain.attentionNorm = wide(block.attentionNorm);
        plain.qkv = block.qkv.effective();
        plain.queryScale = wide(block.queryScale);
        plain.keyScale = wide(block.keyScale);
        plain.attentionOut = block.attentionOut.effective();
        plain.feedNorm = wide(block.feedNorm);
        plain.gateUp = block.gateUp.effective();
        plain.down = block.down.effective();
        blocks.push_back(std::move(plain));
    }
    return blocks;
}

/// Two lanes read a prompt of seven tokens and a window of five after it; the window's logits against one pass over all
/// twelve by the layers of core/decode. By the largest logit.
Result<double> networkError(const DeviceOps& ops, at::Device device, DevicePrecision precision)
{
    constexpr std::int64_t kLanes = 2, kPrompt = 7, kRows = 5, kAll = kPrompt + kRows, kCapacity = 40;
    const c10::InferenceMode inference;
    const NetworkDescription network = randomNetwork(kShape, at::TensorOptions().dtype(at::kDouble), 3);
    const Result<std::unique_ptr<DeviceModel>> model =
        DeviceModel::make(ops, device, precision, network, lineLayout(4, 8, kShape.codes));
    if (!model) {
        return tl::unexpected(model.error());
    }
    const DeviceWeights& weights = (*model)->weights();
    const DeviceStream::Use use((*model)->stream());
    DeviceTransformer transformer(ops, weights, network.rotary(kCapacity), {kLanes, kPrompt, kCapacity});
    const at::Tensor codes =
        at::remainder(at::arange(kLanes * kAll, at::kLong) * 37 + 5, kShape.codes).view({kLanes, kAll});
    const at::Tensor inputs =
        weights.table.index_select(0, codes.flatten().to(device)).view({kLanes, kAll, kShape.width});
    const at::Tensor logits = at::empty({kLanes * kRows, kShape.codes}, inputs.options());
    std::vector<at::Tensor> kept;
    for (const bool isPrompt : {true, false}) {
        const std::int64_t rows = isPrompt ? kPrompt : kRows;
        transformer.setPass(rows,
                            chooseAttention({kLanes, rows, kShape.heads, kShape.keyHeads, kShape.headSize, kCapacity},
                                            weights.type(), {&ops, device, (*model)->stream().handle()})
                                .path);
        transformer.input().copy_(
            inputs.narrow(1, isPrompt ? 0 : kPrompt, rows).reshape({kLanes * rows, kShape.width}));
        const at::Tensor lengths =
            at::full({kLanes}, isPrompt ? 0 : kPrompt, at::TensorOptions().dtype(at::kInt).device(device));
        const auto done =
            transformer.enqueue(lengths, isPrompt ? at::Tensor() : logits, kept, (*model)->stream().handle());
        if (!done) {
            return tl::unexpected(done.error());
        }
    }
    const at::Tensor found = logits.to(at::kCPU, at::kDouble).view({kLanes, kRows, kShape.codes});

    const RotaryTable table = network.rotary(kAll);
    const RotaryTable rotary{table.cosine.to(at::kDouble), table.sine.to(at::kDouble)};
    at::Tensor x = inputs.to(at::kCPU, at::kDouble);
    for (const BlockWeights& block : effectiveBlocks(weights)) {
        x = transformerBlock(x, block, rotary, kShape.heads, 0,
                             [](std::int64_t, const Heads& heads) { return causalAttention(heads); });
    }
    const at::Tensor expected =
        at::matmul(rmsNorm(x, weights.norm.to(at::kCPU, at::kDouble)), weights.head.effective().t())
            .narrow(1, kPrompt, kRows);
    return ((found - expected).abs().max() / expected.abs().max()).item<double>();
}

/// Shapes that take every way through the kernel: every size of a head with every way to share out a block's warps, each with a
/// block that walks over so many tiles that its memory is used again, twice; caches shared out and not, grouped heads, a
/// single row.
std::vector<AttentionShape> sharedAttentionShapes(at::ScalarType type)
{
    std::vector<AttentionShape> shapes{{3, 6, 4, 2, 64, 80}, {1, 1, 8, 2, 32, 300}};
    if (type == at::kFloat) { // blocks of 8, 16 and 32 rows, caches of up to three parts
        for (const std::int64_t headSize : {32, 64, 128}) {
            for (const std::int64_t rows : {5, 12, 35}) {
                shapes.push_back({2, rows, 2, 2, headSize, 250 + 10 * rows}); // of which the second lane is full
            }
        }
        return shapes;
    }
    shapes.insert(shapes.end(), {{2, 32, 4, 4, 128, 720}, {2, 40, 8, 2, 128, 1100}});
    constexpr std::int64_t kTiles = 8, kKeys = 64;
    for (const std::int64_t headSize : {32, 64, 128}) {
        for (const std::int64_t rows : {5, 30, 50, 70}) {
            const std::int64_t splits = 1 + rows / 10 % 2;
            shapes.push_back({1, rows, 2, 2, headSize, kTiles * kKeys * splits - 9, splits});
        }
    }
    return shapes;
}

Result<double> sharedAttentionError(at::ScalarType type, const AttentionPlace& place)
{
    double largest = 0.0;
    for (const AttentionShape& shape : sharedAttentionShapes(type)) {
        const Result<double> error = attentionError(shape, AttentionPath::Shared, type, place);
        if (!error) {
            return error;
        }
        largest = largerError(largest, *error);
    }
    return largest;
}

/// The largest difference that the size of a window, or of the cache, makes: some rows after a prompt, read at once, one by one, and in parts, in
/// float32 by our own kernels. 0 where these are batch-invariant.
Result<double> windowDifference(const AttentionPlace& place)
{
    constexpr std::int64_t kPrompt = 250, kAll = 12, kOne = 1; // from one part of the cache to the next
    const c10::InferenceMode inference;
    DeviceDescription card;
    if (const int code = place.ops->describe(place.device.is_cpu() ? 0 : place.device.index(), &card); code != 0) {
        return tl::unexpected(deviceError(*place.ops, code, "describe the device"));
    }
    const auto numbers = at::TensorOptions().dtype(at::kFloat);
    const NetworkDescription network = randomNetwork(kShape, numbers, 6);
    const DeviceWeights weights =
        DeviceWeights::of(network, DevicePrecision::Float32, place.device, std::max(card.multiprocessors, 1U));
    const at::Tensor inputs = at::randn({kPrompt + kAll, kShape.width}, numbers).to(place.device);
    const at::Tensor logits = at::empty({kPrompt + kAll, kShape.codes}, inputs.options());
    std::vector<at::Tensor> kept;
    const auto read = [&](DeviceTransformer& transformer, std::int64_t from,
                          const std::vector<std::int64_t>& windows) -> Result<at::Tensor> {
        std::int64_t at = from;
        for (const std::int64_t rows : windows) {
            transformer.setPass(rows, AttentionPath::Shared);
            transformer.input().copy_(inputs.narrow(0, at, rows));
            kept.push_back(at::full({1}, at, at::TensorOptions().dtype(at::kInt).device(place.device)));
            const at::Tensor lengths = kept.back();
            if (auto done = transformer.enqueue(lengths, logits.narrow(0, at, rows), kept, place.stream); !done) {
                return tl::unexpected(done.error());
            }
            at += rows;
        }
        return logits.narrow(0, kPrompt, kAll).to(at::kCPU, at::kDouble, false, true);
    };
    at::Tensor expected;
    double largest = 0.0;
    for (const std::int64_t capacity : {304, 560}) {
        DeviceTransformer transformer(*place.ops, weights, network.rotary(capacity), {1, kPrompt, capacity});
        if (auto prompt = read(transformer, 0, {kPrompt}); !prompt) {
            return tl::unexpected(prompt.error());
        }
        for (const auto& windows : {std::vector{kAll}, std::vector<std::int64_t>{5, 7},
                                    std::vector<std::int64_t>(static_cast<std::size_t>(kAll), kOne)}) {
            const Result<at::Tensor> found = read(transformer, kPrompt, windows);
            if (!found) {
                return tl::unexpected(found.error());
            }
            expected = expected.defined() ? expected : *found;
            largest = largerError(largest, (*found - expected).abs().max().item<double>());
        }
    }
    return largest;
}

Result<std::vector<std::int64_t>> picture(DeviceModel& model, const DecodeSettings& settings)
{
    auto decoder = makeDeviceDecoder(settings, model);
    if (!decoder) {
        return tl::unexpected(decoder.error());
    }
    if (auto started = (*decoder)->start({{3, 5, 7, 2}}); !started) {
        return tl::unexpected(started.error());
    }
    while (!(*decoder)->done()) {
        if (auto step = (*decoder)->step(); !step) {
            return tl::unexpected(step.error());
        }
    }
    return (*decoder)->tokens(0);
}

/// Pictures by passes that are launched as a whole, of which the second finds the pass recorded, and the same by passes that are
/// put on the stream step by step. A pass that waits for anything cannot be recorded.
KernelCheck checkGraph(const DeviceOps& ops, at::Device device)
{
    KernelCheck check{"a pass as a graph", Outcome::Failed, {}, true}; // it runs without one as well
    DeviceModel::PassReport report;
    const auto same = guarded([&]() -> Result<bool> {
        const c10::InferenceMode inference;
        const NetworkDescription network = randomNetwork(kShape, at::TensorOptions().dtype(at::kFloat), 4);
        auto model = DeviceModel::make(ops, device, DevicePrecision::Float32, network, lineLayout(6, 8, kShape.codes));
        if (!model) {
            return tl::unexpected(model.error());
        }
        std::vector<std::vector<std::int64_t>> pictures[2];
        for (const bool asGraph : {true, false}) {
            (*model)->wantsGraphs = asGraph;
            for (const std::uint64_t seed : {0, 9}) {
                DecodeSettings settings;
                settings.method = "sjd";
                settings.window = 8;
                settings.guidance = 2.0;
                settings.seed = seed;
                auto made = picture(**model, settings);
                if (!made) {
                    return tl::unexpected(made.error());
                }
                pictures[asGraph ? 0 : 1].push_back(std::move(*made));
            }
            report = asGraph ? (*model)->lastPass : report;
        }
        return pictures[0] == pictures[1];
    });
    if (!same) {
        check.detail = same.error().message + " [" + same.error().detail + "]";
    } else if (!*same) {
        check.isReplaceable = false; // and nothing tells these pictures from right ones
        check.detail = "the pictures are not those of the same passes without a graph";
    } else if (report.wasRefused) {
        check.detail = "the pass could not be recorded: " + report.whyNoGraph;
    } else {
        check.outcome = report.whyNoGraph.empty() ? Outcome::Passed : Outcome::NotRun;
        check.detail = report.whyNoGraph.empty() ? "the pictures of the same passes without one"
                                                 : "No graph was made: " + report.whyNoGraph + ".";
    }
    return check;
}

/// Pictures by gumbel-exact and by sequential sampling, of several seeds.
KernelCheck checkExactness(const DeviceOps& ops, at::Device device)
{
    KernelCheck check{"gumbel-exact is sequential, float32", Outcome::Failed, {}, true};
    const auto same = guarded([&]() -> Result<bool> {
        const c10::InferenceMode inference;
        const NetworkDescription network = randomNetwork(kShape, at::TensorOptions().dtype(at::kFloat), 7);
        auto model = DeviceModel::make(ops, device, DevicePrecision::Float32, network, lineLayout(6, 8, kShape.codes));
        if (!model) {
            return tl::unexpected(model.error());
        }
        bool isSame = true;
        for (const std::uint64_t seed : {0, 1, 2, 3}) {
            DecodeSettings settings;
            settings.guidance = 2.0;
            settings.seed = seed;
            const auto expected = picture(**model, settings);
            settings.method = "sjd";
            settings.coupling = "gumbel-exact";
            settings.window = 16;
            const auto found = expected ? picture(**model, settings) : expected;
            if (!found) {
                return tl::unexpected(found.error());
            }
            isSame = isSame && *found == *expected;
        }
        return isSame;
    });
    if (!same) {
        check.detail = same.error().message + " [" + same.error().detail + "]";
    } else {
        check.outcome = *same ? Outcome::Passed : Outcome::Failed;
        check.detail = *same ? "the same pictures" : "a near tie went another way: windows round differently here";
    }
    return check;
}

} // namespace

std::vector<KernelCheck> checkNetwork(const DeviceOps& ops, at::Device device)
{
    std::vector<KernelCheck> checks;
    const DeviceStream stream(device);
    const DeviceStream::Use use(stream);
    const AttentionPlace place{&ops, device, stream.handle()};
    for (const Precision& precision : kPrecisions) {
        const std::string name = precision.name;
        const AttentionShape shape{3, 6, 4, 2, 64, 80};
        const at::ScalarType type = realTypeOf(precision.precision);
        if (precision.precision != DevicePrecision::Int8) {
            checks.push_back(measured("attention with a mask, " + name, precision.attention, [&]() -> Result<double> {
                return attentionError(shape, AttentionPath::Masked, type, place);
            }));
        }
        if (precision.precision == DevicePrecision::BFloat16 && device.is_cuda()) {
            checks.push_back(measuredWay("attention by the flash kernel", precision.attention, [&]() -> Result<double> {
                return attentionError(shape, AttentionPath::Flash, type, place);
            }));
        }
        if (precision.precision == DevicePrecision::BFloat16 || precision.precision == DevicePrecision::Float32) {
            checks.push_back(measuredWay("attention by our kernel, " + name, precision.attention,
                                         [&] { return sharedAttentionError(type, place); }));
        }
        checks.push_back(measured("a network's pass, " + name, precision.network,
                                  [&] { return networkError(ops, device, precision.precision); }));
        if (type != at::kDouble) {
            checks.push_back(measuredWay("a pass by our products, " + name, precision.network,
                                         [&] { return ownPassError(kOwnShape, precision.precision, place); }));
        }
    }
    checks.push_back(
        measuredWay("logits in windows of any size, float32", 0.0, [&] { return windowDifference(place); }));
    if (!device.is_cpu()) { // which has no graphs
        checks.push_back(checkGraph(ops, device));
        checks.push_back(checkExactness(ops, device));
    }
    return checks;
}

} // namespace jacobi
