// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/families/flowchecks.h"

#include "core/base/largererror.h"
#include "core/decode/flowdecoder.h"
#include "core/decode/flowlatents.h"
#include "core/device/deviceflow.h"
#include "core/engine/guard.h"
#include "core/engine/resolveflow.h"
#include "models/tarflow/devicetarflow.h"
#include "models/tarflow/tarflowmodel.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <cstdio>
#include <string>
#include <utility>

namespace jacobi {
namespace {

struct Precision {
    const char* name;
    at::ScalarType type;
    double allowed; ///< by the largest number
};
constexpr Precision kPrecisions[] = {{"float32", at::kFloat, 1e-4}, {"float64", at::kDouble, 1e-9}};

/// 16 tokens of 12 numbers, three blocks of two layers with two heads, three classes; tokens depend on each other.
TarFlowWeights randomTarFlow(at::ScalarType type)
{
    TarFlowConfig config;
    config.blocks = 3;
    config.layers = 2;
    config.width = 128;
    config.grid = 4;
    config.patch = 2;
    config.classes = 3;
    at::manual_seed(7);
    TarFlowTensors tensors;
    for (const auto& [name, shape] : tarflowTensors(config)) {
        const bool isOne = name == "var" || name.find("norm.weight") != std::string::npos;
        const double spread = isOne ? 0.1 : name.find("proj_out.weight") != std::string::npos ? 0.01 : 0.05;
        tensors[name] = (at::randn(shape, at::kDouble) * spread + (isOne ? 1.0 : 0.0)).to(type);
    }
    return tarflowWeights(config, tensors);
}

std::vector<std::pair<const char*, FlowStrategy>> methods(std::uint32_t blocks)
{
    FlowBlockPlan sequential;
    FlowBlockPlan jacobi;
    jacobi.method = FlowMethod::Jacobi;
    jacobi.tolerance = 1e-3;
    jacobi.stop = FlowStop::Max;
    FlowBlockPlan segments = jacobi;
    segments.method = FlowMethod::Segments;
    segments.segments = 3;
    FlowBlockPlan front = jacobi;
    front.method = FlowMethod::Front;
    front.window = 5;
    FlowStrategy overlapping = everyBlock(blocks, jacobi);
    overlapping.lag = 2;
    return {{"sequential", everyBlock(blocks, sequential)},
            {"Jacobi", everyBlock(blocks, jacobi)},
            {"GS-Jacobi", everyBlock(blocks, segments)},
            {"front", everyBlock(blocks, front)},
            {"overlapping", overlapping}};
}

struct Inverted {
    at::Tensor tokens; ///< on the CPU
    std::uint64_t passes = 0;
};

Result<Inverted> invert(FlowModel& model, const FlowStrategy& strategy)
{
    const c10::InferenceMode inference;
    FlowSettings settings;
    settings.strategy = strategy;
    settings.together = true; // as on the device
    settings.guidance = 1.5;
    settings.attentionTemperature = 0.7;
    const std::unique_ptr<FlowDecoder> decoder = makeFlowDecoder(settings, model);
    if (auto started = decoder->start(flowLatents(model.layout(), 5, 2), {1, 2}); !started) {
        return tl::unexpected(started.error());
    }
    while (!decoder->done()) {
        if (auto step = decoder->step(); !step) {
            return tl::unexpected(step.error());
        }
    }
    return Inverted{decoder->state().to(at::kCPU), decoder->report().passes};
}

/// Every method on the device and by the CPU's model.
Result<KernelCheck> compared(const Precision& precision, FlowModel& placed, KernelCheck check)
{
    TarFlowModel plain(randomTarFlow(precision.type));
    double largest = 0.0;
    std::string counts;
    bool sameCounts = true;
    for (const auto& [name, strategy] : methods(plain.layout().blocks)) {
        const Result<Inverted> expected = invert(plain, strategy);
        const Result<Inverted> found = invert(placed, strategy);
        if (!expected || !found) {
            return tl::unexpected(expected ? found.error() : expected.error());
        }
        const at::Tensor difference = (found->tokens - expected->tokens).abs();
        const double error = (difference.max() / expected->tokens.abs().max()).item<double>();
        largest = largerError(largest, error);
        sameCounts = sameCounts && found->passes == expected->passes;
        counts += (counts.empty() ? "" : ", ") + std::string(name) + " " + std::to_string(found->passes) +
                  (found->passes == expected->passes ? "" : " instead of " + std::to_string(expected->passes));
    }
    char text[80];
    std::snprintf(text, sizeof text, "largest error %.2g, allowed %.2g; passes: ", largest, precision.allowed);
    check.outcome =
        largest <= precision.allowed && sameCounts ? KernelCheck::Outcome::Passed : KernelCheck::Outcome::Failed;
    check.detail = text + counts;
    return check;
}

KernelCheck checked(const DeviceOps& ops, at::Device device, const Precision& precision, bool asGraphs)
{
    KernelCheck check;
    check.name = asGraphs ? "flow, passes as graphs and ahead" : std::string("flow, ") + precision.name;
    const Result<KernelCheck> done = guarded([&]() -> Result<KernelCheck> {
        DeviceFlow flow(ops, std::make_unique<DeviceTarFlow>(placedOn(randomTarFlow(precision.type), device)));
        flow.setWantsGraphs(asGraphs);
        flow.runsAhead = asGraphs;
        Result<KernelCheck> found = compared(precision, flow, check);
        if (found && flow.wasRefused()) {
            found->outcome = KernelCheck::Outcome::Failed;
            found->detail = "A pass could not be recorded: " + flow.whyNoGraph() + ".";
        } else if (found && asGraphs && flow.graphs() == 0) {
            found->outcome = KernelCheck::Outcome::NotRun;
            found->detail = "No graph was made: " + flow.whyNoGraph() + ".";
        } else if (found && asGraphs) {
            found->detail += "; graphs: " + std::to_string(flow.graphs());
        }
        return found;
    });
    if (!done) {
        check.outcome = KernelCheck::Outcome::Failed;
        check.detail = done.error().message + " [" + done.error().detail + "]";
        return check;
    }
    return *done;
}

} // namespace

std::vector<KernelCheck> checkFlow(const DeviceOps& ops, at::Device device)
{
    std::vector<KernelCheck> checks;
    for (const Precision& precision : kPrecisions) {
        checks.push_back(checked(ops, device, precision, false));
    }
    if (!device.is_cpu()) { // which has no graphs
        checks.push_back(checked(ops, device, kPrecisions[0], true));
    }
    return checks;
}

} // namespace jacobi
