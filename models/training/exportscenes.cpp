// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/training/exportscenes.h"

#include "core/io/modelfile.h"
#include "models/scenes/loadscenes.h"
#include "models/scenes/tensorfile.h"
#include "models/training/scenedata.h"
#include "models/training/scenestokenizertrainer.h"
#include "models/training/scenestransformertrainer.h"

#include <ATen/ATen.h>
#include <nlohmann/json.hpp>

namespace jacobi {
namespace {

/// Pictures the figures of the model card are measured on; none was trained on.
constexpr std::int64_t kMeasuredPictures = 256;
constexpr std::uint64_t kMeasuredFrom = 1'000'000; ///< behind those that guided the training run

ModelManifest manifestOf(const ScenesConfig& config)
{
    ModelManifest manifest;
    manifest.family = "scenes";
    manifest.name = "Scenes";
    manifest.rows = static_cast<std::uint32_t>(config.gridRows);
    manifest.columns = static_cast<std::uint32_t>(config.gridColumns);
    manifest.codes = static_cast<std::uint32_t>(config.codes());
    manifest.patchPixels = static_cast<std::uint32_t>(config.patch());
    manifest.width = static_cast<std::uint32_t>(config.pictureColumns());
    manifest.height = static_cast<std::uint32_t>(config.pictureRows());
    manifest.vocabulary = config.words;
    manifest.maxPromptWords = static_cast<std::uint32_t>(config.promptWords());
    manifest.defaults.coupling = "maximal";
    manifest.defaults.initialisation = "sample-left";
    manifest.defaults.window = 16; // the fastest on a processor; larger ones save passes, not time
    // A code in the tail of its law is seldom drawn, but smears what it is drawn into; so does one that guidance lifts
    // from there.
    manifest.defaults.topP = 0.8;
    manifest.defaults.minP = 0.1;
    manifest.defaults.completesPrompt = true;
    manifest.config = toJson(config);
    manifest.licence = "GPL-3.0-or-later";
    manifest.parameters = parameterCount(transformerTensors(config)) + parameterCount(tokenizerTensors(config));
    return manifest;
}

} // namespace

TensorMap roundedToHalf(const TensorMap& tensors)
{
    TensorMap rounded;
    for (const auto& [name, tensor] : tensors) {
        rounded[name] = tensor.detach().to(at::kHalf).to(at::kFloat);
    }
    return rounded;
}

double measuredPsnr(const ScenesConfig& config, const TensorMap& tokenizer, const TrainScenesOptions& options)
{
    return measureTokenizer(config, tokenizer, options.seed, kMeasuredFrom, kMeasuredPictures).psnr;
}

nlohmann::json measureScenes(const ScenesConfig& config, const TensorMap& tokenizer, const TensorMap& transformer,
                             const TrainScenesOptions& options)
{
    const TokenizerFigures figures =
        measureTokenizer(config, tokenizer, options.seed, kMeasuredFrom, kMeasuredPictures);
    const at::Tensor pictures = drawPictures(options.seed, SceneStream::Validation, kMeasuredFrom, kMeasuredPictures,
                                             static_cast<int>(config.pictureRows()))
                                    .to(tokenizer.begin()->second.device());
    const at::Tensor codes = tokenise(config, tokenizer, pictures);
    const auto loss = [&](double drop) {
        const at::Tensor prompts =
            drawPrompts(config, options.seed, SceneStream::Validation, kMeasuredFrom, kMeasuredPictures, drop);
        return validationLoss(config, transformer, prompts, codes);
    };
    return {{"pictures", kMeasuredPictures}, {"natsPerToken", loss(0.0)},      {"natsPerTokenWithoutPrompt", loss(1.1)},
            {"psnr", figures.psnr},          {"codesUsed", figures.codesUsed}, {"codePerplexity", figures.perplexity}};
}

Result<void> exportScenes(const std::filesystem::path& folder, const ScenesConfig& config, const TensorMap& tokenizer,
                          const TensorMap& transformer)
{
    TensorMap halves;
    for (const TensorMap* part : {&tokenizer, &transformer}) {
        for (const auto& [name, tensor] : *part) {
            halves[name] = tensor.detach().to(at::kHalf).contiguous();
        }
    }
    if (auto written = writeTensorFile(folder / kScenesWeightsFile, halves, {{"family", "scenes"}}); !written) {
        return written;
    }
    ModelManifest manifest = manifestOf(config);
    auto entry = describeModelFile(folder, kScenesWeightsFile);
    if (!entry) {
        return tl::unexpected(entry.error());
    }
    manifest.files.push_back(*entry);
    if (auto hash = writeModelManifest(folder, manifest); !hash) {
        return tl::unexpected(hash.error());
    }
    return {};
}

} // namespace jacobi
