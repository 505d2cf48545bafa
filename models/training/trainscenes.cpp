// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/training/trainscenes.h"

#include "core/io/jsontext.h"
#include "models/scenes/loadscenes.h"
#include "models/training/deepen.h"
#include "models/training/exportscenes.h"
#include "models/training/scene.h"
#include "models/training/scenesphases.h"
#include "models/training/scenestokenizertrainer.h"
#include "models/training/scenestransformertrainer.h"
#include "models/training/traindecoder.h"
#include "models/training/traindenoising.h"
#include "models/training/trainingjob.h"

#include <nlohmann/json.hpp>

#include <exception>
#include <filesystem>

namespace jacobi {
namespace {

ScenesConfig configOf(const TrainScenesOptions& options)
{
    ScenesConfig config;
    config.width = options.width;
    config.layers = options.layers;
    config.headSize = options.headSize;
    config.feed = options.feed;
    config.coarse = options.coarse;
    config.fine = options.fine;
    config.gridRows = options.gridRows;
    config.gridColumns = options.gridColumns;
    config.prefix = longestSceneCaption() + 1;
    config.words = sceneWords();
    return config;
}

/// What training starts from: sizes and both networks' weights.
struct Start {
    ScenesConfig config;
    TensorMap tokenizer;
    TensorMap transformer;
};

Result<Start> startOf(const TrainScenesOptions& options)
{
    if (options.initFrom.empty()) {
        // The round trip checks the sizes the user chose, with the same limits as a model from disk.
        auto config = scenesConfigFromJson(toJson(configOf(options)), sceneWords());
        if (!config) {
            return fail(ErrorCode::InvalidRequest, config.error().message);
        }
        return Start{*config, startTensors(tokenizerTensors(*config), options.seed),
                     startTensors(transformerTensors(*config), options.seed + 1)};
    }
    auto files = loadScenesFiles(options.initFrom, at::kFloat);
    if (!files) {
        return tl::unexpected(files.error());
    }
    if (files->config.words != sceneWords()) {
        return fail(ErrorCode::Unsupported, "The model in " + options.initFrom +
                                                " knows other words than the pictures "
                                                "drawn now. Train from the start instead.");
    }
    Start start{files->config, std::move(files->tokenizer), std::move(files->transformer)};
    if (options.moreLayers > 0) {
        start.transformer = deepened(start.config, start.transformer, options.moreLayers, options.seed + 1);
        if (auto fits = scenesConfigFromJson(toJson(start.config), start.config.words); !fits) {
            return fail(ErrorCode::InvalidRequest, fits.error().message);
        }
    }
    return start;
}

Result<nlohmann::json> train(const TrainScenesOptions& options, ProgressSink& sink, const std::stop_token& stop,
                             const StepsOf& stepsOf)
{
    auto start = startOf(options);
    if (!start) {
        return tl::unexpected(start.error());
    }
    const auto device = trainingDevice(options.device);
    if (!device) {
        return tl::unexpected(device.error());
    }
    if (auto made = makeFolders({options.work, options.out}); !made) {
        return tl::unexpected(made.error());
    }
    const FusedSteps* const steps = stepsOf ? stepsOf(*device) : nullptr;
    const RoundedProducts rounded(*device);
    const bool keepTokenizer = !options.initFrom.empty();
    nlohmann::json figures{{"options", toJson(options)}};

    if (!keepTokenizer) {
        PhaseSettings settings = tokenizerPhase(options);
        settings.jobEnd = 0.2;
        ScenesTokenizerTrainer phase(start->config, options, start->tokenizer);
        auto done = runPhase(phase, settings, sink, stop);
        if (!done) {
            return tl::unexpected(done.error());
        }
        start->tokenizer = onDevice(phase.weights(), at::kCPU);
        figures["tokenizer"] = {{"steps", done->steps}, {"seconds", done->seconds}};
    }
    // The codes the transformer learns are those of the tokenizer as it will be on disk.
    const TensorMap tokenizer = roundedToHalf(start->tokenizer);

    PhaseSettings settings = transformerPhase(options);
    settings.jobBegin = keepTokenizer ? 0.0 : 0.2;
    ScenesTransformerTrainer phase(start->config, options, tokenizer, start->transformer, steps);
    auto done = runPhase(phase, settings, sink, stop);
    if (!done) {
        return tl::unexpected(done.error());
    }
    figures["transformer"] = {
        {"steps", done->steps}, {"seconds", done->seconds}, {"pictures", done->steps * options.batch}};
    const TensorMap transformer = roundedToHalf(phase.weights());
    figures["measured"] =
        measureScenes(start->config, onDevice(tokenizer, *device), onDevice(transformer, *device), options);
    if (auto written = exportScenes(options.out, start->config, tokenizer, transformer); !written) {
        return tl::unexpected(written.error());
    }
    if (auto written = writeFigures(options.work, figures); !written) {
        return tl::unexpected(written.error());
    }
    return figures;
}

} // namespace

Result<nlohmann::json> trainScenes(const nlohmann::json& options, ProgressSink& sink, std::stop_token stop,
                                   const StepsOf& stepsOf)
{
    if (options.is_object() && options.contains("objective")) {
        nlohmann::json rest = options;
        rest.erase("objective");
        if (options["objective"] == "sjd2") {
            return trainDenoising(rest, sink, std::move(stop), stepsOf);
        }
        if (options["objective"] == "decoder") {
            return trainDecoder(rest, sink, std::move(stop));
        }
        if (options["objective"] != "tokens") {
            return fail(ErrorCode::InvalidRequest, "There is no such objective. Choose tokens, sjd2 or decoder.",
                        jsonText(options["objective"]));
        }
        return trainScenes(rest, sink, std::move(stop), stepsOf);
    }
    auto parsed = trainScenesOptionsFromJson(options);
    if (!parsed) {
        return tl::unexpected(parsed.error());
    }
    if (parsed->moreDecoder > 0) {
        return fail(ErrorCode::InvalidRequest,
                    "The training option \"moreDecoder\" (--set moreDecoder=N) belongs to the objective "
                    "\"decoder\" (--objective decoder). Leave it out, or choose that objective.");
    }
    return runTraining(parsed->threads, [&] { return train(*parsed, sink, stop, stepsOf); });
}

} // namespace jacobi
