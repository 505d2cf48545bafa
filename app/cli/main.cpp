// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"

#include <CLI/CLI.hpp>

#include <csignal>
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

namespace jacobi::cli {
namespace {

void describe(CLI::App& program)
{
    program.name("jacobi");
    program.require_subcommand(1);
    program.set_version_flag("--version", "jacobi " JACOBI_VERSION, "Print the version");
    program.set_help_all_flag("--help-all", "Print the help of every command");
    program.footer(exitCodeHelp());
    program.get_formatter()->column_width(36);
}

// CLI11's own words start with a name or end without a full stop; a hint where to look follows.
ExitCode reportUsage(const CLI::App& program, const CLI::ParseError& error)
{
    std::string command = "jacobi";
    const CLI::App* app = &program;
    while (!app->get_subcommands().empty()) {
        app = app->get_subcommands().front();
        command += " " + app->get_name();
    }
    std::string text = error.what();
    const std::vector<std::string> rest = program.remaining(true); // fallthrough leaves it to any of them
    const bool lacksCommand = app->get_require_subcommand_min() > 0;
    if (lacksCommand && !rest.empty() && !rest.front().starts_with('-')) { // that one is lacking is not what went wrong
        text = "There is no command \"" + command + " " + rest.front() + "\"";
    }
    while (!text.empty() && (text.back() == '\n' || text.back() == '.')) {
        text.pop_back();
    }
    return report({ErrorCode::InvalidRequest, text + ". Try: " + command + " --help", {}});
}

ExitCode run(int argc, char** argv)
{
    CLI::App program("Generate pictures with Jacobi-family parallel decoding, and look at how it converged.");
    describe(program);
    program.fallthrough(); // --version after any command
    Action chosen;
    addGenerate(program, chosen);
    addModels(program, chosen);
    addTrace(program, chosen);
    addTrain(program, chosen);
    addBench(program, chosen);
    addProbe(program, chosen);
    addFlow(program, chosen);
    addSelfTest(program, chosen);
    try {
        program.parse(argc, argv);
    } catch (const CLI::Success& help) { // --help, --version
        program.exit(help);
        return finishOutput();
    } catch (const CLI::ParseError& error) {
        return reportUsage(program, error);
    }
    const ExitCode code = chosen();
    const ExitCode output = finishOutput();
    return code != ExitCode::Ok ? code : output;
}

} // namespace
} // namespace jacobi::cli

int main(int argc, char** argv)
{
    using namespace jacobi;
    // A closed pipe and a file beyond the account's limit are errors of that write, no reason to vanish in mid-work.
    std::signal(SIGPIPE, SIG_IGN);
    std::signal(SIGXFSZ, SIG_IGN);
    try {
        return static_cast<int>(cli::run(argc, argv));
    } catch (const std::exception& error) {
        return static_cast<int>(cli::report({ErrorCode::Internal, "Something unexpected went wrong.", error.what()}));
    }
}
