// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/generation.h"

#include "app/cli/interrupt.h"
#include "app/cli/places.h"
#include "app/cli/progressline.h"
#include "app/cli/unusedoptions.h"
#include "app/shared/backendloader.h"
#include "core/base/printable.h"
#include "core/io/outputfile.h"
#include "core/io/png.h"
#include "core/trace/memorytrace.h"
#include "core/trace/passtally.h"
#include "core/trace/picturefile.h"
#include "core/trace/requestsettings.h"
#include "core/trace/tracefile.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <random>
#include <stop_token>
#include <string_view>
#include <utility>

namespace jacobi::cli {
namespace {

namespace fs = std::filesystem;

/// Keeps what the pictures' files and the closing words need.
class FinalPictures : public TraceSink {
public:
    void header(const std::shared_ptr<const RunHeader>& header) override { m_header = header; }
    void step(const std::shared_ptr<const Step>& step) override { m_tally.add(*step); }
    void preview(const std::shared_ptr<const Preview>& preview) override
    {
        if (preview->isFinal) {
            m_pictures.push_back(preview);
        }
    }
    void summary(const RunSummary&) override {}

    const std::shared_ptr<const RunHeader>& runHeader() const { return m_header; }
    const std::vector<std::shared_ptr<const Preview>>& pictures() const { return m_pictures; } ///< in order
    const PassTally& tally() const { return m_tally; }

private:
    PassTally m_tally;
    std::shared_ptr<const RunHeader> m_header;
    std::vector<std::shared_ptr<const Preview>> m_pictures;
};

/// The file of picture i of a run: NAME.png where there is one, else NAME-i.png; without a name, that of its own seed.
std::string picturePath(const GenerateOptions& options, const RunRequest& request, int i)
{
    if (options.out.empty()) {
        return request.modelId + "-" + std::to_string(request.seed + static_cast<std::uint64_t>(i)) + ".png";
    }
    if (request.pictures == 1) {
        return options.out;
    }
    fs::path path = options.out;
    const fs::path extension = path.extension();
    path.replace_extension();
    path += "-" + std::to_string(i);
    path += extension;
    return path.string();
}

/// Only PNG is written, so another format's name would lie.
Result<void> checkPictureName(const std::string& out)
{
    const std::string extension = fs::path(out).extension().string();
    std::string lower = extension;
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    constexpr std::array<std::string_view, 10> kOthers{".jpg", ".jpeg", ".webp", ".gif", ".bmp",
                                                       ".tif", ".tiff", ".avif", ".jxl", ".svg"};
    if (std::find(kOthers.begin(), kOthers.end(), lower) == kOthers.end()) {
        return {};
    }
    return fail(ErrorCode::InvalidRequest,
                "Pictures are written as PNG, and --out ends in \"" + extension + "\". Choose a name that ends in .png.");
}

Result<void> checkTargets(const GenerateOptions& options, const RunRequest& request)
{
    if (auto checked = pngSupport(); !checked) {
        return checked;
    }
    if (auto checked = checkPictureName(options.out); !checked) {
        return checked;
    }
    for (int i = 0; i < std::clamp(request.pictures, 1, kMostPictures); ++i) {
        const std::string path = picturePath(options, request, i);
        if (!options.trace.empty() && isSameFile(path, options.trace)) {
            return fail(ErrorCode::InvalidRequest, "--trace names the file of a picture. Choose two names.");
        }
        if (auto checked = checkTarget(path, true); !checked) {
            return checked;
        }
    }
    return options.trace.empty() ? Result<void>() : checkTarget(options.trace, false);
}

/// Asked before the model is loaded: all but flows, which take a class, need to be told what the picture shows.
Result<void> checkPrompt(const GenerateOptions& options)
{
    const std::vector<ModelInfo> models = findModels(modelFolders(options.modelFolders));
    const bool wantsPrompt = std::any_of(models.begin(), models.end(), [&](const ModelInfo& model) {
        return model.id == options.model && model.problem.empty() && !model.layout.isFlow();
    }); // of one that is not there, or cannot be read, something else is to be said
    if (!options.prompt && wantsPrompt) {
        return fail(ErrorCode::InvalidRequest, "--prompt is required. Try: jacobi generate --help");
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
    request.prompt = options.prompt.value_or("");
    request.seed = options.seed ? *options.seed : std::random_device{}();
    request.device = options.device;
    request.precision = kAutoName;
    const auto set = [](auto& value, const auto& said) {
        if (said) {
            value = *said;
        }
    };
    set(request.method, options.method);
    set(request.coupling, options.coupling);
    set(request.initialisation, options.initialisation);
    if (options.window) {
        request.window = *options.window == kAutoName ? kAutoWindow : std::stoi(*options.window);
    }
    set(request.noiseSteps, options.noiseSteps);
    set(request.pictures, options.pictures);
    set(request.guidance, options.guidance);
    set(request.temperature, options.temperature);
    set(request.topK, options.topK);
    set(request.topP, options.topP);
    set(request.minP, options.minP);
    set(request.completesPrompt, options.completesPrompt);
    set(request.precision, options.precision);
    if (options.strategy && !options.method) {
        request.method = "gs-jacobi"; // the one that has strategies
    }
    if (options.segments && !options.strategy) {
        request.strategy.clear(); // it is meant to be used
    }
    set(request.className, options.className);
    set(request.strategy, options.strategy);
    set(request.segments, options.segments);
    set(request.tolerance, options.tolerance);
    set(request.clip, options.clip);
    set(request.denoise, options.denoise);
    set(request.attentionTemperature, options.attentionTemperature);
    set(request.guidanceSchedule, options.guidanceSchedule);
    return request;
}

/// Whether a strategy can have an effect; which there are is the engine's to say.
Result<void> checkStrategy(Backend& backend, const GenerateOptions& options, const RunRequest& asked)
{
    if (!options.strategy || options.strategy->empty()) {
        return {};
    }
    const std::vector<ModelInfo> models = backend.models();
    const auto model = std::find_if(models.begin(), models.end(),
                                    [&](const ModelInfo& one) { return one.id == asked.modelId && one.problem.empty(); });
    if (model == models.end()) {
        return {}; // which is to be said instead
    }
    if (!model->layout.isFlow()) {
        return fail(ErrorCode::InvalidRequest,
                    "--strategy is for normalizing flows, and \"" + asked.modelId + "\" is none. Leave it out.");
    }
    if (asked.method != "gs-jacobi") {
        return fail(ErrorCode::InvalidRequest, "--strategy is for the method gs-jacobi, and --method names \"" + asked.method +
                                                   "\". Leave out one of the two.");
    }
    return {};
}

/// How a flow is inverted, and what it shows.
void announceFlow(const RunRequest& request)
{
    if (request.method == "front") {
        std::fprintf(stderr, " (window %d, tolerance %g)", request.window, request.tolerance);
    } else if (request.method == "jacobi") {
        std::fprintf(stderr, " (tolerance %g)", request.tolerance);
    } else if (request.method == "gs-jacobi" && request.strategy.empty()) {
        std::fprintf(stderr, " (%d segments, tolerance %g)", request.segments, request.tolerance);
    } else if (request.method == "gs-jacobi") {
        std::fprintf(stderr, " (%s)", request.strategy.c_str());
    }
    std::fprintf(stderr, ", %s", request.className.empty() ? "no class" : request.className.c_str());
}

/// asked: what was left to "auto".
void announce(const RunRequest& request, const RunRequest& asked, const DeviceInfo& device)
{
    std::fprintf(stderr, "%s, %s", request.modelId.c_str(), request.method.c_str());
    const bool isFlow = !request.plan.empty();
    if (isFlow) {
        announceFlow(request);
    } else if (request.method != "sequential") {
        std::fprintf(stderr, " (%s, window %d%s, drafts %s%s)", request.coupling.c_str(), request.window,
                     asked.window == kAutoWindow ? " by auto" : "", request.initialisation.c_str(),
                     asked.initialisation == kAutoName ? " by auto" : "");
    }
    if (request.method == "sjd2") {
        std::fprintf(stderr, ", %d noise step%s", request.noiseSteps, request.noiseSteps == 1 ? "" : "s");
    }
    if (request.pictures > 1) {
        std::fprintf(stderr, ", %d pictures", request.pictures);
    }
    std::fprintf(stderr, ", guidance %g", request.guidance);
    if (!isFlow) {
        std::fprintf(stderr, ", temperature %g", request.temperature);
    }
    if (request.topK > 0) {
        std::fprintf(stderr, ", top-k %d", request.topK);
    }
    if (request.topP < 1.0 && !isFlow) {
        std::fprintf(stderr, ", top-p %g", request.topP);
    }
    if (request.minP > 0.0) {
        std::fprintf(stderr, ", min-p %g", request.minP);
    }
    std::fprintf(stderr, ", seed %llu, on %s.%s%s\n", static_cast<unsigned long long>(request.seed),
                 device.name.c_str(), device.reason.empty() ? "" : " ", device.reason.c_str());
}

double tokensPerPass(const RunSummary& summary)
{
    return summary.passes > 0 ? static_cast<double>(summary.tokens) / static_cast<double>(summary.passes) : 0.0;
}

/// What was made, for the closing words.
struct Made {
    std::vector<std::string> pictures; ///< those written
    std::string trace;
    std::vector<std::string> prompts; ///< as they were read, where they were completed
    double tokensPerPassPerPicture = 0.0;
};

void printJson(const ResolvedRequest& resolved, const RunSummary& summary, const Made& made)
{
    nlohmann::json json{{"request", toJson(resolved.request)},
                        {"unknown_words", resolved.unknownWords},
                        {"complete", summary.outcome == Outcome::Complete},
                        {"method", resolved.request.method},
                        {"coupling", usesCoupling(resolved.request) ? resolved.request.coupling : ""},
                        {"seed", resolved.request.seed},
                        {"tokens", summary.tokens},
                        {"passes", summary.passes},
                        {"tokens_per_pass", tokensPerPass(summary)},
                        {"tokens_per_pass_per_picture", made.tokensPerPassPerPicture},
                        {"seconds", summary.seconds},
                        {"forward_seconds", summary.forwardSeconds},
                        {"sampling_seconds", summary.samplingSeconds},
                        {"preview_seconds", summary.previewSeconds},
                        {"near_ties", summary.nearTies},
                        {"non_finite", summary.nonFinite},
                        {"fallbacks", summary.fallbacks},
                        {"prompts_read", made.prompts},
                        {"picture_count", resolved.request.pictures},
                        {"pictures", made.pictures}};
    json["picture"] = made.pictures.empty() ? nlohmann::json() : nlohmann::json(made.pictures.front());
    json["trace"] = made.trace.empty() ? nlohmann::json() : nlohmann::json(made.trace);
    std::printf("%s\n", json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
}

constexpr std::size_t kMostReadBytes = 1000; ///< of a prompt, on the terminal

void printSummary(const ResolvedRequest& resolved, const RunSummary& summary, const Made& made)
{
    const auto pictures = static_cast<std::uint32_t>(std::max(1, resolved.request.pictures));
    const std::string perPass = tokensPerPassText(tokensPerPass(summary), made.tokensPerPassPerPicture, pictures);
    std::printf("%llu tokens in %llu passes, tokens per pass: %s, %.2f seconds, seed %llu\n",
                static_cast<unsigned long long>(summary.tokens), static_cast<unsigned long long>(summary.passes),
                perPass.c_str(), summary.seconds, static_cast<unsigned long long>(resolved.request.seed));
    if (summary.fallbacks > 0) {
        std::printf("%llu runs of tokens left the range of numbers and were inverted one by one.\n",
                    static_cast<unsigned long long>(summary.fallbacks));
    }
    for (const std::string& prompt : made.prompts) {
        std::printf("Read as: %s\n", printable(prompt, kMostReadBytes).c_str());
    }
    for (const std::string& picture : made.pictures) {
        std::printf("Picture: %s\n", picture.c_str());
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
    Result<void> writePictures();

    const GenerateOptions& m_options;
    Backend& m_backend;
    ResolvedRequest m_resolved;
    std::unique_ptr<TraceWriter> m_trace;
    FinalPictures m_pictures;
    Made m_made;
};

ExitCode Generation::run(RunControl& control)
{
    ProgressPrinter printer;
    std::vector<TraceSink*> sinks{&m_pictures};
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

Result<void> Generation::writePictures()
{
    for (const auto& picture : m_pictures.pictures()) {
        const std::string path = picturePath(m_options, m_resolved.request, static_cast<int>(picture->item));
        if (auto written = savePicture(path, *picture, nullptr, m_pictures.runHeader().get(), true); !written) {
            return written;
        }
        m_made.pictures.push_back(path);
    }
    return {};
}

ExitCode Generation::finish(const RunSummary& summary)
{
    ExitCode code = ExitCode::Ok;
    if (summary.outcome == Outcome::Complete) {
        if (auto written = writePictures(); !written) {
            code = report(written.error());
        }
    }
    if (m_trace != nullptr) {
        if (const std::optional<Error> error = m_trace->error()) {
            code = report(*error);
        } else if (m_pictures.runHeader() != nullptr) { // else it was stopped before there was anything to write
            m_made.trace = m_options.trace;
        }
    }
    if (m_pictures.runHeader() != nullptr) {
        m_made.prompts = m_pictures.runHeader()->prompts;
    }
    m_made.tokensPerPassPerPicture = m_pictures.tally().tokensPerPassPerPicture();
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
    std::stop_source stop;
    const InterruptWatch watch([&control, &stop] {
        stop.request_stop();
        control.cancel();
    });
    if (auto checked = checkModelFolders(options.modelFolders); !checked) {
        return report(checked.error());
    }
    if (auto checked = checkPrompt(options); !checked) {
        return report(checked.error());
    }
    const RunRequest asked = requestOf(options);
    if (auto checked = checkTargets(options, asked); !checked) {
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
    if (auto checked = checkStrategy(**backend, options, asked); !checked) {
        return report(checked.error());
    }
    JobLine line(options.quiet);
    Result<ResolvedRequest> resolved = settle(**backend, asked, line, stop.get_token());
    line.finish();
    if (!resolved) {
        return report(resolved.error());
    }
    for (const std::string& sentence : resolved->notes) {
        note(sentence);
    }
    for (const std::string& sentence : unusedOptions(options, resolved->request, !resolved->request.plan.empty())) {
        note(sentence);
    }
    if (!options.quiet) {
        DeviceInfo device = (*backend)->device();
        if (std::ranges::find(resolved->notes, device.reason) != resolved->notes.end()) {
            device.reason.clear(); // it was said
        }
        announce(resolved->request, asked, device);
    }
    return Generation(options, **backend, std::move(*resolved)).run(control);
}

} // namespace jacobi::cli
