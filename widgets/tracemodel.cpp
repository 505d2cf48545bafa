// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/tracemodel.h"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace jacobi {
namespace {

constexpr int kSnapshotEvery = 32;           // passes from one snapshot of all tokens to the next
constexpr std::uint64_t kMaxPositions = 1U << 20;
constexpr std::uint64_t kMaxSide = 16384;    // pixels; a layout beyond it is not drawn

bool isDrawable(const TraceLayout& layout)
{
    const std::uint64_t positions = std::uint64_t{layout.rows} * layout.columns;
    const std::uint64_t width = std::uint64_t{layout.columns} * layout.patchPixels;
    const std::uint64_t height = std::uint64_t{layout.rows} * layout.patchPixels;
    return positions > 0 && positions <= kMaxPositions && width <= kMaxSide && height <= kMaxSide;
}

// A column of the wrong length counts as absent.
template <class T>
const T* entry(const Step& step, const std::vector<T>& column, int position)
{
    const auto at = static_cast<std::uint32_t>(position);
    if (at < step.begin || at >= step.end || column.size() != step.end - step.begin) {
        return nullptr;
    }
    return &column[at - step.begin];
}

template <class T>
T entryOr(const Step& step, const std::vector<T>& column, int position, T otherwise)
{
    const T* value = entry(step, column, position);
    return value != nullptr ? *value : otherwise;
}

} // namespace

TraceModel::TraceModel(QObject* parent) : QObject(parent) {}

TraceModel::~TraceModel() = default;

void TraceModel::dropAll()
{
    m_trace = {};
    m_live = false;
    m_hasGrid = false;
    m_positions = 0;
    m_maxAccepted = 0;
    m_hasTopK = false;
    m_hasEntropy = false;
    m_steps.clear();
    m_committedEnd.clear();
    m_nanoseconds.clear();
    m_passOfAcceptance.clear();
    m_changes.clear();
    m_snapshots.clear();
    m_tokens.clear();
    m_best = nullptr;
    m_bestImage = {};
    m_patches.clear();
    m_composed = {};
    m_composedPass = -1;
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
    if (!m_steps.empty()) {
        Q_EMIT passesAdded(0, passes());
    }
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
    const int from = passes();
    for (const auto& step : steps) {
        takeStep(step);
    }
    if (passes() > from) {
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

bool TraceModel::takeStep(const std::shared_ptr<const Step>& step)
{
    if (step == nullptr) {
        return false;
    }
    m_trace.steps.push_back(step);
    if (step->item != static_cast<std::uint32_t>(item())) {
        return false;
    }
    if (!m_hasGrid) {
        growTo(static_cast<int>(std::min<std::uint64_t>(step->end, kMaxPositions)));
    }
    m_steps.push_back(step);
    const int pass = passes() - 1;
    recordTokens(pass);
    recordAcceptance(pass);
    const auto add = [](std::int64_t sum, std::int64_t ns) { return sum + std::clamp<std::int64_t>(ns, 0, 1LL << 50); };
    const std::int64_t before = pass > 0 ? m_nanoseconds.back() : 0;
    m_nanoseconds.push_back(add(add(add(before, step->forwardNs), step->samplingNs), step->otherNs));
    m_hasTopK = m_hasTopK || !step->topK.empty();
    m_hasEntropy = m_hasEntropy || !step->entropy.empty();
    return true;
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
    const int before = committedEnd(pass - 1);
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
    return committedEnd(pass) - committedEnd(pass - 1);
}

double TraceModel::secondsUntil(int pass) const
{
    if (pass < 0 || m_nanoseconds.empty()) {
        return 0.0;
    }
    const int last = std::min(pass, passes() - 1);
    return static_cast<double>(m_nanoseconds[static_cast<std::size_t>(last)]) * 1e-9;
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

std::int32_t TraceModel::tokenAt(int pass, int position) const
{
    if (position < 0 || position >= m_positions) {
        return -1;
    }
    const auto& changes = m_changes[static_cast<std::size_t>(position)];
    const auto after = std::upper_bound(changes.begin(), changes.end(), pass,
                                        [](int value, const Change& change) { return value < change.pass; });
    return after == changes.begin() ? -1 : std::prev(after)->token;
}

int TraceModel::changesOf(int position, int untilPass) const
{
    if (position < 0 || position >= m_positions) {
        return 0;
    }
    const auto& changes = m_changes[static_cast<std::size_t>(position)];
    const auto after = std::upper_bound(changes.begin(), changes.end(), untilPass,
                                        [](int value, const Change& change) { return value < change.pass; });
    return std::max(0, static_cast<int>(after - changes.begin()) - 1); // the first draw is no change
}

CellState TraceModel::stateAt(int pass, int position) const
{
    if (pass < 0 || pass >= passes() || position < 0 || position >= m_positions) {
        return CellState::Outside;
    }
    if (position < committedEnd(pass)) {
        return position < committedEnd(pass - 1) ? CellState::AcceptedBefore : CellState::AcceptedNow;
    }
    if (!holds(pass, position)) {
        return CellState::Outside;
    }
    const TokenState* state = entry(step(pass), step(pass).state, position);
    if (state == nullptr) { // no state column: what the tokens themselves say
        const auto before = tokenAt(pass - 1, position);
        return before < 0 ? CellState::New : before == tokenAt(pass, position) ? CellState::Kept : CellState::Redrawn;
    }
    switch (*state) {
    case TokenState::New:
    case TokenState::Noisy: return CellState::New;
    case TokenState::Redrawn: return CellState::Redrawn;
    default: return CellState::Kept;
    }
}

int TraceModel::passOfAcceptance(int position) const
{
    return position >= 0 && position < m_positions ? m_passOfAcceptance[static_cast<std::size_t>(position)] : -1;
}

TokenMoment TraceModel::momentAt(int pass, int position) const
{
    int at = std::min(pass, passes() - 1);
    while (at >= 0 && !holds(at, position)) {
        --at;
    }
    TokenMoment moment;
    if (at < 0) {
        return moment;
    }
    const Step& now = step(at);
    const float nothing = std::numeric_limits<float>::quiet_NaN();
    moment.pass = at;
    moment.token = tokenAt(at, position);
    moment.draft = entryOr(now, now.draft, position, -1);
    moment.state = entryOr(now, now.state, position, TokenState::Kept);
    moment.p = entryOr(now, now.p, position, nothing);
    moment.q = entryOr(now, now.q, position, nothing);
    moment.u = entryOr(now, now.u, position, nothing);
    moment.entropy = entryOr(now, now.entropy, position, nothing);
    return moment;
}

std::vector<TokenMoment> TraceModel::history(int position) const
{
    std::vector<TokenMoment> moments;
    for (int pass = 0; pass < passes(); ++pass) {
        if (holds(pass, position)) {
            moments.push_back(momentAt(pass, position));
        }
    }
    return moments;
}

std::vector<Candidate> TraceModel::candidatesAt(int pass, int position) const
{
    std::vector<Candidate> used;
    if (!holds(pass, position)) {
        return used;
    }
    if (const Candidates* all = entry(step(pass), step(pass).topK, position)) {
        std::copy_if(all->begin(), all->end(), std::back_inserter(used), [](const Candidate& c) { return c.code >= 0; });
    }
    return used;
}

} // namespace jacobi
