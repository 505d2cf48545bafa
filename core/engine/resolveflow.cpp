// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/resolveflow.h"

#include "core/base/printable.h"
#include "core/engine/flowrun.h"
#include "core/engine/resolve.h"
#include "core/trace/requestlimits.h"

#include <algorithm>
#include <array>
#include <filesystem>

namespace jacobi {
namespace {

constexpr std::array<std::string_view, 4> kMethods{"sequential", "jacobi", "gs-jacobi", "front"};
constexpr std::array<std::string_view, 3> kPrecisions{kAutoName, "float32", "float64"};
constexpr std::array<std::string_view, 2> kSchedules{kAnnealed, kConstant};
constexpr std::size_t kMostShownBytes = 200;

tl::unexpected<Error> refuse(std::string message)
{
    return fail(ErrorCode::InvalidRequest, std::move(message));
}

template <class Names>
std::string listed(const Names& names)
{
    std::string text;
    for (std::size_t i = 0; i < names.size(); ++i) {
        text += (i == 0 ? "" : i + 1 == names.size() ? " or " : ", ") + std::string(names[i]);
    }
    return text;
}

template <class Names>
Result<void> checkName(const char* what, const std::string& name, const Names& allowed)
{
    if (std::find(allowed.begin(), allowed.end(), name) != allowed.end()) {
        return {};
    }
    return refuse("A flow has no " + std::string(what) + " \"" + printable(name, kMostShownBytes) + "\". Choose " +
                  listed(allowed) + ".");
}

Result<void> checkNumbers(const RunRequest& request, std::uint32_t positions)
{
    struct Number {
        RequestLimit limit;
        double value;
    };
    const double all = positions;
    // What a method does not use may be anything that another could: only what is never valid is refused.
    const bool usesWindow = request.method == "front" || (request.window < 1 && request.window != kAutoWindow);
    const bool usesSegments =
        request.segments < 1 || (request.method == "gs-jacobi" && request.strategy.empty() && request.plan.empty());
    for (const auto& [limit, value] :
         {Number{{"number of pictures", 1, kMostPictures}, static_cast<double>(request.pictures)},
          Number{{"window", 1, all, ", the tokens of a picture"},
                 usesWindow ? static_cast<double>(request.window) : 1.0},
          Number{{"number of segments", 1, all, ", the tokens of a picture"},
                 usesSegments ? static_cast<double>(request.segments) : 1.0},
          Number{kFlowGuidanceLimit, request.guidance}, Number{kToleranceLimit, request.tolerance},
          Number{kClipLimit, request.clip}, Number{kDenoiseLimit, request.denoise},
          Number{kAttentionTemperatureLimit, request.attentionTemperature}}) {
        if (!limit.allows(value)) {
            return refuse(limit.refusal(value));
        }
    }
    return {};
}

Result<void> check(const RunRequest& request, const ModelInfo& model)
{
    if (auto checked = checkName("method", request.method, kMethods); !checked) {
        return checked;
    }
    if (request.method == "front" && request.window == kAutoWindow) {
        return refuse("The window of a front is not found by itself. Choose one, or use the method gs-jacobi with the "
                      "strategy auto-time, which measures windows too.");
    }
    if (auto checked = checkName("precision", request.precision, kPrecisions); !checked) {
        return checked;
    }
    if (auto checked = checkName("guidance schedule", request.guidanceSchedule, kSchedules); !checked) {
        return checked;
    }
    if (!isText(request.className) || !isText(request.strategy) || !isText(request.plan)) {
        return refuse("The class, strategy or plan is not valid UTF-8 text. Type it again.");
    }
    if (auto checked = checkNumbers(request, model.layout.positions()); !checked) {
        return checked;
    }
    auto labels = flowLabelsOf(request, model.classes);
    return labels ? Result<void>() : tl::unexpected(labels.error());
}

/// What the method makes of the request's own numbers.
FlowStrategy ownStrategy(const RunRequest& request, std::uint32_t blocks)
{
    FlowBlockPlan plan;
    if (request.method != "sequential") {
        plan.method = request.method == "jacobi"  ? FlowMethod::Jacobi
                      : request.method == "front" ? FlowMethod::Front
                                                  : FlowMethod::Segments;
        plan.tolerance = request.tolerance;
        plan.stop = FlowStop::Max;
        plan.window = plan.method == FlowMethod::Front ? static_cast<std::uint32_t>(request.window) : 1;
        plan.segments = plan.method == FlowMethod::Segments ? static_cast<std::uint32_t>(request.segments) : 1;
    }
    return everyBlock(blocks, plan);
}

bool looksLikePath(const std::string& name)
{
    std::error_code ignored;
    return name.ends_with(".json") || std::filesystem::is_regular_file(name, ignored);
}

Result<FlowStrategy> namedStrategy(const RunRequest& request, const ModelInfo& model, const ModelFamily& family)
{
    if (auto preset = family.preset(model, request.strategy)) {
        return std::move(*preset);
    }
    if (looksLikePath(request.strategy)) {
        return readFlowStrategy(request.strategy);
    }
    std::vector<std::string> known(kMeasuredStrategies.begin(), kMeasuredStrategies.end());
    const std::vector<std::string> presets = family.presetNames(model);
    known.insert(known.end(), presets.begin(), presets.end());
    return refuse("There is no strategy \"" + printable(request.strategy, kMostShownBytes) +
                  "\" for this model. Choose " + listed(known) + ", or the file of one (.json).");
}

/// Clears what means nothing, so that requests for the same pictures are the same.
RunRequest cleared(const RunRequest& request)
{
    const RunRequest defaults;
    RunRequest flow = request;
    flow.prompt.clear();
    flow.completesPrompt = false;
    flow.coupling.clear();
    flow.initialisation.clear();
    flow.temperature = defaults.temperature;
    flow.topK = defaults.topK;
    flow.topP = defaults.topP;
    const bool hasStrategy = request.method == "gs-jacobi" && !request.strategy.empty();
    if (request.method != "gs-jacobi") {
        flow.strategy.clear();
    }
    if (request.method != "front") {
        flow.window = 1;
    }
    if (request.method != "gs-jacobi" || hasStrategy) {
        flow.segments = defaults.segments;
    }
    if (request.method == "sequential" || hasStrategy) {
        flow.tolerance = defaults.tolerance;
    }
    if (request.method == "sequential" || request.method == "front") {
        flow.clip = 0.0;
    }
    if (flow.guidance == 0.0) {
        flow.attentionTemperature = defaults.attentionTemperature;
        flow.guidanceSchedule = defaults.guidanceSchedule;
    }
    return flow;
}

Result<FlowStrategy> planOf(const RunRequest& request, const ModelInfo& model, const ModelFamily& family)
{
    Result<FlowStrategy> strategy = !request.plan.empty() ? flowStrategyFromJson(request.plan, "The request's plan")
                                    : request.strategy.empty() ? ownStrategy(request, model.layout.blocks)
                                                               : namedStrategy(request, model, family);
    if (!strategy) {
        return strategy;
    }
    if (!strategy->modelHash.empty() && strategy->modelHash != model.hash) {
        return refuse("The strategy was made for another model. Choose one for \"" + model.name +
                      "\", or empty its modelHash to use it all the same.");
    }
    if (auto checked = checkFlowStrategy(*strategy, model.layout.blocks, model.layout.positions()); !checked) {
        return tl::unexpected(checked.error());
    }
    return strategy;
}

bool isBlank(std::string_view text)
{
    return text.find_first_not_of(" \t\r\n\v\f") == std::string_view::npos;
}

} // namespace

FlowStrategy everyBlock(std::uint32_t blocks, FlowBlockPlan plan)
{
    FlowStrategy strategy;
    for (plan.block = 0; plan.block < blocks; ++plan.block) {
        strategy.blocks.push_back(plan);
    }
    return strategy;
}

Result<ResolvedRequest> resolveFlowRequest(const RunRequest& request, const ModelInfo& model, const ModelFamily& family,
                                           const DeviceInfo& device)
{
    if (auto checked = check(request, model); !checked) {
        return tl::unexpected(checked.error());
    }
    ResolvedRequest resolved;
    resolved.request = cleared(request);
    resolved.request.modelHash = model.hash;
    resolved.request.device = device.id;
    if (request.precision == kAutoName) {
        resolved.request.precision = "float32";
    }
    if (!isBlank(request.prompt)) {
        resolved.notes.push_back("The model \"" + model.name +
                                 "\" takes a class instead of a prompt, so the prompt is not used." +
                                 (request.className.empty() ? " Without a class the picture shows any of them." : ""));
    }
    if (resolved.request.hasAuto()) {
        return resolved;
    }
    const Result<FlowStrategy> plan = planOf(resolved.request, model, family);
    if (!plan) {
        return tl::unexpected(plan.error());
    }
    if (plan->batch != 0 && plan->batch != static_cast<std::uint32_t>(request.pictures)) {
        resolved.notes.push_back("The strategy was made for " + std::to_string(plan->batch) +
                                 " pictures at once; with " + std::to_string(request.pictures) +
                                 " it may be slower or less exact.");
    }
    resolved.request.plan = flowStrategyToLine(*plan);
    return resolved;
}

} // namespace jacobi
