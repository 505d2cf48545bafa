// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
// The window's workspaces, and what the one of flows has.
#include "app/studio/mainwindow.h"

#include "app/studio/errorwords.h"
#include "app/studio/evidencedocks.h"
#include "app/studio/flowpanel.h"
#include "app/studio/noticebar.h"
#include "app/studio/recentstrip.h"
#include "app/studio/requestpanel.h"
#include "app/studio/topbar.h"
#include "core/trace/flowanalysis.h"
#include "widgets/flowinspector.h"
#include "widgets/flowview.h"
#include "widgets/metricsview.h"
#include "widgets/residualview.h"
#include "widgets/segmentedcontrol.h"

#include <QStackedWidget>

#include <cmath>
#include <utility>

namespace jacobi {

void MainWindow::buildFlow()
{
    m_flowRequest = new FlowPanel(m_forms);
    m_forms->addWidget(m_flowRequest);
    m_flowView = new FlowView(&m_flow, &m_model, &m_selection, m_pictures);
    m_pictures->addWidget(m_flowView);
    m_residuals = new ResidualView(&m_flow, &m_model, &m_selection, this);
    m_metrics = new MetricsView(&m_flow, &m_model, &m_selection, this);
    m_flowInspector = new FlowInspector(&m_flow, &m_model, &m_selection, this);
    m_flowDocks = new EvidenceDocks(this);
    m_flowDocks->add(QStringLiteral("residual"), tr("Residual"), m_residuals, 42);
    m_flowDocks->add(QStringLiteral("blocks"), tr("Blocks"), m_metrics, 28);
    m_flowDocks->add(QStringLiteral("flowInspector"), tr("Pass inspector"), m_flowInspector, 30);
    m_flowDocks->hide();

    connect(m_flowRequest, &RequestForm::modelChanged, this, &MainWindow::showAnalysis);
    connect(m_metrics, &MetricsView::analysisRequested, this, &MainWindow::analyse);
    connect(&m_session, &Session::analysing, this,
            [this](double fraction) { m_metrics->setBusy(tr("%1 %").arg(std::lround(fraction * 100))); });
    connect(&m_session, &Session::analysisEnded, this, [this](const std::optional<Error>& error) {
        m_metrics->setBusy({});
        m_topBar->showAnalysing(false);
        showProgress();
        if (error && error->code != ErrorCode::Cancelled) {
            showError(*error, error->cpuWouldDo);
        }
        showAnalysis();
    });
}

RequestForm* MainWindow::form() const
{
    return m_workspace == Workspace::Flow ? static_cast<RequestForm*>(m_flowRequest) : m_request;
}

void MainWindow::giveModels()
{
    std::vector<ModelInfo> images;
    std::vector<ModelInfo> flows;
    for (const ModelInfo& model : m_session.models()) {
        (model.layout.isFlow() ? flows : images).push_back(model);
    }
    m_request->setModels(images);
    m_flowRequest->setModels(flows);
}

/// The metrics of the model of the run that is looked at, or without a run of the model that is chosen.
void MainWindow::showAnalysis()
{
    const RunHeader* header = m_model.header();
    std::optional<FlowAnalysis> analysis;
    const ModelInfo* model = m_flowRequest->model();
    for (const ModelInfo& one : m_session.models()) {
        if (header != nullptr && header->layout.isFlow() && one.hash == header->request.modelHash) {
            model = &one;
        }
    }
    if (model != nullptr && (header == nullptr || model->hash == header->request.modelHash)) {
        analysis = findFlowAnalysis(model->folder, m_session.options().cacheFolder, model->hash);
    }
    m_metrics->setAnalysis(std::move(analysis));
}

void MainWindow::analyse()
{
    const ModelInfo* model = m_flowRequest->model();
    if (model != nullptr && m_session.analyse(model->id)) {
        m_metrics->setBusy(tr("%1 %").arg(0));
        m_topBar->showAnalysing(true);
        showProgress();
    }
}

void MainWindow::keepShown()
{
    Kept& kept = m_kept[static_cast<std::size_t>(m_workspace)];
    kept.isLive = m_session.isLiveShown();
    kept.trace = m_model.trace();
    kept.item = m_model.item();
    kept.pass = m_selection.currentPass();
    kept.follows = m_selection.followLive();
    kept.marked = m_recent->current();
    kept.layout = m_laidOut ? saveState() : kept.layout;
}

/// Before a run is ordered: the session will hold that one from now on.
void MainWindow::letGoOfTheOtherRun()
{
    Kept& other = m_kept[m_workspace == Workspace::Image ? 1 : 0];
    if (std::exchange(other.isLive, false)) {
        other.trace = m_session.liveTrace();
        other.marked = m_livePath;
    }
}

void MainWindow::showKept()
{
    Kept& kept = m_kept[static_cast<std::size_t>(m_workspace)];
    Trace trace = std::exchange(kept.trace, {});
    m_session.showNothing();
    if (kept.isLive) {
        m_session.showLive();
    } else if (trace.header != nullptr) {
        m_session.showTrace(std::move(trace));
    }
    m_recent->setCurrent(kept.isLive ? m_livePath : kept.marked);
    m_model.setItem(kept.item);
    if (!kept.follows && kept.pass >= 0) {
        m_selection.goToPass(kept.pass);
    }
}

void MainWindow::setWorkspace(Workspace workspace)
{
    m_topBar->tabs()->setCurrentId(QLatin1String(workspace == Workspace::Flow ? TopBar::kFlow : TopBar::kImage));
    if (workspace == m_workspace) {
        return;
    }
    keepShown();
    m_workspace = workspace;
    const int page = static_cast<int>(workspace);
    m_forms->setCurrentIndex(page);
    m_pictures->setCurrentIndex(page);
    if (m_laidOut) {
        layOut();
    }
    showKept();
    form()->firstField()->setFocus();
    showAnalysis();
    if (m_notice->tone() == NoticeBar::Tone::Note) {
        m_notice->dismiss(); // of what was shown there
    }
    showProgress();
}

} // namespace jacobi
