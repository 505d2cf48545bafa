// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"

#include "app/shared/backendloader.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <cstdio>
#include <memory>
#include <stop_token>
#include <string>

namespace jacobi::cli {
namespace {

struct SelfTestOptions {
    std::string device = "auto";
    bool json = false;
};

class Silent : public ProgressSink {
public:
    void progress(const JobProgress&) override {}
};

void printFindings(const nlohmann::json& found)
{
    const auto cards = found.at("cards");
    if (cards.empty()) {
        std::printf("GPUs: none\n");
    }
    for (const auto& card : cards) {
        std::printf("GPU: %s\n", card.get<std::string>().c_str());
    }
    if (const auto driver = found.at("driver").get<std::string>(); !driver.empty()) {
        std::printf("Driver: %s\n", driver.c_str());
    }
    std::string where;
    for (const auto& check : found.at("checks")) {
        if (const auto here = check.at("where").get<std::string>(); here != where) {
            where = here;
            std::printf("\n%s\n", where == "cpu"   ? "On the CPU (the kernels' own code, one lane after the other)"
                                  : where == "gpu" ? "Not run"
                                                   : ("On " + where).c_str());
        }
        const auto outcome = check.at("outcome").get<std::string>();
        std::printf("  %-8s %s: %s\n", outcome == "not run" ? "-" : outcome.c_str(),
                    check.at("name").get<std::string>().c_str(), check.at("detail").get<std::string>().c_str());
    }
    std::printf("\n%d passed, %d failed, %d not run.%s\n", found.at("passed").get<int>(), found.at("failed").get<int>(),
                found.at("notRun").get<int>(),
                found.at("reason").get<std::string>().empty() ? "" : " Nothing was run on a GPU.");
}

ExitCode selfTest(const SelfTestOptions& options)
{
    BackendOptions backendOptions;
    backendOptions.device = "cpu"; // the job itself looks for the device it tests
    const Result<std::unique_ptr<Backend>> backend = loadBackend(backendOptions);
    if (!backend) {
        return report(backend.error());
    }
    Silent sink;
    const Result<nlohmann::json> found =
        (*backend)->job("selftest", {{"device", options.device}}, sink, std::stop_token());
    if (!found) {
        return report(found.error());
    }
    if (options.json) {
        std::printf("%s\n", found->dump(1, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
    } else {
        printFindings(*found);
    }
    return found->at("failed").get<int>() == 0 ? ExitCode::Ok : ExitCode::Failure;
}

} // namespace

void addSelfTest(CLI::App& program, Action& chosen)
{
    CLI::App* command = program.add_subcommand("selftest", "Check the GPU's kernels against plain C++");
    auto options = std::make_shared<SelfTestOptions>();
    command->add_option("--device", options->device, "auto, cpu, or a GPU such as cuda:0")->type_name("DEVICE");
    command->add_flag("--json", options->json, "Print JSON");
    command->footer(exitCodeHelp());
    command->callback([options, &chosen] { chosen = [options] { return selfTest(*options); }; });
}

} // namespace jacobi::cli
