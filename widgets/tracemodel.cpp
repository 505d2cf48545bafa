// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/tracemodel.h"

#include "widgets/stepcolumns.h"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace jacobi {
namespace {

constexpr int kSnapshotEvery = 32; // passes from one snapshot of all tokens to the next
constexpr std::uint64_t kMaxPositions = 1U << 20;
constexpr std::uint64_t kMaxSide = 16384; // pixels; a layout beyond it is not drawn

bool isDrawable(const TraceLayout& layout)
{
    const std::uint64_t positions = std::uint64_t{layout.rows} * layout.columns;
    const std::uint64_t width = std::uint64_t{layout.columns} * layout.patchPixels;
    const std::uint64_t height = std::uint64_t{layout.rows} * layout.patchPixels;
    return positions > 0 && positions <= kMaxPositions && width <= kMaxSide && height <= kMaxSide;
}

} // namespace

TraceModel::TraceModel(QObject* parent) : QObject(parent) {}

TraceModel::~TraceModel() = default;

void TraceModel::dropAll()
{
    m_trace = {};
    m_item = 0;
    m_live = false;
    m_hasGrid = false;
    m_positions = 0;
    m_patches.clear();
    dropShown();
}

/// What belongs to the picture that is shown.
void TraceModel::dropShown()
{
    m_maxAccepted = 0;
    m_hasTopK = false;
    m_hasEntropy = false;
    m_hasNoise = false;
    m_steps.clear();
    m_beside.clear();
    m_untold = -1;
    m_committedEnd.clear();
    m_wallIndex.clear();
    m_wall.clear();
    m_lastTimedPass = m_lastTimedItem = m_lastTimedLane = -1;
    m_passOfAcceptance.assign(static_cast<std::size_t>(m_positions), -1);
    m_changes.assign(static_cast<std::size_t>(m_positions), {});
    m_snapshots.clear();
    m_tokens.assign(static_cast<std::size_t>(m_positions), -1);
    m_best = nullptr;
    m_bestImage = {};
    m_composed = {};
    m_composedPass = -1;
}

int TraceModel::items() const
{
    return m_trace.header == nullptr ? 1 : std::clamp(m_trace.header->request.pictures, 1, kMostPictures);
}

void TraceModel::setItem(int item)
{
    item = std::clamp(item, 0, items() - 1);
    if (item == m_item) {
        return;
    }
    m_item = item;
    dropShown();
    Q_EMIT reset();
    for (const auto& step : m_trace.steps) {
        showStep(step);
    }
    tellPasses();
    for (const auto& preview : m_trace.previews) {
        showPreview(preview);
    }
    if (!m_trace.previews.empty()) {
        Q_EMIT previewAdded();
    }
    if (isFinished()) {
        Q_EMIT finished();
    }
}

void TraceModel::clear()
{
    dropAll();
    Q_EMIT reset();
}

void TraceModel::setTrace(Trace trace)
{
    dropAll();
    takeHeader(std::move(trace.header));
    Q_EMIT reset();
    for (const auto& step : trace.steps) {
        takeStep(step);
    }
    tellPasses();
    for (const auto& preview : trace.previews) {
        takePreview(preview);
    }
    if (!m_trace.previews.empty()) {
        Q_EMIT previewAdded();
    }
    m_trace.summary = std::move(trace.summary);
    m_trace.damage = std::move(trace.damage);
    if (!isEmpty()) {
        Q_EMIT finished();
    }
}

void TraceModel::appendHeader(std::shared_ptr<const RunHeader> header)
{
    dropAll();
    takeHeader(std::move(header));
    m_live = true;
    Q_EMIT reset();
}

void TraceModel::appendStep(std::shared_ptr<const Step> step)
{
    appendSteps({std::move(step)});
}

void TraceModel::appendSteps(const std::vector<std::shared_ptr<const Step>>& steps)
{
    for (const auto& step : steps) {
        takeStep(step);
    }
    tellPasses();
}

void TraceModel::tellPasses()
{
    if (const int from = std::exchange(m_untold, -1); from >= 0) {
        Q_EMIT passesAdded(from, passes());
    }
}

void TraceModel::appendPreview(std::shared_ptr<const Preview> preview)
{
    if (preview != nullptr) {
        takePreview(preview);
        Q_EMIT previewAdded();
    }
}

void TraceModel::appendSummary(const RunSummary& summary)
{
    m_trace.summary = summary;
    m_live = false;
    Q_EMIT finished();
}

void TraceModel::takeHeader(std::shared_ptr<const RunHeader> header)
{
    m_trace.header = std::move(header);
    if (m_trace.header != nullptr && isDrawable(m_trace.header->layout)) {
        m_hasGrid = true;
        growTo(static_cast<int>(m_trace.header->layout.positions()));
    }
}

void TraceModel::growTo(int positions)
{
    if (positions <= m_positions) {
        return;
    }
    m_positions = positions;
    const auto size = static_cast<std::size_t>(positions);
    m_tokens.resize(size, -1);
    m_changes.resize(size);
    m_passOfAcceptance.resize(size, -1);
    for (auto& snapshot : m_snapshots) {
        snapshot.resize(size, -1);
    }
}

void TraceModel::takeStep(const std::shared_ptr<const Step>& step)
{
    if (step != nullptr) {
        m_trace.steps.push_back(step);
        showStep(step);
    }
}

/// A step of the pass that the one before it belongs to adds to its time; pictures of a batch share a pass, and so do blocks
/// that overlap.
void TraceModel::recordTime(const Step& step)
{
    std::int64_t time = 0;
    for (const std::int64_t part : {step.forwardNs, step.samplingNs, step.otherNs}) {
        time += std::clamp<std::int64_t>(part, 0, 1LL << 50);
    }
    const bool samePass =
        step.pass == m_lastTimedPass &&
        (step.item > m_lastTimedItem || (step.item == m_lastTimedItem && step.lane < m_lastTimedLane));
    if (samePass) {
        m_wall.back() += time;
    } else {
        m_wall.push_back(time + (m_wall.empty() ? 0 : m_wall.back()));
    }
    m_lastTimedPass = step.pass;
    m_lastTimedItem = step.item;
    m_lastTimedLane = step.lane;
}

void TraceModel::showStep(const std::shared_ptr<const Step>& step)
{
    recordTime(*step);
    if (step->item != static_cast<std::uint32_t>(m_item)) {
        return;
    }
    if (!m_hasGrid) {
        growTo(static_cast<int>(std::min<std::uint64_t>(step->end, kMaxPositions)));
    }
    if (joinsLastPass(*step)) {
        m_beside[passes() - 1].push_back(std::exchange(m_steps.back(), step));
        m_committedEnd.pop_back();
    } else {
        m_steps.push_back(step);
        m_wallIndex.push_back(static_cast<std::int32_t>(m_wall.size()) - 1);
        recordTokens(passes() - 1);
    }
    const int pass = passes() - 1;
    m_untold = m_untold < 0 ? pass : std::min(m_untold, pass);
    recordAcceptance(pass);
    m_hasTopK = m_hasTopK || !step->topK.empty();
    m_hasEntropy = m_hasEntropy || !step->entropy.empty();
    m_hasNoise = m_hasNoise || !step->noiseLevel.empty();
}

/// Blocks that overlap tell of one pass in turn, from the last to the first.
bool TraceModel::joinsLastPass(const Step& step) const
{
    return layout().isFlow() && !m_steps.empty() && m_steps.back()->pass == step.pass &&
           m_steps.back()->lane > step.lane;
}

void TraceModel::recordTokens(int pass)
{
    const Step& now = step(pass);
    for (int position = windowBegin(pass); position < windowEnd(pass); ++position) {
        const auto at = static_cast<std::size_t>(position);
        const std::int32_t token = entryOr(now, now.token, position, m_tokens[at]);
        if (token != m_tokens[at]) {
            m_changes[at].push_back({pass, token});
            m_tokens[at] = token;
        }
    }
    if ((pass + 1) % kSnapshotEvery == 0) {
        m_snapshots.push_back(m_tokens);
    }
}

void TraceModel::recordAcceptance(int pass)
{
    const int before = committedBefore(pass);
    // A token is committed out of a window: a step cannot commit what it did not hold.
    const auto claimed = static_cast<int>(std::min<std::uint64_t>(step(pass).committedEnd, kMaxPositions));
    const bool heldAny = windowBegin(pass) < windowEnd(pass);
    const int after = heldAny ? std::max(before, std::min(claimed, windowEnd(pass))) : before;
    m_committedEnd.push_back(after);
    std::fill(m_passOfAcceptance.begin() + before, m_passOfAcceptance.begin() + after, pass);
    m_maxAccepted = std::max(m_maxAccepted, after - before);
}

bool TraceModel::isLive() const
{
    return m_live;
}

TraceLayout TraceModel::layout() const
{
    return m_hasGrid ? m_trace.header->layout : TraceLayout{};
}

int TraceModel::columns() const
{
    return m_hasGrid ? static_cast<int>(m_trace.header->layout.columns) : m_positions;
}

int TraceModel::rows() const
{
    return m_hasGrid ? static_cast<int>(m_trace.header->layout.rows) : (m_positions > 0 ? 1 : 0);
}

const Step& TraceModel::step(int pass) const
{
    Q_ASSERT(pass >= 0 && pass < passes());
    return *m_steps[static_cast<std::size_t>(pass)];
}

std::vector<std::shared_ptr<const Step>> TraceModel::stepsOf(int pass) const
{
    Q_ASSERT(pass >= 0 && pass < passes());
    const auto beside = m_beside.find(pass);
    std::vector<std::shared_ptr<const Step>> all;
    if (beside != m_beside.end()) {
        all = beside->second;
    }
    all.push_back(m_steps[static_cast<std::size_t>(pass)]);
    return all;
}

int TraceModel::windowBegin(int pass) const
{
    return static_cast<int>(std::min<std::uint64_t>(step(pass).begin, static_cast<std::uint64_t>(m_positions)));
}

int TraceModel::windowEnd(int pass) const
{
    const auto end = static_cast<int>(std::min<std::uint64_t>(step(pass).end, static_cast<std::uint64_t>(m_positions)));
    return std::max(windowBegin(pass), end);
}

bool TraceModel::holds(int pass, int position) const
{
    return pass >= 0 && pass < passes() && position >= windowBegin(pass) && position < windowEnd(pass);
}

int TraceModel::committedEnd(int pass) const
{
    if (pass < 0 || m_committedEnd.empty()) {
        return 0;
    }
    return m_committedEnd[static_cast<std::size_t>(std::min(pass, static_cast<int>(m_committedEnd.size()) - 1))];
}

int TraceModel::committed() const
{
    return committedEnd(passes() - 1);
}

int TraceModel::acceptedInPass(int pass) const
{
    return committedEnd(pass) - committedBefore(pass);
}

int TraceModel::committedBefore(int pass) const
{
    const bool anew = layout().isFlow() && pass > 0 && pass < passes() && step(pass).lane != step(pass - 1).lane;
    return anew ? 0 : committedEnd(pass - 1);
}

double TraceModel::secondsUntil(int pass) const
{
    if (pass < 0 || m_wallIndex.empty()) {
        return 0.0;
    }
    const int last = m_wallIndex[static_cast<std::size_t>(std::min(pass, passes() - 1))];
    return static_cast<double>(m_wall[static_cast<std::size_t>(last)]) * 1e-9;
}

double TraceModel::tokensPerPass() const
{
    return passes() > 0 ? static_cast<double>(committed()) / passes() : 0.0;
}

void TraceModel::writeTokens(int pass, std::vector<std::int32_t>& tokens) const
{
    const Step& now = step(pass);
    for (int position = windowBegin(pass); position < windowEnd(pass); ++position) {
        auto& token = tokens[static_cast<std::size_t>(position)];
        token = entryOr(now, now.token, position, token);
    }
}

std::vector<std::int32_t> TraceModel::tokensAfter(int pass) const
{
    if (pass >= passes() - 1) {
        return m_tokens;
    }
    const int snapshots = (std::max(pass, -1) + 1) / kSnapshotEvery;
    auto tokens = snapshots > 0 ? m_snapshots[static_cast<std::size_t>(snapshots - 1)]
                                : std::vector<std::int32_t>(static_cast<std::size_t>(m_positions), -1);
    for (int at = snapshots * kSnapshotEvery; at <= pass; ++at) {
        writeTokens(at, tokens);
    }
    return tokens;
}

} // namespace jacobi
