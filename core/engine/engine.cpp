// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/engine.h"

#include "core/device/devicedecoder.h"
#include "core/engine/flowrun.h"
#include "core/engine/guard.h"
#include "core/engine/previews.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <chrono>
#include <span>

namespace jacobi {
namespace {

std::int64_t steadyNs()
{
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::nanoseconds>(now).count();
}

double toSeconds(std::int64_t ns)
{
    return static_cast<double>(ns) * 1e-9;
}

std::int64_t sinkNs(const TraceSink& sink, const TraceLayout& layout)
{
    return sink.previewNs(layout.columns * layout.patchPixels, layout.rows * layout.patchPixels);
}

/// One run in progress: what the loop and its end share.
class Run {
public:
    Run(LoadedModel& model, const RunContext& context, RunControl& control, TraceSink& sink, const Engine::Clock& clock)
        : m_model(model),
          m_context(context),
          m_control(control),
          m_sink(sink),
          m_clock(clock),
          m_pictures(static_cast<std::size_t>(std::max(1, context.request.pictures))),
          m_isOnDevice(model.device && context.request.device != "cpu" && decodesOnDevice(context.request.method)),
          m_hasDevicePictures(m_isOnDevice && model.devicePictures),
          m_plan(m_pictures.size(), context.layout.positions(), previewNs() + sinkNs(sink, context.layout))
    {
    }

    /// Header to last step and final picture; may throw.
    Result<void> decode(const Engine::MakeDecoder& makeDecoder);

    /// The summary of what was done so far.
    RunSummary summary(const Error* error) const;

private:
    /// How far a picture of the batch is.
    struct Picture {
        std::uint32_t lastPass = 0;
        std::uint32_t committedEnd = 0;
        std::uint32_t draftEnd = 0; ///< positions from here on have not even a draft
    };

    Result<void> pass(Decoder& decoder);
    void preview(Decoder& decoder, std::size_t item, bool isFinal);
    Detokenizer& detokenizer() const { return m_hasDevicePictures ? *m_model.devicePictures : *m_model.pictures; }
    std::int64_t& previewNs() const { return m_hasDevicePictures ? m_model.devicePreviewNs : m_model.previewNs; }
    std::int64_t elapsedNs() const { return m_clock() - m_startNs - m_pausedNs; }

    LoadedModel& m_model;
    const RunContext& m_context;
    RunControl& m_control;
    TraceSink& m_sink;
    const Engine::Clock& m_clock;
    std::vector<Picture> m_pictures;
    bool m_isOnDevice;
    bool m_hasDevicePictures;
    PreviewPlan m_plan;

    bool m_started = false;
    bool m_cancelled = false;
    std::int64_t m_startNs = 0;
    std::int64_t m_pausedNs = 0;
    std::int64_t m_passEndNs = 0; ///< elapsedNs() at the end of the last pass
    std::int64_t m_finalPreviewNs = 0;
    std::int64_t m_forwardNs = 0;
    std::int64_t m_samplingNs = 0;
    std::uint64_t m_passes = 0;
    std::uint64_t m_nearTies = 0;
};

Result<void> Run::decode(const Engine::MakeDecoder& makeDecoder)
{
    const c10::InferenceMode inference;
    const DecodeSettings settings = decodeSettings(m_context.request);
    Result<std::unique_ptr<Decoder>> decoder =
        m_isOnDevice ? makeDeviceDecoder(settings, *m_model.device) : makeDecoder(settings, *m_model.tokens);
    if (!decoder) {
        return tl::unexpected(decoder.error());
    }
    if (m_control.isCancelled()) { // while the model was loading: a run that never began leaves nothing behind
        m_cancelled = true;
        return {};
    }
    RunContext context = m_context;
    if (context.request.completesPrompt && m_model.completePrompt) {
        for (std::size_t item = 0; item < m_pictures.size(); ++item) {
            context.prompts.push_back(m_model.completePrompt(context.request.prompt, context.request.seed + item));
        }
        const auto isAsWritten = [&](const std::string& prompt) { return prompt == context.request.prompt; };
        if (std::all_of(context.prompts.begin(), context.prompts.end(), isAsWritten)) {
            context.prompts.clear();
        }
    }
    m_sink.header(makeRunHeader(context, m_model.codeColours));
    m_startNs = m_clock();
    m_started = true;
    std::vector<std::vector<std::int64_t>> prompts;
    for (std::size_t item = 0; item < m_pictures.size(); ++item) {
        prompts.push_back(
            m_model.encodePrompt(context.prompts.empty() ? context.request.prompt : context.prompts[item]));
    }
    if (auto started = (*decoder)->start(prompts); !started) {
        return started;
    }
    m_passEndNs = elapsedNs();
    while (!(*decoder)->done()) {
        if (m_control.isPaused()) {
            (*decoder)->rest();
        }
        if (!m_control.waitForTurn(m_pausedNs)) {
            m_cancelled = true;
            break;
        }
        if (auto passed = pass(**decoder); !passed) {
            return passed;
        }
        for (std::size_t item = 0; item < m_pictures.size(); ++item) {
            if (m_plan.isDue(item, m_pictures[item].committedEnd, elapsedNs())) {
                preview(**decoder, item, false);
            }
        }
    }
    for (std::size_t item = 0; m_passes > 0 && item < m_pictures.size(); ++item) {
        preview(**decoder, item, true);
    }
    return {};
}

Result<void> Run::pass(Decoder& decoder)
{
    std::vector<std::shared_ptr<Step>> steps; // one a picture that was not done
    Result<void> passed;
    do {
        Result<std::shared_ptr<Step>> step = decoder.step();
        if (!step) {
            passed = tl::unexpected(step.error());
            break;
        }
        steps.push_back(std::move(*step));
    } while (!decoder.passComplete());
    if (steps.empty()) {
        return passed;
    }
    const std::int64_t now = elapsedNs();
    std::int64_t known = 0;
    for (const auto& step : steps) {
        m_forwardNs += step->forwardNs;
        m_samplingNs += step->samplingNs;
        known += step->forwardNs + step->samplingNs;
    }
    const std::int64_t otherNs = std::max<std::int64_t>(0, now - m_passEndNs - known);
    m_passEndNs = now;
    m_nearTies = decoder.nearTies();
    ++m_passes;
    for (const auto& step : steps) {
        step->otherNs = otherNs / static_cast<std::int64_t>(steps.size());
        m_pictures[step->item] = {step->pass, step->committedEnd, step->end};
        m_sink.step(step);
    }
    return passed;
}

void Run::preview(Decoder& decoder, std::size_t item, bool isFinal)
{
    const std::int64_t before = m_clock();
    const Picture& state = m_pictures[item];
    std::span<const std::int64_t> tokens = decoder.tokens(item);
    tokens = tokens.first(std::min<std::size_t>(tokens.size(), state.draftEnd));
    auto picture = std::make_shared<Preview>(decodePreview(detokenizer(), m_context.layout, tokens));
    picture->item = static_cast<std::uint32_t>(item);
    picture->pass = state.lastPass;
    picture->committedEnd = state.committedEnd;
    picture->isFinal = isFinal;
    previewNs() = m_clock() - before; // without the sink's part: the next run may have another sink
    m_sink.preview(picture);
    const std::int64_t cost = m_clock() - before;
    if (isFinal) {
        m_finalPreviewNs += cost;
    } else {
        m_plan.made(item, state.committedEnd, cost);
    }
}

RunSummary Run::summary(const Error* error) const
{
    RunSummary summary;
    summary.outcome = error != nullptr ? Outcome::Failed : m_cancelled ? Outcome::Cancelled : Outcome::Complete;
    summary.message = error != nullptr ? error->message : std::string();
    for (const Picture& picture : m_pictures) {
        summary.tokens += picture.committedEnd;
    }
    summary.nearTies = m_nearTies;
    summary.passes = m_passes;
    summary.seconds = m_started ? toSeconds(elapsedNs()) : 0.0;
    summary.forwardSeconds = toSeconds(m_forwardNs);
    summary.samplingSeconds = toSeconds(m_samplingNs);
    summary.previewSeconds = toSeconds(m_plan.spentNs() + m_finalPreviewNs);
    return summary;
}

} // namespace

DecodeSettings decodeSettings(const RunRequest& request)
{
    DecodeSettings settings;
    settings.method = request.method;
    settings.coupling = request.coupling;
    settings.initialisation = request.initialisation;
    settings.window = static_cast<std::uint32_t>(std::max(1, request.window));
    settings.noiseSteps = static_cast<std::uint32_t>(std::max(0, request.noiseSteps));
    settings.guidance = request.guidance;
    settings.temperature = request.temperature;
    settings.topK = request.topK;
    settings.topP = request.topP;
    settings.minP = request.minP;
    settings.seed = request.seed;
    return settings;
}

std::int64_t pictureNs(Detokenizer& pictures, const TraceLayout& layout)
{
    const c10::InferenceMode inference;
    const std::vector<std::int64_t> blank(layout.positions(), 0);
    decodePreview(pictures, layout, blank); // The first one is slower: libraries set themselves up.
    const std::int64_t before = steadyNs();
    decodePreview(pictures, layout, blank);
    return steadyNs() - before;
}

void prepareModel(LoadedModel& model, const TraceLayout& layout)
{
    const c10::InferenceMode inference;
    if (model.flow) {
        prepareFlow(model);
        return;
    }
    model.codeColours = model.pictures->codeColours();
    model.previewNs = pictureNs(*model.pictures, layout);
}

Engine::Engine() : Engine(makeDecoder, steadyNs) {}

Engine::Engine(MakeDecoder makeDecoder, Clock clock) : m_makeDecoder(std::move(makeDecoder)), m_clock(std::move(clock))
{
}

Result<RunSummary> Engine::run(LoadedModel& model, const RunContext& context, RunControl& control,
                               TraceSink& sink) const
{
    if (model.flow) {
        return runFlow(model, context, control, sink, m_clock);
    }
    Run run(model, context, control, sink, m_clock);
    const Result<void> decoded = guarded([&] { return run.decode(m_makeDecoder); });
    const RunSummary summary = run.summary(decoded ? nullptr : &decoded.error());
    sink.summary(summary);
    if (!decoded) {
        return tl::unexpected(decoded.error());
    }
    return summary;
}

} // namespace jacobi
