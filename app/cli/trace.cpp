// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"

#include "app/cli/places.h"
#include "app/cli/progressline.h"
#include "core/base/printable.h"
#include "core/trace/requestsettings.h"
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

/// A trace comes from anywhere: what it says stays on its line and commands no terminal.
void printLine(const char* name, const std::string& value)
{
    std::printf("%-21s %s\n", name, printable(value, value.size()).c_str());
}

void printCounts(const TraceStats& stats)
{
    printLine("tokens", std::to_string(stats.tokens));
    printLine("passes", std::to_string(stats.passes));
    if (stats.nonFinite > 0 || stats.fallbacks > 0) {
        printLine("set back", std::to_string(stats.nonFinite) + " numbers, " + std::to_string(stats.fallbacks) +
                                  " runs of tokens inverted one by one");
    }
    printLine("tokens per pass", tokensPerPassText(stats.tokensPerPass, stats.tokensPerPassPerPicture, stats.pictures));
    std::printf("%-21s %.3f (network %.3f, sampling %.3f)\n", "seconds", stats.seconds, stats.forwardSeconds,
                stats.samplingSeconds);
    std::printf("%-21s", "passes by tokens");
    for (std::size_t tokens = 0; tokens < stats.histogram.size(); ++tokens) {
        if (stats.histogram[tokens] > 0) {
            std::printf(" %zu:%llu", tokens, static_cast<unsigned long long>(stats.histogram[tokens]));
        }
    }
    std::printf("\n");
}

void printStats(const TraceStats& stats)
{
    printLine("state", stats.message.empty() ? stats.state : stats.state + ": " + stats.message);
    if (!stats.isFlow) {
        printLine("prompt", stats.prompt);
    }
    for (const std::string& prompt : stats.prompts) {
        printLine("read as", prompt);
    }
    printLine("model", stats.model);
    if (!stats.className.empty()) {
        printLine("class", stats.className);
    }
    printLine("method", stats.method);
    for (const RequestSetting& setting : settingsOf(stats.request, stats.isFlow)) {
        printLine(setting.label, settingText(setting.value));
    }
    printLine("seed", std::to_string(stats.seed));
    printLine("pictures", std::to_string(stats.pictures));
    printLine("device", stats.device);
    printCounts(stats);
}

/// Bytes that cannot be read are an error like any damaged file, after what comes before was shown; a run that was cut short
/// is none.
ExitCode damageOf(const Trace& trace)
{
    return trace.isDamaged ? report({ErrorCode::Corrupt, trace.damage, {}}) : ExitCode::Ok;
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
    return damageOf(*trace);
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
    if (!trace->damage.empty() && !trace->isDamaged) {
        note(trace->damage);
    }
    if (!out.empty()) {
        const Result<void> written = writeTraceCsv(out, *trace);
        return written ? damageOf(*trace) : report(written.error());
    }
    std::fputs(traceCsvHeader().c_str(), stdout);
    for (const auto& step : trace->steps) {
        if (std::ferror(stdout) != 0) {
            break; // finishOutput() says so
        }
        std::fputs(traceCsvRows(*step).c_str(), stdout);
    }
    return damageOf(*trace);
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

    CLI::App* info = trace->add_subcommand("info", "Tokens, passes, tokens a pass, seconds, and every setting that the "
                                                   "method uses");
    info->add_option("FILE", options->file, "Trace file")->required()->type_name("");
    info->add_flag("--json", options->json, "Print JSON");
    info->callback([options, &chosen] { chosen = [options] { return printInfo(options->file, options->json); }; });

    CLI::App* csv = trace->add_subcommand("csv", "Every pass and position as CSV; times are a picture's share of a pass, "
                                                 "repeated in each of its rows");
    csv->add_option("FILE", options->file, "Trace file")->required()->type_name("");
    csv->add_option("--out", options->out, "File to write (default: print it)")->type_name("FILE");
    csv->callback([options, &chosen] { chosen = [options] { return writeCsv(options->file, options->out); }; });
}

} // namespace jacobi::cli
