// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/flowbench.h"

#include "app/cli/flowtable.h"
#include "app/cli/interrupt.h"
#include "app/cli/jobprogress.h"
#include "app/cli/optionvalues.h"
#include "app/cli/places.h"
#include "app/cli/wholenumber.h"
#include "app/shared/backendloader.h"
#include "core/io/atomicfile.h"
#include "core/io/jsontext.h"
#include "core/trace/requestlimits.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <set>
#include <stop_token>

namespace jacobi::cli {
namespace {

struct FlowBenchOptions {
    std::string model = "flow";
    std::vector<std::string> modelFolders;
    std::string judge;
    std::string device = "auto";
    std::vector<int> batches{1, 16};
    std::vector<double> guidances{0.0, 2.0};
    std::uint32_t pictures = 64;
    std::uint64_t seed = 1'000'000; ///< far from those that strategies are measured with
    int threads = 0;
    std::string json;
};

/// The rows of one batch and guidance, as requests; sequential first.
std::vector<RunRequest> usualRows(const ModelInfo& model, const FlowBenchOptions& options, int batch, double guidance)
{
    RunRequest base = model.defaults;
    base.modelId = model.id;
    base.device = options.device;
    base.pictures = batch;
    base.guidance = guidance;
    base.seed = options.seed;
    base.strategy.clear();
    if (!model.classes.empty()) { // its pictures have one each
        base.className = model.classes.front();
    }
    std::vector<RunRequest> rows;
    const auto add = [&](const char* method, const std::string& strategy, int window, double tolerance, double clip) {
        RunRequest row = base;
        row.method = method;
        row.strategy = strategy;
        row.window = window;
        row.tolerance = tolerance;
        row.clip = clip;
        rows.push_back(row);
    };
    add("sequential", "", 1, 0.0, 0.0);
    add("jacobi", "", 1, 1e-2, 0.0);
    add("jacobi", "", 1, 1e-1, 0.0);
    for (const std::string& strategy : model.strategies) {
        const bool isMeasured =
            std::find(kMeasuredStrategies.begin(), kMeasuredStrategies.end(), strategy) != kMeasuredStrategies.end();
        if (!isMeasured) {
            add("gs-jacobi", strategy, 1, 0.0, strategy == "sejd" ? 0.0 : 3.0); // as published
        }
    }
    const int positions = static_cast<int>(model.layout.positions());
    for (const int window : std::set{std::min(8, positions), std::min(16, positions), std::min(32, positions), positions}) {
        add("front", "", window, 1e-2, 0.0);
    }
    for (const char* strategy : {kCrm, kAutoBlocks, kAutoPasses, kAutoTime}) {
        add("gs-jacobi", strategy, 1, 0.0, 0.0);
    }
    return rows;
}

std::string nameOf(const RunRequest& asked)
{
    if (!asked.strategy.empty()) {
        return asked.strategy;
    }
    char text[64] = "";
    if (asked.method == "front") {
        std::snprintf(text, sizeof text, "window %d, %g", asked.window, asked.tolerance);
    } else if (asked.method == "jacobi") {
        std::snprintf(text, sizeof text, "%g", asked.tolerance);
    }
    return text;
}

Result<ModelInfo> flowOf(Backend& backend, const std::string& id)
{
    const std::vector<ModelInfo> all = backend.models();
    const auto found = std::find_if(all.begin(), all.end(), [&](const ModelInfo& model) { return model.id == id; });
    if (found == all.end()) {
        return fail(ErrorCode::NotFound, "There is no model \"" + id + "\". See: jacobi models");
    }
    if (!found->problem.empty()) {
        return fail(ErrorCode::Corrupt, "The model \"" + id + "\" cannot be used. " + found->problem);
    }
    if (!found->layout.isFlow()) {
        return fail(ErrorCode::InvalidRequest, "The model \"" + id + "\" is no normalizing flow. See: jacobi models");
    }
    return *found;
}

/// The judge named, or the one beside the models, or none: then there are no distances.
std::string judgeOf(const FlowBenchOptions& options)
{
    if (!options.judge.empty()) {
        return options.judge;
    }
    for (const std::string& root : modelFolders(options.modelFolders)) {
        std::error_code ignored;
        if (std::filesystem::exists(std::filesystem::path(root) / "judge" / "judge.json", ignored)) {
            return (std::filesystem::path(root) / "judge").string();
        }
    }
    return {};
}

/// What the bench itself refuses, asked before the strategies are measured: that takes minutes.
Result<void> checkBench(Backend& backend, const ModelInfo& model, const FlowBenchOptions& options,
                        const std::string& judge, ProgressSink& sink, const std::stop_token& stop)
{
    nlohmann::json rows = nlohmann::json::array();
    for (const int batch : options.batches) {
        rows.push_back({{"method", "sequential"}, {"batch", batch}});
    }
    const Result<nlohmann::json> checked = backend.job("bench-flow",
                                                       {{"onlyCheck", true},
                                                        {"modelFolder", model.folder},
                                                        {"judge", judge},
                                                        {"pictures", options.pictures},
                                                        {"rows", std::move(rows)}},
                                                       sink, stop);
    return checked ? Result<void>() : tl::unexpected(checked.error());
}

/// Every row with its plan; what is measured is measured now, where it is not remembered.
Result<nlohmann::json> settledRows(Backend& backend, const ModelInfo& model, const FlowBenchOptions& options,
                                   ProgressSink& sink, const std::stop_token& stop)
{
    nlohmann::json rows = nlohmann::json::array();
    for (const int batch : options.batches) {
        for (const double guidance : options.guidances) {
            for (const RunRequest& asked : usualRows(model, options, batch, guidance)) {
                const Result<ResolvedRequest> resolved = settle(backend, asked, sink, stop);
                if (!resolved) {
                    return tl::unexpected(resolved.error());
                }
                rows.push_back({{"method", asked.method},
                                {"strategy", nameOf(asked)},
                                {"plan", resolved->request.plan},
                                {"batch", batch},
                                {"guidance", guidance},
                                {"clip", resolved->request.clip}});
            }
        }
    }
    return rows;
}

void printRecords(const nlohmann::json& records)
{
    std::printf("%5s %8s  %-10s %-20s %7s %7s %7s %9s %7s %9s %9s\n", "batch", "guidance", "method", "strategy", "passes",
                "ratio", "tokens", "ms", "ratio", "max diff", "Frechet");
    for (const nlohmann::json& row : records) {
        const std::string frechet = row["frechet"].is_null() ? "-" : std::to_string(row["frechet"].get<double>());
        std::printf("%5d %8g  %-10s %-20s %7.1f %6.2fx %7.0f %9.2f %6.2fx %9.2g %9.7s%s\n", row["batch"].get<int>(),
                    row["guidance"].get<double>(), row["method"].get<std::string>().c_str(),
                    row["strategy"].get<std::string>().c_str(), row["serial_passes"].get<double>(),
                    row["pass_ratio"].get<double>(), row["token_evaluations"].get<double>(),
                    1e3 * row["seconds"].get<double>(), row["wall_ratio"].get<double>(),
                    row["max_difference"].get<double>(), frechet.c_str(),
                    row["fallbacks"].get<std::uint64_t>() > 0 ? " (fell back)" : "");
    }
    std::printf("\nRatios are sequential's over this row's. Tokens: read in all passes, of one picture. ms: of a batch,\n"
                "median. Max diff: from sequential, in the picture in [-1, 1]. All on latents nothing was measured with.\n");
}

void printCosts(const nlohmann::json& costs)
{
    std::printf("\n%5s %8s  %s\n", "batch", "guidance", "milliseconds of a pass of one block, by the tokens it reads");
    std::string open;
    for (const nlohmann::json& cost : costs) {
        char place[48];
        std::snprintf(place, sizeof place, "%5d %8g ", cost["batch"].get<int>(), cost["guidance"].get<double>());
        if (open != place) {
            std::printf("%s%s", open.empty() ? "" : "\n", place);
            open = place;
        }
        std::printf(" %d: %.3f", cost["width"].get<int>(), cost["milliseconds"].get<double>());
    }
    std::printf("\n\n");
}

ExitCode bench(const FlowBenchOptions& options)
{
    std::stop_source stop;
    const InterruptWatch watch([&stop] { stop.request_stop(); });
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
    const Result<ModelInfo> model = flowOf(**backend, options.model);
    if (!model) {
        return report(model.error());
    }
    const std::string judge = judgeOf(options);
    JobPrinter printer;
    if (auto checked = checkBench(**backend, *model, options, judge, printer, stop.get_token()); !checked) {
        return report(checked.error());
    }
    Result<nlohmann::json> rows = settledRows(**backend, *model, options, printer, stop.get_token());
    if (!rows) {
        printer.finish();
        return report(rows.error());
    }
    const nlohmann::json job{{"modelFolder", model->folder},
                             {"judge", judge},
                             {"device", (*backend)->device().id},
                             {"pictures", options.pictures},
                             {"seed", options.seed},
                             {"rows", std::move(*rows)}};
    Result<nlohmann::json> done = (*backend)->job("bench-flow", job, printer, stop.get_token());
    printer.finish();
    if (!done) {
        return report(done.error());
    }
    if (judge.empty()) {
        note("There is no folder \"judge\" beside the models, so no distances were measured. Name one with --judge.");
    }
    std::printf("Device: %s\n\n", (*backend)->device().name.c_str());
    printRecords(done->at("records"));
    printCosts(done->at("pass_cost"));
    if (const auto analysis = findFlowAnalysis(model->folder, cacheFolder(), model->hash)) {
        printAnalysis(*analysis);
        (*done)["analysis"] = toJson(*analysis);
    }
    if (!options.json.empty()) {
        if (auto written = writeFileAtomically(options.json, jsonText(*done, 1) + "\n"); !written) {
            return report(written.error());
        }
    }
    return ExitCode::Ok;
}

} // namespace

void addFlowBench(CLI::App& bench, Action& chosen)
{
    CLI::App* command = bench.add_subcommand("flow", "Every way to invert a flow against the sequential inverse");
    auto options = std::make_shared<FlowBenchOptions>();
    command->add_option("--model", options->model, "Flow to measure, see: jacobi models")
        ->type_name("NAME")
        ->default_str(options->model);
    command->add_option("--models", options->modelFolders, "Folder with model folders, searched first")
        ->type_name("DIR")
        ->expected(1)
        ->take_all();
    command->add_option("--judge", options->judge, "Folder of the judge (default: \"judge\" beside the models)")
        ->type_name("DIR");
    command->add_option("--device", options->device, "auto, cpu or cuda:0")
        ->type_name("NAME")
        ->default_str(options->device);
    command->add_option("--batch", options->batches, "Pictures at once (may be repeated; default: 1 and 16)")
        ->check(CLI::Range(1, kMostPictures))
        ->type_name("N")
        ->expected(1)
        ->take_all();
    command->add_option("--guidance", options->guidances, "Guidance, 0 switches it off (may be repeated; default: 0 and 2)")
        ->check(numberFrom(kFlowGuidanceLimit))
        ->type_name("G")
        ->expected(1)
        ->take_all();
    command->add_option("--pictures", options->pictures, "Pictures a row, a multiple of every batch")
        ->check(CLI::Range(1, 100'000))
        ->type_name("N");
    command->add_option("--seed", options->seed, "Seed of the first picture")->check(wholeNumber())->type_name("N");
    command->add_option("--threads", options->threads, "CPU threads (default: chosen for this machine)")
        ->check(CLI::Range(1, 64))
        ->type_name("N");
    command->add_option("--json", options->json, "Write the records")->type_name("FILE");
    command->footer(exitCodeHelp());
    command->callback([options, &chosen] { chosen = [options] { return cli::bench(*options); }; });
}

} // namespace jacobi::cli
