// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/backendthread.h"

#include "app/shared/backendloader.h"
#include "app/studio/methodchoices.h"
#include "app/studio/runrecorder.h"
#include "core/base/base64.h"
#include "core/trace/memorytrace.h"

#include <nlohmann/json.hpp>

#include <stop_token>
#include <utility>

namespace jacobi {

namespace {

class JobListener : public ProgressSink {
public:
    explicit JobListener(std::function<void(const JobProgress&)> listen) : m_listen(std::move(listen)) {}
    void progress(const JobProgress& progress) override { m_listen(progress); }

private:
    std::function<void(const JobProgress&)> m_listen;
};

nlohmann::json jsonOf(const QImage& picture)
{
    const QImage plain = picture.convertToFormat(QImage::Format_RGB888);
    std::vector<std::uint8_t> bytes;
    for (int row = 0; row < plain.height(); ++row) {
        bytes.insert(bytes.end(), plain.constScanLine(row), plain.constScanLine(row) + 3 * plain.width());
    }
    return {{"width", plain.width()}, {"height", plain.height()}, {"rgb", base64(bytes)}};
}

} // namespace

BackendSource BackendSource::installed()
{
    return {jacobi::findModels, loadBackend};
}

void BackendWorker::open(const BackendOptions& options)
{
    m_folders = options.modelFolders;
    m_backend.reset(); // Before the next one comes: two do not have to fit.
    Q_EMIT modelsFound(m_source.findModels(options.modelFolders));
    Result<std::unique_ptr<Backend>> backend = m_source.open(options);
    if (!backend) {
        m_openError = backend.error();
        Q_EMIT openFailed(*m_openError);
        return;
    }
    m_openError.reset();
    m_backend = std::move(*backend);
    m_device = m_backend->device();
    Q_EMIT opened(m_device, m_backend->models());
}

/// Whether a card can really be used shows only when a run wants it.
void BackendWorker::tellDevice()
{
    DeviceInfo now = m_backend->device();
    if (now.id != m_device.id || now.reason != m_device.reason) {
        m_device = std::move(now);
        Q_EMIT deviceChanged(m_device);
    }
}

void BackendWorker::run(const RunOrder& order)
{
    Q_EMIT runEnded(perform(order));
}

RunEnd BackendWorker::perform(const RunOrder& order)
{
    RunEnd end;
    end.id = order.id;
    if (order.control->isCancelled()) {
        end.error = Error{ErrorCode::Cancelled, "Stopped before it began.", {}};
        return end;
    }
    if (m_backend == nullptr) {
        end.error = m_openError.value_or(Error{ErrorCode::Internal, "The program is not ready to generate.", {}});
        return end;
    }
    const Result<ResolvedRequest> resolved = settleOrder(order);
    if (!resolved) {
        end.error = resolved.error();
        return end;
    }
    Q_EMIT runPrepared(order.id, *resolved);

    std::vector<TraceSink*> sinks{order.pump.get()};
    std::optional<RunRecorder> recorder;
    if (!order.runsFolder.empty()) {
        recorder.emplace(order.runsFolder, resolved->request,
                         [this, id = order.id](const Error& error) { Q_EMIT recordingFailed(id, error); });
        sinks.push_back(&*recorder);
    }
    FanOutSink fanOut(std::move(sinks));
    const Result<RunSummary> summary = m_backend->run(resolved->request, *order.control, fanOut);
    if (summary) {
        end.summary = *summary;
    } else {
        end.error = summary.error();
    }
    if (recorder) {
        end.tracePath = QString::fromStdString(recorder->tracePath().string());
        end.picturePath = QString::fromStdString(recorder->picturePath().string());
    }
    return end;
}

/// A precision that GPUs alone have was chosen for one: the CPU takes its own.
RunRequest BackendWorker::fitting(RunRequest request) const
{
    if (m_backend->device().id == "cpu" && isForGpusOnly(request.precision)) {
        request.precision = kAutoName;
    }
    return request;
}

/// Measures where nothing is remembered; the window hears of it, and a cancelled order ends it.
Result<ResolvedRequest> BackendWorker::settleOrder(const RunOrder& order)
{
    std::stop_source stop;
    JobListener listener([&](const JobProgress& progress) {
        if (order.control->isCancelled()) {
            stop.request_stop();
        }
        tellDevice(); // not only when the measuring has ended
        Q_EMIT measuring(order.id, progress.fraction);
    });
    const RunRequest asked = fitting(order.request);
    Result<ResolvedRequest> resolved = settle(*m_backend, asked, listener, stop.get_token());
    tellDevice();
    if (!resolved && fitting(asked) != asked) { // the GPU turned out not to be usable
        resolved = settle(*m_backend, fitting(asked), listener, stop.get_token());
    }
    return resolved;
}

void BackendWorker::analyse(const AnalysisOrder& order)
{
    if (m_backend == nullptr) {
        Q_EMIT analysisEnded(m_openError.value_or(Error{ErrorCode::Internal, "The program is not ready yet.", {}}));
        return;
    }
    if (order.stop.stop_requested()) {
        Q_EMIT analysisEnded(Error{ErrorCode::Cancelled, "Stopped before it began.", {}});
        return;
    }
    JobListener listener([&](const JobProgress& progress) { Q_EMIT analysing(progress.fraction); });
    const Result<nlohmann::json> done =
        m_backend->job(kAnalyseFlowJob, {{"model", order.modelId}}, listener, order.stop.get_token());
    tellDevice();
    Q_EMIT analysisEnded(done ? std::nullopt : std::optional(done.error()));
}

/// A model without a judge is no error: then there is nothing to tell.
void BackendWorker::judge(const JudgeOrder& order)
{
    nlohmann::json options{{"family", order.family},
                           {"folders", m_folders},
                           {"prompt", order.prompt},
                           {"pictures", nlohmann::json::array()}};
    for (const QImage& picture : order.pictures) {
        options["pictures"].push_back(jsonOf(picture));
    }
    JobListener listener([](const JobProgress&) {});
    std::vector<Judgement> found;
    const auto answer = m_backend == nullptr ? Result<nlohmann::json>(nlohmann::json::object())
                                             : m_backend->job("judge-pictures", options, listener, std::stop_token());
    if (answer && answer->contains("pictures")) {
        for (const nlohmann::json& one : answer->at("pictures")) {
            Judgement judgement{one.value("stated", 0), one.value("met", 0), {}};
            for (const std::string& missed : one.value("missed", std::vector<std::string>())) {
                judgement.missed << QString::fromStdString(missed);
            }
            found.push_back(std::move(judgement));
        }
    }
    Q_EMIT judged(order.id, found);
}

BackendThread::BackendThread(BackendSource source, QObject* parent)
    : QObject(parent), m_worker(new BackendWorker(std::move(source)))
{
    m_worker->moveToThread(&m_thread);
    connect(&m_thread, &QThread::finished, m_worker, &QObject::deleteLater);
    connect(m_worker, &BackendWorker::modelsFound, this, &BackendThread::modelsFound);
    connect(m_worker, &BackendWorker::opened, this, &BackendThread::opened);
    connect(m_worker, &BackendWorker::openFailed, this, &BackendThread::openFailed);
    connect(m_worker, &BackendWorker::deviceChanged, this, &BackendThread::deviceChanged);
    connect(m_worker, &BackendWorker::measuring, this, &BackendThread::measuring);
    connect(m_worker, &BackendWorker::runPrepared, this, &BackendThread::runPrepared);
    connect(m_worker, &BackendWorker::recordingFailed, this, &BackendThread::recordingFailed);
    connect(m_worker, &BackendWorker::runEnded, this, &BackendThread::runEnded);
    connect(m_worker, &BackendWorker::judged, this, &BackendThread::judged);
    connect(m_worker, &BackendWorker::analysing, this, &BackendThread::analysing);
    connect(m_worker, &BackendWorker::analysisEnded, this, &BackendThread::analysisEnded);
    m_thread.setObjectName(QStringLiteral("backend"));
    m_thread.start();
}

BackendThread::~BackendThread()
{
    cancelAll();
    m_thread.quit();
    m_thread.wait();
}

void BackendThread::open(const BackendOptions& options)
{
    QMetaObject::invokeMethod(
        m_worker, [worker = m_worker, options] { worker->open(options); }, Qt::QueuedConnection);
}

void BackendThread::run(const RunOrder& order)
{
    m_control = order.control;
    QMetaObject::invokeMethod(
        m_worker, [worker = m_worker, order] { worker->run(order); }, Qt::QueuedConnection);
}

void BackendThread::analyse(const AnalysisOrder& order)
{
    m_analysis = order.stop;
    QMetaObject::invokeMethod(
        m_worker, [worker = m_worker, order] { worker->analyse(order); }, Qt::QueuedConnection);
}

void BackendThread::judge(const JudgeOrder& order)
{
    QMetaObject::invokeMethod(
        m_worker, [worker = m_worker, order] { worker->judge(order); }, Qt::QueuedConnection);
}

void BackendThread::cancelAll()
{
    if (const auto held = m_control.lock()) {
        held->cancel();
    }
    m_analysis.request_stop();
}

bool BackendThread::stop(std::chrono::milliseconds patience)
{
    cancelAll();
    m_thread.quit();
    return m_thread.wait(static_cast<unsigned long>(patience.count()));
}

} // namespace jacobi
