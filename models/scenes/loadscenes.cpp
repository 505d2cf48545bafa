// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/scenes/loadscenes.h"

#include "core/io/modelfile.h"
#include "models/scenes/scenesweights.h"
#include "models/scenes/tensorfile.h"

#include <ATen/ATen.h>

#include <exception>
#include <new>

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

Result<ScenesFiles> load(const std::filesystem::path& folder, at::ScalarType type)
{
    const auto manifest = readModelManifest(folder);
    if (!manifest) {
        return tl::unexpected(manifest.error());
    }
    auto config = configOf(*manifest);
    if (!config) {
        return tl::unexpected(config.error());
    }
    if (auto verified = verifyFiles(folder, *manifest); !verified) {
        return tl::unexpected(verified.error());
    }
    ScenesFiles files;
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

Result<ScenesFiles> loadScenesFiles(const std::filesystem::path& folder, at::ScalarType type)
{
    try {
        return load(folder, type);
    } catch (const std::bad_alloc&) {
        return fail(ErrorCode::OutOfMemory, "There is not enough memory to load the model. Close other programs.");
    } catch (const std::exception& error) {
        return fail(ErrorCode::Internal, "The model could not be loaded because of an internal error.", error.what());
    }
}

Result<Scenes> loadScenes(const std::filesystem::path& folder, const std::string& precision)
{
    if (precision != "float32" && precision != "float64") {
        return fail(ErrorCode::InvalidRequest,
                    "The precision \"" + precision + "\" is not known. Choose float32 or float64.");
    }
    auto files = loadScenesFiles(folder, precision == "float64" ? at::kDouble : at::kFloat);
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
    scenes.model = std::make_unique<ScenesModel>(files->config, files->transformer);
    scenes.detokenizer = std::make_unique<ScenesDetokenizer>(files->config, std::move(decoder));
    return scenes;
}

} // namespace jacobi
