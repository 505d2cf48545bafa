// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/judge/adherenceoptions.h"

#include "core/io/jsonfields.h"
#include "core/trace/requestlimits.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>

namespace jacobi {
namespace {

constexpr const char* kWhat = "The options of the bench";
constexpr std::uint32_t kMostRows = 4096;
constexpr std::uint32_t kMostNoiseSteps = 1000;
constexpr int kMostCodes = 1'000'000;

bool isKnown(const std::string& key)
{
    static const std::set<std::string> keys = {
        "model",  "modelFolder", "judge",          "captions", "reference", "batch",         "seed",
        "method", "coupling",    "initialisation", "window",   "guidance",  "temperature",   "topK",
        "topP",   "noiseSteps",  "baseFolder",     "sheet",    "minP",      "tokenisedSheet", "completesPrompt"};
    return keys.contains(key);
}

} // namespace

Result<AdherenceOptions> adherenceOptionsFromJson(const nlohmann::json& json)
{
    constexpr std::int64_t kMost = 1'000'000;
    AdherenceOptions options;
    JsonFields fields(json, kWhat, JsonFields::Missing::Kept, ErrorCode::InvalidRequest);
    fields.text("model", options.model);
    fields.text("modelFolder", options.modelFolder);
    fields.text("baseFolder", options.baseFolder);
    fields.text("judge", options.judge);
    fields.text("sheet", options.sheet);
    fields.text("tokenisedSheet", options.tokenisedSheet);
    fields.whole("captions", options.captions, std::int64_t{2}, kMost); // of one picture there is no spread
    fields.whole("reference", options.reference, std::int64_t{2}, kMost);
    fields.whole("batch", options.batch, std::int64_t{1}, std::int64_t{256});
    fields.whole("seed", options.seed);
    if (bool completes = false; json.contains("completesPrompt")) {
        fields.boolean("completesPrompt", completes);
        options.completesPrompt = completes;
    }
    if (!fields.error()) {
        for (const auto& [key, value] : json.items()) {
            if (!isKnown(key)) {
                fields.refuse(key, "is not known");
            }
        }
        if (options.modelFolder.empty() || options.judge.empty()) {
            fields.refuse(options.modelFolder.empty() ? "modelFolder" : "judge", "names a folder and must be given");
        }
    }
    if (fields.error()) {
        return tl::unexpected(*fields.error());
    }
    return options;
}

Result<DecodeSettings> adherenceSettings(const nlohmann::json& json, const ModelDefaults& defaults)
{
    DecodeSettings settings;
    settings.coupling = defaults.coupling;
    settings.initialisation = defaults.initialisation;
    settings.window = static_cast<std::uint32_t>(defaults.window);
    settings.noiseSteps = static_cast<std::uint32_t>(std::max(0, defaults.noiseSteps));
    settings.guidance = defaults.guidance;
    settings.temperature = defaults.temperature;
    settings.topK = defaults.topK;
    settings.topP = defaults.topP;
    settings.minP = defaults.minP;
    JsonFields fields(json, kWhat, JsonFields::Missing::Kept, ErrorCode::InvalidRequest);
    fields.text("method", settings.method);
    fields.text("coupling", settings.coupling);
    fields.text("initialisation", settings.initialisation);
    fields.whole("window", settings.window, 1U, kMostRows);
    fields.whole("noiseSteps", settings.noiseSteps, 0U, kMostNoiseSteps);
    fields.number("guidance", settings.guidance, kGuidanceLimit.least, kGuidanceLimit.most);
    fields.number("temperature", settings.temperature, kTemperatureLimit.least, kTemperatureLimit.most);
    fields.whole("topK", settings.topK, 0, kMostCodes);
    fields.number("topP", settings.topP, 1e-9, kTopPLimit.most);
    fields.number("minP", settings.minP, kMinPLimit.least, kMinPLimit.most);
    if (fields.error()) {
        return tl::unexpected(*fields.error());
    }
    if (settings.method == "sequential") {
        settings.window = 1;
    }
    return settings;
}

} // namespace jacobi
