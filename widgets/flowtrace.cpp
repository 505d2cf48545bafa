// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/flowtrace.h"

#include "widgets/tracemodel.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

namespace jacobi {
namespace {

constexpr std::uint32_t kMaxBlocks = 4096; ///< a trace may say anything
constexpr std::uint32_t kMaxSide = 16384;  ///< pixels

QImage imageOf(const std::shared_ptr<const Preview>& preview)
{
    if (preview == nullptr) {
        return {};
    }
    const QImage view(preview->rgb.data(), static_cast<int>(preview->width), static_cast<int>(preview->height),
                      static_cast<qsizetype>(preview->width) * 3, QImage::Format_RGB888);
    return view.convertToFormat(QImage::Format_RGB32);
}

bool isWhole(const Preview& preview)
{
    return preview.width > 0 && preview.height > 0 && preview.width <= kMaxSide && preview.height <= kMaxSide &&
           preview.rgb.size() == std::size_t{3} * preview.width * preview.height;
}

double residualOf(const Step& step, FlowStop stop)
{
    double squares = 0.0;
    double largest = 0.0;
    int count = 0;
    for (const float value : step.residual) {
        if (!std::isnan(value)) {
            squares += static_cast<double>(value) * static_cast<double>(value);
            largest = std::max(largest, std::abs(static_cast<double>(value)));
            ++count;
        }
    }
    if (count == 0) {
        return std::numeric_limits<double>::quiet_NaN();
    }
    return stop == FlowStop::Max ? largest : std::sqrt(squares / count);
}

} // namespace

FlowTrace::FlowTrace(TraceModel* model, QObject* parent) : QObject(parent), m_model(model)
{
    connect(model, &TraceModel::reset, this, &FlowTrace::restart);
    connect(model, &TraceModel::passesAdded, this, &FlowTrace::takePasses);
    connect(model, &TraceModel::previewAdded, this, &FlowTrace::takePictures);
    restart();
}

bool FlowTrace::isFlow() const
{
    return m_model->layout().isFlow();
}

int FlowTrace::blocks() const
{
    return static_cast<int>(std::min(m_model->layout().blocks, kMaxBlocks));
}

void FlowTrace::restart()
{
    m_runs.clear();
    m_series.clear();
    m_runOf.clear();
    m_overlaps = false;
    m_start = nullptr;
    m_previews.clear();
    m_final = nullptr;
    m_seenPreviews = 0;
    m_plan.reset();
    if (const RunHeader* header = m_model->header(); header != nullptr && !header->request.plan.empty()) {
        if (Result<FlowStrategy> plan = flowStrategyFromJson(header->request.plan, "plan")) {
            m_plan = std::move(*plan);
        }
    }
    Q_EMIT picturesChanged();
}

void FlowTrace::takePasses(int from, int to)
{
    if (!isFlow()) {
        return;
    }
    m_runOf.resize(std::min(m_runOf.size(), static_cast<std::size_t>(from)));
    for (int pass = from; pass < to; ++pass) {
        const auto steps = m_model->stepsOf(pass);
        for (const auto& step : steps) {
            const auto claimed =
                std::min<std::uint64_t>(step->committedEnd, static_cast<std::uint64_t>(m_model->positions()));
            takeStep(pass, *step, step == steps.back() ? m_model->committedEnd(pass) : static_cast<int>(claimed));
        }
        m_overlaps = m_overlaps || steps.size() > 1;
    }
}

/// The run of the block that the pass belongs to, or a new one.
int FlowTrace::runFor(int block, int pass)
{
    for (auto at = static_cast<int>(m_runs.size()) - 1; at >= 0; --at) {
        const BlockRun& run = m_runs[static_cast<std::size_t>(at)];
        if (run.block == block && run.end >= pass) {
            return at;
        }
    }
    m_runs.push_back({block, pass, pass});
    m_series.emplace_back();
    return static_cast<int>(m_runs.size()) - 1;
}

void FlowTrace::takeStep(int pass, const Step& step, int committedEnd)
{
    const auto block = static_cast<int>(std::min(step.lane, kMaxBlocks));
    const int at = runFor(block, pass);
    BlockRun& run = m_runs[static_cast<std::size_t>(at)];
    Series& series = m_series[static_cast<std::size_t>(at)];
    m_runOf.resize(static_cast<std::size_t>(pass) + 1, at);
    m_runOf.back() = at;
    run.end = pass + 1;
    const auto passes = static_cast<std::size_t>(run.passes());
    const std::optional<FlowBlockPlan> plan = this->plan(block);
    series.residual.resize(passes, std::numeric_limits<double>::quiet_NaN());
    series.residual.back() = residualOf(step, plan ? plan->stop : FlowStop::Rms);
    series.committedEnd.resize(passes, series.committedEnd.empty() ? 0 : series.committedEnd.back());
    series.committedEnd.back() = committedEnd;
}

void FlowTrace::takePictures()
{
    const auto& all = m_model->trace().previews;
    if (!isFlow()) {
        m_seenPreviews = all.size();
        return;
    }
    for (; m_seenPreviews < all.size(); ++m_seenPreviews) {
        const std::shared_ptr<const Preview>& preview = all[m_seenPreviews];
        if (preview->item != static_cast<std::uint32_t>(m_model->item()) || !isWhole(*preview)) {
            continue;
        }
        if (preview->isFinal) {
            m_final = preview;
            continue;
        }
        if (isOfTheStart(*preview)) {
            m_start = preview;
            continue;
        }
        const auto after = std::upper_bound(m_previews.begin(), m_previews.end(), preview,
                                            [](const auto& a, const auto& b) { return a->pass < b->pass; });
        m_previews.insert(after, preview);
    }
    Q_EMIT picturesChanged();
}

int FlowTrace::runAt(int pass) const
{
    return pass >= 0 && pass < static_cast<int>(m_runOf.size()) ? m_runOf[static_cast<std::size_t>(pass)] : -1;
}

int FlowTrace::blockOf(int pass) const
{
    const int run = runAt(pass);
    return run < 0 ? -1 : m_runs[static_cast<std::size_t>(run)].block;
}

std::optional<BlockRun> FlowTrace::runOf(int block) const
{
    const auto found = std::ranges::find(m_runs, block, &BlockRun::block);
    return found == m_runs.end() ? std::nullopt : std::optional(*found);
}

std::vector<int> FlowTrace::runsAt(int pass) const
{
    std::vector<int> at;
    for (std::size_t run = 0; run < m_runs.size(); ++run) {
        if (pass >= m_runs[run].begin && pass < m_runs[run].end) {
            at.push_back(static_cast<int>(run));
        }
    }
    return at;
}

QString FlowTrace::blockWords(int pass) const
{
    const std::vector<int> at = runsAt(pass);
    if (at.empty()) {
        return {};
    }
    const int first = m_runs[static_cast<std::size_t>(at.front())].block;
    const int last = m_runs[static_cast<std::size_t>(at.back())].block;
    return first == last ? tr("block %1").arg(first) : tr("blocks %1 to %2").arg(first).arg(last);
}

double FlowTrace::residual(int pass) const
{
    double most = std::numeric_limits<double>::quiet_NaN();
    for (const int run : runsAt(pass)) {
        const double own = residual(run, pass);
        most = std::isnan(most) || own > most ? own : most;
    }
    return most;
}

double FlowTrace::residual(int run, int pass) const
{
    if (run < 0 || run >= static_cast<int>(m_runs.size())) {
        return std::numeric_limits<double>::quiet_NaN();
    }
    const auto at = static_cast<std::size_t>(run);
    const bool took = pass >= m_runs[at].begin && pass < m_runs[at].end;
    return took ? m_series[at].residual[static_cast<std::size_t>(pass - m_runs[at].begin)]
                : std::numeric_limits<double>::quiet_NaN();
}

int FlowTrace::finalAfter(int run, int pass) const
{
    if (run < 0 || run >= static_cast<int>(m_runs.size()) || pass < m_runs[static_cast<std::size_t>(run)].begin) {
        return 0;
    }
    const auto at = static_cast<std::size_t>(run);
    return m_series[at].committedEnd[static_cast<std::size_t>(std::min(pass, m_runs[at].end - 1) - m_runs[at].begin)];
}

std::optional<FlowBlockPlan> FlowTrace::plan(int block) const
{
    if (!m_plan) {
        return std::nullopt;
    }
    const auto found = std::ranges::find_if(
        m_plan->blocks, [block](const FlowBlockPlan& plan) { return static_cast<std::int64_t>(plan.block) == block; });
    return found == m_plan->blocks.end() ? std::nullopt : std::optional(*found);
}

double FlowTrace::tolerance(int block) const
{
    const std::optional<FlowBlockPlan> plan = this->plan(block);
    return plan && plan->method != FlowMethod::Sequential ? plan->tolerance : 0.0;
}

bool FlowTrace::isSegmentStart(int pass) const
{
    const int run = runAt(pass);
    return run >= 0 && pass > m_runs[static_cast<std::size_t>(run)].begin &&
           m_model->step(pass).segment != m_model->step(pass - 1).segment;
}

bool FlowTrace::isConverged(int run) const
{
    return run >= 0 && run < static_cast<int>(m_runs.size()) &&
           finalAfter(run, m_runs[static_cast<std::size_t>(run)].end - 1) >= m_model->positions();
}

int FlowTrace::doneAfter(int pass) const
{
    int done = 0;
    for (std::size_t run = 0; run < m_runs.size(); ++run) {
        done += finalAfter(static_cast<int>(run), pass);
    }
    return std::min(done, total());
}

int FlowTrace::total() const
{
    return blocks() * m_model->positions();
}

int FlowTrace::sequentialPasses() const
{
    return blocks() * std::max(1, m_model->positions() - 1);
}

QImage FlowTrace::pictureAt(int pass) const
{
    if (m_final != nullptr && pass >= m_model->passes() - 1) {
        return imageOf(m_final);
    }
    if (pass < 0 || pass >= m_model->passes()) {
        return {};
    }
    const auto after = behind(pass);
    if (after == m_previews.begin()) {
        return imageOf(m_start);
    }
    // Of blocks that overlap, the one nearest the picture, if there is one of it.
    const auto of = [block = blockOf(pass)](const auto& preview) {
        return preview->lane < 0 || preview->lane == block;
    };
    const auto own = std::find_if(std::make_reverse_iterator(after), m_previews.rend(), of);
    return imageOf(own == m_previews.rend() ? *std::prev(after) : *own);
}

/// One past the last preview of the pass or one before it.
FlowTrace::Previews::const_iterator FlowTrace::behind(int pass) const
{
    return std::upper_bound(m_previews.begin(), m_previews.end(), m_model->step(pass).pass,
                            [](std::uint32_t value, const auto& preview) { return value < preview->pass; });
}

QImage FlowTrace::pictureOf(int block, int pass) const
{
    const std::optional<BlockRun> run = runOf(block);
    if (!run || pass < run->begin || pass >= m_model->passes()) {
        return {};
    }
    const std::uint32_t first = m_model->step(run->begin).pass;
    const auto after = std::make_reverse_iterator(behind(std::min(pass, run->end - 1)));
    const auto found = std::find_if(after, m_previews.rend(), [=](const auto& preview) {
        return preview->pass >= first && (preview->lane < 0 || preview->lane == block);
    });
    return found == m_previews.rend() ? QImage() : imageOf(*found);
}

QImage FlowTrace::pictureAfter(int block) const
{
    const auto run = std::ranges::find(m_runs, block, &BlockRun::block);
    if (run == m_runs.end() || !isConverged(static_cast<int>(run - m_runs.begin()))) {
        return {};
    }
    const std::uint32_t last = m_model->step(run->end - 1).pass;
    const auto found = std::ranges::find_if(m_previews, [=](const auto& preview) {
        return preview->pass == last && (preview->lane < 0 || preview->lane == block);
    });
    return found == m_previews.end() ? QImage() : imageOf(*found);
}

QImage FlowTrace::startPicture() const
{
    return imageOf(m_start);
}

QImage FlowTrace::finalPicture() const
{
    return imageOf(m_final);
}

QString planWords(const FlowBlockPlan& plan)
{
    switch (plan.method) {
    case FlowMethod::Sequential: return FlowTrace::tr("one by one");
    case FlowMethod::Jacobi: return FlowTrace::tr("Jacobi");
    case FlowMethod::Segments:
        return plan.segments == 1 ? FlowTrace::tr("Jacobi") : FlowTrace::tr("%1 segments").arg(plan.segments);
    case FlowMethod::Front: return FlowTrace::tr("front %1").arg(plan.window);
    }
    return {};
}

QString briefPlanWords(const FlowBlockPlan& plan)
{
    return plan.method == FlowMethod::Segments && plan.segments > 1 ? FlowTrace::tr("%1 seg.").arg(plan.segments)
                                                                    : planWords(plan);
}

} // namespace jacobi
