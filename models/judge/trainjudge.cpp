// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/judge/trainjudge.h"

#include "models/judge/judge.h"
#include "models/judge/judgetrainer.h"
#include "models/training/exportscenes.h"
#include "models/training/trainingjob.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <exception>
#include <filesystem>

namespace jacobi {
namespace {

constexpr std::uint64_t kMeasuredFrom = 1'000'000; ///< behind the pictures that guided the training run

PhaseSettings settingsOf(const TrainJudgeOptions& options)
{
    PhaseSettings settings;
    settings.work = options.work;
    settings.resume = options.resume;
    settings.steps = options.steps;
    settings.warmup = 50;
    settings.constantUntil = 0.3;
    settings.finalRate = 0.01;
    settings.validateEvery = options.validateEvery;
    settings.checkpointSeconds = options.checkpointSeconds;
    settings.recipe = recipeOf(toJson(options));
    return settings;
}

nlohmann::json toJson(const JudgeFigures& figures)
{
    nlohmann::json json = nlohmann::json::object();
    for (std::size_t i = 0; i < kJudgedCount; ++i) {
        json[std::string(nameOf(static_cast<Judged>(i)))] = {
            {"asked", figures[i].asked},
            {"right", figures[i].right},
            {"share",
             static_cast<double>(figures[i].right) / static_cast<double>(std::max<std::int64_t>(figures[i].asked, 1))}};
    }
    return json;
}

Result<nlohmann::json> train(const TrainJudgeOptions& options, ProgressSink& sink, const std::stop_token& stop)
{
    if (auto made = makeFolders({options.work, options.out}); !made) {
        return tl::unexpected(made.error());
    }
    JudgeTrainer trainer(options, startTensors(judgeTensors(), options.seed));
    const Result<PhaseResult> done = runPhase(trainer, settingsOf(options), sink, stop);
    if (!done) {
        return tl::unexpected(done.error());
    }
    const TensorMap weights = roundedToHalf(trainer.weights());
    if (auto written = exportJudge(options.out, weights); !written) {
        return tl::unexpected(written.error());
    }
    nlohmann::json figures{
        {"options", toJson(options)},
        {"steps", done->steps},
        {"pictures", done->steps * options.batch},
        {"seconds", done->seconds},
        {"measured",
         {{"pictures", options.measuredPictures},
          {"attributes", toJson(measureJudge(weights, options.seed, kMeasuredFrom, options.measuredPictures))}}}};
    if (auto written = writeFigures(options.work, figures); !written) {
        return tl::unexpected(written.error());
    }
    return figures;
}

} // namespace

Result<nlohmann::json> trainJudge(const nlohmann::json& options, ProgressSink& sink, std::stop_token stop)
{
    const Result<TrainJudgeOptions> parsed = trainJudgeOptionsFromJson(options);
    if (!parsed) {
        return tl::unexpected(parsed.error());
    }
    return runTraining(parsed->threads, [&] { return train(*parsed, sink, stop); });
}

} // namespace jacobi
