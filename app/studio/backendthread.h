// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/studio/eventpump.h"
#include "core/base/error.h"
#include "core/engine/backend.h"

#include <QImage>
#include <QObject>
#include <QString>
#include <QStringList>
#include <QThread>

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <vector>

namespace jacobi {

/// Where models and the backend come from; tests bring their own.
struct BackendSource {
    std::function<std::vector<ModelInfo>(const std::vector<std::string>&)> findModels; ///< quick, without libtorch
    std::function<Result<std::unique_ptr<Backend>>(const BackendOptions&)> open;       ///< brings libtorch

    /// The one beside this program.
    static BackendSource installed();
};

/// One run to be made. control and pump are shared with whoever watches it.
struct RunOrder {
    quint64 id = 0;
    RunRequest request;
    std::shared_ptr<RunControl> control;
    std::shared_ptr<EventPump> pump;
    std::filesystem::path runsFolder; ///< empty: the run is not kept
};

/// How a run ended. Everything it had to say is in its pump before this comes.
struct RunEnd {
    quint64 id = 0;
    std::optional<Error> error;        ///< it failed, or never began
    std::optional<RunSummary> summary; ///< it ended or was cancelled
    QString tracePath;                 ///< empty where it was not kept
    QString picturePath;
};

/// An analysis of a flow to be made.
struct AnalysisOrder {
    std::string modelId;
    std::stop_source stop; ///< shared with whoever may stop it; looked at after each batch of pictures
};

/// Pictures of one prompt to be held against it.
struct JudgeOrder {
    quint64 id = 0;
    std::string family; ///< of the model that made them
    std::string prompt;
    std::vector<QImage> pictures;
};

/// How much of what a prompt says a picture shows.
struct Judgement {
    int stated = 0;
    int met = 0;
    QStringList missed; ///< "left colour"
};

/// Lives on the worker thread and owns the backend there. Commands come as queued calls, one after the other.
class BackendWorker : public QObject {
    Q_OBJECT

public:
    explicit BackendWorker(BackendSource source) : m_source(std::move(source)) {}

    void open(const BackendOptions& options);
    void run(const RunOrder& order);
    void analyse(const AnalysisOrder& order);
    void judge(const JudgeOrder& order);

Q_SIGNALS:
    void judged(quint64 id, const std::vector<jacobi::Judgement>& found);
    void analysing(double fraction);
    void analysisEnded(const std::optional<jacobi::Error>& error);
    void modelsFound(const std::vector<jacobi::ModelInfo>& models);
    void opened(const jacobi::DeviceInfo& device, const std::vector<jacobi::ModelInfo>& models);
    void openFailed(const jacobi::Error& error);
    void deviceChanged(const jacobi::DeviceInfo& device);
    void measuring(quint64 id, double fraction); ///< the run waits until what is fastest here is known; 0..1
    void runPrepared(quint64 id, const jacobi::ResolvedRequest& resolved);
    void recordingFailed(quint64 id, const jacobi::Error& error);
    void runEnded(const jacobi::RunEnd& end);

private:
    RunEnd perform(const RunOrder& order);
    Result<ResolvedRequest> settleOrder(const RunOrder& order);
    void tellDevice();
    RunRequest fitting(RunRequest request) const;

    BackendSource m_source;
    std::unique_ptr<Backend> m_backend;
    std::vector<std::string> m_folders; ///< of models
    std::optional<Error> m_openError;
    DeviceInfo m_device; ///< as it was told last
};

/// The worker thread as the GUI sees it: takes commands as values and returns at once, tells results as signals on the
/// GUI thread. All calls on the GUI thread.
class BackendThread : public QObject {
    Q_OBJECT

public:
    explicit BackendThread(BackendSource source, QObject* parent = nullptr);
    ~BackendThread() override; ///< cancels what runs and waits for its pass to end

    /// Looks for models, then opens the backend; again, with other options, to change the device.
    void open(const BackendOptions& options);
    void run(const RunOrder& order);
    /// Computes the metrics of a flow and saves them, for findFlowAnalysis.
    void analyse(const AnalysisOrder& order);
    void judge(const JudgeOrder& order);

    /// Cancels what runs and ends the thread; false where it has not ended in time. Nothing is done after that.
    bool stop(std::chrono::milliseconds patience);

Q_SIGNALS:
    void modelsFound(const std::vector<jacobi::ModelInfo>& models); ///< before libtorch is loaded
    void opened(const jacobi::DeviceInfo& device, const std::vector<jacobi::ModelInfo>& models);
    void openFailed(const jacobi::Error& error);
    void deviceChanged(const jacobi::DeviceInfo& device); ///< "auto" went on to another; before the run there is prepared
    void measuring(quint64 id, double fraction); ///< the run waits until what is fastest here is known; 0..1
    void runPrepared(quint64 id, const jacobi::ResolvedRequest& resolved);
    void recordingFailed(quint64 id, const jacobi::Error& error); ///< at most once a run, which goes on
    void runEnded(const jacobi::RunEnd& end); ///< once for every order, unless the thread was stopped
    void analysing(double fraction);
    /// Once for every order, as many as it has pictures; none where they cannot be judged.
    void judged(quint64 id, const std::vector<jacobi::Judgement>& found);
    void analysisEnded(const std::optional<jacobi::Error>& error); ///< once for every order; empty: it is saved

private:
    void cancelAll();

    QThread m_thread;
    BackendWorker* m_worker;             // deleted on its own thread
    std::weak_ptr<RunControl> m_control; // of the last order
    std::stop_source m_analysis{std::nostopstate}; // of the last analysis
};

} // namespace jacobi
