// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
// What the window remembers, and how its docks lie.
#include "app/studio/mainwindow.h"

#include "app/studio/evidencedocks.h"
#include "app/studio/flowpanel.h"
#include "app/studio/requestpanel.h"
#include "widgets/pictureview.h"

#include <QScreen>

#include <algorithm>

namespace jacobi {

void MainWindow::restore(const StudioSettings& settings)
{
    if (settings.request) {
        m_request->setRequest(*settings.request);
    }
    m_request->setSeedLocked(settings.seedLocked);
    if (settings.flowRequest) {
        m_flowRequest->setRequest(*settings.flowRequest);
    }
    m_flowRequest->setSeedLocked(settings.flowSeedLocked);
    m_kept[static_cast<std::size_t>(Workspace::Image)].layout = settings.layout;
    m_kept[static_cast<std::size_t>(Workspace::Flow)].layout = settings.flowLayout;
    m_picture->setOverlayNumber(settings.overlay);
    m_picture->setOpacityPercent(settings.overlayOpacity);
    const bool isPlaced = !settings.geometry.isEmpty() && restoreGeometry(settings.geometry);
    const QSize room = screen() != nullptr ? screen()->availableSize() : QSize(1600, 1000);
    if (!isPlaced) {
        resize(QSize(1600, 1000).boundedTo(room - QSize(0, 40))); // room for the frame the system adds
    } else if (!isMaximized() && !isFullScreen()) {
        resize(size().boundedTo(room)); // the screen may be another one now
    }
}

StudioSettings MainWindow::remembered() const
{
    StudioSettings settings = m_settings;
    settings.request = m_request->shownRequest();
    settings.seedLocked = m_request->isSeedLocked();
    settings.overlay = static_cast<int>(m_picture->overlay()) + 1;
    settings.overlayOpacity = m_picture->opacityPercent();
    settings.geometry = saveGeometry();
    const bool isFlow = m_workspace == Workspace::Flow;
    settings.flowRequest = m_flowRequest->shownRequest();
    settings.flowSeedLocked = m_flowRequest->isSeedLocked();
    settings.isFlowShown = isFlow;
    settings.layout = isFlow ? m_kept[static_cast<std::size_t>(Workspace::Image)].layout : saveState();
    settings.flowLayout = isFlow ? saveState() : m_kept[static_cast<std::size_t>(Workspace::Flow)].layout;
    return settings;
}

void MainWindow::showEvent(QShowEvent* event)
{
    QMainWindow::showEvent(event);
    if (!m_laidOut) { // Docks take sizes only once the window has one.
        m_laidOut = true;
        // The same in both workspaces: the window does not grow when another is looked at.
        centralWidget()->setMinimumHeight(std::max(m_docks->leastHeight(), m_flowDocks->leastHeight()));
        layOut();
        if (m_settings.isFlowShown) {
            setWorkspace(Workspace::Flow);
        }
    }
}

EvidenceDocks* MainWindow::shownDocks() const
{
    return m_workspace == Workspace::Flow ? m_flowDocks : m_docks;
}

void MainWindow::layOut()
{
    const QByteArray& layout = m_kept[static_cast<std::size_t>(m_workspace)].layout;
    EvidenceDocks* other = m_workspace == Workspace::Flow ? m_docks : m_flowDocks;
    other->hide();
    if (layout.isEmpty() || !shownDocks()->restore(layout)) {
        shownDocks()->reset();
    }
    other->hide(); // a layout from before there was another workspace says nothing of it
}

void MainWindow::resetLayout()
{
    shownDocks()->reset();
}

} // namespace jacobi
