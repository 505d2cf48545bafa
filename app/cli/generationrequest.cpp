// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/generationrequest.h"

#include "app/cli/places.h"
#include "app/shared/backendloader.h"
#include "core/io/outputfile.h"
#include "core/io/png.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <random>
#include <string_view>

namespace jacobi::cli {

namespace fs = std::filesystem;

namespace {

/// Only PNG is written, so another format's name would lie.
Result<void> checkPictureName(const std::string& out)
{
    const std::string extension = fs::path(out).extension().string();
    std::string lower = extension;
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    constexpr std::array<std::string_view, 10> kOthers{".jpg", ".jpeg", ".webp", ".gif", ".bmp",
                                                       ".tif", ".tiff", ".avif", ".jxl", ".svg"};
    if (std::find(kOthers.begin(), kOthers.end(), lower) == kOthers.end()) {
        return {};
    }
    return fail(ErrorCode::InvalidRequest,
                "Pictures are written as PNG, and --out ends in \"" + extension + "\". Choose a name that ends in .png.");
}

} // namespace

std::string picturePath(const GenerateOptions& options, const RunRequest& request, int i)
{
    if (options.out.empty()) {
        return request.modelId + "-" + std::to_string(request.seed + static_cast<std::uint64_t>(i)) + ".png";
    }
    if (request.pictures == 1) {
        return options.out;
    }
    fs::path path = options.out;
    const fs::path extension = path.extension();
    path.replace_extension();
    path += "-" + std::to_string(i);
    path += extension;
    return path.string();
}

Result<void> checkTargets(const GenerateOptions& options, const RunRequest& request)
{
    if (auto checked = pngSupport(); !checked) {
        return checked;
    }
    if (auto checked = checkPictureName(options.out); !checked) {
        return checked;
    }
    for (int i = 0; i < std::clamp(request.pictures, 1, kMostPictures); ++i) {
        const std::string path = picturePath(options, request, i);
        if (!options.trace.empty() && isSameFile(path, options.trace)) {
            return fail(ErrorCode::InvalidRequest, "--trace names the file of a picture. Choose two names.");
        }
        if (auto checked = checkTarget(path, true); !checked) {
            return checked;
        }
    }
    return options.trace.empty() ? Result<void>() : checkTarget(options.trace, false);
}

Result<void> checkPrompt(const GenerateOptions& options)
{
    const std::vector<ModelInfo> models = findModels(modelFolders(options.modelFolders));
    const bool wantsPrompt = std::any_of(models.begin(), models.end(), [&](const ModelInfo& model) {
        return model.id == options.model && model.problem.empty() && !model.layout.isFlow();
    }); // of one that is not there, or cannot be read, something else is to be said
    if (!options.prompt && wantsPrompt) {
        return fail(ErrorCode::InvalidRequest, "--prompt is required. Try: jacobi generate --help");
    }
    return {};
}

RunRequest requestOf(const GenerateOptions& options)
{
    RunRequest request;
    for (const ModelInfo& model : findModels(modelFolders(options.modelFolders))) {
        if (model.id == options.model) {
            request = model.defaults;
        }
    }
    request.modelId = options.model;
    request.prompt = options.prompt.value_or("");
    request.seed = options.seed ? *options.seed : std::random_device{}();
    request.device = options.device;
    request.precision = kAutoName;
    const auto set = [](auto& value, const auto& said) {
        if (said) {
            value = *said;
        }
    };
    set(request.method, options.method);
    set(request.coupling, options.coupling);
    set(request.initialisation, options.initialisation);
    if (options.window) {
        request.window = *options.window == kAutoName ? kAutoWindow : std::stoi(*options.window);
    }
    set(request.noiseSteps, options.noiseSteps);
    set(request.pictures, options.pictures);
    set(request.guidance, options.guidance);
    set(request.temperature, options.temperature);
    set(request.topK, options.topK);
    set(request.topP, options.topP);
    set(request.minP, options.minP);
    set(request.completesPrompt, options.completesPrompt);
    set(request.precision, options.precision);
    if (options.strategy && !options.method) {
        request.method = "gs-jacobi"; // the one that has strategies
    }
    if (options.segments && !options.strategy) {
        request.strategy.clear(); // it is meant to be used
    }
    set(request.className, options.className);
    set(request.strategy, options.strategy);
    set(request.segments, options.segments);
    set(request.tolerance, options.tolerance);
    set(request.clip, options.clip);
    set(request.denoise, options.denoise);
    set(request.attentionTemperature, options.attentionTemperature);
    set(request.guidanceSchedule, options.guidanceSchedule);
    return request;
}

Result<void> checkStrategy(Backend& backend, const GenerateOptions& options, const RunRequest& asked)
{
    if (!options.strategy || options.strategy->empty()) {
        return {};
    }
    const std::vector<ModelInfo> models = backend.models();
    const auto model = std::find_if(models.begin(), models.end(),
                                    [&](const ModelInfo& one) { return one.id == asked.modelId && one.problem.empty(); });
    if (model == models.end()) {
        return {}; // which is to be said instead
    }
    if (!model->layout.isFlow()) {
        return fail(ErrorCode::InvalidRequest,
                    "--strategy is for normalizing flows, and \"" + asked.modelId + "\" is none. Leave it out.");
    }
    if (asked.method != "gs-jacobi") {
        return fail(ErrorCode::InvalidRequest, "--strategy is for the method gs-jacobi, and --method names \"" + asked.method +
                                                   "\". Leave out one of the two.");
    }
    return {};
}

} // namespace jacobi::cli
