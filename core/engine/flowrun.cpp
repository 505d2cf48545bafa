// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/flowrun.h"

#include "core/decode/flowlatents.h"
#include "core/engine/guard.h"
#include "core/engine/previews.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <numeric>

namespace jacobi {
namespace {

double toSeconds(std::int64_t ns)
{
    return static_cast<double>(ns) * 1e-9;
}

/// One run in progress.
class FlowRun {
public:
    FlowRun(LoadedModel& model, const RunContext& context, RunControl& control, TraceSink& sink,
            const std::function<std::int64_t()>& clock)
        : m_model(model),
          m_context(context),
          m_control(control),
          m_sink(sink),
          m_clock(clock),
          m_pictures(std::max(1, context.request.pictures)),
          m_previewNs(model.previewNs + sink.previewNs(context.layout.columns * context.layout.patchPixels,
                                                       context.layout.rows * context.layout.patchPixels)),
          m_places(static_cast<std::size_t>(m_pictures))
    {
    }

    Result<void> decode(); ///< header to final pictures; may throw
    RunSummary summary(const Error* error) const;

private:
    /// A pass of one block, as one picture saw it.
    struct Seen {
        std::int64_t item = 0;
        std::uint32_t lane = 0;
        std::uint32_t committedEnd = 0;
    };

    Result<void> iterate(FlowDecoder& decoder);
    Result<void> pass(FlowDecoder& decoder);
    void preview(const FlowDecoder& decoder, const std::vector<Seen>& what);
    void finish(const FlowDecoder& decoder);
    std::int64_t send(const at::Tensor& values, const std::vector<Seen>& what, bool isFinal);
    void count(const FlowReport& report);
    std::vector<Seen> everyItem() const;
    std::vector<Seen> seenToPreview() const;
    bool canPay(std::size_t pictures) const;
    std::int64_t elapsedNs() const { return m_clock() - m_startNs - m_pausedNs; }

    LoadedModel& m_model;
    const RunContext& m_context;
    RunControl& m_control;
    TraceSink& m_sink;
    const std::function<std::int64_t()>& m_clock;
    std::int64_t m_pictures;
    std::int64_t m_previewNs; ///< what one of a picture last took, with the sink's part

    /// Where a picture is.
    struct Place {
        std::uint32_t pass = 0; ///< number of its last one
        std::uint32_t lane = 0; ///< the block it was of; where blocks overlap, the one nearest the picture
        std::vector<std::uint32_t> committed; ///< [blocks] positions
    };
    std::vector<Place> m_places; ///< [pictures]
    std::vector<Seen> m_latest;  ///< of the last pass
    bool m_overlaps = false;     ///< the blocks
    std::vector<std::int64_t> m_labels;

    bool m_started = false;
    bool m_cancelled = false;
    std::int64_t m_startNs = 0;
    std::int64_t m_pausedNs = 0;
    std::int64_t m_passEndNs = 0;
    std::int64_t m_spentNs = 0; ///< on previews and the end
    std::int64_t m_forwardNs = 0;
    std::int64_t m_samplingNs = 0;
    std::uint64_t m_passes = 0;
    std::uint64_t m_replaced = 0;
    std::uint64_t m_fallbacks = 0;
};

Result<void> FlowRun::decode()
{
    const Result<FlowSettings> settings = flowSettingsOf(m_context.request);
    if (!settings) {
        return tl::unexpected(settings.error());
    }
    if (m_control.isCancelled()) { // while the model was loading
        m_cancelled = true;
        return {};
    }
    m_overlaps = settings->strategy.overlaps();
    for (Place& place : m_places) {
        place.committed.resize(m_context.layout.blocks);
    }
    const std::unique_ptr<FlowDecoder> decoder = makeFlowDecoder(*settings, *m_model.flow);
    if (auto iterated = iterate(*decoder); !iterated) {
        return iterated;
    }
    if (m_passes > 0) { // not under the guard of iterate(): the last step needs gradients
        finish(*decoder);
    }
    return {};
}

Result<void> FlowRun::iterate(FlowDecoder& decoder)
{
    const c10::InferenceMode inference;
    if (!m_context.request.className.empty()) {
        const Result<std::vector<std::int64_t>> labels = flowLabelsOf(m_context.request, m_context.classes);
        if (!labels) {
            return tl::unexpected(labels.error());
        }
        m_labels = *labels;
    }
    m_sink.header(makeRunHeader(m_context, {}));
    m_startNs = m_clock();
    m_started = true;
    const at::Tensor latents = flowLatents(m_model.flow->layout(), m_context.request.seed, m_pictures);
    if (auto started = decoder.start(latents, m_labels); !started) {
        return started;
    }
    preview(decoder, everyItem()); // the noise it starts from
    m_passEndNs = elapsedNs();
    while (!decoder.done()) {
        if (!m_control.waitForTurn(m_pausedNs)) {
            m_cancelled = true;
            break;
        }
        if (auto passed = pass(decoder); !passed) {
            return passed;
        }
        if (const std::vector<Seen> what = seenToPreview(); !what.empty()) {
            preview(decoder, what);
        }
    }
    return {};
}

Result<void> FlowRun::pass(FlowDecoder& decoder)
{
    std::vector<std::shared_ptr<Step>> steps;
    std::int64_t known = 0;
    do {
        Result<std::shared_ptr<Step>> step = decoder.step();
        if (!step) {
            count(decoder.report());
            return tl::unexpected(step.error());
        }
        m_forwardNs += (*step)->forwardNs;
        m_samplingNs += (*step)->samplingNs;
        known += (*step)->forwardNs + (*step)->samplingNs;
        steps.push_back(std::move(*step));
    } while (decoder.waiting() > 0);
    const std::int64_t now = elapsedNs();
    const std::int64_t otherNs = std::max<std::int64_t>(0, now - m_passEndNs - known);
    m_passEndNs = now;
    ++m_passes;
    count(decoder.report());
    m_latest.clear();
    for (const auto& step : steps) {
        step->otherNs = otherNs / static_cast<std::int64_t>(steps.size());
        Place& place = m_places[step->item];
        place.pass = step->pass;
        place.lane = step->lane;
        place.committed[step->lane] = step->committedEnd;
        m_latest.push_back({step->item, step->lane, step->committedEnd});
        m_sink.step(step);
    }
    return {};
}

void FlowRun::count(const FlowReport& report)
{
    m_replaced = m_fallbacks = 0;
    for (const FlowSegmentReport& segment : report.segments) {
        m_replaced += segment.replaced;
        m_fallbacks += segment.fellBack ? 1 : 0;
    }
}

/// Where every picture is: the block it is in, or the noise before the first pass.
std::vector<FlowRun::Seen> FlowRun::everyItem() const
{
    std::vector<Seen> all;
    for (const Place& place : m_places) {
        const bool hasBegun = !place.committed.empty();
        all.push_back({static_cast<std::int64_t>(all.size()), place.lane, hasBegun ? place.committed[place.lane] : 0});
    }
    return all;
}

/// Whether previews of so many pictures are within the budget.
bool FlowRun::canPay(std::size_t pictures) const
{
    return isWithinPreviewBudget(m_spentNs + m_previewNs * static_cast<std::int64_t>(pictures), elapsedNs());
}

/// After a pass: those whose block it ended, whatever they cost, for how blocks end is what there is to see of a run; all it was of,
/// or where blocks overlap the nearest to each picture, as far as their share of the time allows, with what the ends will take.
std::vector<FlowRun::Seen> FlowRun::seenToPreview() const
{
    const auto isEnd = [this](const Seen& seen) { return seen.committedEnd == m_context.layout.positions(); };
    const auto isNearest = [this](const Seen& seen) {
        return m_places[static_cast<std::size_t>(seen.item)].lane == seen.lane;
    };
    std::vector<Seen> ended;
    std::ranges::copy_if(m_latest, std::back_inserter(ended), isEnd);
    std::vector<Seen> nearest;
    std::ranges::copy_if(m_latest, std::back_inserter(nearest),
                         [&](const Seen& seen) { return isEnd(seen) || (m_overlaps && isNearest(seen)); });
    for (const auto* some : std::initializer_list<const std::vector<Seen>*>{&m_latest, &nearest}) {
        const std::size_t keptBack = some->size() == ended.size() ? 0 : m_places.size();
        if (!some->empty() && canPay(some->size() + keptBack)) {
            return *some;
        }
    }
    return ended;
}

void FlowRun::preview(const FlowDecoder& decoder, const std::vector<Seen>& what)
{
    const std::int64_t before = m_clock();
    at::Tensor tokens;
    if (m_overlaps && m_passes > 0) {
        std::vector<at::Tensor> each;
        for (const Seen& seen : what) {
            each.push_back(decoder.stateOf(seen.item, seen.lane));
        }
        tokens = at::stack(each);
    } else {
        tokens = decoder.state();
        if (static_cast<std::int64_t>(what.size()) < m_pictures) {
            std::vector<std::int64_t> items;
            std::ranges::transform(what, std::back_inserter(items), &Seen::item);
            tokens = tokens.index_select(0, at::tensor(items).to(tokens.device()));
        }
    }
    const std::int64_t sinkNs = send(m_model.flowRenderer->values(tokens), what, false);
    const std::int64_t tookNs = m_clock() - before;
    const auto pictures = static_cast<std::int64_t>(what.size());
    m_model.previewNs = (tookNs - sinkNs) / pictures; // the next run may have another sink
    m_previewNs = tookNs / pictures;
    m_spentNs += tookNs;
}

void FlowRun::finish(const FlowDecoder& decoder)
{
    const std::int64_t before = m_clock();
    at::Tensor values = m_model.flowRenderer->values(decoder.state());
    const double multiplier = m_context.request.denoise;
    if (!m_cancelled && multiplier > 0.0) {
        values = m_model.flowRenderer->denoised(values, m_labels, multiplier);
    }
    send(values, everyItem(), true);
    m_spentNs += m_clock() - before;
}

/// values: of each of these [..., colours, height, width]. What the sink took, in nanoseconds.
std::int64_t FlowRun::send(const at::Tensor& values, const std::vector<Seen>& what, bool isFinal)
{
    const at::Tensor bytes = bytesOfValues(values); // [..., height, width, 3]
    const std::int64_t size = bytes.numel() / bytes.size(0);
    std::int64_t sinkNs = 0;
    for (std::size_t i = 0; i < what.size(); ++i) {
        auto picture = std::make_shared<Preview>();
        picture->item = static_cast<std::uint32_t>(what[i].item);
        picture->pass = m_places[static_cast<std::size_t>(what[i].item)].pass;
        picture->committedEnd = what[i].committedEnd;
        picture->lane = m_overlaps && m_passes > 0 && !isFinal ? static_cast<std::int32_t>(what[i].lane) : -1;
        picture->isFinal = isFinal;
        picture->height = static_cast<std::uint32_t>(bytes.size(1));
        picture->width = static_cast<std::uint32_t>(bytes.size(2));
        const auto* pixels = bytes.const_data_ptr<std::uint8_t>() + static_cast<std::int64_t>(i) * size;
        picture->rgb.assign(pixels, pixels + size);
        const std::int64_t before = m_clock();
        m_sink.preview(picture);
        sinkNs += m_clock() - before;
    }
    return sinkNs;
}

RunSummary FlowRun::summary(const Error* error) const
{
    RunSummary summary;
    summary.outcome = error != nullptr ? Outcome::Failed : m_cancelled ? Outcome::Cancelled : Outcome::Complete;
    summary.message = error != nullptr ? error->message : std::string();
    for (const Place& place : m_places) {
        summary.tokens = std::accumulate(place.committed.begin(), place.committed.end(), summary.tokens);
    }
    summary.passes = m_passes;
    summary.seconds = m_started ? toSeconds(elapsedNs()) : 0.0;
    summary.forwardSeconds = toSeconds(m_forwardNs);
    summary.samplingSeconds = toSeconds(m_samplingNs);
    summary.previewSeconds = toSeconds(m_spentNs);
    summary.nonFinite = m_replaced;
    summary.fallbacks = m_fallbacks;
    return summary;
}

} // namespace

Result<FlowSettings> flowSettingsOf(const RunRequest& request)
{
    Result<FlowStrategy> strategy = flowStrategyFromJson(request.plan, "The request's plan");
    if (!strategy) {
        return tl::unexpected(strategy.error());
    }
    FlowSettings settings;
    settings.strategy = std::move(*strategy);
    settings.guidance = request.guidance;
    settings.annealed = request.guidanceSchedule != kConstant;
    settings.attentionTemperature = request.attentionTemperature;
    settings.clip = request.clip;
    return settings;
}

Result<std::vector<std::int64_t>> flowLabelsOf(const RunRequest& request, const std::vector<std::string>& classes)
{
    if (request.className.empty()) {
        return std::vector<std::int64_t>{};
    }
    const auto found = std::find(classes.begin(), classes.end(), request.className);
    if (found != classes.end()) {
        return std::vector<std::int64_t>(static_cast<std::size_t>(std::max(1, request.pictures)),
                                         found - classes.begin());
    }
    constexpr std::size_t kMostShown = 20;
    std::string known;
    for (std::size_t i = 0; i < std::min(kMostShown, classes.size()); ++i) {
        known += (i == 0 ? "\"" : ", \"") + classes[i] + "\"";
    }
    if (classes.size() > kMostShown) {
        known += " and " + std::to_string(classes.size() - kMostShown) + " more";
    }
    return fail(ErrorCode::InvalidRequest, classes.empty() ? "The model knows no classes. Leave the class out."
                                                           : "There is no class \"" + request.className +
                                                                 "\". Choose one of " + known + ", or none.");
}

void prepareFlow(LoadedModel& model)
{
    const FlowLayout& layout = model.flow->layout();
    const at::Tensor tokens = at::zeros({1, layout.tokens(), layout.channels},
                                        at::TensorOptions().dtype(model.flow->realType()).device(model.flow->device()));
    const auto now = [] { return std::chrono::steady_clock::now().time_since_epoch(); };
    bytesOfValues(model.flowRenderer->values(tokens)); // The first one is slower.
    const auto before = now();
    bytesOfValues(model.flowRenderer->values(tokens));
    model.previewNs = std::chrono::duration_cast<std::chrono::nanoseconds>(now() - before).count();
}

Result<RunSummary> runFlow(LoadedModel& model, const RunContext& context, RunControl& control, TraceSink& sink,
                           const std::function<std::int64_t()>& clock)
{
    FlowRun run(model, context, control, sink, clock);
    const Result<void> decoded = guarded([&] { return run.decode(); });
    const RunSummary summary = run.summary(decoded ? nullptr : &decoded.error());
    sink.summary(summary);
    if (!decoded) {
        return tl::unexpected(decoded.error());
    }
    return summary;
}

} // namespace jacobi
