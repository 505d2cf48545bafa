// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"

#include "app/cli/flowtable.h"
#include "app/cli/interrupt.h"
#include "app/cli/places.h"
#include "app/cli/progressline.h"
#include "app/shared/backendloader.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <cstdio>
#include <memory>
#include <stop_token>

namespace jacobi::cli {
namespace {

struct AnalyseOptions {
    std::string model = "flow";
    std::vector<std::string> modelFolders;
    std::uint32_t images = 256;
    int threads = 0;
    bool force = false;
    bool json = false;
};

ExitCode analyse(const AnalyseOptions& options)
{
    std::stop_source stop;
    const InterruptWatch watch([&stop] { stop.request_stop(); });
    if (auto checked = checkModelFolders(options.modelFolders); !checked) {
        return report(checked.error());
    }
    BackendOptions backendOptions;
    backendOptions.modelFolders = modelFolders(options.modelFolders);
    backendOptions.threads = options.threads;
    backendOptions.cacheFolder = cacheFolder();
    const Result<std::unique_ptr<Backend>> backend = loadBackend(backendOptions);
    if (!backend) {
        return report(backend.error());
    }
    JobLine line(options.json);
    const nlohmann::json job{{"model", options.model}, {"images", options.images}, {"replace", options.force}};
    const Result<nlohmann::json> done = (*backend)->job(kAnalyseFlowJob, job, line, stop.get_token());
    line.finish();
    if (!done) {
        return report(done.error());
    }
    if (done->contains("note")) {
        const bool isKept = done->contains("keptImages");
        note(done->at("note").get<std::string>() + (isKept ? " To replace it, add --force." : ""));
    }
    if (options.images < kFewImages) {
        note("With fewer than " + std::to_string(kFewImages) +
             " pictures the metrics are noisy. Choose more with --images before you rely on them.");
    }
    if (options.json) {
        std::printf("%s\n", done->dump(2, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
        return ExitCode::Ok;
    }
    const Result<FlowAnalysis> analysis = flowAnalysisFromJson(*done, "The analysis");
    if (!analysis) {
        return report(analysis.error());
    }
    printAnalysis(*analysis);
    if (done->contains("file")) {
        std::printf("Saved: %s\n", done->at("file").get<std::string>().c_str());
    }
    return ExitCode::Ok;
}

} // namespace

void addFlow(CLI::App& program, Action& chosen)
{
    CLI::App* flow = program.add_subcommand("flow", "Look into a normalizing flow");
    flow->require_subcommand(1);
    auto options = std::make_shared<AnalyseOptions>();
    CLI::App* command = flow->add_subcommand("analyse", "CRM, IGM and the passes each block takes; saved beside the model, "
                                                        "where the strategy crm finds them");
    command->add_option("--model", options->model, "Flow to look into, see: jacobi models")
        ->type_name("NAME")
        ->default_str(options->model);
    command->add_option("--models", options->modelFolders, "Folder with model folders, searched first (may be repeated)")
        ->type_name("DIR")
        ->expected(1)
        ->take_all();
    command->add_option("--images", options->images, "Pictures the metrics are computed from")
        ->check(CLI::Range(2, 100'000))
        ->type_name("N");
    command->add_option("--threads", options->threads, "CPU threads (default: chosen for this machine)")
        ->check(CLI::Range(1, 64))
        ->type_name("N");
    command->add_flag("--force", options->force, "Replace the saved analysis also where it is of more pictures");
    command->add_flag("--json", options->json, "Print JSON");
    command->footer(exitCodeHelp());
    command->callback([options, &chosen] { chosen = [options] { return analyse(*options); }; });
}

} // namespace jacobi::cli
