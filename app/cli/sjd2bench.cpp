// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/sjd2bench.h"

#include "app/cli/benchmodels.h"
#include "app/cli/interrupt.h"
#include "app/cli/optionvalues.h"
#include "app/cli/jobprogress.h"
#include "app/cli/places.h"
#include "app/cli/wholenumber.h"
#include "app/shared/backendloader.h"
#include "core/io/atomicfile.h"
#include "core/io/jsontext.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <cstdio>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace jacobi::cli {
namespace {

struct AblationOptions {
    std::string model = "scenes-sjd2";
    std::string plain; ///< model tuned without normalisation
    std::vector<std::string> modelFolders;
    std::string judge;
    std::uint64_t captions = 64;
    std::uint64_t seed = 0;
    double guidance = 3.0;
    int window = 64;
    std::vector<int> windows;
    std::vector<int> noiseSteps;
    int threads = 0;
    std::string json;
};

void printTable(const nlohmann::json& record)
{
    printBenchSettings(record);
    std::printf("new drafts %s\n\n", record["initialisation"].get<std::string>().c_str());
    std::printf("%-36s %-12s %6s %6s  %15s  %17s %9s %9s\n", "method", "coupling", "window", "noise", "tokens a pass",
                "to maximal", "stated", "all");
    std::printf("%-36s %-12s %6s %6s  %15s  %17s %9s %9s\n", "", "", "", "steps", "(std. error)", "(std. error)",
                "is so", "right");
    for (const nlohmann::json& row : record["rows"]) {
        char ratio[40] = "-";
        if (row.contains("to_maximal")) {
            std::snprintf(ratio, sizeof ratio, "%.3f (%.3f)", row["to_maximal"].get<double>(),
                          row["to_maximal_se"].get<double>());
        }
        const std::string coupling = row["coupling"].get<std::string>();
        std::printf("%-36s %-12s %6d %6d  %7.2f (%5.2f)  %17s %8.1f%% %8.1f%%\n",
                    row["name"].get<std::string>().c_str(), coupling.empty() ? "-" : coupling.c_str(),
                    row["window"].get<int>(), row["noise_steps"].get<int>(), row["tokens_per_pass"].get<double>(),
                    row["tokens_per_pass_se"].get<double>(), ratio, 100.0 * row["adherence"].get<double>(),
                    100.0 * row["all_right"].get<double>());
    }
    std::printf(
        "\nAll rows: the same captions, seeds and weights, those tuned without normalisation apart. Sequential "
        "sampling takes one token a pass.\nTo maximal: mean over pictures of the tokens a pass over those of SJD "
        "with maximal coupling and the same window.\n");
}

/// What rows are made of, by the model and by the one tuned without normalisation, where there is one.
Result<void> checkRows(Backend& backend, const AblationOptions& options, const ModelInfo& model,
                       const std::optional<ModelInfo>& plain)
{
    RunRequest row;
    row.method = "sjd2";
    row.guidance = options.guidance;
    std::vector<int> windows{options.window};
    windows.insert(windows.end(), options.windows.begin(), options.windows.end());
    for (const int window : windows) {
        row.window = window;
        if (auto checked = checkSettings(backend, model, row); !checked) {
            return checked;
        }
    }
    for (const int steps : options.noiseSteps) {
        row.noiseSteps = steps;
        if (auto checked = checkSettings(backend, model, row); !checked) {
            return checked;
        }
    }
    row.window = options.window;
    row.noiseSteps = options.noiseSteps.empty() ? 1 : options.noiseSteps.front();
    return plain ? checkSettings(backend, *plain, row) : Result<void>();
}

ExitCode ablation(const AblationOptions& options)
{
    std::stop_source stop;
    const InterruptWatch watch([&stop] { stop.request_stop(); });
    if (auto checked = checkModelFolders(options.modelFolders); !checked) {
        return report(checked.error());
    }
    if (auto checked = checkTargets({{"--json", options.json}}); !checked) {
        return report(checked.error());
    }
    const Result<std::string> judge = judgeFolder(options.judge, options.modelFolders);
    if (!judge) {
        return report(judge.error());
    }
    BackendOptions backendOptions;
    backendOptions.device = "cpu";
    backendOptions.modelFolders = modelFolders(options.modelFolders);
    backendOptions.threads = options.threads;
    const Result<std::unique_ptr<Backend>> backend = loadBackend(backendOptions);
    if (!backend) {
        return report(backend.error());
    }
    const Result<ModelInfo> model = tokenModel(**backend, options.model);
    if (!model) {
        return report(model.error());
    }
    nlohmann::json json{{"model", model->id},
                        {"modelFolder", model->folder},
                        {"baseFolder", model->baseFolder},
                        {"judge", *judge},
                        {"captions", options.captions},
                        {"seed", options.seed},
                        {"guidance", options.guidance},
                        {"window", options.window}};
    std::optional<ModelInfo> plain;
    if (!options.plain.empty()) {
        Result<ModelInfo> found = usableModel(**backend, options.plain);
        if (!found) {
            return report(found.error());
        }
        plain = std::move(*found);
        json["plainModelFolder"] = plain->folder;
        json["plainBaseFolder"] = plain->baseFolder;
    }
    if (auto checked = checkRows(**backend, options, *model, plain); !checked) {
        return report(checked.error());
    }
    if (!options.windows.empty()) {
        json["windows"] = options.windows;
    }
    if (!options.noiseSteps.empty()) {
        json["noiseSteps"] = options.noiseSteps;
    }
    JobPrinter printer;
    const Result<nlohmann::json> record = (*backend)->job("bench-sjd2-ablation", json, printer, stop.get_token());
    printer.finish();
    if (!record) {
        return report(record.error());
    }
    printTable(*record);
    if (!options.json.empty()) {
        if (auto written = writeFileAtomically(options.json, jsonText(*record, 1) + "\n"); !written) {
            return report(written.error());
        }
    }
    return ExitCode::Ok;
}

} // namespace

void addSjd2Ablation(CLI::App& bench, Action& chosen)
{
    CLI::App* command = bench.add_subcommand("sjd2-ablation", "What each part of SJD2 buys, with one tuned model");
    auto options = std::make_shared<AblationOptions>();
    command->add_option("--model", options->model, "Model that reads noise, see: jacobi models")->type_name("NAME");
    command->add_option("--plain-model", options->plain, "Model tuned with normalisation=none, for that ablation")
        ->type_name("NAME");
    command->add_option("--models", options->modelFolders, "Folder with model folders, searched first")
        ->type_name("DIR")
        ->expected(1)
        ->take_all();
    command->add_option("--judge", options->judge, "Folder of the judge (default: \"judge\" beside the models)")
        ->type_name("DIR");
    command->add_option("--captions", options->captions, "Captions, and pictures a row; with fewer the errors grow")
        ->check(CLI::Range(2, 1000000))
        ->type_name("N");
    command->add_option("--seed", options->seed, "Seed of the captions, and of the first picture")
        ->check(wholeNumber())
        ->type_name("N");
    command->add_option("--guidance", options->guidance, "Classifier-free guidance; 1 switches it off")
        ->check(number("guidance"))
        ->type_name("G");
    command->add_option("--window", options->window, "Window of every row but those that compare windows")
        ->check(wholeNumber())
        ->type_name("W");
    command->add_option("--windows", options->windows, "Windows to compare (default: 16 32)")
        ->check(wholeNumber())
        ->type_name("W");
    command->add_option("--noise-steps", options->noiseSteps, "Noise steps to compare (default: all the model allows)")
        ->check(wholeNumber())
        ->type_name("N");
    command->add_option("--threads", options->threads, "CPU threads (default: chosen for this machine)")
        ->check(CLI::Range(1, 64))
        ->type_name("N");
    command->add_option("--json", options->json, "Write the record")->type_name("FILE");
    command->footer(exitCodeHelp());
    command->callback([options, &chosen] { chosen = [options] { return ablation(*options); }; });
}

} // namespace jacobi::cli
