// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/devicedecoder.h"
#include "core/device/runroom.h"
#include "core/engine/engine.h"
#include "core/engine/enginemeasures.h"
#include "core/engine/temporaryfolder.h"
#include "core/io/png.h"
#include "core/trace/tracefile.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <filesystem>
#include <limits>
#include <system_error>
#include <tuple>

// The measurements of pictures as a run makes them: with a trace and previews, and what it takes before the first pass.

namespace jacobi {
namespace {

using SteadyClock = std::chrono::steady_clock;

/// Hands a run on to a trace, if there is one, and takes the time up to the last token. A picture that takes long is cut.
class MeasuringSink final : public TraceSink {
public:
    MeasuringSink(TraceSink* trace, RunControl& control, const std::stop_token& stop, std::size_t promptTokens)
        : m_trace(trace), m_control(control), m_stop(stop), m_promptTokens(promptTokens)
    {
    }
    void header(const std::shared_ptr<const RunHeader>& header) override
    {
        m_begin = m_end = SteadyClock::now();
        if (m_trace != nullptr) {
            m_trace->header(header);
        }
    }
    void step(const std::shared_ptr<const Step>& step) override
    {
        if (m_trace != nullptr) {
            m_trace->step(step);
        }
        m_end = SteadyClock::now();
        m_firstStep = m_cachedRows.empty() ? m_end : m_firstStep;
        m_cachedRows.push_back(cachedBefore(m_promptTokens, *step));
        if (m_stop.stop_requested() || seconds() > EngineMeasures::kLongestPicture) {
            m_control.cancel();
        }
    }
    void preview(const std::shared_ptr<const Preview>& preview) override
    {
        m_previews += preview->isFinal ? 0 : 1;
        const auto begin = SteadyClock::now();
        if (m_trace != nullptr) {
            m_trace->preview(preview);
        }
        m_finalSeconds = preview->isFinal ? secondsOf(SteadyClock::now() - begin) : 0.0;
    }
    std::int64_t previewNs(std::uint32_t width, std::uint32_t height) const override
    {
        return m_trace != nullptr ? m_trace->previewNs(width, height) : 0;
    }
    void summary(const RunSummary& summary) override
    {
        if (m_trace != nullptr) {
            m_trace->summary(summary);
        }
    }
    double seconds() const { return secondsOf(m_end - m_begin); }
    double firstStepSeconds() const { return secondsOf(m_firstStep - m_begin); }
    const std::vector<std::int64_t>& cachedRows() const { return m_cachedRows; } ///< before each pass
    int previews() const { return m_previews; }
    double finalSeconds() const { return m_finalSeconds; } ///< that the trace took for the last picture

private:
    TraceSink* m_trace;
    RunControl& m_control;
    const std::stop_token& m_stop;
    std::size_t m_promptTokens;
    SteadyClock::time_point m_begin, m_end, m_firstStep;
    std::vector<std::int64_t> m_cachedRows;
    int m_previews = 0;
    double m_finalSeconds = 0.0;
};

constexpr std::uint64_t kTraceBytes = 200'000'000; // more than any of these takes

} // namespace

RunRequest EngineMeasures::pictureRequest(std::uint32_t window) const
{
    RunRequest request;
    request.method = window == 1 ? "sequential" : "sjd";
    request.initialisation = "sample-left";
    request.window = static_cast<int>(window);
    request.guidance = 3.0;
    request.topK = isCpu() ? 50 : 2000;
    request.device = "cuda:0"; // wherever the model is: not the decoders of core/decode
    return request;
}

/// One picture by the engine's own loop; seconds up to its last token.
Result<EngineMeasures::TracedPicture> EngineMeasures::tracedPicture(const BenchShape& shape, LoadedModel& loaded,
                                                                    bool hasTrace, bool hasPreviews)
{
    const auto folder = TemporaryFolder::make(kTraceBytes);
    if (!folder) {
        return tl::unexpected(folder.error());
    }
    RunContext context;
    context.request = pictureRequest(kPictureWindow);
    context.layout.rows = static_cast<std::uint32_t>(shape.rows);
    context.layout.columns = static_cast<std::uint32_t>(shape.columns);
    context.layout.codes = static_cast<std::uint32_t>(shape.shape.codes);
    context.layout.patchPixels = static_cast<std::uint32_t>(shape.pictures.patch());
    // One that would take forever is never within the budget.
    loaded.devicePreviewNs =
        hasPreviews ? pictureNs(*loaded.devicePictures, context.layout) : std::numeric_limits<std::int64_t>::max() / 4;
    std::unique_ptr<TraceWriter> writer;
    if (hasTrace) {
        auto created = TraceWriter::create(folder->path() / "picture.jtrace");
        if (!created) {
            return tl::unexpected(created.error());
        }
        writer = std::move(*created);
    }
    RunControl control;
    MeasuringSink sink(writer.get(), control, m_stop, kPrompt.size());
    const Result<RunSummary> summary = Engine().run(loaded, context, control, sink);
    if (!summary) {
        return tl::unexpected(summary.error());
    }
    if (m_stop.stop_requested()) {
        return fail(ErrorCode::Cancelled, "The measurement was stopped.");
    }
    if (writer && writer->error()) {
        return tl::unexpected(*writer->error());
    }
    std::error_code noFile;
    TracedPicture made;
    made.traceBytes = writer ? std::filesystem::file_size(folder->path() / "picture.jtrace", noFile) : 0;
    made.seconds = sink.seconds();
    made.firstStepSeconds = sink.firstStepSeconds();
    made.floor = floorOf(loaded.device->weights(), kPictureWindow, sink.cachedRows());
    made.previews = sink.previews();
    made.passes = summary->passes;
    made.isWhole = summary->outcome == Outcome::Complete;
    // The last picture's time is in the summary with the previews'; what decoding it took is left in the model.
    made.finalSeconds = static_cast<double>(loaded.devicePreviewNs) * 1e-9 + sink.finalSeconds();
    made.previewSeconds = std::max(0.0, summary->previewSeconds - made.finalSeconds);
    return made;
}

/// What a run adds to the passes: the engine's loop, a trace, previews.
Result<void> EngineMeasures::tracedPictures(const BenchShape& shape, LoadedModel& loaded)
{
    loaded.encodePrompt = [](std::string_view) { return kPrompt; };
    loaded.devicePictures = std::make_unique<VqDecoder>(shape.pictures, shape.rows, shape.columns, shape.shape.codes,
                                                        options(pictureType()), m_pictureFormat);
    loaded.device->recordedRuns.assign(kRecordedRuns.begin(), kRecordedRuns.end());
    for (const auto& [variant, hasTrace, hasPreviews] :
         {std::tuple("the engine's loop", false, false), std::tuple("with a trace", true, false),
          std::tuple("with a trace and previews", true, true)}) {
        if (const Result<void> png = hasPreviews ? pngSupport() : Result<void>(); !png) {
            m_records.push_back(
                {{"case", "picture"}, {"shape", shape.name}, {"variant", variant}, {"not_run", png.error().message}});
            continue;
        }
        std::vector<double> times;
        TracedPicture last;
        double spent = 0.0;
        while (times.size() < kPictures && spent < kEnoughSeconds) {
            const auto made = tracedPicture(shape, loaded, hasTrace, hasPreviews);
            if (!made) {
                return tl::unexpected(made.error());
            }
            last = *made;
            times.push_back(made->seconds);
            spent += made->seconds;
        }
        std::ranges::sort(times);
        const double median = times[times.size() / 2];
        note({{"case", "picture"},
              {"shape", shape.name},
              {"variant", variant},
              {"window", kPictureWindow},
              {"passes", last.passes},
              {"graph", loaded.device->lastPass.whyNoGraph.empty()},
              {"whole", last.isWhole},
              {"of_floor", last.floor / median},
              {"first_step_ms", last.firstStepSeconds * 1e3},
              {"ms_a_pass", median * 1e3 / static_cast<double>(last.passes)},
              {"previews", last.previews},
              {"trace_bytes", last.traceBytes},
              {"preview_share", last.previewSeconds / last.seconds},
              {"final_ms", last.finalSeconds * 1e3}},
             Samples{median, times.front(), times.back()}, "s", 1.0);
    }
    loaded.devicePictures.reset();
    return {};
}

/// Seconds up to where the first pass can be put on the stream, of a decoder that is new, as in a run.
Result<double> EngineMeasures::startOnce(DeviceModel& model)
{
    auto decoder = makeDeviceDecoder(decodeSettings(pictureRequest(kPictureWindow)), model);
    if (!decoder) {
        return tl::unexpected(decoder.error());
    }
    const auto begin = SteadyClock::now();
    if (auto started = (*decoder)->start({kPrompt}); !started) {
        return tl::unexpected(started.error());
    }
    const int code = m_ops.synchronize(model.stream().handle());
    const double seconds = secondsOf(SteadyClock::now() - begin);
    return code == 0 ? Result<double>(seconds) : tl::unexpected(deviceError(m_ops, code, "wait"));
}

/// What a run takes before its first pass: the prompt, and where no run before it left them, buffers and caches and the pass, made
/// twice as it is and recorded.
Result<void> EngineMeasures::start(const BenchShape& shape, DeviceModel& model)
{
    constexpr int kStarts = 20;
    model.recordedRuns.assign(kRecordedRuns.begin(), kRecordedRuns.end());
    for (const auto& [variant, wantsGraphs, isNext] :
         {std::tuple(kEverything, true, true), std::tuple("a first run", true, false),
          std::tuple("a first run, no graph", false, false)}) {
        std::vector<double> times;
        model.wantsGraphs = wantsGraphs;
        for (int i = -1; i < kStarts; ++i) { // the first may find out what is fastest
            if (!isNext) {
                model.keptRoom.reset();
            }
            const Result<double> seconds = startOnce(model);
            if (!seconds || m_stop.stop_requested()) {
                model.wantsGraphs = true;
                return seconds ? fail(ErrorCode::Cancelled, "The measurement was stopped.")
                               : tl::unexpected(seconds.error());
            }
            if (i >= 0) {
                times.push_back(*seconds);
            }
        }
        model.wantsGraphs = true;
        std::ranges::sort(times);
        const Samples samples{times[times.size() / 2], times[times.size() / 4], times[times.size() * 3 / 4]};
        json record{{"case", "start"}, {"shape", shape.name}, {"variant", variant}, {"window", kPictureWindow}};
        if (m_pictureSeconds > 0.0) {
            record["of_picture"] = samples.median / m_pictureSeconds;
        }
        note(std::move(record), samples, "ms", 1e3);
    }
    return {};
}

} // namespace jacobi
