// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/trace/requestsettings.h"

#include <charconv>

namespace jacobi {
namespace {

nlohmann::json windowOf(const RunRequest& request)
{
    return request.window == kAutoWindow ? nlohmann::json(kAutoName) : nlohmann::json(request.window);
}

std::vector<RequestSetting> tokenSettings(const RunRequest& request)
{
    std::vector<RequestSetting> settings;
    if (usesCoupling(request)) {
        settings.push_back({"coupling", "coupling", request.coupling});
    }
    if (request.method != "sequential") { // which has neither drafts nor a window
        settings.push_back({"window", "window", windowOf(request)});
        settings.push_back({"initialisation", "new drafts", request.initialisation});
    }
    if (request.method == "sjd2") {
        settings.push_back({"noiseSteps", "noise steps", request.noiseSteps});
    }
    settings.push_back({"guidance", "guidance", request.guidance});
    settings.push_back({"temperature", "temperature", request.temperature});
    settings.push_back({"topK", "top-k", request.topK});
    settings.push_back({"topP", "top-p", request.topP});
    settings.push_back({"minP", "min-p", request.minP});
    settings.push_back({"completesPrompt", "prompt completed", request.completesPrompt});
    return settings;
}

/// How the blocks are inverted, beside the plan that says it in full.
void addInversion(std::vector<RequestSetting>& settings, const RunRequest& request)
{
    const bool hasStrategy = request.method == "gs-jacobi" && !request.strategy.empty();
    if (hasStrategy) {
        settings.push_back({"strategy", "strategy", request.strategy});
    }
    if (request.method == "front") {
        settings.push_back({"window", "window", windowOf(request)});
    }
    if (request.method == "gs-jacobi" && !hasStrategy) {
        settings.push_back({"segments", "segments", request.segments});
    }
    if (request.method != "sequential" && !hasStrategy) {
        settings.push_back({"tolerance", "tolerance", request.tolerance});
    }
    if (request.method == "jacobi" || request.method == "gs-jacobi") {
        settings.push_back({"clip", "clip", request.clip});
    }
    if (!request.plan.empty()) {
        settings.push_back({"plan", "plan", request.plan});
    }
}

std::vector<RequestSetting> flowSettings(const RunRequest& request)
{
    std::vector<RequestSetting> settings;
    addInversion(settings, request);
    settings.push_back({"guidance", "guidance", request.guidance});
    if (request.guidance != 0.0) { // else there is no unguided branch
        settings.push_back({"guidanceSchedule", "guidance schedule", request.guidanceSchedule});
        settings.push_back({"attentionTemperature", "attention temperature", request.attentionTemperature});
    }
    settings.push_back({"denoise", "denoise", request.denoise});
    return settings;
}

} // namespace

bool usesCoupling(const RunRequest& request)
{
    return request.method == "sjd" || request.method == "sjd2"; // greedy iteration takes the most probable token
}

std::vector<RequestSetting> settingsOf(const RunRequest& request, bool isFlow)
{
    std::vector<RequestSetting> settings = isFlow ? flowSettings(request) : tokenSettings(request);
    settings.push_back({"precision", "precision", request.precision});
    return settings;
}

nlohmann::json usedRequest(const RunRequest& request, bool isFlow)
{
    nlohmann::json json{{"modelId", request.modelId}, {"modelHash", request.modelHash}, {"method", request.method},
                        {"seed", request.seed},       {"pictures", request.pictures},   {"device", request.device}};
    json[isFlow ? "class" : "prompt"] = isFlow ? request.className : request.prompt;
    for (const RequestSetting& setting : settingsOf(request, isFlow)) {
        json[setting.key] = setting.value;
    }
    return json;
}

std::string settingText(const nlohmann::json& value)
{
    if (value.is_string()) {
        return value.get<std::string>();
    }
    if (value.is_boolean()) {
        return value.get<bool>() ? "yes" : "no";
    }
    if (value.is_number_float()) {
        char text[40];
        const auto end = std::to_chars(text, text + sizeof text, value.get<double>());
        return {text, end.ptr};
    }
    return value.dump();
}

} // namespace jacobi
