// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/training/traindenoisingoptions.h"

#include "core/io/jsonfields.h"

#include <nlohmann/json.hpp>

namespace jacobi {
namespace {

constexpr std::int64_t kMany = 1'000'000'000;

void readFields(JsonFields& fields, TrainDenoisingOptions& options)
{
    fields.text("out", options.out);
    fields.text("work", options.work);
    fields.text("initFrom", options.initFrom);
    fields.boolean("resume", options.resume);
    fields.whole("seed", options.seed);
    fields.whole("threads", options.threads, 1, 1024);
    fields.text("device", options.device);
    fields.whole("drawAhead", options.drawAhead, std::int64_t{0}, std::int64_t{256});
    fields.number("minutes", options.minutes, 0.0, 1e9);
    fields.whole("steps", options.steps, std::int64_t{0}, kMany);
    fields.whole("batch", options.batch, std::int64_t{1}, std::int64_t{4096});
    fields.whole("microBatch", options.microBatch, std::int64_t{1}, std::int64_t{4096});
    fields.whole("window", options.window, std::int64_t{1}, std::int64_t{65536});
    fields.whole("block", options.block, std::int64_t{1}, std::int64_t{65536});
    fields.text("data", options.data);
    fields.number("ownGuesses", options.ownGuesses, 0.0, 1.0);
    fields.number("rate", options.rate, 0.0, 10.0);
    fields.whole("validationPictures", options.validationPictures, std::int64_t{1}, kMany);
    fields.whole("validateEvery", options.validateEvery, std::int64_t{1}, kMany);
    fields.number("checkpointSeconds", options.checkpointSeconds, 0.0, 1e9);
    fields.number("sheetSeconds", options.sheetSeconds, 0.0, 1e9);
}

void checkTogether(JsonFields& fields, const nlohmann::json& json, const TrainDenoisingOptions& options)
{
    const nlohmann::json known = toJson(options);
    for (const auto& [key, value] : json.items()) {
        if (!known.contains(key)) {
            fields.refuse(key, "is not known");
        }
    }
    for (const char* key : {"out", "work", "initFrom"}) {
        if (known[key].get_ref<const std::string&>().empty()) {
            fields.refuse(key, "names a folder and must be given");
        }
    }
    if (options.batch % options.microBatch != 0) {
        fields.refuse("microBatch", "must divide \"batch\"");
    }
    if (options.data != "drawn" && options.data != "own") {
        fields.refuse("data", "must be \"drawn\" or \"own\"");
    }
}

} // namespace

Result<TrainDenoisingOptions> trainDenoisingOptionsFromJson(const nlohmann::json& json)
{
    TrainDenoisingOptions options;
    JsonFields fields(json, "The training options", JsonFields::Missing::Kept, ErrorCode::InvalidRequest);
    readFields(fields, options);
    if (!fields.error()) {
        if (const auto noise = scenesNoiseFromJson(json)) {
            options.noise = *noise;
        } else {
            return fail(ErrorCode::InvalidRequest, noise.error().message);
        }
        checkTogether(fields, json, options);
    }
    if (fields.error()) {
        return tl::unexpected(*fields.error());
    }
    return options;
}

nlohmann::json toJson(const TrainDenoisingOptions& options)
{
    nlohmann::json json = toJson(options.noise);
    json.update({{"out", options.out},
                 {"work", options.work},
                 {"initFrom", options.initFrom},
                 {"resume", options.resume},
                 {"seed", options.seed},
                 {"threads", options.threads},
                 {"device", options.device},
                 {"drawAhead", options.drawAhead},
                 {"minutes", options.minutes},
                 {"steps", options.steps},
                 {"batch", options.batch},
                 {"microBatch", options.microBatch},
                 {"window", options.window},
                 {"block", options.block},
                 {"data", options.data},
                 {"ownGuesses", options.ownGuesses},
                 {"rate", options.rate},
                 {"validationPictures", options.validationPictures},
                 {"validateEvery", options.validateEvery},
                 {"checkpointSeconds", options.checkpointSeconds},
                 {"sheetSeconds", options.sheetSeconds}});
    return json;
}

} // namespace jacobi
