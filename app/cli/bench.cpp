// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"

#include "app/cli/adherencebench.h"
#include "app/cli/benchmodels.h"
#include "app/cli/decoderbench.h"
#include "app/cli/enginebench.h"
#include "app/cli/flowbench.h"
#include "app/cli/interrupt.h"
#include "app/cli/optionvalues.h"
#include "app/cli/places.h"
#include "app/cli/progressline.h"
#include "app/cli/sjd2bench.h"
#include "app/cli/wholenumber.h"
#include "app/shared/backendloader.h"
#include "core/io/atomicfile.h"
#include "core/io/jsontext.h"
#include "core/trace/requestsettings.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <cstdio>
#include <memory>
#include <string>

namespace jacobi::cli {
namespace {

struct BenchOptions {
    std::string model = "scenes";
    std::vector<std::string> modelFolders;
    std::vector<std::string> prompts;
    std::uint64_t pictures = 64;
    std::uint64_t seed = 0;
    double guidance = 3.0;
    double temperature = 1.0;
    int topK = 0;
    double topP = 1.0;
    double minP = 0.0;
    bool completesPrompt = false;
    std::string precision = "float32";
    std::string device = "auto";
    int threads = 0;
    std::vector<std::string> couplings; ///< these, initialisations and windows only; all empty: the usual rows
    std::vector<std::string> initialisations;
    std::vector<std::string> windows;
    std::vector<int> noiseSteps; ///< sjd2 with these
    std::string json;
};

/// What is the same in all rows.
void printSettings(const BenchRow& row)
{
    const RunRequest& request = row.request;
    const auto text = [](double value) { return settingText(value); };
    std::printf("model %s, guidance %s, temperature %s, top-k %d, top-p %s, min-p %s\n", request.modelId.c_str(),
                text(request.guidance).c_str(), text(request.temperature).c_str(), request.topK,
                text(request.topP).c_str(), text(request.minP).c_str());
    std::printf("pictures %llu, prompts %zu (%s), seeds from %llu\n", static_cast<unsigned long long>(row.pictures),
                row.prompts.size(), request.completesPrompt ? "completed" : "read as written",
                static_cast<unsigned long long>(request.seed));
    std::printf("%s on %s (%s), %s\n\n", request.precision.c_str(), request.device.c_str(), row.deviceName.c_str(),
                row.software.c_str());
}

/// "( 0.12)", or a dash where nothing is known of it.
std::string errorText(const std::optional<double>& error)
{
    if (!error) {
        return "(    –)";
    }
    char text[32];
    std::snprintf(text, sizeof text, "(%5.2f)", *error);
    return text;
}

void printTable(const std::vector<BenchRow>& rows)
{
    printSettings(rows.front());
    std::printf("%-10s %-12s %-12s %6s %5s  %15s %8s %8s %8s %8s %9s\n", "method", "coupling", "init", "window",
                "noise", "tokens a pass", "passes", "wall", "forward", "other", "identical");
    std::printf("%-10s %-12s %-12s %6s %5s  %15s %8s %8s %8s %8s %9s\n", "", "", "", "", "steps", "(std. error)",
                "ratio", "ratio", "cost", "share", "");
    for (const BenchRow& row : rows) {
        const bool drafts = row.request.method != "sequential";
        const bool noisy = row.request.method == "sjd2";
        std::printf("%-10s %-12s %-12s %5d%s %5s  %7.2f %s %8.2f %8.2f %8.2f %7.1f%% %8.1f%%\n",
                    row.request.method.c_str(), drafts ? row.request.coupling.c_str() : "-",
                    drafts ? row.request.initialisation.c_str() : "-", row.request.window, row.automatic ? "*" : " ",
                    noisy ? std::to_string(row.request.noiseSteps).c_str() : "-", row.tokensPerPass,
                    errorText(row.tokensPerPassError).c_str(), row.passRatio, row.wallRatio, row.forwardCostRatio,
                    100.0 * row.overheadShare, 100.0 * row.identical);
    }
    std::printf(
        "\nRatios are sequential's over this row's; forward cost is a pass's forward over one of a single row.\n"
        "Other: what a pass takes besides its forward; decoding the picture, in the end and on the way, is left out.\n"
        "* found automatically.\n");
    if (!rows.front().tokensPerPassError) {
        std::printf("–: one picture has no standard error; measure more with --pictures.\n");
    }
}

/// Every combination of what was asked for; what was not takes one usual value.
std::vector<BenchMethod> methodsOf(const BenchOptions& options, int mostNoiseSteps)
{
    if (options.couplings.empty() && options.initialisations.empty() && options.windows.empty() &&
        options.noiseSteps.empty()) {
        return usualBenchMethods(mostNoiseSteps);
    }
    const auto orElse = [](const std::vector<std::string>& asked, const char* usual) {
        return asked.empty() ? std::vector<std::string>{usual} : asked;
    };
    std::vector<BenchMethod> methods;
    for (const std::string& coupling : orElse(options.couplings, "maximal")) {
        for (const std::string& initialisation : orElse(options.initialisations, "uniform")) {
            for (const std::string& window : orElse(options.windows, "16")) {
                const int rows = window == kAutoName ? kAutoWindow : std::stoi(window);
                methods.push_back({"sjd", coupling, initialisation, rows});
                for (const int steps : options.noiseSteps) {
                    methods.push_back({"sjd2", coupling, initialisation, rows, steps});
                }
            }
        }
    }
    return methods;
}

BenchSetup setupOf(const BenchOptions& options, int mostNoiseSteps)
{
    BenchSetup setup;
    setup.base.modelId = options.model;
    setup.base.guidance = options.guidance;
    setup.base.temperature = options.temperature;
    setup.base.topK = options.topK;
    setup.base.topP = options.topP;
    setup.base.minP = options.minP;
    setup.base.completesPrompt = options.completesPrompt;
    setup.base.precision = options.precision;
    setup.base.device = options.device;
    setup.base.seed = options.seed;
    setup.pictures = options.pictures;
    setup.prompts = options.prompts.empty() ? usualBenchPrompts() : options.prompts;
    setup.methods = methodsOf(options, mostNoiseSteps);
    return setup;
}


ExitCode bench(const BenchOptions& options)
{
    RunControl control;
    std::stop_source stop;
    const InterruptWatch watch([&control, &stop] {
        stop.request_stop();
        control.cancel();
    });
    if (auto checked = checkModelFolders(options.modelFolders); !checked) {
        return report(checked.error());
    }
    if (auto checked = checkTargets({{"--json", options.json}}); !checked) {
        return report(checked.error());
    }
    BackendOptions backendOptions;
    backendOptions.device = options.device;
    backendOptions.modelFolders = modelFolders(options.modelFolders);
    backendOptions.threads = options.threads;
    backendOptions.cacheFolder = cacheFolder();
    const Result<std::unique_ptr<Backend>> backend = loadBackend(backendOptions);
    if (!backend) {
        return report(backend.error());
    }
    const Result<ModelInfo> model = tokenModel(**backend, options.model);
    if (!model) {
        return report(model.error());
    }
    StatusLine line(stderr);
    const Result<std::vector<BenchRow>> rows =
        benchDecoders(**backend, setupOf(options, model->mostNoiseSteps), control, stop.get_token(),
                      [&line](const std::string& text) { line.show(text, true); });
    line.finish();
    if (!rows) {
        return report(rows.error());
    }
    printTable(*rows);
    if (!options.json.empty()) {
        nlohmann::json records = nlohmann::json::array();
        for (const BenchRow& row : *rows) {
            records.push_back(toJson(row));
        }
        if (auto written = writeFileAtomically(options.json, jsonText(records, 1) + "\n"); !written) {
            return report(written.error());
        }
    }
    return ExitCode::Ok;
}

} // namespace

void addBench(CLI::App& program, Action& chosen)
{
    CLI::App* bench = program.add_subcommand("bench", "Measure");
    bench->require_subcommand(1);
    CLI::App* decoders = bench->add_subcommand("decoders", "Every decoder against sequential sampling");
    auto options = std::make_shared<BenchOptions>();
    decoders->add_option("--model", options->model, "Model to use, see: jacobi models")->type_name("NAME");
    decoders->add_option("--models", options->modelFolders, "Folder with model folders, searched first")
        ->type_name("DIR")
        ->expected(1)
        ->take_all();
    decoders->add_option("--pictures", options->pictures, "Pictures a row; with fewer the errors grow")
        ->check(CLI::Range(1, 100000))
        ->type_name("N");
    decoders->add_option("--prompt", options->prompts, "Prompt instead of the usual ones (may be repeated)")
        ->type_name("TEXT")
        ->expected(1)
        ->take_all();
    decoders->add_option("--seed", options->seed, "Seed of the first picture")->check(wholeNumber())->type_name("N");
    decoders->add_flag("--complete", options->completesPrompt,
                       "Fill in what prompts leave open, by the seed (default: read them as they are)");
    decoders->add_option("--guidance", options->guidance, "Classifier-free guidance; 1 switches it off")
        ->check(number("guidance"))
        ->type_name("G")
        ->capture_default_str();
    decoders->add_option("--temperature", options->temperature, "1: as trained; 0: always the most probable token")
        ->check(numberFrom(kTemperatureLimit))
        ->type_name("T")
        ->capture_default_str();
    decoders->add_option("--top-k", options->topK, "0 keeps all codes")
        ->check(wholeFrom("top-k", 0, " (0 keeps every code)"))
        ->type_name("K")
        ->capture_default_str();
    decoders->add_option("--top-p", options->topP, "1 keeps all codes")
        ->check(numberFrom(kTopPLimit))
        ->type_name("P")
        ->capture_default_str();
    decoders->add_option("--min-p", options->minP, "0 keeps all codes")
        ->check(numberFrom(kMinPLimit))
        ->type_name("P")
        ->capture_default_str();
    decoders->add_option("--precision", options->precision, "float32 or float64")->type_name("NAME");
    decoders->add_option("--device", options->device, "auto, cpu or cuda:0")->type_name("NAME");
    decoders->add_option("--threads", options->threads, "CPU threads (default: chosen for this machine)")
        ->check(CLI::Range(1, 64))
        ->type_name("N");
    decoders->add_option("--coupling", options->couplings, "These rows only (may be repeated, also the next three)")
        ->type_name("NAME")
        ->expected(1)
        ->take_all();
    decoders->add_option("--init", options->initialisations, "Where new drafts come from, or auto")
        ->type_name("NAME")
        ->expected(1)
        ->take_all();
    decoders->add_option("--window", options->windows, "Tokens looked at in one pass, or auto")
        ->check(wholeOrAuto())
        ->type_name("W")
        ->expected(1)
        ->take_all();
    decoders->add_option("--noise-steps", options->noiseSteps, "With these also sjd2 (may be repeated)")
        ->check(CLI::Range(0, 1000))
        ->type_name("N")
        ->expected(1)
        ->take_all();
    decoders->add_option("--json", options->json, "Write one record a row")->type_name("FILE");
    decoders->footer(exitCodeHelp());
    decoders->callback([options, &chosen] { chosen = [options] { return cli::bench(*options); }; });
    addAdherence(*bench, chosen);
    addEngineBench(*bench, chosen);
    addFlowBench(*bench, chosen);
    addSjd2Ablation(*bench, chosen);
}

} // namespace jacobi::cli
