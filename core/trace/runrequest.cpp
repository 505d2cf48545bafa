// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/trace/runrequest.h"

#include "core/io/jsonfields.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace jacobi {

namespace {

/// What only a flow has; left out where it is the default, so that requests of other models stay as they were.
void addFlow(nlohmann::json& json, const RunRequest& request)
{
    const RunRequest defaults;
    const auto add = [&](const char* key, auto RunRequest::*field) {
        if (request.*field != defaults.*field) {
            json[key] = request.*field;
        }
    };
    add("class", &RunRequest::className);
    add("strategy", &RunRequest::strategy);
    add("plan", &RunRequest::plan);
    add("segments", &RunRequest::segments);
    add("tolerance", &RunRequest::tolerance);
    add("clip", &RunRequest::clip);
    add("denoise", &RunRequest::denoise);
    add("attentionTemperature", &RunRequest::attentionTemperature);
    add("guidanceSchedule", &RunRequest::guidanceSchedule);
}

} // namespace

bool RunRequest::hasAuto() const
{
    const bool isMeasured = method == "gs-jacobi" && plan.empty() &&
                            std::find(kMeasuredStrategies.begin(), kMeasuredStrategies.end(), strategy) !=
                                kMeasuredStrategies.end();
    return window == kAutoWindow || initialisation == kAutoName || isMeasured;
}

nlohmann::json toJson(const RunRequest& request)
{
    nlohmann::json json = {
        {"modelId", request.modelId},
        {"modelHash", request.modelHash},
        {"method", request.method},
        {"coupling", request.coupling},
        {"initialisation", request.initialisation},
        {"window", request.window == kAutoWindow ? nlohmann::json(kAutoName) : nlohmann::json(request.window)},
        {"guidance", request.guidance},
        {"temperature", request.temperature},
        {"topK", request.topK},
        {"topP", request.topP},
        {"prompt", request.prompt},
        {"seed", request.seed},
        {"pictures", request.pictures},
        {"device", request.device},
        {"precision", request.precision}};
    addFlow(json, request);
    if (request.noiseSteps != kUsualNoiseSteps) { // requests from before there was noise stay as they are
        json["noiseSteps"] = request.noiseSteps;
    }
    if (request.minP != 0.0) { // and those from before there was min-p
        json["minP"] = request.minP;
    }
    if (request.completesPrompt) { // likewise
        json["completesPrompt"] = true;
    }
    return json;
}

Result<RunRequest> runRequestFromJson(const nlohmann::json& json)
{
    constexpr double kAnyNumber = 1e300;
    RunRequest request;
    JsonFields fields(json, "The request", JsonFields::Missing::Kept, ErrorCode::InvalidRequest);
    fields.text("modelId", request.modelId);
    fields.text("modelHash", request.modelHash);
    fields.text("method", request.method);
    fields.text("coupling", request.coupling);
    fields.text("initialisation", request.initialisation);
    if (json.is_object() && json.value("window", nlohmann::json()) == kAutoName) {
        request.window = kAutoWindow;
    } else {
        fields.whole("window", request.window);
        if (request.window == kAutoWindow) {
            fields.refuse("window", "must be a whole number from 0 or \"auto\"");
        }
    }
    fields.whole("noiseSteps", request.noiseSteps);
    fields.number("guidance", request.guidance, -kAnyNumber, kAnyNumber);
    fields.number("temperature", request.temperature, -kAnyNumber, kAnyNumber);
    fields.whole("topK", request.topK);
    fields.number("topP", request.topP, -kAnyNumber, kAnyNumber);
    fields.number("minP", request.minP, -kAnyNumber, kAnyNumber);
    fields.text("prompt", request.prompt, 1U << 20U);
    fields.boolean("completesPrompt", request.completesPrompt);
    fields.whole("seed", request.seed);
    fields.whole("pictures", request.pictures);
    fields.text("device", request.device);
    fields.text("precision", request.precision);
    fields.text("class", request.className);
    fields.text("strategy", request.strategy);
    fields.text("plan", request.plan, 1U << 20U);
    fields.whole("segments", request.segments);
    fields.number("tolerance", request.tolerance, -kAnyNumber, kAnyNumber);
    fields.number("clip", request.clip, -kAnyNumber, kAnyNumber);
    fields.number("denoise", request.denoise, -kAnyNumber, kAnyNumber);
    fields.number("attentionTemperature", request.attentionTemperature, -kAnyNumber, kAnyNumber);
    fields.text("guidanceSchedule", request.guidanceSchedule);
    if (fields.error()) {
        return tl::unexpected(*fields.error());
    }
    return request;
}

} // namespace jacobi
