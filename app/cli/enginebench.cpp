// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/enginebench.h"

#include "app/cli/interrupt.h"
#include "app/cli/jobprogress.h"
#include "app/cli/places.h"
#include "app/shared/backendloader.h"
#include "core/io/atomicfile.h"
#include "core/io/jsontext.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <cstdio>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

namespace jacobi::cli {
namespace {

struct EngineBenchOptions {
    std::string device = "auto";
    std::vector<std::string> shapes;
    std::string precision;
    std::string attention;
    std::vector<std::string> only;
    bool noPictures = false;
    std::string json;
};

/// "emu3-8b, window 32, cached 1176": what tells a record from the others of its case.
std::string describe(const nlohmann::json& record)
{
    std::string text = record.value("shape", std::string());
    const auto add = [&text](const std::string& part) { text += (text.empty() ? "" : ", ") + part; };
    if (record.contains("variant")) {
        add(record["variant"].get<std::string>());
    }
    for (const char* key : {"window", "cached", "codes", "side"}) {
        if (record.contains(key)) {
            add(std::string(key) + " " + std::to_string(record[key].get<std::int64_t>()));
        }
    }
    if (record.contains("graph") && !record["graph"].get<bool>()) {
        add("no graph");
    }
    const auto addNumber = [&](const char* key, const char* format, double scale) {
        if (record.contains(key)) {
            char number[48];
            std::snprintf(number, sizeof number, format, record[key].get<double>() * scale);
            add(number);
        }
    };
    addNumber("of_picture", "%.2f %% of a picture", 100.0);
    addNumber("previews", "%.0f previews", 1.0);
    addNumber("gb", "%.2f GB", 1.0);
    addNumber("largest", "largest %.2g", 1.0);
    addNumber("same_first", "same first %.2f", 1.0);
    return text;
}

void printTable(const nlohmann::json& result)
{
    const std::string kernels = result.value("kernels", std::string());
    std::printf("%s. %s%s%s\n\n", result["device"].get<std::string>().c_str(),
                result["reason"].get<std::string>().c_str(), kernels.empty() ? "" : " ", kernels.c_str());
    std::printf("%-15s %-48s %10s %22s %8s %9s\n", "what", "", "median", "quartiles", "", "of floor");
    for (const nlohmann::json& record : result["records"]) {
        const std::string what = record["case"].get<std::string>();
        const std::string which = describe(record);
        if (record.contains("not_run")) {
            std::printf("%-15s %-48s not run: %s\n", what.c_str(), which.c_str(),
                        record["not_run"].get<std::string>().c_str());
            continue;
        }
        char floor[48] = "";
        if (what == "memory") {
            std::snprintf(floor, sizeof floor, "(weights %.2f, estimate %.2f)", record["weights"].get<double>(),
                          record["estimate"].get<double>());
        }
        if (record.contains("of_floor")) {
            std::snprintf(floor, sizeof floor, "%.2f", record["of_floor"].get<double>());
        }
        std::printf("%-15s %-48s %10.4g %10.4g .. %8.4g %-8s %9s\n", what.c_str(), which.c_str(),
                    record["median"].get<double>(), record["low"].get<double>(), record["high"].get<double>(),
                    record["unit"].get<std::string>().c_str(), floor);
    }
    std::printf("\nOf floor: the least time that the bytes and products can take, by the ceilings above, over the "
                "median.\nLoading: a file that was just written, so read from memory and not from the disk.\n");
}

ExitCode engineBench(const EngineBenchOptions& options)
{
    std::stop_source stop;
    const InterruptWatch watch([&stop] { stop.request_stop(); });
    if (auto checked = checkTargets({{"--json", options.json}}); !checked) {
        return report(checked.error());
    }
    BackendOptions backendOptions;
    backendOptions.device = "cpu"; // the job itself looks for the device it measures
    backendOptions.threads = 1;
    const Result<std::unique_ptr<Backend>> backend = loadBackend(backendOptions);
    if (!backend) {
        return report(backend.error());
    }
    nlohmann::json json{{"device", options.device}, {"shapes", options.shapes}};
    if (!options.precision.empty()) {
        json["precision"] = options.precision;
    }
    json["pictures"] = !options.noPictures;
    json["only"] = options.only;
    if (!options.attention.empty()) {
        json["attention"] = options.attention;
    }
    JobPrinter printer;
    const Result<nlohmann::json> result = (*backend)->job("bench-engine", json, printer, stop.get_token());
    printer.finish();
    if (!result) {
        return report(result.error());
    }
    printTable(*result);
    if (!options.json.empty()) {
        if (auto written = writeFileAtomically(options.json, jsonText(*result, 1) + "\n"); !written) {
            return report(written.error());
        }
    }
    return ExitCode::Ok;
}

} // namespace

void addEngineBench(CLI::App& bench, Action& chosen)
{
    CLI::App* engine = bench.add_subcommand("engine", "How near a GPU's passes come to what its memory allows");
    auto options = std::make_shared<EngineBenchOptions>();
    engine->add_option("--device", options->device, "auto, cpu or cuda:0")->type_name("NAME");
    engine->add_option("--shape", options->shapes, "This model's sizes only, with random weights (may be repeated)")
        ->type_name("NAME")
        ->expected(1)
        ->take_all();
    engine->add_option("--precision", options->precision, "float32, bfloat16 (the default on a GPU) or int8")
        ->type_name("NAME");
    engine
        ->add_option("--attention", options->attention,
                     "shared (ours), flash, masked, or auto: what this GPU has, is right and fastest")
        ->type_name("NAME");
    engine->add_flag("--no-pictures", options->noPictures, "All but whole pictures, which take minutes");
    engine
        ->add_option("--only", options->only,
                     "These groups beside the ceilings: sampling, load, error, memory, passes, pictures, decode")
        ->type_name("GROUP,...")
        ->delimiter(',')
        ->expected(1)
        ->take_all();
    engine->add_option("--json", options->json, "Write the records")->type_name("FILE");
    engine->footer(
        "Without a GPU a tiny network runs through the same code on the CPU: that it works, not how fast.\n" +
        std::string(exitCodeHelp()));
    engine->callback([options, &chosen] { chosen = [options] { return engineBench(*options); }; });
}

} // namespace jacobi::cli
