// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/session.h"

#include "app/studio/errorwords.h"
#include "app/studio/runwords.h"
#include "widgets/tracemodel.h"

#include <utility>

namespace jacobi {
namespace {

constexpr int kLookMs = 33; // at most thirty looks a second; each takes all that came

} // namespace

Session::Session(BackendSource source, TraceModel* model, QObject* parent)
    : QObject(parent), m_model(model), m_thread(std::move(source))
{
    m_timer.setInterval(kLookMs);
    connect(&m_timer, &QTimer::timeout, this, &Session::drain);
    connect(&m_thread, &BackendThread::modelsFound, this, &Session::setModels);
    connect(&m_thread, &BackendThread::opened, this,
            [this](const DeviceInfo& device, const std::vector<ModelInfo>& models) {
                m_isOpen = true;
                m_device = device;
                setModels(models);
                Q_EMIT deviceChanged();
                refreshPhase();
            });
    connect(&m_thread, &BackendThread::openFailed, this, [this](const Error& error) {
        m_isOpen = false;
        m_unavailableReason = sentenceOf(error);
        if (m_order && !m_began) {
            m_liveShown = m_liveShown && m_shownBefore;
        }
        m_order.reset(); // What waited for it never begins; this one message says why.
        m_timer.stop();
        setPhase(Phase::Unavailable);
        Q_EMIT deviceChanged();
        Q_EMIT backendFailed(error);
    });
    connect(&m_thread, &BackendThread::deviceChanged, this, [this](const DeviceInfo& device) {
        m_device = device;
        Q_EMIT deviceChanged();
    });
    connect(&m_thread, &BackendThread::runPrepared, this, [this](quint64 id, const ResolvedRequest& resolved) {
        if (m_order && m_order->id == id) {
            Q_EMIT prepared(resolved);
        }
    });
    connect(&m_thread, &BackendThread::measuring, this, [this](quint64 id, double fraction) {
        if (m_order && m_order->id == id) {
            Q_EMIT measuring(fraction);
        }
    });
    connect(&m_thread, &BackendThread::recordingFailed, this,
            [this](quint64, const Error& error) { Q_EMIT recordingFailed(error); });
    connect(&m_thread, &BackendThread::runEnded, this, [this](const RunEnd& end) {
        if (m_order && m_order->id == end.id) {
            finish(end);
        }
    });
    connect(&m_thread, &BackendThread::judged, this, &Session::judged);
    connect(&m_thread, &BackendThread::analysing, this, &Session::analysing);
    connect(&m_thread, &BackendThread::analysisEnded, this, [this](const std::optional<Error>& error) {
        m_analysis.reset();
        Q_EMIT analysisEnded(error);
    });
}

quint64 Session::judge(const std::string& family, const std::string& prompt, std::vector<QImage> pictures)
{
    m_thread.judge({++m_lastId, family, prompt, std::move(pictures)});
    return m_lastId;
}

bool Session::analyse(const std::string& modelId)
{
    if (isAnalysing() || m_phase == Phase::Unavailable) {
        return false;
    }
    m_analysis.emplace();
    m_thread.analyse({modelId, *m_analysis});
    return true;
}

void Session::open(const BackendOptions& options)
{
    m_options = options;
    m_isOpen = false;
    m_device.reset();
    m_unavailableReason.clear();
    m_thread.open(options);
    refreshPhase();
    Q_EMIT deviceChanged();
}

void Session::setModels(const std::vector<ModelInfo>& models)
{
    m_models = models;
    m_modelsKnown = true;
    Q_EMIT modelsChanged();
}

void Session::setPhase(Phase phase)
{
    if (phase != m_phase) {
        m_phase = phase;
        Q_EMIT phaseChanged();
    }
}

void Session::refreshPhase()
{
    if (m_order) {
        setPhase(m_order->control->isCancelled() ? Phase::Stopping
                 : !m_began                      ? Phase::Starting
                 : m_order->control->isPaused()  ? Phase::Paused
                                                 : Phase::Running);
    } else {
        setPhase(m_isOpen ? Phase::Ready : m_unavailableReason.isEmpty() ? Phase::Opening : Phase::Unavailable);
    }
}

bool Session::generate(const RunRequest& request)
{
    if (m_order || m_phase == Phase::Unavailable) {
        return false;
    }
    RunOrder order;
    order.id = ++m_lastId;
    order.request = request;
    order.control = std::make_shared<RunControl>();
    order.pump = std::make_shared<EventPump>();
    order.runsFolder = m_runsFolder;
    m_order = order;
    m_began = false;
    m_shownBefore = std::exchange(m_liveShown, true);
    m_thread.run(order);
    m_timer.start();
    refreshPhase();
    return true;
}

void Session::drain()
{
    if (m_order) {
        apply(m_order->pump->take());
    }
}

void Session::apply(const EventBatch& batch)
{
    if (batch.isEmpty()) {
        return;
    }
    const bool begins = batch.header != nullptr;
    if (begins) {
        m_began = true;
        m_live = {};
        m_live.header = batch.header;
    }
    if (!m_began) {
        return; // The summary of a run that never began; its end says why.
    }
    m_live.steps.insert(m_live.steps.end(), batch.steps.begin(), batch.steps.end());
    m_live.previews.insert(m_live.previews.end(), batch.previews.begin(), batch.previews.end());
    if (batch.summary) {
        m_live.summary = batch.summary;
    }
    if (m_liveShown && m_live.header != nullptr) {
        if (begins) {
            m_model->appendHeader(batch.header);
            Q_EMIT shownChanged();
        }
        m_model->appendSteps(batch.steps);
        for (const auto& preview : batch.previews) {
            m_model->appendPreview(preview);
        }
        if (batch.summary) {
            m_model->appendSummary(*batch.summary);
        }
    }
    if (begins) {
        refreshPhase();
        Q_EMIT runBegan();
    }
}

void Session::finish(const RunEnd& end)
{
    drain(); // The worker said everything before it said that it ended.
    m_timer.stop();
    m_order.reset();
    m_liveShown = m_liveShown && (m_began || m_shownBefore); // who looked elsewhere meanwhile still does
    refreshPhase();
    Q_EMIT runEnded(end);
}

void Session::showLive()
{
    if (m_liveShown || (m_live.header == nullptr && !m_order)) {
        return;
    }
    m_liveShown = true;
    const bool isAhead = m_order && !m_began; // it shows itself when it begins; until then the one before is there
    m_shownBefore = m_live.header != nullptr &&
                    (!isAhead || m_live.header->layout.isFlow() == isFlowRequest(m_order->request));
    if (!m_shownBefore) {
        return;
    }
    m_model->appendHeader(m_live.header);
    Q_EMIT shownChanged();
    m_model->appendSteps(m_live.steps);
    for (const auto& preview : m_live.previews) {
        m_model->appendPreview(preview);
    }
    if (m_live.summary) {
        m_model->appendSummary(*m_live.summary);
    }
}

void Session::showTrace(Trace trace)
{
    m_liveShown = false;
    m_model->setTrace(std::move(trace));
    Q_EMIT shownChanged();
}

void Session::showNothing()
{
    m_liveShown = false;
    m_model->clear();
    Q_EMIT shownChanged();
}

void Session::pause()
{
    if (m_order) {
        m_order->control->pause();
        refreshPhase();
    }
}

void Session::resume()
{
    if (m_order) {
        m_order->control->resume();
        refreshPhase();
    }
}

void Session::step()
{
    if (m_order) {
        m_order->control->step();
        refreshPhase();
    }
}

void Session::stop()
{
    if (m_order) {
        m_order->control->cancel();
        refreshPhase();
    } else if (isAnalysing()) {
        m_analysis->request_stop();
    }
}

} // namespace jacobi
