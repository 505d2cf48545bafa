// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/flowtraining/trainflowoptions.h"

#include "core/io/jsonfields.h"
#include "models/flowtraining/flowpictures.h"
#include "models/tarflow/tarflowconfig.h"

#include <nlohmann/json.hpp>

namespace jacobi {
namespace {

constexpr std::int64_t kMany = 1'000'000'000;

void readFields(JsonFields& fields, TrainFlowOptions& options)
{
    fields.text("out", options.out);
    fields.text("work", options.work);
    fields.text("initFrom", options.initFrom);
    fields.text("judge", options.judge);
    fields.boolean("resume", options.resume);
    fields.whole("seed", options.seed);
    fields.whole("threads", options.threads, 1, 1024);
    fields.number("minutes", options.minutes, 0.0, 1e9);
    fields.whole("steps", options.steps, std::int64_t{0}, kMany);
    fields.whole("batch", options.batch, std::int64_t{1}, std::int64_t{4096});
    fields.whole("side", options.side, std::int64_t{1}, std::int64_t{kDrawnSide});
    fields.whole("patch", options.patch, std::int64_t{1}, std::int64_t{kDrawnSide});
    fields.whole("blocks", options.blocks, std::int64_t{1}, std::int64_t{64});
    fields.whole("layers", options.layers, std::int64_t{1}, std::int64_t{64});
    fields.whole("width", options.width, std::int64_t{1}, std::int64_t{8192});
    fields.boolean("basis", options.basis);
    fields.number("noise", options.noise, 0.001, 1.0);
    fields.number("drop", options.drop, 0.0, 1.0);
    fields.boolean("muon", options.muon);
    fields.number("muonRate", options.muonRate, 0.0, 10.0);
    fields.number("adamRate", options.adamRate, 0.0, 10.0);
    fields.whole("validationPictures", options.validationPictures, std::int64_t{1}, kMany);
    fields.whole("validateEvery", options.validateEvery, std::int64_t{1}, kMany);
    fields.whole("measuredPictures", options.measuredPictures, std::int64_t{2}, kMany); // of one there is no spread
    fields.number("checkpointSeconds", options.checkpointSeconds, 0.0, 1e9);
    fields.number("sheetSeconds", options.sheetSeconds, 0.0, 1e9);
}

void checkTogether(JsonFields& fields, const nlohmann::json& json, const TrainFlowOptions& options)
{
    const nlohmann::json known = toJson(options);
    for (const auto& [key, value] : json.items()) {
        if (!known.contains(key)) {
            fields.refuse(key, "is not known");
        }
    }
    if (options.out.empty() || options.work.empty()) {
        fields.refuse(options.out.empty() ? "out" : "work", "names the folder to write to and must be given");
    }
    if (kDrawnSide % options.side != 0) {
        fields.refuse("side", "must be a power of two up to " + std::to_string(kDrawnSide));
    }
    if (options.side % options.patch != 0 || options.patch == options.side) { // one token depends on none
        fields.refuse("patch", "must divide \"side\" and be smaller");
    }
    if (options.width % TarFlowConfig::kHeadSize != 0) {
        fields.refuse("width",
                      "must be a multiple of " + std::to_string(TarFlowConfig::kHeadSize) + ", the size of a head");
    }
}

} // namespace

Result<TrainFlowOptions> trainFlowOptionsFromJson(const nlohmann::json& json)
{
    TrainFlowOptions options;
    JsonFields fields(json, "The training options", JsonFields::Missing::Kept, ErrorCode::InvalidRequest);
    readFields(fields, options);
    if (!fields.error()) {
        checkTogether(fields, json, options);
    }
    if (fields.error()) {
        return tl::unexpected(*fields.error());
    }
    return options;
}

nlohmann::json toJson(const TrainFlowOptions& options)
{
    return {{"out", options.out},
            {"work", options.work},
            {"initFrom", options.initFrom},
            {"judge", options.judge},
            {"resume", options.resume},
            {"seed", options.seed},
            {"threads", options.threads},
            {"minutes", options.minutes},
            {"steps", options.steps},
            {"batch", options.batch},
            {"side", options.side},
            {"patch", options.patch},
            {"blocks", options.blocks},
            {"layers", options.layers},
            {"width", options.width},
            {"basis", options.basis},
            {"noise", options.noise},
            {"drop", options.drop},
            {"muon", options.muon},
            {"muonRate", options.muonRate},
            {"adamRate", options.adamRate},
            {"validationPictures", options.validationPictures},
            {"validateEvery", options.validateEvery},
            {"measuredPictures", options.measuredPictures},
            {"checkpointSeconds", options.checkpointSeconds},
            {"sheetSeconds", options.sheetSeconds}};
}

} // namespace jacobi
