// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/training/traindenoising.h"

#include "core/io/modelfile.h"
#include "models/scenes/tensorfile.h"
#include "models/training/exportscenes.h"
#include "models/training/scene.h"
#include "models/training/scenesdenoisingtrainer.h"
#include "models/training/trainingjob.h"

#include <nlohmann/json.hpp>

#include <filesystem>

namespace jacobi {
namespace {

/// The model to tune, if it can be.
Result<ScenesFiles> baseOf(const TrainDenoisingOptions& options)
{
    auto base = loadScenesFiles(options.initFrom, at::kFloat);
    if (!base) {
        return base;
    }
    if (base->noise) {
        return fail(ErrorCode::Unsupported,
                    "The model in " + options.initFrom +
                        " was tuned to read noise already. Start from the one it was tuned from.");
    }
    if (options.data == "drawn" && base->config.words != sceneWords()) {
        return fail(ErrorCode::Unsupported, "The model in " + options.initFrom +
                                                " knows other words than the pictures drawn now. Let it learn from its "
                                                "own pictures with --set data=own, or start from another model.");
    }
    return base;
}

Result<nlohmann::json> train(const TrainDenoisingOptions& options, ProgressSink& sink, const std::stop_token& stop,
                             const StepsOf& stepsOf)
{
    auto base = baseOf(options);
    if (!base) {
        return tl::unexpected(base.error());
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
    ScenesDenoisingTrainer phase(*base, options, steps);
    const double before = phase.validate();
    // Its own pictures are placed as it learned to place them.
    const Placing placing = options.data == "drawn" ? Placing::Composed : Placing::Free;
    auto done = runPhase(phase, phaseSettingsOf(options, placing), sink, stop);
    if (!done) {
        return tl::unexpected(done.error());
    }
    const TensorMap weights = roundedToHalf(phase.weights());
    if (auto written = exportDenoising(options.out, options.initFrom, options.noise, weights); !written) {
        return tl::unexpected(written.error());
    }
    TrainScenesOptions measured;
    measured.seed = options.seed;
    const TensorMap tokenizer = onDevice(base->tokenizer, *device);
    const TensorMap start = onDevice(base->transformer, *device);
    const TensorMap tuned = joinDifference(base->config, start, onDevice(weights, *device));
    nlohmann::json figures{
        {"options", toJson(options)},
        {"denoising", {{"steps", done->steps}, {"seconds", done->seconds}, {"pictures", done->steps * options.batch}}},
        {"noisyNatsPerToken", {{"before", before}, {"after", done->validationLoss}}},
        {"base", measureScenes(base->config, tokenizer, start, measured)},
        {"tuned", measureScenes(base->config, tokenizer, tuned, measured)}};
    if (auto written = writeFigures(options.work, figures); !written) {
        return tl::unexpected(written.error());
    }
    return figures;
}

} // namespace

Result<void> exportDenoising(const std::filesystem::path& folder, const std::filesystem::path& base,
                             const ScenesNoise& noise, const TensorMap& weights)
{
    auto manifest = readModelManifest(base);
    if (!manifest) {
        return tl::unexpected(manifest.error());
    }
    TensorMap halves;
    std::uint64_t parameters = 0;
    for (const auto& [name, tensor] : weights) {
        halves[name] = tensor.detach().to(at::kHalf).contiguous();
        parameters += static_cast<std::uint64_t>(tensor.numel());
    }
    if (auto written = writeTensorFile(folder / kScenesDifferenceFile, halves, {{"family", "scenes"}}); !written) {
        return written;
    }
    manifest->baseModel = std::filesystem::absolute(base).lexically_normal().filename().string();
    if (manifest->baseModel.empty()) { // the path ended with a slash
        manifest->baseModel = std::filesystem::absolute(base).lexically_normal().parent_path().filename().string();
    }
    manifest->baseHash = manifest->hash;
    for (const ModelFileEntry& file : manifest->files) {
        if (file.name == kScenesWeightsFile) {
            manifest->baseWeights = file.sha256;
        }
    }
    manifest->name += ", tuned for SJD2";
    manifest->mostNoiseSteps = noise.kind.mostSteps;
    manifest->config["noise"] = toJson(noise);
    manifest->defaults.method = "sjd2";
    manifest->defaults.noiseSteps = 1;
    manifest->parameters += parameters;
    auto entry = describeModelFile(folder, kScenesDifferenceFile);
    if (!entry) {
        return tl::unexpected(entry.error());
    }
    manifest->files = {*entry};
    if (auto hash = writeModelManifest(folder, *manifest); !hash) {
        return tl::unexpected(hash.error());
    }
    return {};
}

Result<nlohmann::json> trainDenoising(const nlohmann::json& options, ProgressSink& sink, std::stop_token stop,
                                      const StepsOf& stepsOf)
{
    auto parsed = trainDenoisingOptionsFromJson(options);
    if (!parsed) {
        return tl::unexpected(parsed.error());
    }
    return runTraining(parsed->threads, [&] { return train(*parsed, sink, stop, stepsOf); });
}

} // namespace jacobi
