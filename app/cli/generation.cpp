// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/generation.h"

#include "app/cli/interrupt.h"
#include "app/cli/progressline.h"
#include "app/shared/backendloader.h"
#include "core/io/outputfile.h"
#include "core/trace/memorytrace.h"
#include "core/trace/picturefile.h"
#include "core/trace/tracefile.h"

#include <nlohmann/json.hpp>

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <random>
#include <utility>

namespace jacobi::cli {
namespace {

namespace fs = std::filesystem;

/// Keeps what the picture's file needs.
class LastPicture : public TraceSink {
public:
    void header(const std::shared_ptr<const RunHeader>& header) override { m_header = header; }
    void step(const std::shared_ptr<const Step>&) override {}
    void preview(const std::shared_ptr<const Preview>& preview) override { m_picture = preview; }
    void summary(const RunSummary&) override {}

    const std::shared_ptr<const RunHeader>& runHeader() const { return m_header; }
    const std::shared_ptr<const Preview>& picture() const { return m_picture; }

private:
    std::shared_ptr<const RunHeader> m_header;
    std::shared_ptr<const Preview> m_picture;
};

/// A model folder the user named must be there: searching elsewhere instead would hide a mistyped name.
Result<void> checkModelFolders(const std::vector<std::string>& named)
{
    for (const std::string& folder : named) {
        std::error_code error;
        if (!fs::is_directory(folder, error)) {
            return fail(ErrorCode::NotFound, "The model folder \"" + folder + "\" does not exist. Check --models.");
        }
    }
    return {};
}

/// Whether a file can be made there: asked before the model is loaded, not after the picture is done. A trace may also go
/// into a pipe or a device; a picture is put in its place whole, so it must be a file.
Result<void> checkTarget(const fs::path& path, bool mustBeFile)
{
    std::error_code error;
    if (fs::is_directory(path, error)) {
        return tl::unexpected(writeError(path, EISDIR));
    }
    if (fs::exists(path, error) && !fs::is_regular_file(path, error)) {
        if (!mustBeFile) {
            return {};
        }
        return fail(ErrorCode::Unsupported,
                    "\"" + path.string() + "\" is not a regular file and is not replaced. Choose another name.");
    }
    const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
    if (!fs::is_directory(folder, error)) {
        return tl::unexpected(writeError(path, ENOENT));
    }
    if (::access(folder.c_str(), W_OK) != 0) {
        return tl::unexpected(writeError(path, errno));
    }
    return {};
}

Result<void> checkTargets(const GenerateOptions& options)
{
    if (!options.out.empty() && fs::path(options.out).lexically_normal() == fs::path(options.trace).lexically_normal()) {
        return fail(ErrorCode::InvalidRequest, "--out and --trace name the same file. Choose two names.");
    }
    for (const bool isPicture : {true, false}) {
        const std::string& path = isPicture ? options.out : options.trace;
        if (path.empty()) {
            continue;
        }
        if (auto checked = checkTarget(path, isPicture); !checked) {
            return checked;
        }
    }
    return {};
}

/// The model's defaults, where it is there, overridden by what was said.
RunRequest requestOf(const GenerateOptions& options)
{
    RunRequest request;
    for (const ModelInfo& model : findModels(modelFolders(options.modelFolders))) {
        if (model.id == options.model) {
            request = model.defaults;
        }
    }
    request.modelId = options.model;
    request.prompt = options.prompt;
    request.seed = options.seed ? *options.seed : std::random_device{}();
    request.device = options.device;
    const auto set = [](auto& value, const auto& said) {
        if (said) {
            value = *said;
        }
    };
    set(request.method, options.method);
    set(request.coupling, options.coupling);
    set(request.initialisation, options.initialisation);
    set(request.window, options.window);
    set(request.guidance, options.guidance);
    set(request.temperature, options.temperature);
    set(request.topK, options.topK);
    set(request.topP, options.topP);
    set(request.precision, options.precision);
    return request;
}

void announce(const RunRequest& request, const DeviceInfo& device)
{
    std::fprintf(stderr, "%s, %s", request.modelId.c_str(), request.method.c_str());
    if (request.method != "sequential") {
        std::fprintf(stderr, " (%s, window %d)", request.coupling.c_str(), request.window);
    }
    std::fprintf(stderr, ", guidance %g, temperature %g, seed %llu, on %s. %s\n", request.guidance, request.temperature,
                 static_cast<unsigned long long>(request.seed), device.name.c_str(), device.reason.c_str());
}

double tokensPerPass(const RunSummary& summary)
{
    return summary.passes > 0 ? static_cast<double>(summary.tokens) / static_cast<double>(summary.passes) : 0.0;
}

/// What was made, for the closing words.
struct Made {
    std::string picture; ///< empty: not written
    std::string trace;
};

void printJson(const ResolvedRequest& resolved, const RunSummary& summary, const Made& made)
{
    nlohmann::json json{{"request", toJson(resolved.request)},
                        {"unknown_words", resolved.unknownWords},
                        {"complete", summary.outcome == Outcome::Complete},
                        {"method", resolved.request.method},
                        {"coupling", resolved.request.coupling},
                        {"seed", resolved.request.seed},
                        {"tokens", summary.tokens},
                        {"passes", summary.passes},
                        {"tokens_per_pass", tokensPerPass(summary)},
                        {"seconds", summary.seconds},
                        {"forward_seconds", summary.forwardSeconds},
                        {"sampling_seconds", summary.samplingSeconds},
                        {"preview_seconds", summary.previewSeconds}};
    json["picture"] = made.picture.empty() ? nlohmann::json() : nlohmann::json(made.picture);
    json["trace"] = made.trace.empty() ? nlohmann::json() : nlohmann::json(made.trace);
    std::printf("%s\n", json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
}

void printSummary(const ResolvedRequest& resolved, const RunSummary& summary, const Made& made)
{
    std::printf("%llu tokens in %llu passes, %.2f tokens per pass, %.2f seconds, seed %llu\n",
                static_cast<unsigned long long>(summary.tokens), static_cast<unsigned long long>(summary.passes),
                tokensPerPass(summary), summary.seconds, static_cast<unsigned long long>(resolved.request.seed));
    if (!made.picture.empty()) {
        std::printf("Picture: %s\n", made.picture.c_str());
    }
    if (!made.trace.empty()) {
        std::printf("Trace:   %s\n", made.trace.c_str());
    }
}

/// One run, from the resolved request to its files.
class Generation {
public:
    Generation(const GenerateOptions& options, Backend& backend, ResolvedRequest resolved)
        : m_options(options), m_backend(backend), m_resolved(std::move(resolved))
    {
    }

    ExitCode run(RunControl& control);

private:
    ExitCode finish(const RunSummary& summary);
    Result<void> writePicture();

    const GenerateOptions& m_options;
    Backend& m_backend;
    ResolvedRequest m_resolved;
    std::unique_ptr<TraceWriter> m_trace;
    LastPicture m_picture;
    Made m_made;
};

ExitCode Generation::run(RunControl& control)
{
    ProgressPrinter printer;
    std::vector<TraceSink*> sinks{&m_picture};
    if (!m_options.trace.empty()) {
        Result<std::unique_ptr<TraceWriter>> trace = TraceWriter::create(m_options.trace);
        if (!trace) {
            return report(trace.error());
        }
        m_trace = std::move(*trace);
        sinks.push_back(m_trace.get());
    }
    if (!m_options.quiet) {
        sinks.push_back(&printer);
    }
    FanOutSink fanOut(sinks);
    const Result<RunSummary> summary = m_backend.run(m_resolved.request, control, fanOut);
    return summary ? finish(*summary) : report(summary.error());
}

Result<void> Generation::writePicture()
{
    std::string path = m_options.out;
    if (path.empty()) {
        path = m_resolved.request.modelId + "-" + std::to_string(m_resolved.request.seed) + ".png";
    }
    if (auto written = savePicture(path, *m_picture.picture(), nullptr, m_picture.runHeader().get(), true);
        !written) {
        return written;
    }
    m_made.picture = path;
    return {};
}

ExitCode Generation::finish(const RunSummary& summary)
{
    ExitCode code = ExitCode::Ok;
    if (summary.outcome == Outcome::Complete) {
        if (auto written = writePicture(); !written) {
            code = report(written.error());
        }
    }
    if (m_trace != nullptr) {
        if (const std::optional<Error> error = m_trace->error()) {
            code = report(*error);
        } else {
            m_made.trace = m_options.trace;
        }
    }
    if (m_options.json) {
        printJson(m_resolved, summary, m_made);
    } else if (!m_options.quiet) {
        printSummary(m_resolved, summary, m_made);
    }
    if (summary.outcome == Outcome::Cancelled) {
        std::fprintf(stderr, "Stopped before the end; no picture was written.%s\n",
                     m_made.trace.empty() ? "" : " The trace holds what was done.");
        return ExitCode::Interrupted;
    }
    return code;
}

} // namespace

ExitCode generate(const GenerateOptions& options)
{
    RunControl control;
    const InterruptWatch watch([&control] { control.cancel(); });
    if (auto checked = checkModelFolders(options.modelFolders); !checked) {
        return report(checked.error());
    }
    if (auto checked = checkTargets(options); !checked) {
        return report(checked.error());
    }
    BackendOptions backendOptions;
    backendOptions.device = options.device;
    backendOptions.modelFolders = modelFolders(options.modelFolders);
    backendOptions.threads = options.threads;
    const Result<std::unique_ptr<Backend>> backend = loadBackend(backendOptions);
    if (!backend) {
        return report(backend.error());
    }
    Result<ResolvedRequest> resolved = (*backend)->resolve(requestOf(options));
    if (!resolved) {
        return report(resolved.error());
    }
    for (const std::string& sentence : resolved->notes) {
        note(sentence);
    }
    if (!options.quiet) {
        announce(resolved->request, (*backend)->device());
    }
    return Generation(options, **backend, std::move(*resolved)).run(control);
}

} // namespace jacobi::cli
