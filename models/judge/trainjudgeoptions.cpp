// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/judge/trainjudgeoptions.h"

#include "core/io/jsonfields.h"

#include <nlohmann/json.hpp>

namespace jacobi {

Result<TrainJudgeOptions> trainJudgeOptionsFromJson(const nlohmann::json& json)
{
    constexpr const char* kWhat = "The training options";
    constexpr std::int64_t kMany = 1'000'000'000;
    TrainJudgeOptions options;
    JsonFields fields(json, kWhat, JsonFields::Missing::Kept, ErrorCode::InvalidRequest);
    fields.text("out", options.out);
    fields.text("work", options.work);
    fields.boolean("resume", options.resume);
    fields.whole("seed", options.seed);
    fields.whole("threads", options.threads, 1, 1024);
    fields.whole("steps", options.steps, std::int64_t{1}, kMany);
    fields.whole("batch", options.batch, std::int64_t{1}, std::int64_t{4096});
    fields.number("muonRate", options.muonRate, 0.0, 10.0);
    fields.number("adamRate", options.adamRate, 0.0, 10.0);
    fields.whole("validationPictures", options.validationPictures, std::int64_t{1}, kMany);
    fields.whole("validateEvery", options.validateEvery, std::int64_t{1}, kMany);
    fields.whole("measuredPictures", options.measuredPictures, std::int64_t{1}, kMany);
    fields.number("checkpointSeconds", options.checkpointSeconds, 0.0, 1e9);
    if (!fields.error()) {
        const nlohmann::json known = toJson(options);
        for (const auto& [key, value] : json.items()) {
            if (!known.contains(key)) {
                fields.refuse(key, "is not known");
            }
        }
        if (options.out.empty() || options.work.empty()) {
            fields.refuse(options.out.empty() ? "out" : "work", "names the folder to write to and must be given");
        }
    }
    if (fields.error()) {
        return tl::unexpected(*fields.error());
    }
    return options;
}

nlohmann::json toJson(const TrainJudgeOptions& options)
{
    return {{"out", options.out},
            {"work", options.work},
            {"resume", options.resume},
            {"seed", options.seed},
            {"threads", options.threads},
            {"steps", options.steps},
            {"batch", options.batch},
            {"muonRate", options.muonRate},
            {"adamRate", options.adamRate},
            {"validationPictures", options.validationPictures},
            {"validateEvery", options.validateEvery},
            {"measuredPictures", options.measuredPictures},
            {"checkpointSeconds", options.checkpointSeconds}};
}

} // namespace jacobi
