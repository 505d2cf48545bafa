// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/training/traindecoder.h"

#include "models/scenes/loadscenes.h"
#include "models/training/deepen.h"
#include "models/training/exportscenes.h"
#include "models/training/scenesphases.h"
#include "models/training/scenestokenizertrainer.h"
#include "models/training/trainingjob.h"
#include "models/training/trainscenesoptions.h"

#include <nlohmann/json.hpp>

namespace jacobi {
namespace {

Result<nlohmann::json> train(const TrainScenesOptions& options, ProgressSink& sink, const std::stop_token& stop)
{
    auto files = loadScenesFiles(options.initFrom, at::kFloat);
    if (!files) {
        return tl::unexpected(files.error());
    }
    if (files->noise) {
        return fail(ErrorCode::Unsupported,
                    "The model in " + options.initFrom +
                        " is a difference that was tuned to read noise. Start from the one it was "
                        "tuned from: they share its decoder.");
    }
    const auto device = trainingDevice(options.device);
    if (!device) {
        return tl::unexpected(device.error());
    }
    const RoundedProducts rounded(*device);
    ScenesConfig config = files->config;
    const TensorMap start = withMoreDecoder(config, files->tokenizer, options.moreDecoder, options.seed);
    if (auto fits = scenesConfigFromJson(toJson(config), config.words); !fits) {
        return fail(ErrorCode::InvalidRequest, fits.error().message);
    }
    if (auto made = makeFolders({options.work, options.out}); !made) {
        return tl::unexpected(made.error());
    }
    const double psnrBefore = measuredPsnr(files->config, onDevice(files->tokenizer, *device), options);
    ScenesTokenizerTrainer phase(config, options, start, TokenizerPart::Decoder);
    auto done = runPhase(phase, tokenizerPhase(options), sink, stop);
    if (!done) {
        return tl::unexpected(done.error());
    }
    const TensorMap tokenizer = roundedToHalf(onDevice(phase.weights(), at::kCPU));
    nlohmann::json figures{
        {"options", toJson(options)},
        {"decoder",
         {{"steps", done->steps}, {"seconds", done->seconds}, {"pictures", done->steps * options.tokenizerBatch}}},
        {"before", {{"psnr", psnrBefore}}},
        {"measured",
         measureScenes(config, onDevice(tokenizer, *device), onDevice(files->transformer, *device), options)}};
    if (auto written = exportScenes(options.out, config, tokenizer, files->transformer); !written) {
        return tl::unexpected(written.error());
    }
    if (auto written = writeFigures(options.work, figures); !written) {
        return tl::unexpected(written.error());
    }
    return figures;
}

} // namespace

Result<nlohmann::json> trainDecoder(const nlohmann::json& options, ProgressSink& sink, std::stop_token stop)
{
    auto parsed = trainScenesOptionsFromJson(options);
    if (!parsed) {
        return tl::unexpected(parsed.error());
    }
    if (parsed->initFrom.empty()) {
        return fail(ErrorCode::InvalidRequest,
                    "A decoder learns on in a finished model: name its folder with --init-from (initFrom).");
    }
    return runTraining(parsed->threads, [&] { return train(*parsed, sink, stop); });
}

} // namespace jacobi
