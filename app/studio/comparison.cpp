// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/comparison.h"

#include "app/studio/session.h"
#include "widgets/tracemodel.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace jacobi {
namespace {

void takeResult(const Trace& trace, ComparedRun& run)
{
    TraceModel model;
    model.setTrace(trace);
    run.request = trace.header->request;
    run.passes = model.passes();
    run.tokensPerPass = model.tokensPerPass();
    run.seconds = trace.summary ? trace.summary->seconds : 0.0;
    if (run.passes > 0) {
        run.tokens = model.tokensAfter(run.passes - 1);
        run.picture = model.compose(run.passes - 1);
    }
}

} // namespace

std::vector<RunRequest> comparedRequests(const RunRequest& request, const ModelInfo& model)
{
    RunRequest one = request;
    one.pictures = 1;
    std::vector<RunRequest> list;
    const auto add = [&](const char* method, const std::string& coupling, int noiseSteps) {
        list.push_back(one);
        list.back().method = method;
        list.back().coupling = coupling;
        list.back().noiseSteps = noiseSteps;
    };
    add("sequential", one.coupling, one.noiseSteps);
    for (const char* coupling : {"independent", "maximal", "gumbel-exact"}) {
        add("sjd", coupling, one.noiseSteps);
    }
    if (model.mostNoiseSteps > 0) {
        const int steps = request.noiseSteps > 0 ? request.noiseSteps : kUsualNoiseSteps;
        add("sjd2", "maximal", std::min(steps, model.mostNoiseSteps));
    }
    return list;
}

Comparison::Comparison(Session* session, QObject* parent) : QObject(parent), m_session(session)
{
    connect(session, &Session::runBegan, this, [this] {
        if (isGoingOn()) {
            m_runs[static_cast<std::size_t>(m_current)].request = m_session->liveTrace().header->request;
            Q_EMIT changed();
        }
    });
    connect(session, &Session::runEnded, this, &Comparison::end);
    connect(session, &Session::judged, this, &Comparison::take);
    connect(session, &Session::backendFailed, this, [this] {
        if (isGoingOn()) {
            m_runs[static_cast<std::size_t>(std::exchange(m_current, -1))].state = ComparedRun::State::Failed;
            Q_EMIT changed();
        }
    });
}

bool Comparison::start(const RunRequest& request, const ModelInfo& model)
{
    if (m_session->isBusy() || m_session->phase() == Session::Phase::Unavailable) {
        return false;
    }
    m_runs.clear();
    m_family = model.family;
    m_judging = 0;
    for (RunRequest& one : comparedRequests(request, model)) {
        ComparedRun run;
        run.request = std::move(one);
        m_runs.push_back(std::move(run));
    }
    order(0);
    return true;
}

void Comparison::order(int run)
{
    ComparedRun& next = m_runs[static_cast<std::size_t>(run)];
    m_current = run;
    next.state = ComparedRun::State::Running;
    if (!m_session->generate(next.request)) { // Somebody was quicker.
        next.state = ComparedRun::State::Waiting;
        m_current = -1;
    }
    Q_EMIT changed();
}

void Comparison::stop()
{
    if (isGoingOn()) {
        m_session->stop(); // Its end ends the comparison.
    }
}

void Comparison::end(const RunEnd& end)
{
    if (!isGoingOn()) {
        return;
    }
    const int ended = std::exchange(m_current, -1);
    ComparedRun& run = m_runs[static_cast<std::size_t>(ended)];
    const bool cancelled = (end.error && end.error->code == ErrorCode::Cancelled) ||
                           (end.summary && end.summary->outcome == Outcome::Cancelled);
    run.state = cancelled   ? ComparedRun::State::Stopped
                : end.error ? ComparedRun::State::Failed
                            : ComparedRun::State::Done;
    run.tracePath = end.tracePath;
    if (run.state == ComparedRun::State::Done) {
        takeResult(m_session->liveTrace(), run);
        if (ended + 1 < static_cast<int>(m_runs.size())) {
            order(ended + 1);
            return;
        }
        judge();
    }
    Q_EMIT changed();
}

void Comparison::judge()
{
    std::vector<QImage> pictures;
    for (const ComparedRun& run : m_runs) {
        pictures.push_back(run.picture);
    }
    m_judging = m_session->judge(m_family, m_runs.front().request.prompt, std::move(pictures));
}

void Comparison::take(quint64 order, const std::vector<Judgement>& found)
{
    if (order != m_judging || found.size() != m_runs.size()) {
        return;
    }
    for (std::size_t at = 0; at < m_runs.size(); ++at) {
        m_runs[at].judgement = found[at];
    }
    Q_EMIT changed();
}

double Comparison::equalTokens(std::size_t run) const
{
    const std::vector<std::int32_t>& mine = m_runs[run].tokens;
    const std::vector<std::int32_t>& sequential = m_runs.front().tokens;
    if (mine.empty() || mine.size() != sequential.size()) {
        return std::numeric_limits<double>::quiet_NaN();
    }
    std::size_t equal = 0;
    for (std::size_t position = 0; position < mine.size(); ++position) {
        equal += mine[position] == sequential[position] ? 1 : 0;
    }
    return static_cast<double>(equal) / static_cast<double>(mine.size());
}

} // namespace jacobi
