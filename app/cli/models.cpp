// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"

#include "app/cli/places.h"
#include "app/shared/backendloader.h"
#include "core/engine/backend.h"
#include "core/trace/flowpresets.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

namespace jacobi::cli {
namespace {

/// What --strategy takes besides a file: the measured ones and the presets.
std::vector<std::string> strategiesOf(const ModelInfo& model)
{
    std::vector<std::string> names = model.strategies;
    for (const auto& [name, strategy] : flowPresets(model.layout.blocks, model.layout.positions())) {
        names.push_back(name);
    }
    return names;
}

nlohmann::json toJson(const ModelInfo& model)
{
    nlohmann::json json{{"id", model.id},
            {"name", model.name},
            {"family", model.family},
            {"hash", model.hash},
            {"folder", model.folder},
            {"problem", model.problem},
            {"usable", model.problem.empty()},
            {"built_in", model.builtIn},
            {"parameters", model.parameters},
            {"rows", model.layout.rows},
            {"columns", model.layout.columns},
            {"codes", model.layout.codes},
            {"width", model.width},
            {"height", model.height},
            {"max_prompt_words", model.maxPromptWords},
            {"most_noise_steps", model.mostNoiseSteps},
            {"vocabulary", model.vocabulary},
            {"defaults", jacobi::toJson(model.defaults)}};
    if (model.layout.isFlow()) {
        json["blocks"] = model.layout.blocks;
        json["classes"] = model.classes;
        json["strategies"] = strategiesOf(model);
    }
    return json;
}

std::string joined(const std::vector<std::string>& names)
{
    constexpr std::size_t kMostShown = 32;
    std::string text;
    for (std::size_t i = 0; i < std::min(kMostShown, names.size()); ++i) {
        text += (i == 0 ? "" : ", ") + names[i];
    }
    return names.size() > kMostShown ? text + " and " + std::to_string(names.size() - kMostShown) + " more" : text;
}

/// A flow has blocks and classes where other models have codes and prompts.
void printFlow(const ModelInfo& model)
{
    std::printf("    %u x %u pixels, %u x %u tokens, a flow of %u blocks\n", model.width, model.height,
                model.layout.columns, model.layout.rows, model.layout.blocks);
    std::printf("    classes: %s\n", model.classes.empty() ? "none" : joined(model.classes).c_str());
    std::printf("    strategies: %s\n", joined(strategiesOf(model)).c_str());
}

void printModel(const ModelInfo& model)
{
    std::printf("%s\n", model.id.c_str());
    if (!model.problem.empty()) {
        std::printf("    cannot be used: %s\n", model.problem.c_str());
    } else {
        std::printf("    %s, family %s, %.1f million parameters\n", model.name.c_str(), model.family.c_str(),
                    static_cast<double>(model.parameters) * 1e-6);
        if (model.layout.isFlow()) {
            printFlow(model);
        } else {
            std::printf("    %u x %u pixels, %u x %u tokens of %u codes; prompts of up to %u words\n", model.width,
                        model.height, model.layout.columns, model.layout.rows, model.layout.codes,
                        model.maxPromptWords);
            if (model.mostNoiseSteps > 0) {
                std::printf("    reads noise: sjd2 with up to %d noise steps\n", model.mostNoiseSteps);
            }
        }
    }
    std::printf("    %s%s\n", model.folder.c_str(), model.builtIn ? " (built in)" : "");
}

ExitCode listModels(const std::vector<std::string>& named, bool asJson)
{
    if (auto checked = checkModelFolders(named); !checked) {
        return report(checked.error());
    }
    const std::vector<std::string> folders = modelFolders(named);
    const std::vector<ModelInfo> models = findModels(folders);
    if (asJson) {
        nlohmann::json list = nlohmann::json::array();
        for (const ModelInfo& model : models) {
            list.push_back(toJson(model));
        }
        std::printf("%s\n", list.dump(2, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
        return ExitCode::Ok;
    }
    for (const ModelInfo& model : models) {
        printModel(model);
    }
    if (models.empty()) {
        std::string places;
        for (const std::string& folder : folders) {
            places += (places.empty() ? "" : ", ") + folder;
        }
        std::printf("No models were found%s%s.\n", places.empty() ? "" : " in ", places.c_str());
    }
    return ExitCode::Ok;
}

} // namespace

void addModels(CLI::App& program, Action& chosen)
{
    struct Options {
        std::vector<std::string> folders;
        bool json = false;
    };
    auto options = std::make_shared<Options>();
    CLI::App* command = program.add_subcommand("models", "List the models that are installed");
    command->add_option("--models", options->folders, "Folder with model folders, searched first (may be repeated)")
        ->type_name("DIR")
        ->expected(1);
    command->add_flag("--json", options->json, "Print JSON");
    command->callback([options, &chosen] { chosen = [options] { return listModels(options->folders, options->json); }; });
}

} // namespace jacobi::cli
