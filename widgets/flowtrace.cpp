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
    m_runOf.clear();
    m_residual.clear();
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
    for (int pass = from; pass < to; ++pass) {
        const Step& step = m_model->step(pass);
        const auto block = static_cast<int>(std::min(step.lane, kMaxBlocks));
        if (m_runs.empty() || m_runs.back().block != block) {
            m_runs.push_back({block, pass, pass});
        }
        m_runs.back().end = pass + 1;
        m_runOf.push_back(static_cast<int>(m_runs.size()) - 1);
        const std::optional<FlowBlockPlan> plan = this->plan(block);
        m_residual.push_back(residualOf(step, plan ? plan->stop : FlowStop::Rms));
    }
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

double FlowTrace::residual(int pass) const
{
    return pass >= 0 && pass < static_cast<int>(m_residual.size()) ? m_residual[static_cast<std::size_t>(pass)]
                                                                   : std::numeric_limits<double>::quiet_NaN();
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
           m_model->committedEnd(m_runs[static_cast<std::size_t>(run)].end - 1) >= m_model->positions();
}

int FlowTrace::doneAfter(int pass) const
{
    const int run = runAt(std::min(pass, static_cast<int>(m_runOf.size()) - 1));
    return run < 0 ? 0 : run * m_model->positions() + m_model->committedEnd(pass);
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
    const std::uint32_t number = m_model->step(pass).pass;
    auto after = std::upper_bound(m_previews.begin(), m_previews.end(), number,
                                  [](std::uint32_t value, const auto& preview) { return value < preview->pass; });
    return imageOf(after == m_previews.begin() ? m_start : *std::prev(after));
}

QImage FlowTrace::pictureAfter(int block) const
{
    const std::optional<BlockRun> run = runOf(block);
    if (!run || m_model->committedEnd(run->end - 1) < m_model->positions()) {
        return {};
    }
    const std::uint32_t last = m_model->step(run->end - 1).pass;
    const auto found = std::ranges::find(m_previews, last, [](const auto& preview) { return preview->pass; });
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

} // namespace jacobi
