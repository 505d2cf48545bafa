// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"

#include "app/cli/interrupt.h"
#include "app/cli/jobprogress.h"
#include "app/cli/wholenumber.h"
#include "app/shared/backendloader.h"
#include "core/io/jsontext.h"
#include "core/io/png.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

namespace jacobi::cli {
namespace {

struct TrainOptions {
    std::string job; ///< the backend's name of it
    std::string objective;
    std::string preset;
    std::string out;
    std::string work;
    std::string initFrom;
    std::string judge;
    std::optional<double> minutes;
    std::optional<double> tokenizerMinutes;
    std::optional<std::int64_t> steps;
    std::optional<std::int64_t> tokenizerSteps;
    std::optional<std::uint64_t> seed;
    int threads = 0;
    bool fresh = false;
    bool quiet = false;
    bool json = false;
    std::vector<std::string> more; ///< KEY=VALUE
};

/// Folder of the model that is tuned where none is named.
Result<std::string> builtInModel()
{
    for (const ModelInfo& model : findModels(modelFolders({}))) {
        if (model.id == "scenes" && model.problem.empty()) {
            return model.folder;
        }
    }
    return fail(ErrorCode::NotFound, "The model \"scenes\" was not found. Name the folder of the model to tune with "
                                     "--init-from.");
}

/// The options as the job wants them; an error names a KEY=VALUE that is none.
Result<nlohmann::json> jobOptions(const TrainOptions& options, int threads)
{
    nlohmann::json json{{"out", options.out},
                        {"work", options.work.empty() ? options.out + "-training" : options.work},
                        {"resume", !options.fresh},
                        {"threads", threads}};
    const auto set = [&json](const char* key, const auto& value) {
        if (value) {
            json[key] = *value;
        }
    };
    set("minutes", options.minutes);
    set("tokenizerMinutes", options.tokenizerMinutes);
    set("steps", options.steps);
    set("tokenizerSteps", options.tokenizerSteps);
    set("seed", options.seed);
    if (!options.preset.empty()) {
        json["preset"] = options.preset;
    }
    if (!options.objective.empty()) {
        json["objective"] = options.objective;
    }
    if (!options.initFrom.empty()) {
        json["initFrom"] = options.initFrom;
    } else if (options.objective == "sjd2") {
        Result<std::string> base = builtInModel();
        if (!base) {
            return tl::unexpected(base.error());
        }
        json["initFrom"] = std::move(*base);
    }
    if (!options.judge.empty()) {
        json["judge"] = options.judge;
    }
    for (const std::string& pair : options.more) {
        const std::size_t equals = pair.find('=');
        if (equals == std::string::npos || equals == 0) {
            return fail(ErrorCode::InvalidRequest,
                        "--set wants KEY=VALUE, such as --set batch=16, not \"" + pair + "\".");
        }
        const std::string value = pair.substr(equals + 1);
        nlohmann::json parsed = nlohmann::json::parse(value, nullptr, false);
        json[pair.substr(0, equals)] = parsed.is_discarded() ? nlohmann::json(value) : parsed;
    }
    return json;
}

int trainingThreads(int wish)
{
    // Training has the machine to itself, but one core stays with whoever sits at it.
    return wish > 0 ? wish : std::max(1, static_cast<int>(std::thread::hardware_concurrency()) - 1);
}

ExitCode train(const TrainOptions& options)
{
    std::stop_source stop;
    const InterruptWatch watch([&stop] {
        std::fprintf(stderr, "\nStopping; the checkpoint is being saved.\n");
        stop.request_stop();
    });
    const int threads = trainingThreads(options.threads);
    const Result<nlohmann::json> json = jobOptions(options, threads);
    if (!json) {
        return report(json.error());
    }
    BackendOptions backendOptions;
    backendOptions.device = "cpu"; // what a training uses it says itself
    backendOptions.threads = threads;
    Result<std::unique_ptr<Backend>> backend = loadBackend(backendOptions);
    if (!backend) {
        return report(backend.error());
    }
    if (auto png = pngSupport(); !png) {
        note("Sheets of sample pictures are left out. " + png.error().message);
    }
    JobPrinter printer;
    SilentJob silent;
    ProgressSink& sink = options.quiet ? static_cast<ProgressSink&>(silent) : printer;
    const Result<nlohmann::json> done = (*backend)->job(options.job, *json, sink, stop.get_token());
    printer.finish();
    if (!done && done.error().code == ErrorCode::Cancelled) {
        std::fprintf(stderr, "Training was stopped. The same command goes on where it was.\n");
        return ExitCode::Interrupted;
    }
    if (!done) {
        return report(done.error());
    }
    if (options.json) {
        std::printf("%s\n", jsonText(*done, 2).c_str());
    } else if (!options.quiet) {
        std::printf("The %s is in %s\n", options.job == "train-judge" ? "judge" : "model", options.out.c_str());
    }
    return ExitCode::Ok;
}

/// What every training has; the rest are its own.
std::shared_ptr<TrainOptions> addCommon(CLI::App& command, const std::string& job, Action& chosen)
{
    auto options = std::make_shared<TrainOptions>();
    options->job = job;
    command.add_option("--out", options->out, "Folder that receives the model")->required()->type_name("DIR");
    command
        .add_option("--work", options->work,
                    "Folder of checkpoints, curves and sample sheets (default: the --out folder's name + -training)")
        ->type_name("DIR");
    command.add_option("--seed", options->seed, "Seed of the pictures drawn and of the first weights")
        ->check(wholeNumber())
        ->type_name("N");
    command.add_option("--threads", options->threads, "Threads to use (default: all cores but one)")
        ->check(CLI::Range(1, 64))
        ->type_name("N");
    command.add_option("--set", options->more, "Any other setting, as KEY=VALUE (may be repeated)")
        ->type_name("KEY=VALUE")
        ->expected(1)
        ->take_all();
    command.add_flag("--fresh", options->fresh, "Start anew even where a checkpoint is there");
    command.add_flag("--quiet", options->quiet, "No progress");
    command.add_flag("--json", options->json, "Print the figures as JSON at the end");
    command.footer("Ctrl+C saves a checkpoint and stops; the same command goes on from it.\n" + exitCodeHelp());
    command.callback([options, &chosen] { chosen = [options] { return cli::train(*options); }; });
    return options;
}

} // namespace

void addTrain(CLI::App& program, Action& chosen)
{
    CLI::App* train = program.add_subcommand("train", "Train one of the small models");
    train->require_subcommand(1);

    CLI::App* scenes = train->add_subcommand("scenes", "Train the built-in model of landscapes, from nothing");
    const auto options = addCommon(*scenes, "train-scenes", chosen);
    scenes
        ->add_option("--preset", options->preset,
                     "cpu: 128 x 128 pixels, two to three hours of two cores; gpu: 256 x 256, a quarter of an hour of "
                     "an H100")
        ->check(CLI::IsMember({"cpu", "gpu"}))
        ->type_name("NAME");
    scenes->add_option("--minutes", options->minutes, "Minutes of training, transformer")->type_name("N");
    scenes->add_option("--tokenizer-minutes", options->tokenizerMinutes, "Minutes of training, picture tokenizer")
        ->type_name("N");
    scenes->add_option("--steps", options->steps, "Steps instead of minutes (exactly reproducible), transformer")
        ->type_name("N");
    scenes->add_option("--tokenizer-steps", options->tokenizerSteps, "Steps instead of minutes, picture tokenizer")
        ->type_name("N");
    scenes->add_option("--init-from", options->initFrom, "Model folder to start from")->type_name("DIR");
    scenes
        ->add_option(
            "--objective", options->objective,
            "tokens: from nothing, or on; sjd2: tune a finished model (--init-from, default: the built-in one) "
            "to read noise, for the method sjd2; decoder: let the part of a finished model that makes pictures of codes learn "
            "on, for --tokenizer-minutes or steps")
        ->check(CLI::IsMember({"tokens", "sjd2", "decoder"}))
        ->type_name("NAME");

    CLI::App* judge = train->add_subcommand("judge", "Train the classifier that bench adherence asks, from nothing");
    const auto judgeOptions = addCommon(*judge, "train-judge", chosen);
    judge->add_option("--steps", judgeOptions->steps, "Steps of training")->type_name("N");

    CLI::App* flow =
        train->add_subcommand("flow", "Train the built-in normalizing flow of small pictures, from nothing");
    const auto flowOptions = addCommon(*flow, "train-flow", chosen);
    flow->add_option("--minutes", flowOptions->minutes, "Minutes of training")->type_name("N");
    flow->add_option("--steps", flowOptions->steps, "Steps instead of minutes (exactly reproducible)")->type_name("N");
    flow->add_option("--init-from", flowOptions->initFrom, "Flow to start from: a folder or its weights")
        ->type_name("PATH");
    flow->add_option("--judge", flowOptions->judge, "Folder of the judge that measures the sampled pictures at the end")
        ->type_name("DIR");
}

} // namespace jacobi::cli
