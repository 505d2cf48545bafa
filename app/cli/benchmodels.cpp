// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/benchmodels.h"

#include "app/shared/backendloader.h"
#include "core/trace/requestsettings.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>
#include <filesystem>

namespace jacobi::cli {

Result<std::string> judgeFolder(const std::string& named, const std::vector<std::string>& folders)
{
    if (!named.empty()) {
        return named;
    }
    std::string places;
    for (const std::string& root : modelFolders(folders)) {
        const std::filesystem::path folder = std::filesystem::path(root) / "judge";
        std::error_code ignored;
        if (std::filesystem::exists(folder / "judge.json", ignored)) {
            return folder.string();
        }
        places += (places.empty() ? "" : ", ") + root;
    }
    return fail(ErrorCode::NotFound, "There is no folder \"judge\" with the judge in: " + places +
                                         ". Name its folder with --judge, or train one with: jacobi train judge.");
}

Result<ModelInfo> usableModel(Backend& backend, const std::string& id)
{
    const std::vector<ModelInfo> all = backend.models();
    const auto found = std::find_if(all.begin(), all.end(), [&](const ModelInfo& model) { return model.id == id; });
    if (found == all.end()) {
        return fail(ErrorCode::NotFound, "There is no model \"" + id + "\". See: jacobi models");
    }
    if (!found->problem.empty()) {
        return fail(ErrorCode::Corrupt, "The model \"" + id + "\" cannot be used. " + found->problem);
    }
    return *found;
}

Result<ModelInfo> tokenModel(Backend& backend, const std::string& id)
{
    Result<ModelInfo> model = usableModel(backend, id);
    if (model && model->layout.isFlow()) {
        return fail(ErrorCode::InvalidRequest, "The model \"" + id +
                                                   "\" is a normalizing flow, which this bench does not measure. Use: jacobi "
                                                   "bench flow --model " + id);
    }
    return model;
}

Result<void> checkSettings(Backend& backend, const ModelInfo& model, RunRequest request)
{
    request.modelId = model.id;
    request.device = "cpu";
    request.precision = kAutoName;
    request.prompt = model.vocabulary.empty() ? "" : model.vocabulary.front(); // a bench's captions are its own
    const Result<ResolvedRequest> resolved = backend.resolve(request);
    return resolved ? Result<void>() : tl::unexpected(resolved.error());
}

void printBenchSettings(const nlohmann::json& record)
{
    const auto text = [&](const char* key) { return settingText(record.at(key)); };
    std::printf("model %s, guidance %s, temperature %s, top-k %s, top-p %s, min-p %s\n", text("model").c_str(),
                text("guidance").c_str(), text("temperature").c_str(), text("top_k").c_str(), text("top_p").c_str(),
                text("min_p").c_str());
    std::printf("captions %s (%s), seeds from %s, %s on %s\n", text("captions").c_str(),
                record.at("completes_prompt").get<bool>() ? "completed" : "read as written", text("seed").c_str(),
                text("precision").c_str(), text("device").c_str());
}

} // namespace jacobi::cli
