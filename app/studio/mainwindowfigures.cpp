// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
// The window's plots as figures of their own.
#include "app/studio/mainwindow.h"

#include "app/studio/comparisondialog.h"
#include "app/studio/figureexport.h"
#include "app/studio/noticebar.h"
#include "widgets/acceptanceview.h"
#include "widgets/flowview.h"
#include "widgets/metricsview.h"
#include "widgets/pictureview.h"
#include "widgets/residualview.h"
#include "widgets/trajectoryview.h"
#include "widgets/windowview.h"

#include <QMenu>

#include <utility>

namespace jacobi {

void MainWindow::buildFigures()
{
    m_figures = new FigureExport(this, m_notice, &m_background);
    connect(m_figures, &FigureExport::written, this, &MainWindow::fileSaved);
    const auto caption = [this] {
        const RunHeader* header = m_model.header();
        return header != nullptr ? figureCaption(header->request, m_model.item()) : QString();
    };
    const auto saves = [this](QMenu* menu) {
        menu->addAction(tr("Save the picture…"), this, &MainWindow::askToSave)->setEnabled(m_model.passes() > 0);
        menu->addAction(tr("Copy the picture"), this, &MainWindow::copyPicture)->setEnabled(m_model.passes() > 0);
        menu->addSeparator();
    };
    m_figures->add(m_trajectory, m_trajectory, caption);
    m_figures->add(m_acceptance, m_acceptance, caption);
    m_figures->add(m_window, m_window, caption);
    m_figures->add(m_picture, m_picture, caption, saves);
    m_figures->add(m_residuals, m_residuals, caption);
    m_figures->add(m_metrics, m_metrics, caption);
    m_figures->add(m_flowView, m_flowView, caption, saves);
    for (QWidget* view : std::initializer_list<QWidget*>{m_trajectory, m_acceptance, m_window, m_residuals, m_metrics}) {
        view->setFocusPolicy(Qt::ClickFocus); // the one that was clicked is the one that is meant
    }
}

QVector<FigureView*> MainWindow::figureViews() const
{
    if (m_workspace == Workspace::Flow) {
        return {m_residuals, m_metrics, m_flowView};
    }
    return {m_trajectory, m_acceptance, m_window, m_picture};
}

void MainWindow::exportFigureInFront()
{
    if (FigureView* view = m_figures->inFront(figureViews())) {
        m_figures->askToExport(view);
    } else {
        m_notice->show(NoticeBar::Tone::Note, tr("No plot is to be seen. Choose one in the menu, under Figures."));
    }
}

void MainWindow::showFigures(QAction* inFront, QMenu* all)
{
    const FigureView* front = m_figures->inFront(figureViews());
    inFront->setText(front != nullptr ? tr("Export figure “%1”…").arg(front->figureTitle()) : tr("Export figure…"));
    inFront->setEnabled(front != nullptr && front->hasFigure());
    all->clear();
    QVector<FigureView*> views = figureViews();
    if (m_compared != nullptr && m_compared->isVisible()) {
        views << m_compared;
    }
    for (FigureView* view : std::as_const(views)) {
        m_figures->fillMenu(all->addMenu(view->figureTitle()), view);
    }
}

} // namespace jacobi
