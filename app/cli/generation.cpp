// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/generation.h"

#include "app/cli/generationrequest.h"
#include "app/cli/generationwords.h"
#include "app/cli/interrupt.h"
#include "app/cli/places.h"
#include "app/cli/progressline.h"
#include "app/cli/unusedoptions.h"
#include "app/shared/backendloader.h"
#include "core/trace/memorytrace.h"
#include "core/trace/passtally.h"
#include "core/trace/picturefile.h"
#include "core/trace/tracefile.h"

#include <algorithm>
#include <cstdio>
#include <memory>
#include <stop_token>
#include <utility>

namespace jacobi::cli {
namespace {

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
