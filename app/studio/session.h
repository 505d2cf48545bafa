// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/studio/backendthread.h"
#include "core/trace/trace.h"

#include <QObject>
#include <QString>
#include <QTimer>

#include <memory>
#include <vector>

namespace jacobi {

class TraceModel;

/// What the program is doing, on the GUI thread: it opens the backend, sends runs to it, and brings what they tell into
/// the trace model. One run at a time. A stored trace may be looked at while a run goes on; the run is kept meanwhile
/// and can be looked at again.
class Session : public QObject {
    Q_OBJECT

public:
    enum class Phase {
        Opening, ///< libtorch is being loaded
        Ready,
        Unavailable, ///< the backend cannot be opened; stored runs can be looked at
        Starting,    ///< a run was ordered; backend or model are being loaded
        Running,
        Paused,
        Stopping, ///< cancelled, its last pass has not ended
    };

    Session(BackendSource source, TraceModel* model, QObject* parent = nullptr);

    void open(const BackendOptions& options);
    const BackendOptions& options() const { return m_options; }
    void setRunsFolder(const std::filesystem::path& folder) { m_runsFolder = folder; }

    Phase phase() const { return m_phase; }
    bool isBusy() const { return m_order.has_value(); } ///< a run was ordered and has not ended
    bool isBackendOpen() const { return m_isOpen; }
    const std::vector<ModelInfo>& models() const { return m_models; }
    bool modelsKnown() const { return m_modelsKnown; }
    const std::optional<DeviceInfo>& device() const { return m_device; }
    const QString& unavailableReason() const { return m_unavailableReason; }

    /// Orders a run; it starts when everything is loaded. False, and nothing is done, while another one is going on or
    /// the backend cannot be opened.
    bool generate(const RunRequest& request);

    /// Orders an analysis of a flow; it is saved where findFlowAnalysis finds it. False while one is going on, or where
    /// nothing can be done.
    bool analyse(const std::string& modelId);
    bool isAnalysing() const { return m_analysis.has_value(); }

    /// Holds pictures of one prompt against it; judged() tells what came of it, with the number returned here.
    quint64 judge(const std::string& family, const std::string& prompt, std::vector<QImage> pictures);

    bool isLiveShown() const { return m_liveShown; }
    const Trace& liveTrace() const { return m_live; } ///< of the run that is or was the latest here
    void showLive();
    /// Shows a stored run in the model.
    void showTrace(Trace trace);
    /// Shows nothing; a run that goes on is kept, and can be looked at again.
    void showNothing();

    /// Cancels what runs and ends the worker thread; false where it has not ended in time.
    bool shutDown(std::chrono::milliseconds patience) { return m_thread.stop(patience); }

public Q_SLOTS:
    void pause();
    void resume();
    void step(); ///< one pass, then paused
    void stop();

Q_SIGNALS:
    void phaseChanged();
    void modelsChanged();
    void deviceChanged();
    void shownChanged(); ///< the model holds another run
    void backendFailed(const jacobi::Error& error);
    void measuring(double fraction); ///< the run waits until what is fastest here is known; 0..1
    void prepared(const jacobi::ResolvedRequest& resolved);
    void recordingFailed(const jacobi::Error& error);
    void runBegan(); ///< its first event is there
    void runEnded(const jacobi::RunEnd& end);
    void judged(quint64 id, const std::vector<jacobi::Judgement>& found);
    void analysing(double fraction); ///< 0..1
    void analysisEnded(const std::optional<jacobi::Error>& error);

private:
    void setPhase(Phase phase);
    void refreshPhase();
    void setModels(const std::vector<ModelInfo>& models);
    void drain();
    void apply(const EventBatch& batch);
    void finish(const RunEnd& end);

    TraceModel* m_model;
    BackendThread m_thread;
    QTimer m_timer; // looks into the pump
    BackendOptions m_options;
    std::filesystem::path m_runsFolder;
    Phase m_phase = Phase::Opening;
    bool m_isOpen = false;
    QString m_unavailableReason;
    bool m_modelsKnown = false;
    std::vector<ModelInfo> m_models;
    std::optional<DeviceInfo> m_device;
    std::optional<RunOrder> m_order;
    std::optional<std::stop_source> m_analysis; ///< of the analysis that goes on
    quint64 m_lastId = 0;
    Trace m_live;
    bool m_began = false; ///< the order's first event came
    bool m_liveShown = false;
    bool m_shownBefore = false; ///< m_liveShown before the order, for when it never begins
};

} // namespace jacobi
