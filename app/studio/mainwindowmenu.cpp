// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
// The window's menu, keys and small dialogs.
#include "app/studio/mainwindow.h"

#include "app/studio/evidencedocks.h"
#include "app/studio/noticebar.h"
#include "app/studio/requestpanel.h"
#include "widgets/flowview.h"
#include "widgets/pictureview.h"
#include "widgets/scrubber.h"

#include <QActionGroup>
#include <QDialog>
#include <QDialogButtonBox>
#include <QGridLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QMessageBox>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QShortcut>
#include <QVBoxLayout>

#include <utility>

namespace jacobi {

void MainWindow::buildMenu()
{
    const auto add = [this](QMenu* menu, const QString& text, const QKeySequence& keys, auto slot) {
        QAction* action = menu->addAction(text, this, slot);
        action->setShortcut(keys);
        action->setShortcutContext(Qt::WindowShortcut);
        addAction(action); // A menu that is not open takes no keys.
        return action;
    };
    m_menu->setToolTipsVisible(true);
    add(m_menu, tr("Open…"), QKeySequence::Open, &MainWindow::askToOpen);
    QAction* save = add(m_menu, tr("Save the picture…"), QKeySequence::Save, &MainWindow::askToSave);
    QAction* all = add(m_menu, tr("Save all pictures…"), Qt::CTRL | Qt::SHIFT | Qt::Key_S, &MainWindow::askToSaveAll);
    QAction* copy = add(m_menu, tr("Copy the picture"), Qt::CTRL | Qt::SHIFT | Qt::Key_C, &MainWindow::copyPicture);
    QAction* csv = add(m_menu, tr("Export the passes as CSV…"), Qt::CTRL | Qt::Key_E, &MainWindow::askToExport);
    QAction* figure = add(m_menu, tr("Export figure…"), Qt::CTRL | Qt::SHIFT | Qt::Key_E, &MainWindow::exportFigureInFront);
    QMenu* figures = m_menu->addMenu(tr("Figures"));
    QAction* use = add(m_menu, tr("Use this run's settings"), Qt::CTRL | Qt::Key_U, &MainWindow::useShownSettings);
    QAction* compare =
        add(m_menu, tr("Compare the methods with this seed"), Qt::CTRL | Qt::Key_M, &MainWindow::compareMethods);
    QAction* live = add(m_menu, tr("Show the latest run"), Qt::CTRL | Qt::Key_L, &MainWindow::showLiveRun);
    QAction* cpu = m_menu->addAction(tr("Use the CPU"), this, &MainWindow::useCpu);
    connect(m_menu, &QMenu::aboutToShow, this, [this, save, all, copy, csv, figure, figures, use, compare, live, cpu] {
        live->setEnabled(!m_session.isLiveShown() && (m_session.isBusy() || m_session.liveTrace().header != nullptr));
        cpu->setVisible(m_session.phase() == Session::Phase::Unavailable && m_session.options().device != "cpu");
        for (QAction* action : {save, copy, csv}) {
            action->setEnabled(m_model.passes() > 0);
        }
        all->setEnabled(m_model.passes() > 0 && m_model.items() > 1);
        showFigures(figure, figures);
        use->setEnabled(m_model.header() != nullptr);
        compare->setEnabled(m_workspace == Workspace::Image && m_request->canGenerate());
        compare->setToolTip(m_workspace == Workspace::Image ? QString() : tr("Methods are compared in the workspace of images"));
    });
    // The keys act whether or not the menu was ever opened.
    connect(m_menu, &QMenu::aboutToHide, this, [save, all, copy, csv, figure, use, compare, live] {
        for (QAction* action : {save, all, copy, csv, figure, use, compare, live}) {
            action->setEnabled(true);
        }
    });
    m_menu->addSeparator();

    QMenu* views = m_menu->addMenu(tr("Views"));
    connect(views, &QMenu::aboutToShow, this, [this, views] {
        views->clear();
        views->addActions(shownDocks()->toggleActions());
        views->addSeparator();
        views->addAction(tr("Reset the layout"), this, &MainWindow::resetLayout);
    });
    QMenu* themes = m_menu->addMenu(tr("Appearance"));
    auto* group = new QActionGroup(this);
    const std::pair<QString, Theme::Mode> modes[] = {
        {tr("As the system"), Theme::Mode::System}, {tr("Light"), Theme::Mode::Light}, {tr("Dark"), Theme::Mode::Dark}};
    for (const auto& [text, mode] : modes) {
        QAction* action = themes->addAction(text, this, [this, mode = mode] {
            m_settings.theme = mode;
            Theme::instance().setMode(mode);
        });
        action->setCheckable(true);
        action->setChecked(Theme::instance().mode() == mode);
        group->addAction(action);
    }
    m_menu->addSeparator();
    add(m_menu, tr("Keyboard shortcuts"), QKeySequence(Qt::Key_F1), &MainWindow::showShortcuts);
    add(m_menu, tr("About Jacobi Studio"), {}, &MainWindow::showAbout);
    add(m_menu, tr("Quit"), QKeySequence(Qt::CTRL | Qt::Key_Q), &MainWindow::close);
}

void MainWindow::addShortcuts()
{
    for (const auto& [key, workspace] :
         {std::pair{Qt::Key_1, Workspace::Image}, std::pair{Qt::Key_2, Workspace::Flow}}) {
        connect(new QShortcut(Qt::CTRL | key, this), &QShortcut::activated, this,
                [this, workspace = workspace] { setWorkspace(workspace); });
    }
    for (const Qt::Key key : {Qt::Key_Return, Qt::Key_Enter}) {
        auto* generates = new QShortcut(Qt::CTRL | key, this);
        generates->setAutoRepeat(false); // One press, one picture.
        connect(generates, &QShortcut::activated, this, &MainWindow::generate);
    }
    connect(new QShortcut(Qt::CTRL | Qt::Key_Period, this), &QShortcut::activated, this, &MainWindow::stop);
}

/// What no control took: text fields keep their keys, a focused button its Space, a focused slider its arrows.
void MainWindow::keyPressEvent(QKeyEvent* event)
{
    const bool isCommand = (event->modifiers() & ~(Qt::ShiftModifier | Qt::KeypadModifier)) != Qt::NoModifier;
    const bool inText =
        qobject_cast<QLineEdit*>(focusWidget()) != nullptr || qobject_cast<QPlainTextEdit*>(focusWidget()) != nullptr;
    const bool isHeld = event->isAutoRepeat() && (event->key() == Qt::Key_Space || event->key() == Qt::Key_Escape);
    if (isCommand || isHeld || (inText && event->key() != Qt::Key_Escape)) {
        QMainWindow::keyPressEvent(event);
        return;
    }
    const bool isFlow = m_workspace == Workspace::Flow;
    constexpr int kPage = 10; // passes
    switch (event->key()) {
    case Qt::Key_Space: toggleRunOrPlay(); return;
    case Qt::Key_Left: m_scrubber->stepBy(-1); return;
    case Qt::Key_Right: m_scrubber->stepBy(1); return;
    case Qt::Key_PageUp: m_scrubber->stepBy(-kPage); return;
    case Qt::Key_PageDown: m_scrubber->stepBy(kPage); return;
    case Qt::Key_Home: m_scrubber->first(); return;
    case Qt::Key_End: m_scrubber->last(); return;
    case Qt::Key_BracketLeft:
    case Qt::Key_BracketRight: {
        const int by = event->key() == Qt::Key_BracketLeft ? -1 : 1;
        isFlow ? m_flowView->showNextItem(by) : m_picture->showNextItem(by);
        return;
    }
    case Qt::Key_Escape: escape(); return;
    default: break;
    }
    if (event->key() >= Qt::Key_1 && event->key() <= Qt::Key_6) {
        const int number = event->key() - Qt::Key_0;
        isFlow ? m_flowView->setOverlayNumber(number) : m_picture->setOverlayNumber(number);
        return;
    }
    QMainWindow::keyPressEvent(event);
}

/// One thing at a time, what was done last first: so that nobody who only unpins stops a run.
void MainWindow::escape()
{
    if (m_selection.isPinned()) {
        m_selection.unpin();
    } else if (!m_notice->sentence().isEmpty()) {
        m_notice->dismiss();
        m_next.reset();
    } else {
        stop();
    }
}

/// Space holds a run that is being followed, and plays what is recorded.
void MainWindow::toggleRunOrPlay()
{
    const bool follows = m_session.isLiveShown() && m_selection.followLive();
    if (follows && m_session.phase() == Session::Phase::Running) {
        m_session.pause();
    } else if (follows && m_session.phase() == Session::Phase::Paused) {
        m_session.resume();
    } else {
        m_scrubber->togglePlay();
    }
}

void MainWindow::showShortcuts()
{
    const std::pair<QString, QString> keys[] = {
        {tr("Ctrl+Enter"), tr("Generate; while a run goes on, when it has ended")},
        {tr("Ctrl+."), tr("Stop the run")},
        {tr("Space"), tr("Pause or go on; play what is recorded")},
        {tr("Left, Right"), tr("One pass back, one forward")},
        {tr("Page Up, Page Down"), tr("Ten passes")},
        {tr("Home, End"), tr("First pass; newest pass, and follow")},
        {tr("1 to 6"), tr("What lies over the picture (flow: 1 to 3)")},
        {tr("Ctrl+1, Ctrl+2"), tr("Workspace: image, flow")},
        {tr("[ and ]"), tr("The picture before and after, in a batch")},
        {tr("Shift+arrows"), tr("Pin the token beside it, in the picture")},
        {tr("Escape"), tr("Unpin, or close the notice, or stop the run")},
        {tr("Ctrl+S"), tr("Save the picture")},
        {tr("Ctrl+Shift+S"), tr("Save all pictures of a batch")},
        {tr("Ctrl+Shift+C"), tr("Copy the picture")},
        {tr("Ctrl+E"), tr("Export the passes as CSV")},
        {tr("Ctrl+Shift+E"), tr("Export the plot that was clicked, or the first, as a figure")},
        {tr("Ctrl+O"), tr("Open a run or a picture")},
        {tr("Ctrl+U"), tr("Use this run's settings")},
        {tr("Ctrl+M"), tr("Compare the methods with this seed (images only)")},
        {tr("Ctrl+L"), tr("Show the latest run")},
        {tr("F2, Enter or a digit"), tr("Type a setting's number, on its slider")},
        {tr("Ctrl+C"), tr("Copy the chosen rows, in a table")},
        {tr("F1"), tr("This list")},
        {tr("Ctrl+Q"), tr("Quit")},
    };
    auto* dialog = new QDialog(this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setWindowTitle(tr("Keyboard shortcuts"));
    auto* table = new QGridLayout;
    table->setHorizontalSpacing(24);
    table->setVerticalSpacing(6);
    int row = 0;
    for (const auto& [key, meaning] : keys) {
        auto* name = new QLabel(key, dialog);
        Theme::setRole(name, Theme::Role::Title);
        table->addWidget(name, row, 0);
        table->addWidget(new QLabel(meaning, dialog), row++, 1);
    }
    auto* note = new QLabel(tr("Keys without Ctrl act outside text fields."), dialog);
    Theme::setRole(note, Theme::Role::Secondary);
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close, dialog);
    buttons->button(QDialogButtonBox::Close)->setIcon(QIcon()); // words, as all buttons here
    connect(buttons, &QDialogButtonBox::rejected, dialog, &QDialog::close);
    auto* column = new QVBoxLayout(dialog);
    column->setContentsMargins(20, 18, 20, 16);
    column->setSpacing(14);
    column->addLayout(table);
    column->addWidget(note);
    column->addWidget(buttons);
    dialog->open();
}

void MainWindow::showAbout()
{
    auto* box = new QMessageBox(this);
    box->setAttribute(Qt::WA_DeleteOnClose);
    box->setWindowTitle(tr("About Jacobi Studio"));
    box->setText(tr("Jacobi Studio %1").arg(QStringLiteral(JACOBI_VERSION)));
    box->setInformativeText(
        tr("Generates with Jacobi-family parallel decoding on this machine, and shows how it converges.\n\n"
           "Nothing leaves this machine: no account, no network, no telemetry.\n\n"
           "Free software under the GNU General Public License, version 3 or later. Uses Qt, QCustomPlot, libtorch, "
           "libpng and the typeface Inter."));
    box->open();
}

} // namespace jacobi
