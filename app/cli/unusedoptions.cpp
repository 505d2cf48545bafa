// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/unusedoptions.h"

#include "core/trace/requestsettings.h"

#include <nlohmann/json.hpp>

namespace jacobi::cli {
namespace {

enum class Kind { Tokens, Flow, Both }; // of model that has the setting, by some method

struct Option {
    const char* name;
    const char* key; ///< of the request
    Kind kind;
    bool isGiven;
};

std::vector<Option> optionsOf(const GenerateOptions& options)
{
    return {{"--coupling", "coupling", Kind::Tokens, options.coupling.has_value()},
            {"--init", "initialisation", Kind::Tokens, options.initialisation.has_value()},
            {"--window", "window", Kind::Both, options.window.has_value()},
            {"--noise-steps", "noiseSteps", Kind::Tokens, options.noiseSteps.has_value()},
            {"--temperature", "temperature", Kind::Tokens, options.temperature.has_value()},
            {"--top-k", "topK", Kind::Tokens, options.topK.has_value()},
            {"--top-p", "topP", Kind::Tokens, options.topP.has_value()},
            {"--min-p", "minP", Kind::Tokens, options.minP.has_value()},
            {options.completesPrompt.value_or(true) ? "--complete" : "--as-written", "completesPrompt", Kind::Tokens,
             options.completesPrompt.has_value()},
            {"--class", "class", Kind::Flow, options.className.has_value()},
            {"--segments", "segments", Kind::Flow, options.segments.has_value()},
            {"--tolerance", "tolerance", Kind::Flow, options.tolerance.has_value()},
            {"--clip", "clip", Kind::Flow, options.clip.has_value()},
            {"--denoise", "denoise", Kind::Flow, options.denoise.has_value()},
            {"--attention-temperature", "attentionTemperature", Kind::Flow, options.attentionTemperature.has_value()},
            {"--guidance-schedule", "guidanceSchedule", Kind::Flow, options.guidanceSchedule.has_value()}};
}

/// Why, after "has no effect ".
std::string reason(const Option& option, const RunRequest& request, bool isFlow)
{
    if (option.kind == (isFlow ? Kind::Tokens : Kind::Flow)) {
        return "on the model \"" + request.modelId + "\", which is " + (isFlow ? "a normalizing flow" : "no normalizing flow");
    }
    const std::string key = option.key;
    if (key == "attentionTemperature" || key == "guidanceSchedule") {
        return "without guidance";
    }
    const bool byStrategy = request.method == "gs-jacobi" && !request.strategy.empty() && key != "window";
    return byStrategy ? "with the strategy " + request.strategy : "with the method " + request.method;
}

} // namespace

std::vector<std::string> unusedOptions(const GenerateOptions& options, const RunRequest& request, bool isFlow)
{
    const nlohmann::json used = usedRequest(request, isFlow);
    std::vector<std::string> sentences;
    for (const Option& option : optionsOf(options)) {
        if (option.isGiven && !used.contains(option.key)) {
            sentences.push_back(std::string(option.name) + " has no effect " + reason(option, request, isFlow) + ".");
        }
    }
    return sentences;
}

} // namespace jacobi::cli
