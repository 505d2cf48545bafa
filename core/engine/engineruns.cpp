// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/devicedecoder.h"
#include "core/device/runroom.h"
#include "core/engine/allocatorpeak.h"
#include "core/engine/engine.h"
#include "core/engine/enginemeasures.h"
#include "core/engine/temporaryfolder.h"
#include "core/trace/tracefile.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <filesystem>
#include <limits>
#include <system_error>
#include <tuple>

// The measurements of pictures as a run makes them: with a trace and previews, and how much memory they take.

namespace jacobi {
namespace {

using Clock = std::chrono::steady_clock;

/// Hands a run on to a trace, if there is one, and takes the time up to the last token. A picture that takes long is cut.
class MeasuringSink final : public TraceSink {
public:
    MeasuringSink(TraceSink* trace, RunControl& control, const std::stop_token& stop)
        : m_trace(trace), m_control(control), m_stop(stop)
    {
    }
    void header(const std::shared_ptr<const RunHeader>& header) override
    {
        m_begin = m_end = Clock::now();
        if (m_trace != nullptr) {
            m_trace->header(header);
        }
    }
    void step(const std::shared_ptr<const Step>& step) override
    {
        if (m_trace != nullptr) {
            m_trace->step(step);
        }
        m_end = Clock::now();
        if (m_stop.stop_requested() || seconds() > EngineMeasures::kLongestPicture) {
            m_control.cancel();
        }
    }
    void preview(const std::shared_ptr<const Preview>& preview) override
    {
        m_previews += preview->isFinal ? 0 : 1;
        const auto begin = Clock::now();
        if (m_trace != nullptr) {
            m_trace->preview(preview);
        }
        m_finalSeconds = preview->isFinal ? secondsOf(Clock::now() - begin) : 0.0;
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
    int previews() const { return m_previews; }
    double finalSeconds() const { return m_finalSeconds; } ///< that the trace took for the last picture

private:
    TraceSink* m_trace;
    RunControl& m_control;
    const std::stop_token& m_stop;
    Clock::time_point m_begin, m_end;
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
    MeasuringSink sink(writer.get(), control, m_stop);
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
    loaded.encodePrompt = [](std::string_view) { return std::vector<std::int64_t>{1, 2, 3, 0}; };
    loaded.devicePictures = std::make_unique<VqDecoder>(shape.pictures, shape.rows, shape.columns, shape.shape.codes,
                                                        options(pictureType()), m_pictureFormat);
    loaded.device->recordedRuns.assign(kRecordedRuns.begin(), kRecordedRuns.end());
    for (const auto& [variant, hasTrace, hasPreviews] :
         {std::tuple("the engine's loop", false, false), std::tuple("with a trace", true, false),
          std::tuple("with a trace and previews", true, true)}) {
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

/// The most that was taken of the device since `freeBefore`, before the model was loaded, while the first passes of a picture
/// were made: all its buffers are there from the first on. Beside it what the engine reckons before it loads a model.
Result<void> EngineMeasures::memory(const BenchShape& shape, DevicePrecision precision, DeviceModel& model,
                                    std::uint64_t freeBefore)
{
    const auto freeNow = [&] {
        DeviceDescription card;
        m_ops.describe(isCpu() ? 0 : m_device.index(), &card);
        return card.freeBytes;
    };
    const auto takenBy = [&](std::uint64_t free) {
        return (static_cast<double>(freeBefore) - static_cast<double>(free)) * 1e-9;
    };
    giveBackCachedMemory(m_device);
    const double loaded = takenBy(freeNow());
    const DecodeSettings settings = decodeSettings(pictureRequest(kPictureWindow));
    model.recordedRuns.assign(kRecordedRuns.begin(), kRecordedRuns.end());
    const AllocatorPeak peak(m_device);
    auto decoder = makeDeviceDecoder(settings, model);
    if (!decoder) {
        return tl::unexpected(decoder.error());
    }
    if (auto started = (*decoder)->start({{1, 2, 3, 0}}); !started) {
        return started;
    }
    std::uint64_t lowest = freeNow();
    constexpr int kPasses = 64;
    for (int pass = 0; pass < kPasses && !(*decoder)->done(); ++pass) {
        if (auto step = (*decoder)->step(); !step) {
            return tl::unexpected(step.error());
        }
        lowest = std::min(lowest, freeNow());
    }
    const std::uint64_t weights = DeviceWeights::bytesOf(shape.shape, shape.shape.codes, precision);
    NetworkSizes sizes = sizesOf(model.network());
    sizes.promptTokens = 4;
    const std::uint64_t run = RunRoom::bytesOf(settings, sizes, model.layout(), precision, 1);
    m_records.push_back({{"case", "memory"},
                         {"shape", shape.name},
                         {"unit", "GB"},
                         {"weights", static_cast<double>(model.weights().matrixBytes()) * 1e-9},
                         {"loaded", loaded},
                         {"taken", takenBy(lowest)},
                         {"estimate", static_cast<double>(weights + run) * 1e-9},
                         {"estimated_run", static_cast<double>(run) * 1e-9},
                         {"tensors_of_run", static_cast<double>(peak.bytes()) * 1e-9}});
    return {};
}

} // namespace jacobi
