// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/families/scenesfamily.h"

#include "core/text/wordtokenizer.h"
#include "models/scenes/loadscenes.h"
#include "models/scenes/scenesnetwork.h"
#include "models/scenes/scenestokenizer.h"
#include "models/training/completecaption.h"

#include <algorithm>
#include <utility>

namespace jacobi {

Result<PromptReading> ScenesFamily::readPrompt(const ModelInfo& model, std::string_view prompt) const
{
    const WordTokenizer tokenizer(model.vocabulary, model.maxPromptWords);
    Result<WordTokenizer::Encoded> encoded = tokenizer.encodePrompt(prompt);
    if (!encoded) {
        return tl::unexpected(std::move(encoded.error()));
    }
    PromptReading reading;
    for (const std::string& word : encoded->unknownWords) {
        const std::vector<std::string> nearest = tokenizer.nearestWords(word, 1);
        reading.nearestWords.push_back(nearest.empty() ? std::string() : nearest.front());
    }
    reading.unknownWords = std::move(encoded->unknownWords);
    return reading;
}

bool ScenesFamily::completesPrompts(const ModelInfo& model) const
{
    return completesCaptions(model.vocabulary, model.maxPromptWords);
}

std::uint64_t ScenesFamily::memoryBytes(const ModelInfo& model, const RunRequest& request) const
{
    // Weights in working precision beside the half-precision file they are read from, tables made of them, and
    // what a pass needs for itself: logits of two branches and the layers' rows, generously.
    constexpr std::uint64_t kWorkingBytes = 64'000'000;
    const std::uint64_t real = request.precision == "float64" ? 8 : 4;
    constexpr int kMostMeasured = 256; // what "auto" tries at most
    const int window = request.window == kAutoWindow ? kMostMeasured : std::max(1, request.window);
    const std::uint64_t rows = 2 * static_cast<std::uint64_t>(window) * static_cast<std::uint64_t>(request.pictures);
    // Keys and values of both branches: 2 x layers x width numbers a position, where parameters are about
    // 12 x layers x width x width; no model of ours is narrower than this.
    constexpr std::uint64_t kLeastWidth = 128;
    const std::uint64_t positions = model.layout.positions() + model.maxPromptWords + 2;
    const std::uint64_t cache = 2 * static_cast<std::uint64_t>(request.pictures) * positions * 2 *
                                (model.parameters / (12 * kLeastWidth)) * real;
    return model.parameters * (2 * real + 2) + cache + rows * model.layout.codes * (real + 8) + kWorkingBytes;
}

Result<DeviceSizes> ScenesFamily::deviceSizes(const ModelInfo& model) const
{
    const Result<ScenesSizes> sizes = loadScenesSizes(model.folder);
    if (!sizes) {
        return tl::unexpected(sizes.error());
    }
    DeviceSizes found;
    found.network = scenesNetworkSizes(sizes->config, sizes->readsNoise);
    found.layout.rows = model.layout.rows;
    found.layout.columns = model.layout.columns;
    found.layout.codes = model.layout.codes;
    found.pictures = {decoderWeightBytes(sizes->config), decoderPeakBytes(sizes->config)};
    return found;
}

Result<NetworkDescription> ScenesFamily::describeNetwork(const ModelInfo& model) const
{
    Result<ScenesFiles> files = loadScenesFiles(model.folder, at::kFloat, model.baseFolder);
    if (!files) {
        return tl::unexpected(files.error());
    }
    return scenesNetwork(files->config, files->transformer, files->noise);
}

std::unique_ptr<Detokenizer> ScenesFamily::picturesOn(const LoadedModel& loaded, at::Device device) const
{
    const auto* pictures = dynamic_cast<const ScenesDetokenizer*>(loaded.pictures.get());
    return pictures != nullptr ? pictures->on(device) : nullptr;
}

Result<LoadedModel> ScenesFamily::load(const ModelInfo& model, at::ScalarType type) const
{
    Result<Scenes> scenes = loadScenes(model.folder, type == at::kDouble ? "float64" : "float32", model.baseFolder);
    if (!scenes) {
        return tl::unexpected(scenes.error());
    }
    LoadedModel loaded;
    const ScenesModel* network = scenes->model.get();
    auto tokenizer = std::make_shared<WordTokenizer>(network->config().words);
    loaded.encodePrompt = [network, tokenizer](std::string_view prompt) {
        return network->promptOf(tokenizer->encode(prompt).ids);
    };
    if (completesPrompts(model)) {
        loaded.completePrompt = completeCaption;
    }
    loaded.tokens = std::move(scenes->model);
    loaded.pictures = std::move(scenes->detokenizer);
    return loaded;
}

} // namespace jacobi
