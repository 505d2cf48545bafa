// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"

#include "app/cli/places.h"
#include "app/shared/backendloader.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <cstdio>
#include <memory>
#include <stop_token>
#include <string>

namespace jacobi::cli {
namespace {

struct ProbeOptions {
    std::string model;
    std::string inputs;
    std::string out;
    int threads = 0;
};

class NoProgress : public ProgressSink {
public:
    void progress(const JobProgress&) override {}
};

ExitCode probe(const ProbeOptions& options)
{
    if (auto checked = checkTargets({{"--out", options.out}}); !checked) {
        return report(checked.error());
    }
    if (isSameFile(options.inputs, options.out)) {
        return report({ErrorCode::InvalidRequest, "--inputs and --out name the same file. Choose two names.", {}});
    }
    BackendOptions backendOptions;
    backendOptions.device = "cpu";
    backendOptions.threads = options.threads;
    const Result<std::unique_ptr<Backend>> backend = loadBackend(backendOptions);
    if (!backend) {
        return report(backend.error());
    }
    NoProgress sink;
    const nlohmann::json job{{"model", options.model}, {"inputs", options.inputs}, {"out", options.out}};
    const Result<nlohmann::json> done = (*backend)->job("probe", job, sink, std::stop_token());
    if (!done) {
        return report(done.error());
    }
    std::printf("%d tensors in %s\n", done->at("tensors").get<int>(), options.out.c_str());
    return ExitCode::Ok;
}

} // namespace

void addProbe(CLI::App& program, Action& chosen)
{
    CLI::App* probe = program.add_subcommand("probe", "Write what a flow computes for given tensors, to compare");
    auto options = std::make_shared<ProbeOptions>();
    probe->add_option("--model", options->model, "Checkpoint of a TarFlow, or its folder")
        ->required()
        ->type_name("DIR");
    probe->add_option("--inputs", options->inputs, "Tensors to start from: image, latent, images, ...")
        ->required()
        ->type_name("FILE.safetensors");
    probe->add_option("--out", options->out, "Where the results go")->required()->type_name("FILE.safetensors");
    probe->add_option("--threads", options->threads, "CPU threads (default: chosen for this machine)")
        ->check(CLI::Range(1, 64))
        ->type_name("N");
    probe->footer(exitCodeHelp());
    probe->callback([options, &chosen] { chosen = [options] { return cli::probe(*options); }; });
}

} // namespace jacobi::cli
