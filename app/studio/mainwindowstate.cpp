// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
// What the window says of the run and the device: in its title, above the picture, in the bar below it.
#include "app/studio/mainwindow.h"

#include "app/studio/flowpanel.h"
#include "app/studio/recentstrip.h"
#include "app/studio/requestpanel.h"
#include "app/studio/runwords.h"
#include "app/studio/topbar.h"
#include "widgets/flowview.h"
#include "widgets/pictureview.h"
#include "widgets/progressstrip.h"

#include <cmath>

namespace jacobi {
namespace {

constexpr int kLongestTitle = 600; ///< pixels

} // namespace

void MainWindow::showPhase()
{
    const Session::Phase phase = m_session.phase();
    m_topBar->showPhase(phase);
    const QString reason = m_session.isBusy() ? tr("A picture is being made. Ctrl+Enter makes this one after it; Ctrl+. stops it.")
                           : phase == Session::Phase::Unavailable ? m_session.unavailableReason()
                                                                  : QString();
    m_request->setGenerateDisabledReason(reason);
    m_flowRequest->setGenerateDisabledReason(reason);
    showProgress();
}

void MainWindow::showDevice()
{
    if (const std::optional<DeviceInfo>& device = m_session.device()) {
        m_request->setOnGpu(device->id != "cpu");
        QString detail = QString::fromStdString(device->reason);
        for (const std::string& line : device->present) {
            detail += '\n' + QString::fromStdString(line);
        }
        m_topBar->showDevice(QString::fromStdString(device->name), detail, false);
    } else if (m_session.phase() == Session::Phase::Unavailable) {
        m_topBar->showDevice(tr("Not ready"), m_session.unavailableReason(), true);
    } else {
        m_topBar->showDevice(tr("Starting"), tr("The generating part is being loaded."), false);
    }
}

/// The prompt of the picture that is shown, and what the model read where it was completed: of a batch each another.
void MainWindow::showRead()
{
    const RunHeader* header = m_model.header();
    if (header == nullptr || header->layout.isFlow()) {
        m_request->setRead({}, {});
        return;
    }
    const auto item = static_cast<std::size_t>(m_model.item());
    const QString prompt = QString::fromStdString(header->request.prompt);
    const QString read = item < header->prompts.size() ? QString::fromStdString(header->prompts[item]) : QString();
    const QString words = read.isEmpty() ? prompt.simplified() : tr("Read as “%1”").arg(read);
    m_picture->setToolTip(QStringLiteral("<span>%1</span>").arg(words.toHtmlEscaped()));
    m_request->setRead(prompt, read);
}

/// The request that the picture that is shown, of a batch one of several, has of its own: their seeds follow on from each other.
RunRequest MainWindow::requestOfShown() const
{
    RunRequest request = m_model.header()->request;
    request.seed += static_cast<std::uint64_t>(m_model.item());
    return request;
}

/// Over the picture: how it was made, and what went wrong with its numbers.
void MainWindow::showPictureTitle()
{
    const RunHeader* header = m_model.header();
    const std::optional<RunSummary>& summary = m_model.trace().summary;
    for (const bool isFlow : {false, true}) {
        std::optional<RunRequest>& still = m_still[isFlow ? 1 : 0];
        std::optional<RunRequest> shown = still;
        if (header != nullptr) {
            if (header->layout.isFlow() != isFlow) {
                continue;
            }
            still.reset();
            isFlow ? m_flowView->canvas()->setStill({}) : m_picture->setStill({});
            shown = requestOfShown();
        }
        const QString strong = shown ? methodWords(*shown) : tr("Picture");
        const RunSummary* made = header != nullptr && summary ? &*summary : nullptr;
        const QString rest = shown ? runWords(*shown, made) : QString();
        isFlow ? m_flowView->setTitle(strong, rest) : m_picture->setTitle(strong, rest);
    }
    showRead();
}

void MainWindow::showTitle()
{
    showPictureTitle();
    const RunHeader* header = m_model.header();
    if (header == nullptr) {
        m_picture->setToolTip(QString());
        setWindowTitle(QString());
        m_recent->setCurrent({});
        showProgress();
        return;
    }
    m_selection.setRun(QString::fromStdString(header->startedAt));
    if (header->layout.isFlow()) {
        setWindowTitle(QString::fromStdString(header->request.className));
        showAnalysis();
    } else {
        const QString prompt = QString::fromStdString(header->request.prompt).simplified();
        setWindowTitle(m_picture->fontMetrics().elidedText(prompt, Qt::ElideRight, kLongestTitle));
    }
    showProgress();
}

void MainWindow::showProgress()
{
    using State = ProgressStrip::State;
    if (!m_session.isLiveShown() && (m_model.header() != nullptr || m_session.isBusy())) {
        const bool isElsewhere = m_model.header() == nullptr;
        m_progress->setState(isElsewhere ? State::Idle : State::Replay,
                             isElsewhere ? tr("A picture is being made in the other workspace") : QString());
        return;
    }
    switch (m_session.phase()) {
    case Session::Phase::Starting:
        if (m_measured) {
            const QString words = m_orderedIn == Workspace::Flow
                                      ? tr("Measuring the methods of each block on this computer, once for these settings · %1 %")
                                      : tr("Finding the fastest window for this computer, once · %1 %");
            m_progress->setState(State::Loading, words.arg(std::lround(*m_measured * 100)), *m_measured);
            return;
        }
        m_progress->setState(State::Loading, !m_session.isBackendOpen() ? tr("Loading the generating part")
                                             : m_loadedIn.isEmpty()
                                                 ? tr("Loading the model")
                                                 : tr("Loading the model in %1").arg(m_loadedIn));
        return;
    case Session::Phase::Running: m_progress->setState(State::Running); return;
    case Session::Phase::Paused: m_progress->setState(State::Paused); return;
    case Session::Phase::Stopping: m_progress->setState(State::Running, tr("Stopping")); return;
    case Session::Phase::Opening: m_progress->setState(State::Loading, tr("Loading the generating part")); return;
    case Session::Phase::Unavailable: m_progress->setState(State::Idle, tr("Nothing can be generated")); return;
    case Session::Phase::Ready: break;
    }
    if (m_session.isAnalysing() && m_model.header() == nullptr) {
        m_progress->setState(State::Loading, tr("Ranking the blocks of the model"));
        return;
    }
    const std::optional<RunSummary>& summary = m_session.liveTrace().summary;
    if (m_model.header() == nullptr || !summary) {
        m_progress->setState(State::Idle);
    } else {
        m_progress->setState(summary->outcome == Outcome::Complete    ? State::Complete
                             : summary->outcome == Outcome::Cancelled ? State::Stopped
                                                                      : State::Failed);
    }
}

} // namespace jacobi
