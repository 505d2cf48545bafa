// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/enginebackend.h"
#include "core/engine/guard.h"
#include "core/engine/kernelplugin.h"
#include "core/engine/selftest.h"
#include "core/text/wordtokenizer.h"
#include "models/families/benchflow.h"
#include "models/families/tarflowfamily.h"
#include "models/flowtraining/trainflow.h"
#include "models/judge/benchadherence.h"
#include "models/judge/benchsjd2.h"
#include "models/judge/trainjudge.h"
#include "models/scenes/loadscenes.h"
#include "models/tarflow/probetarflow.h"
#include "models/training/trainscenes.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace jacobi {
namespace {

/// The family `scenes` as the engine sees it.
class ScenesFamily final : public ModelFamily {
public:
    std::string name() const override { return "scenes"; }

    Result<PromptReading> readPrompt(const ModelInfo& model, std::string_view prompt) const override
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

    std::uint64_t memoryBytes(const ModelInfo& model, const RunRequest& request) const override
    {
        // Weights in working precision beside the half-precision file they are read from, tables made of them, and
        // what a pass needs for itself: logits of two branches and the layers' rows, generously.
        constexpr std::uint64_t kWorkingBytes = 64'000'000;
        const std::uint64_t real = request.precision == "float64" ? 8 : 4;
        constexpr int kMostMeasured = 256; // what "auto" tries at most
        const int window = request.window == kAutoWindow ? kMostMeasured : std::max(1, request.window);
        const std::uint64_t rows =
            2 * static_cast<std::uint64_t>(window) * static_cast<std::uint64_t>(request.pictures);
        // Keys and values of both branches: 2 x layers x width numbers a position, where parameters are about
        // 12 x layers x width x width; no model of ours is narrower than this.
        constexpr std::uint64_t kLeastWidth = 128;
        const std::uint64_t positions = model.layout.positions() + model.maxPromptWords + 2;
        const std::uint64_t cache = 2 * static_cast<std::uint64_t>(request.pictures) * positions * 2 *
                                    (model.parameters / (12 * kLeastWidth)) * real;
        return model.parameters * (2 * real + 2) + cache + rows * model.layout.codes * (real + 8) + kWorkingBytes;
    }

    Result<LoadedModel> load(const ModelInfo& model, at::ScalarType type) const override
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
        loaded.tokens = std::move(scenes->model);
        loaded.pictures = std::move(scenes->detokenizer);
        return loaded;
    }
};

/// options: "model", "inputs", "out": paths.
Result<nlohmann::json> probe(const nlohmann::json& options)
{
    const auto path = [&](const char* key) { return std::filesystem::path(options.value(key, std::string())); };
    const Result<std::size_t> written = probeTarFlow(path("model"), path("inputs"), path("out"));
    if (!written) {
        return tl::unexpected(written.error());
    }
    return nlohmann::json{{"tensors", *written}};
}

/// Every family and job of this version.
BackendParts everything()
{
    BackendParts parts;
    parts.families.push_back(std::make_unique<ScenesFamily>());
    parts.families.push_back(std::make_unique<TarFlowFamily>());
    parts.jobs["train-scenes"] = trainScenes;
    parts.jobs["train-judge"] = trainJudge;
    parts.jobs["train-flow"] = trainFlow;
    parts.jobs["probe"] = [](const nlohmann::json& options, ProgressSink&, const std::stop_token&) {
        return probe(options);
    };
    parts.jobs["bench-adherence"] = benchAdherence;
    parts.jobs["bench-flow"] = benchFlow;
    parts.jobs["bench-sjd2-ablation"] = benchSjd2;
    parts.findModels = findModels;
    parts.gpu = probeGpu();
    if (parts.gpu.gpus > 0) {
        const KernelPlugin plugin = openKernelPlugin(kernelPluginPath());
        parts.gpu.engineProblem = plugin.ops != nullptr ? "this version runs networks on the CPU only" : plugin.problem;
    }
    parts.jobs[kSelfTestJob] = [gpu = parts.gpu](const nlohmann::json& options, ProgressSink&, const std::stop_token&) {
        return selfTest(options, gpu, openKernelPlugin(kernelPluginPath()));
    };
    return parts;
}

} // namespace
} // namespace jacobi

extern "C" __attribute__((visibility("default"))) jacobi::Backend* jacobiCreateBackend(
    const jacobi::BackendOptions& options, jacobi::Error* error)
{
    auto backend = jacobi::guarded([&] { return jacobi::makeBackend(jacobi::everything(), options); });
    if (!backend) {
        *error = std::move(backend.error());
        return nullptr;
    }
    return backend->release();
}
