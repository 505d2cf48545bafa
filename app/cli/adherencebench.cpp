// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/adherencebench.h"

#include "app/cli/benchmodels.h"
#include "app/cli/interrupt.h"
#include "app/cli/optionvalues.h"
#include "app/cli/jobprogress.h"
#include "app/cli/places.h"
#include "app/cli/wholenumber.h"
#include "app/shared/backendloader.h"
#include "core/io/atomicfile.h"
#include "core/io/jsontext.h"
#include "core/io/png.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>
#include <optional>
#include <stop_token>

namespace jacobi::cli {
namespace {

struct AdherenceOptions {
    std::string model = "scenes";
    std::vector<std::string> modelFolders;
    std::string judge;
    std::uint64_t captions = 500;
    std::uint64_t reference = 2000;
    std::uint64_t seed = 0;
    std::optional<std::string> method;
    std::optional<std::string> coupling;
    std::optional<std::string> initialisation;
    std::optional<int> window;
    std::optional<int> noiseSteps;
    std::optional<double> guidance;
    std::optional<double> temperature;
    std::optional<int> topK;
    std::optional<double> topP;
    std::optional<double> minP;
    std::optional<bool> completesPrompt;
    int threads = 0;
    std::string sheet, tokenisedSheet;
    std::string json;
};

/// The kinds of pictures a record has, and what a column is called.
constexpr std::array<std::pair<const char*, const char*>, 3> kKinds = {
    {{"generated", "generated"}, {"tokenised", "drawn, tokenised"}, {"drawn", "drawn"}}};

nlohmann::json jobOptions(const AdherenceOptions& options, const ModelInfo& model, const std::string& judge)
{
    nlohmann::json json{{"model", model.id},   {"modelFolder", model.folder},  {"baseFolder", model.baseFolder},
                        {"judge", judge},      {"captions", options.captions}, {"reference", options.reference},
                        {"seed", options.seed}};
    const auto set = [&json](const char* key, const auto& value) {
        if (value) {
            json[key] = *value;
        }
    };
    set("method", options.method);
    set("coupling", options.coupling);
    set("initialisation", options.initialisation);
    set("window", options.window);
    set("noiseSteps", options.noiseSteps);
    set("guidance", options.guidance);
    set("temperature", options.temperature);
    set("topK", options.topK);
    set("topP", options.topP);
    set("minP", options.minP);
    set("completesPrompt", options.completesPrompt);
    if (!options.sheet.empty()) {
        json["sheet"] = options.sheet;
    }
    if (!options.tokenisedSheet.empty()) {
        json["tokenisedSheet"] = options.tokenisedSheet;
    }
    return json;
}

/// The settings as a request: what is not given is the model's own, the method apart.
RunRequest requestOf(const AdherenceOptions& options, const ModelInfo& model)
{
    RunRequest request = model.defaults;
    request.method = options.method.value_or("sequential");
    request.coupling = options.coupling.value_or(request.coupling);
    request.initialisation = options.initialisation.value_or(request.initialisation);
    request.window = options.window.value_or(request.method == "sequential" ? 1 : request.window);
    request.noiseSteps = options.noiseSteps.value_or(request.noiseSteps);
    request.guidance = options.guidance.value_or(request.guidance);
    request.temperature = options.temperature.value_or(request.temperature);
    request.topK = options.topK.value_or(request.topK);
    request.topP = options.topP.value_or(request.topP);
    request.minP = options.minP.value_or(request.minP);
    return request;
}

/// "83.3 % [43.6, 97.0]", or "-" where nothing was stated.
std::string shareText(const nlohmann::json& entry)
{
    if (entry["share"].is_null()) {
        return "-";
    }
    char text[64];
    std::snprintf(text, sizeof text, "%.1f %%", 100.0 * entry["share"].get<double>());
    std::string result = text;
    if (entry.contains("low")) {
        std::snprintf(text, sizeof text, " [%.1f, %.1f]", 100.0 * entry["low"].get<double>(),
                      100.0 * entry["high"].get<double>());
        result += text;
    }
    return result;
}

/// "sjd (maximal, window 32, drafts sample-left)".
void printMethod(const nlohmann::json& record)
{
    const auto text = [&](const char* key) { return record.at(key).get<std::string>(); };
    std::printf("method %s", text("method").c_str());
    if (text("method") != "sequential") {
        std::printf(" (%s, window %d, drafts %s)", text("coupling").c_str(), record.at("window").get<int>(),
                    text("initialisation").c_str());
    }
    if (record.contains("noise_steps")) {
        std::printf(", noise steps %d", record.at("noise_steps").get<int>());
    }
    std::printf("\n\n");
}

void printRecord(const nlohmann::json& record)
{
    printBenchSettings(record);
    printMethod(record);
    const auto row = [](const std::string& name, const std::string& stated, const std::string& met, auto cell) {
        std::printf("%-14s %7s %7s", name.c_str(), stated.c_str(), met.c_str());
        for (const auto& [kind, title] : kKinds) {
            std::printf("  %22s", std::string(cell(kind)).c_str());
        }
        std::printf("\n");
    };
    const nlohmann::json& generated = record["generated"];
    std::printf("%-14s %7s %7s", "attribute", "stated", "met");
    for (const auto& [kind, title] : kKinds) {
        std::printf("  %22s", title);
    }
    std::printf("\n");
    for (const auto& [name, entry] : generated["attributes"].items()) {
        row(name, std::to_string(entry["stated"].get<std::int64_t>()), std::to_string(entry["met"].get<std::int64_t>()),
            [&, key = name](const char* kind) { return shareText(record[kind]["attributes"][key]); });
    }
    row("together", std::to_string(generated["together"]["stated"].get<std::int64_t>()),
        std::to_string(generated["together"]["met"].get<std::int64_t>()),
        [&](const char* kind) { return shareText(record[kind]["together"]); });
    row("all right", std::to_string(generated["all_right"]["pictures"].get<std::int64_t>()),
        std::to_string(generated["all_right"]["right"].get<std::int64_t>()),
        [&](const char* kind) { return shareText(record[kind]["all_right"]); });
    row("distance", "", "", [&](const char* kind) {
        char text[32];
        std::snprintf(text, sizeof text, "%.3f", record[kind]["frechet"].get<double>());
        return std::string(text);
    });
    std::printf(
        "\nShares with 95 %% intervals. Distance: Frechet, in the judge's features, from %lld other drawings; few "
        "captions make it larger.\n",
        static_cast<long long>(record["reference"].get<std::int64_t>()));
}

ExitCode adherence(const AdherenceOptions& options)
{
    std::stop_source stop;
    const InterruptWatch watch([&stop] { stop.request_stop(); });
    if (auto checked = checkModelFolders(options.modelFolders); !checked) {
        return report(checked.error());
    }
    const bool wantsSheet = !options.sheet.empty() || !options.tokenisedSheet.empty();
    if (auto checked = wantsSheet ? pngSupport() : Result<void>(); !checked) {
        return report(checked.error());
    }
    if (auto checked = checkTargets({{"--sheet", options.sheet},
                                    {"--tokenised-sheet", options.tokenisedSheet},
                                    {"--json", options.json}}); !checked) {
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
    if (auto checked = checkSettings(**backend, *model, requestOf(options, *model)); !checked) {
        return report(checked.error());
    }
    JobPrinter printer;
    const Result<nlohmann::json> record =
        (*backend)->job("bench-adherence", jobOptions(options, *model, *judge), printer, stop.get_token());
    printer.finish();
    if (!record) {
        return report(record.error());
    }
    printRecord(*record);
    if (!options.json.empty()) {
        if (auto written = writeFileAtomically(options.json, jsonText(*record, 1) + "\n"); !written) {
            return report(written.error());
        }
    }
    return ExitCode::Ok;
}

} // namespace

void addAdherence(CLI::App& bench, Action& chosen)
{
    CLI::App* command =
        bench.add_subcommand("adherence", "How much of captions it was not trained on a model's pictures show");
    auto options = std::make_shared<AdherenceOptions>();
    command->add_option("--model", options->model, "Model to use, see: jacobi models")->type_name("NAME");
    command->add_option("--models", options->modelFolders, "Folder with model folders, searched first")
        ->type_name("DIR")
        ->expected(1)
        ->take_all();
    command->add_option("--judge", options->judge, "Folder of the judge (default: \"judge\" beside the models)")
        ->type_name("DIR");
    command->add_option("--captions", options->captions, "Captions, and pictures; with fewer the intervals grow")
        ->check(CLI::Range(2, 1000000))
        ->type_name("N");
    command->add_option("--reference", options->reference, "Drawings the pictures' features are compared with")
        ->check(CLI::Range(2, 1000000))
        ->type_name("N");
    command->add_option("--seed", options->seed, "Seed of the captions, and of the first picture")
        ->check(wholeNumber())
        ->type_name("N");
    command->add_option("--method", options->method, "sequential (the fastest here), sjd, sjd2 or jacobi")
        ->type_name("NAME");
    command->add_option("--coupling", options->coupling, "Coupling of sjd")->type_name("NAME");
    command->add_option("--init", options->initialisation, "What new drafts of sjd are")->type_name("NAME");
    command->add_option("--window", options->window, "Window of sjd and jacobi")->check(wholeNumber())->type_name("N");
    command->add_option("--noise-steps", options->noiseSteps, "Noise steps of sjd2")->check(wholeNumber())->type_name("N");
    command->add_option("--guidance", options->guidance, "Classifier-free guidance; 1 switches it off")
        ->check(number("guidance"))
        ->type_name("G");
    command->add_option("--temperature", options->temperature, "Temperature")->check(number("temperature"))->type_name("T");
    command->add_option("--top-k", options->topK, "0 keeps all codes")->type_name("K");
    command->add_option("--top-p", options->topP, "1 keeps all codes")->check(number("top-p"))->type_name("P");
    command->add_option("--min-p", options->minP, "0 keeps all codes")->check(number("min-p"))->type_name("P");
    command->add_flag_callback("--as-written", [options] { options->completesPrompt = false; },
                               "Captions as they are, whatever the model's default; what is claimed is the same either way");
    command->add_option("--threads", options->threads, "CPU threads (default: chosen for this machine)")
        ->check(CLI::Range(1, 64))
        ->type_name("N");
    command->add_option("--sheet", options->sheet, "Write the first 64 pictures as one PNG; --json then lists their captions")
        ->type_name("FILE");
    command->add_option("--tokenised-sheet", options->tokenisedSheet,
                        "Write the drawings of the same captions after the tokenizer, the most that can be had")
        ->type_name("FILE");
    command->add_option("--json", options->json, "Write the record")->type_name("FILE");
    command->footer("Settings that are not given are the model's own.\n" + exitCodeHelp());
    command->callback([options, &chosen] { chosen = [options] { return adherence(*options); }; });
}

} // namespace jacobi::cli
