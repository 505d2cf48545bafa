// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/flowtraining/trainflow.h"

#include "models/flowtraining/exportflow.h"
#include "models/flowtraining/fitstart.h"
#include "models/flowtraining/flowdistance.h"
#include "models/flowtraining/flowstart.h"
#include "models/flowtraining/flowtrainer.h"
#include "models/flowtraining/sampleflow.h"
#include "models/scenes/tensorfile.h"
#include "models/tarflow/loadtarflow.h"
#include "models/training/trainingjob.h"

#include <ATen/ATen.h>
#include <nlohmann/json.hpp>

#include <exception>
#include <filesystem>
#include <optional>

namespace jacobi {
namespace {

// Of the validation stream; the first pictures guided the training run.
constexpr std::uint64_t kMeasuredFrom = 1'000'000;
constexpr std::uint64_t kOthersFrom = 2'000'000;
constexpr std::uint64_t kFittedFrom = 3'000'000;
constexpr std::int64_t kFittedPictures = 2048; // a start that is a little off costs nothing but a pass
constexpr std::uint64_t kSampleSeed = 1'000'000;

TarFlowConfig configOf(const TrainFlowOptions& options)
{
    TarFlowConfig config;
    config.blocks = options.blocks;
    config.layers = options.layers;
    config.width = options.width;
    config.grid = options.side / options.patch;
    config.patch = options.patch;
    config.classes = kFlowClasses;
    config.droppedRow = true;
    config.basis = options.basis;
    return config;
}

/// What training starts from.
struct Start {
    TarFlowConfig config;
    TarFlowTensors tensors;
};

Result<Start> startFrom(const std::string& place)
{
    const auto file = findTarFlowFile(place);
    if (!file) {
        return tl::unexpected(file.error());
    }
    auto read = readTensorFile(*file);
    if (!read) {
        return tl::unexpected(read.error());
    }
    auto weights = tarflowFromTensors(read->tensors, at::kFloat, file->string());
    if (!weights) {
        return tl::unexpected(weights.error());
    }
    TarFlowConfig config = weights->config;
    if (config.classes != kFlowClasses || config.colours != 3 || !config.affine || kDrawnSide % config.side() != 0) {
        return fail(ErrorCode::Unsupported,
                    "The flow in \"" + place +
                        "\" is not one of the scenes' 16 classes in colour. Train from the start "
                        "instead.");
    }
    if (!config.droppedRow) {
        for (std::int64_t i = 0; i < config.blocks; ++i) {
            const std::string name = "blocks." + std::to_string(i) + ".class_embed";
            read->tensors[name + "_dropped"] = read->tensors.at(name).to(at::kFloat).mean(0);
        }
        config.droppedRow = true;
    }
    config.fittedStart = false; // it is made anew when training ends
    Start start{config, {}};
    for (const auto& [name, shape] : tarflowTensors(config)) {
        start.tensors[name] = read->tensors.at(name).to(at::kFloat);
    }
    return start;
}

nlohmann::json toJson(const FlowDistance& distance)
{
    return {{"frechet", distance.sampled},
            {"frechetOfRenders", distance.floor},
            {"rightTime", distance.rightTime},
            {"rightTerrain", distance.rightTerrain},
            {"rightTimeOfRenders", distance.rendersRightTime},
            {"rightTerrainOfRenders", distance.rendersRightTerrain}};
}

Result<nlohmann::json> measure(const Start& model, const TrainFlowOptions& options, const std::optional<Judge>& judge)
{
    const TarFlowWeights weights = tarflowWeights(model.config, model.tensors);
    const auto draw = [&](std::uint64_t first) {
        return drawFlowPictures(options.seed, SceneStream::FlowValidation, first, options.measuredPictures,
                                model.config.side());
    };
    const FlowPictures held = draw(kMeasuredFrom);
    const double loss = flowLoss(weights, held.pictures, held.labels, options.noise, kMeasuredFrom);
    const std::vector<std::int64_t> dropped(held.labels.size(), -1);
    const double without = flowLoss(weights, held.pictures, dropped, options.noise, kMeasuredFrom);
    nlohmann::json figures{{"pictures", options.measuredPictures},
                           {"loss", loss},
                           {"natsPerNumber", natsPerNumber(loss)},
                           {"bitsPerNumber", bitsPerNumber(loss)},
                           {"natsPerNumberWithoutLabel", natsPerNumber(without)}};
    if (judge) {
        const FlowPictures others = draw(kOthersFrom);
        const auto sampled = sampleFlow(weights, others.labels, kSampleSeed, options.noise);
        if (!sampled) {
            return tl::unexpected(sampled.error());
        }
        figures["judged"] = toJson(flowDistance(*judge, {*sampled, others.labels}, held, others));
        figures["judged"]["judge"] = judge->hash();
    }
    return figures;
}

Result<nlohmann::json> train(const TrainFlowOptions& options, ProgressSink& sink, const std::stop_token& stop)
{
    std::optional<Judge> judge;
    if (!options.judge.empty()) { // before the hours of training, not after them
        auto loaded = Judge::load(options.judge);
        if (!loaded) {
            return tl::unexpected(loaded.error());
        }
        judge = std::move(*loaded);
    }
    auto start = options.initFrom.empty()
                     ? Result<Start>(Start{configOf(options), startFlow(configOf(options), options.seed)})
                     : startFrom(options.initFrom);
    if (!start) {
        return tl::unexpected(start.error());
    }
    if (auto made = makeFolders({options.work, options.out}); !made) {
        return tl::unexpected(made.error());
    }
    FlowTrainer trainer(start->config, options, start->tensors);
    // The rate falls from two fifths on.
    const Result<PhaseResult> done = runPhase(trainer, phaseSettingsOf(options), sink, stop);
    if (!done) {
        return tl::unexpected(done.error());
    }
    TarFlowTensors trained = trainer.weights();
    const FlowPictures fitted =
        drawFlowPictures(options.seed, SceneStream::FlowValidation, kFittedFrom, kFittedPictures, start->config.side());
    fitStarts(start->config, trained, noisyPictures(fitted.pictures, options.noise, kFittedFrom), fitted.labels);
    const TarFlowTensors weights = roundedFlow(trained);
    if (auto written = exportFlow(options.out, start->config, weights, options.noise); !written) {
        return tl::unexpected(written.error());
    }
    auto measured = measure({start->config, weights}, options, judge);
    if (!measured) {
        return tl::unexpected(measured.error());
    }
    nlohmann::json figures{{"options", toJson(options)},
                           {"steps", done->steps},
                           {"pictures", done->steps * options.batch},
                           {"seconds", done->seconds},
                           {"measured", std::move(*measured)}};
    if (auto written = writeFigures(options.work, figures); !written) {
        return tl::unexpected(written.error());
    }
    return figures;
}

} // namespace

Result<nlohmann::json> trainFlow(const nlohmann::json& options, ProgressSink& sink, std::stop_token stop)
{
    const Result<TrainFlowOptions> parsed = trainFlowOptionsFromJson(options);
    if (!parsed) {
        return tl::unexpected(parsed.error());
    }
    return runTraining(parsed->threads, [&] { return train(*parsed, sink, stop); });
}

} // namespace jacobi
