// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
// The window's comparison of methods.
#include "app/studio/mainwindow.h"

#include "app/studio/comparisondialog.h"
#include "app/studio/figureexport.h"
#include "app/studio/noticebar.h"
#include "app/studio/requestpanel.h"
#include "widgets/scrubber.h"

namespace jacobi {

void MainWindow::compareMethods()
{
    const ModelInfo* model = m_request->model();
    if (m_workspace != Workspace::Image) {
        m_notice->show(NoticeBar::Tone::Note, tr("Methods are compared in the workspace of images. There, Ctrl+M runs all of "
                                                 "them with one seed."),
                       tr("Go there"), [this] { setWorkspace(Workspace::Image); });
        return;
    }
    if (!m_request->canGenerate() || model == nullptr) {
        return;
    }
    m_notice->dismiss();
    m_scrubber->stop();
    letGoOfTheOtherRun();
    m_orderedIn = Workspace::Image;
    if (!m_comparison.start(m_request->shownRequest(), *model)) { // with the seed that is to be seen
        return;
    }
    if (m_compared == nullptr) {
        m_compared = new ComparisonDialog(&m_comparison, this);
        m_compared->resize(1080, 520);
        connect(m_compared, &ComparisonDialog::traceChosen, this, &MainWindow::openFile);
        m_figures->add(m_compared, m_compared, [this] { return m_compared->figureCaption(); });
        connect(m_compared, &ComparisonDialog::figureRequested, m_figures, [this] { m_figures->askToExport(m_compared); });
    }
    m_compared->show();
    m_compared->raise();
    writeSettings(m_places.settingsFile, remembered());
    showProgress();
}

} // namespace jacobi
