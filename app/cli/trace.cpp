// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"

#include "app/cli/places.h"
#include "core/trace/tracecsv.h"
#include "core/trace/tracefile.h"
#include "core/trace/tracestats.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>

namespace jacobi::cli {
namespace {

void printStats(const TraceStats& stats)
{
    const auto line = [](const char* name, const std::string& value) {
        std::printf("%-16s %s\n", name, value.c_str());
    };
    line("state", stats.message.empty() ? stats.state : stats.state + ": " + stats.message);
    line("prompt", stats.prompt);
    for (const std::string& prompt : stats.prompts) {
        line("read as", prompt);
    }
    line("model", stats.model);
    line("method", stats.method);
    if (!stats.strategy.empty()) {
        line("strategy", stats.strategy);
    }
    if (!stats.className.empty()) {
        line("class", stats.className);
    }
    if (!stats.coupling.empty()) { // a flow has none
        line("coupling", stats.coupling);
    }
    line("seed", std::to_string(stats.seed));
    line("device", stats.device);
    line("tokens", std::to_string(stats.tokens));
    line("passes", std::to_string(stats.passes));
    if (stats.nonFinite > 0 || stats.fallbacks > 0) {
        line("set back", std::to_string(stats.nonFinite) + " numbers, " + std::to_string(stats.fallbacks) +
                             " runs of tokens inverted one by one");
    }
    std::printf("%-16s %.3f\n", "tokens per pass", stats.tokensPerPass);
    std::printf("%-16s %.3f (network %.3f, sampling %.3f)\n", "seconds", stats.seconds, stats.forwardSeconds,
                stats.samplingSeconds);
    std::printf("%-16s", "passes by tokens");
    for (std::size_t tokens = 0; tokens < stats.histogram.size(); ++tokens) {
        if (stats.histogram[tokens] > 0) {
            std::printf(" %zu:%llu", tokens, static_cast<unsigned long long>(stats.histogram[tokens]));
        }
    }
    std::printf("\n");
}

ExitCode printInfo(const std::string& file, bool asJson)
{
    const Result<Trace> trace = readTrace(std::filesystem::path(file));
    if (!trace) {
        return report(trace.error());
    }
    const TraceStats stats = traceStats(*trace);
    if (asJson) {
        std::printf("%s\n", toJson(stats).dump(2, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
    } else {
        printStats(stats);
    }
    return ExitCode::Ok;
}

/// Asked before the trace is read: a link, such as /dev/stdout, would be replaced instead of written to.
Result<void> checkCsvTarget(const std::string& file, const std::string& out)
{
    if (isSameFile(file, out)) {
        return fail(ErrorCode::InvalidRequest, "--out names the trace itself. Choose another name.");
    }
    return checkTargets({{"--out", out}});
}

ExitCode writeCsv(const std::string& file, const std::string& out)
{
    if (auto checked = out.empty() ? Result<void>() : checkCsvTarget(file, out); !checked) {
        return report(checked.error());
    }
    const Result<Trace> trace = readTrace(std::filesystem::path(file));
    if (!trace) {
        return report(trace.error());
    }
    if (!trace->damage.empty()) {
        note(trace->damage);
    }
    if (!out.empty()) {
        const Result<void> written = writeTraceCsv(out, *trace);
        return written ? ExitCode::Ok : report(written.error());
    }
    std::fputs(traceCsvHeader().c_str(), stdout);
    for (const auto& step : trace->steps) {
        if (std::ferror(stdout) != 0) {
            break; // finishOutput() says so
        }
        std::fputs(traceCsvRows(*step).c_str(), stdout);
    }
    return ExitCode::Ok;
}

} // namespace

void addTrace(CLI::App& program, Action& chosen)
{
    struct Options {
        std::string file;
        std::string out;
        bool json = false;
    };
    CLI::App* trace = program.add_subcommand("trace", "Look into a trace file");
    trace->require_subcommand(1);
    auto options = std::make_shared<Options>();

    CLI::App* info = trace->add_subcommand("info", "Tokens, passes, tokens a pass, seconds, settings");
    info->add_option("FILE", options->file, "Trace file")->required()->type_name("");
    info->add_flag("--json", options->json, "Print JSON");
    info->callback([options, &chosen] { chosen = [options] { return printInfo(options->file, options->json); }; });

    CLI::App* csv = trace->add_subcommand("csv", "Every pass and position as CSV");
    csv->add_option("FILE", options->file, "Trace file")->required()->type_name("");
    csv->add_option("--out", options->out, "File to write (default: print it)")->type_name("FILE");
    csv->callback([options, &chosen] { chosen = [options] { return writeCsv(options->file, options->out); }; });
}

} // namespace jacobi::cli
