// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/training/trainscenesoptions.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <functional>
#include <map>
#include <thread>

namespace jacobi {
namespace {

/// Calls visit(key, member) for every option, so that reading and writing cannot disagree.
template <class Options, class Visit>
void visitOptions(Options& o, Visit&& visit)
{
    visit("out", o.out);
    visit("work", o.work);
    visit("initFrom", o.initFrom);
    visit("moreLayers", o.moreLayers);
    visit("moreDecoder", o.moreDecoder);
    visit("resume", o.resume);
    visit("seed", o.seed);
    visit("threads", o.threads);
    visit("device", o.device);
    visit("drawAhead", o.drawAhead);
    visit("views", o.views);
    visit("hard", o.hard);
    visit("ownCodes", o.ownCodes);
    visit("subjectWeight", o.subjectWeight);
    visit("tokenizerMinutes", o.tokenizerMinutes);
    visit("tokenizerSteps", o.tokenizerSteps);
    visit("tokenizerBatch", o.tokenizerBatch);
    visit("minutes", o.minutes);
    visit("steps", o.steps);
    visit("batch", o.batch);
    visit("microBatch", o.microBatch);
    visit("width", o.width);
    visit("layers", o.layers);
    visit("headSize", o.headSize);
    visit("feed", o.feed);
    visit("coarse", o.coarse);
    visit("fine", o.fine);
    visit("gridRows", o.gridRows);
    visit("gridColumns", o.gridColumns);
    visit("claims", o.claims);
    visit("map", o.map);
    visit("muonRate", o.muonRate);
    visit("adamRate", o.adamRate);
    visit("validationPictures", o.validationPictures);
    visit("validateEvery", o.validateEvery);
    visit("checkpointSeconds", o.checkpointSeconds);
    visit("sheetSeconds", o.sheetSeconds);
}

bool fits(const nlohmann::json& value, const std::string&)
{
    return value.is_string();
}
bool fits(const nlohmann::json& value, bool)
{
    return value.is_boolean();
}
bool fits(const nlohmann::json& value, double)
{
    return value.is_number() && value.get<double>() >= 0.0 && value.get<double>() < 1e9;
}
bool fits(const nlohmann::json& value, std::uint64_t)
{
    return value.is_number_unsigned() || (value.is_number_integer() && value.get<std::int64_t>() >= 0);
}
bool fits(const nlohmann::json& value, std::int64_t)
{
    return value.is_number_integer() && value.get<std::int64_t>() >= 0 && value.get<std::int64_t>() < 1'000'000'000;
}
bool fits(const nlohmann::json& value, int)
{
    return fits(value, std::int64_t{});
}

tl::unexpected<Error> refuse(const std::string& key, const std::string& why)
{
    return fail(ErrorCode::InvalidRequest, "The training option \"" + key + "\" " + why + ".");
}

} // namespace

std::optional<TrainScenesOptions> trainScenesPreset(std::string_view name)
{
    TrainScenesOptions options;
    if (name == "cpu") {
        return options;
    }
    if (name != "gpu") {
        return std::nullopt;
    }
    options.device = "cuda:0";
    options.drawAhead = std::max(1U, std::thread::hardware_concurrency());
    options.gridRows = options.gridColumns = 32; // 256 x 256 pixels
    options.layers = 10;
    options.tokenizerMinutes = 1.0;
    options.tokenizerBatch = 32;
    options.minutes = 12.0;
    options.batch = 64;
    options.microBatch = 64;
    options.muonRate = 0.015;
    options.adamRate = 2e-3;
    options.sheetSeconds = 1e6; // sheets are sampled on the CPU: one at the end
    return options;
}

Result<TrainScenesOptions> trainScenesOptionsFromJson(const nlohmann::json& json)
{
    if (!json.is_object()) {
        return fail(ErrorCode::InvalidRequest, "The training options must be a JSON object.");
    }
    const auto preset = json.find("preset");
    const auto recipe =
        trainScenesPreset(preset != json.end() && preset->is_string() ? preset->get<std::string>() : "cpu");
    if (!recipe || (preset != json.end() && !preset->is_string())) {
        return refuse("preset", "must be cpu or gpu");
    }
    TrainScenesOptions options = *recipe;
    std::string wrong;
    std::map<std::string, bool> known{{"preset", true}};
    visitOptions(options, [&](const char* key, auto& member) {
        known[key] = true;
        const auto found = json.find(key);
        if (found == json.end()) {
            return;
        }
        if (!fits(*found, member)) {
            wrong = key;
            return;
        }
        found->get_to(member);
    });
    for (const auto& [key, value] : json.items()) {
        if (!known.contains(key)) {
            return refuse(key, "is not known");
        }
    }
    if (!wrong.empty()) {
        return refuse(wrong, "has a value of the wrong kind or out of range");
    }
    if (options.work.empty() || options.out.empty()) {
        return refuse(options.out.empty() ? "out" : "work", "names the folder to write to and must be given");
    }
    for (const auto& [key, value] :
         std::map<std::string, std::int64_t>{{"threads", options.threads},
                                             {"batch", options.batch},
                                             {"views", options.views},
                                             {"microBatch", options.microBatch},
                                             {"tokenizerBatch", options.tokenizerBatch},
                                             {"validateEvery", options.validateEvery},
                                             {"validationPictures", options.validationPictures}}) {
        if (value < 1) {
            return refuse(key, "must be at least 1");
        }
    }
    for (const auto& [key, value] : {std::pair{"claims", options.claims}, std::pair{"map", options.map}}) {
        if (value > 100.0) {
            return refuse(key, "must be between 0 and 100");
        }
    }
    if (options.hard > 1.0) {
        return refuse("hard", "is a share of the pictures, between 0 and 1");
    }
    if (options.subjectWeight < 1.0 || options.subjectWeight > 16.0) {
        return refuse("subjectWeight", "is between 1 and 16");
    }
    if (options.ownCodes > 0.5) {
        return refuse("ownCodes", "is a share of the codes, between 0 and 0.5");
    }
    if (options.moreLayers > 0 && options.initFrom.empty()) {
        return refuse("moreLayers", "deepens a model that training starts from: name one with --init-from (initFrom)");
    }
    if (options.views > 16) {
        return refuse("views", "must be at most 16");
    }
    if (options.drawAhead > 256) {
        return refuse("drawAhead", "must be at most 256");
    }
    if (options.batch % options.microBatch != 0) {
        return refuse("microBatch", "must divide \"batch\"");
    }
    return options;
}

nlohmann::json toJson(const TrainScenesOptions& options)
{
    nlohmann::json json = nlohmann::json::object();
    visitOptions(options, [&](const char* key, const auto& member) { json[key] = member; });
    return json;
}

} // namespace jacobi
