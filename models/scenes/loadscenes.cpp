// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/scenes/loadscenes.h"

#include "core/io/modelfile.h"
#include "models/scenes/scenesweights.h"
#include "models/scenes/tensorfile.h"

#include <ATen/ATen.h>

#include <exception>
#include <new>
#include <utility>

namespace jacobi {
namespace {

/// The general part of model.json and the family's own part must tell one story.
Result<ScenesConfig> configOf(const ModelManifest& manifest)
{
    if (manifest.family != "scenes") {
        return fail(ErrorCode::Unsupported,
                    "This model is of the family \"" + manifest.family + "\", not \"scenes\". Choose another model.");
    }
    auto config = scenesConfigFromJson(manifest.config, manifest.vocabulary);
    if (!config) {
        return config;
    }
    if (manifest.rows != config->gridRows || manifest.columns != config->gridColumns ||
        manifest.codes != config->codes() || manifest.patchPixels != config->patch() ||
        manifest.maxPromptWords != config->promptWords()) {
        return fail(ErrorCode::Corrupt, "The model's model.json cannot be used: its grid, picture or maxPromptWords "
                                        "does not agree with its config. Install the model again.");
    }
    return config;
}

/// Reads the difference and adds it to the base.
Result<ScenesFiles> loadDifference(const std::filesystem::path& folder, const ModelManifest& manifest,
                                   ScenesFiles files, at::ScalarType type)
{
    if (files.noise) {
        return fail(ErrorCode::Unsupported, "The model's base is a difference itself. Install the model again.");
    }
    if (!manifest.config.contains("noise")) {
        return fail(ErrorCode::Corrupt, "The model's model.json cannot be used: config.noise is missing. Install the "
                                        "model again.");
    }
    const auto settings = scenesNoiseFromJson(manifest.config["noise"]);
    if (!settings) {
        return tl::unexpected(settings.error());
    }
    if (settings->kind.mostSteps != manifest.mostNoiseSteps) {
        return fail(ErrorCode::Corrupt,
                    "The model's model.json cannot be used: noise.mostSteps does not agree with its "
                    "config. Install the model again.");
    }
    if (auto verified = verifyFiles(folder, manifest, kScenesDifferenceFile); !verified) {
        return tl::unexpected(verified.error());
    }
    std::vector<TensorSpec> all = differenceTensors(files.config, *settings);
    const std::vector<TensorSpec> encoding = noiseTensors(files.config, *settings);
    all.insert(all.end(), encoding.begin(), encoding.end());
    auto tensors = readTensors(folder / kScenesDifferenceFile, all, type);
    if (!tensors) {
        return tl::unexpected(tensors.error());
    }
    const at::Tensor codes = codeEmbeddings(files.config, transformerWeights(files.config, files.transformer));
    ScenesNoisePart noise{*settings, {}, embeddingScale(settings->normalisation, codes)};
    for (const TensorSpec& spec : encoding) {
        noise.weights[spec.name] = tensors->extract(spec.name).mapped();
    }
    files.transformer = joinDifference(files.config, files.transformer, *tensors);
    files.noise = std::move(noise);
    return files;
}

Result<ScenesFiles> load(const std::filesystem::path& folder, at::ScalarType type, const std::filesystem::path& base);

Result<ScenesFiles> loadJoined(const std::filesystem::path& folder, const ModelManifest& manifest, at::ScalarType type,
                               const std::filesystem::path& named)
{
    const std::filesystem::path base = named.empty() ? folder.parent_path() / manifest.baseModel : named;
    std::error_code error;
    if (!std::filesystem::exists(base / kModelFileName, error)) {
        return fail(ErrorCode::NotFound,
                    "This model is a difference to the model \"" + manifest.baseModel +
                        "\", which was not found. Install that model too.",
                    base.string());
    }
    const auto baseManifest = readModelManifest(base);
    if (!baseManifest) {
        return tl::unexpected(baseManifest.error());
    }
    const auto config = configOf(manifest);
    if (!config) {
        return tl::unexpected(config.error());
    }
    if (!isBaseOf(*baseManifest, manifest)) {
        return fail(ErrorCode::Corrupt,
                    "This model is a difference to the model \"" + manifest.baseModel +
                        "\", and the one there now is another. Install the version it was made "
                        "from, or tune it again with: jacobi train scenes --objective sjd2.",
                    manifest.baseHash + " with the weights " + manifest.baseWeights + " was asked for, " +
                        baseManifest->hash + " is there");
    }
    auto files = load(base, type, {});
    if (!files) {
        return files;
    }
    if (files->config != *config) {
        return fail(ErrorCode::Corrupt,
                    "The model's model.json does not agree with its base's. Install the model again.");
    }
    return loadDifference(folder, manifest, std::move(*files), type);
}

Result<ScenesFiles> load(const std::filesystem::path& folder, at::ScalarType type, const std::filesystem::path& base)
{
    const auto manifest = readModelManifest(folder);
    if (!manifest) {
        return tl::unexpected(manifest.error());
    }
    if (!manifest->baseHash.empty()) {
        auto joined = loadJoined(folder, *manifest, type, base);
        if (joined) {
            joined->hash = manifest->hash;
        }
        return joined;
    }
    auto config = configOf(*manifest);
    if (!config) {
        return tl::unexpected(config.error());
    }
    if (auto verified = verifyFiles(folder, *manifest, kScenesWeightsFile); !verified) {
        return tl::unexpected(verified.error());
    }
    ScenesFiles files;
    files.hash = manifest->hash;
    files.config = std::move(*config);
    const std::vector<TensorSpec> transformer = transformerTensors(files.config);
    std::vector<TensorSpec> all = tokenizerTensors(files.config);
    all.insert(all.end(), transformer.begin(), transformer.end());
    auto tensors = readTensors(folder / kScenesWeightsFile, all, type);
    if (!tensors) {
        return tl::unexpected(tensors.error());
    }
    for (const TensorSpec& spec : transformer) {
        files.transformer[spec.name] = tensors->extract(spec.name).mapped();
    }
    files.tokenizer = std::move(*tensors);
    return files;
}

} // namespace

Result<ScenesSizes> loadScenesSizes(const std::filesystem::path& folder)
{
    const auto manifest = readModelManifest(folder);
    if (!manifest) {
        return tl::unexpected(manifest.error());
    }
    auto config = configOf(*manifest);
    if (!config) {
        return tl::unexpected(config.error());
    }
    return ScenesSizes{std::move(*config), manifest->config.contains("noise")};
}

Result<ScenesFiles> loadScenesFiles(const std::filesystem::path& folder, at::ScalarType type,
                                    const std::filesystem::path& base)
{
    try {
        return load(folder, type, base);
    } catch (const std::bad_alloc&) {
        return fail(ErrorCode::OutOfMemory, "There is not enough memory to load the model. Close other programs.");
    } catch (const std::exception& error) {
        return fail(ErrorCode::Internal, "The model could not be loaded because of an internal error.", error.what());
    }
}

Result<Scenes> loadScenes(const std::filesystem::path& folder, const std::string& precision,
                          const std::filesystem::path& base)
{
    if (precision != "float32" && precision != "float64") {
        return fail(ErrorCode::InvalidRequest,
                    "The precision \"" + precision + "\" is not known. Choose float32 or float64.");
    }
    auto files = loadScenesFiles(folder, precision == "float64" ? at::kDouble : at::kFloat, base);
    if (!files) {
        return tl::unexpected(files.error());
    }
    TensorMap decoder;
    for (const auto& [name, tensor] : files->tokenizer) {
        if (name.starts_with("decoder.")) {
            decoder[name] = tensor.to(at::kFloat);
        }
    }
    Scenes scenes;
    scenes.model = std::make_unique<ScenesModel>(files->config, files->transformer, files->noise);
    scenes.detokenizer = std::make_unique<ScenesDetokenizer>(files->config, std::move(decoder));
    return scenes;
}

} // namespace jacobi
