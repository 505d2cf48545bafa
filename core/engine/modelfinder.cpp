// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/backend.h"

#include "core/base/limits.h"
#include "core/base/printable.h"
#include "core/io/jsonfields.h"
#include "core/io/modelfile.h"
#include "core/io/modelfolders.h"
#include "core/io/safepath.h"

#include <algorithm>
#include <filesystem>

namespace jacobi {
namespace {

namespace fs = std::filesystem;

/// The folders that came with the program: those of the search that do not belong to the user.
std::vector<fs::path> ownFolders()
{
    std::vector<fs::path> all = modelSearchRoots({}, executablePath());
    all.erase(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(modelSearchRoots({}, {}).size()));
    return all;
}

RunRequest defaultRequest(const std::string& id, const ModelManifest& manifest)
{
    const ModelDefaults& defaults = manifest.defaults;
    RunRequest request;
    request.modelId = id;
    request.method = defaults.method;
    request.coupling = defaults.coupling;
    request.initialisation = defaults.initialisation;
    request.window = std::min(defaults.window, static_cast<int>(manifest.rows * manifest.columns));
    request.noiseSteps = defaults.noiseSteps;
    request.guidance = defaults.guidance;
    request.temperature = defaults.temperature;
    request.topK = defaults.topK;
    request.topP = defaults.topP;
    request.minP = defaults.minP;
    request.completesPrompt = defaults.completesPrompt;
    request.strategy = defaults.strategy;
    return request;
}

constexpr std::size_t kMostClassNameBytes = 200;

/// What the family's own part of a flow's model.json says to everyone: "blocks", "noise" and, for those with classes,
/// "classes" (names by label); perhaps "reversed", else every other block is, from block 1 on. Others have no "noise".
void describeFlow(const nlohmann::json& config, ModelInfo& info)
{
    if (!config.contains("blocks") || !config.contains("noise")) {
        return;
    }
    JsonFields fields(config, "The model's model.json: config", JsonFields::Missing::Kept);
    fields.whole("blocks", info.layout.blocks, 1U, kMaxTraceBlocks);
    fields.texts("classes", info.classes, kMaxTraceCodes, kMostClassNameBytes);
    fields.list("reversed", kMaxTraceBlocks,
                [&](const nlohmann::json& one) { info.layout.reversed.push_back(one == true); });
    for (std::size_t i = info.layout.reversed.size(); i < info.layout.blocks; ++i) {
        info.layout.reversed.push_back(i % 2 == 1);
    }
    if (info.layout.reversed.size() > info.layout.blocks) {
        fields.refuse("reversed", "has more entries than there are blocks");
    }
    if (!std::all_of(info.classes.begin(), info.classes.end(), [](const auto& name) { return isPrintable(name); })) {
        fields.refuse("classes", "holds control or invisible characters");
    }
    if (fields.error()) {
        info.problem = fields.error()->message;
        return;
    }
    info.strategies.assign(kMeasuredStrategies.begin(), kMeasuredStrategies.end());
    info.defaults.initialisation.clear();
    info.defaults.coupling.clear();
    if (info.defaults.strategy.empty()) { // A model that names none is measured.
        info.defaults.method = "gs-jacobi";
        info.defaults.strategy = kAutoTime;
    }
}

/// Empty, or why a file of the model cannot be used: it is not there, or has another size. The hashes are checked when
/// the model is loaded: that takes as long as reading it.
std::string problemWithFiles(const fs::path& folder, const ModelManifest& manifest)
{
    for (const ModelFileEntry& entry : manifest.files) {
        const Result<InputFile> file = openInside(folder, entry.name);
        if (!file) {
            return file.error().message;
        }
        if (file->size() != entry.bytes) {
            return "Its file \"" + entry.name + "\" has " + std::to_string(file->size()) + " bytes instead of " +
                   std::to_string(entry.bytes) + ". Install the model again.";
        }
    }
    return {};
}

/// A model, and its model.json, where that could be read.
struct Described {
    ModelInfo info;
    ModelManifest manifest;
};

Described describe(const ModelFolder& folder)
{
    Described described;
    ModelInfo& info = described.info;
    info.id = folder.id;
    info.name = folder.id;
    info.folder = folder.path.string();
    info.defaults.modelId = folder.id;
    Result<ModelManifest> manifest = readModelManifest(folder.path);
    if (!manifest) {
        info.problem = manifest.error().message;
        return described;
    }
    info.name = manifest->name;
    info.family = manifest->family;
    info.hash = manifest->hash;
    info.parameters = manifest->parameters;
    info.layout.rows = manifest->rows;
    info.layout.columns = manifest->columns;
    info.layout.codes = manifest->codes;
    info.layout.patchPixels = manifest->patchPixels;
    info.width = manifest->width;
    info.height = manifest->height;
    info.maxPromptWords = manifest->maxPromptWords;
    info.mostNoiseSteps = manifest->mostNoiseSteps;
    info.vocabulary = manifest->vocabulary;
    info.defaults = defaultRequest(folder.id, *manifest);
    info.problem = problemWithFiles(folder.path, *manifest);
    describeFlow(manifest->config, info);
    described.manifest = std::move(*manifest);
    return described;
}

/// Finds the model whose weights `described` is a difference to; a problem where it is not there, or is another by now.
void joinBase(Described& described, const std::vector<Described>& all)
{
    const ModelManifest& difference = described.manifest;
    if (difference.baseHash.empty() || !described.info.problem.empty()) {
        return;
    }
    const auto isSame = [&](const Described& other) { return other.info.hash == difference.baseHash; };
    const auto isBase = [&](const Described& other) { return isBaseOf(other.manifest, difference); };
    auto found = std::ranges::find_if(all, isSame); // the very one, rather than one that recommends something else
    if (found == all.end()) {
        found = std::ranges::find_if(all, isBase);
    }
    if (found != all.end()) {
        described.info.baseFolder = found->info.folder;
        described.info.problem = found->info.problem.empty() ? "" : "Its base model: " + found->info.problem;
        return;
    }
    const auto isNamesake = [&](const Described& other) { return other.info.id == difference.baseModel; };
    described.info.problem =
        "It is a difference to the model \"" + difference.baseModel + "\", " +
        (std::ranges::any_of(all, isNamesake) ? "and the one there now is another. Install the version it was made from"
                                              : "which was not found. Install that model too") +
        ", or tune it again.";
}

} // namespace

std::vector<ModelInfo> findModels(const std::vector<std::string>& folders)
{
    const std::vector<fs::path> own = ownFolders();
    std::vector<Described> all;
    for (const ModelFolder& folder : findModelFolders({folders.begin(), folders.end()})) {
        all.push_back(describe(folder));
        all.back().info.builtIn = std::find(own.begin(), own.end(), folder.path.parent_path()) != own.end();
    }
    std::vector<ModelInfo> models;
    for (Described& described : all) {
        joinBase(described, all);
        models.push_back(described.info);
    }
    return models;
}

} // namespace jacobi
