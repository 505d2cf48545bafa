// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/evidencedocks.h"

#include "app/studio/docksizes.h"
#include "widgets/theme.h"

#include <QAction>
#include <QDockWidget>
#include <QMainWindow>
#include <QPainter>
#include <QTabBar>
#include <QTimer>
#include <QVBoxLayout>

#include <algorithm>
#include <utility>

namespace jacobi {
namespace {

constexpr int kGripHeight = 10;
constexpr int kShare = 36; // percent of the window's width
constexpr int kLeast = 380;

/// What a dock is taken by: QDockWidget drags when its title bar ignores the mouse.
class Grip : public QWidget {
public:
    explicit Grip(QDockWidget* dock) : QWidget(dock)
    {
        setFixedHeight(kGripHeight);
        setAttribute(Qt::WA_Hover);
        setCursor(Qt::OpenHandCursor);
        setToolTip(EvidenceDocks::tr("Drag to move this view; double click to float it or put it back"));
        setAccessibleName(EvidenceDocks::tr("Grip of %1").arg(dock->windowTitle()));
    }
    QSize sizeHint() const override { return {80, kGripHeight}; }

protected:
    void paintEvent(QPaintEvent*) override
    {
        const Palette& c = colours();
        QPainter painter(this);
        painter.fillRect(rect(), c.panel);
        if (underMouse()) {
            painter.setRenderHint(QPainter::Antialiasing);
            painter.setPen(Qt::NoPen);
            painter.setBrush(c.secondary);
            const QPointF middle = QRectF(rect()).center();
            for (int i = -2; i <= 2; ++i) {
                painter.drawEllipse(middle + QPointF(8.0 * i, 1.0), 1.5, 1.5);
            }
        }
    }
};

/// A view with the panel's colour around it.
class Panel : public QWidget {
public:
    Panel(QWidget* view, QWidget* parent) : QWidget(parent)
    {
        auto* column = new QVBoxLayout(this);
        column->setContentsMargins(16, 0, 16, 10);
        column->addWidget(view);
    }

protected:
    void paintEvent(QPaintEvent*) override { QPainter(this).fillRect(rect(), colours().panel); }
};

} // namespace

EvidenceDocks::EvidenceDocks(QMainWindow* window)
    : QObject(window), m_window(window), m_sizes(new DockSizes(window, kLeast))
{
    window->setCorner(Qt::TopRightCorner, Qt::RightDockWidgetArea);
    window->setCorner(Qt::BottomRightCorner, Qt::RightDockWidgetArea);
    window->setTabPosition(Qt::RightDockWidgetArea, QTabWidget::North);
    window->setDockOptions(QMainWindow::AllowNestedDocks | QMainWindow::AllowTabbedDocks);
}

QDockWidget* EvidenceDocks::make(const QString& id, const QString& title, QWidget* view)
{
    auto* dock = new QDockWidget(title, m_window);
    dock->setObjectName(id);
    dock->setTitleBarWidget(new Grip(dock));
    dock->setWidget(new Panel(view, dock));
    m_window->addDockWidget(Qt::RightDockWidgetArea, dock);
    m_docks.push_back(dock);
    m_sizes->add(dock);
    return dock;
}

void EvidenceDocks::add(const QString& id, const QString& title, QWidget* view, int share)
{
    make(id, title, view);
    m_shares.push_back(share);
}

void EvidenceDocks::addBehind(const QString& id, const QString& title, QWidget* view)
{
    make(id, title, view);
    m_shares.push_back(0);
    tabify();
}

void EvidenceDocks::tabify()
{
    for (int at = 1; at < m_docks.size(); ++at) {
        if (m_shares[at] == 0) {
            if (!m_window->tabifiedDockWidgets(m_docks[at - 1]).contains(m_docks[at])) {
                m_window->tabifyDockWidget(m_docks[at - 1], m_docks[at]);
            }
            m_docks[at - 1]->raise();
        }
    }
    for (QTabBar* bar : m_window->findChildren<QTabBar*>(Qt::FindDirectChildrenOnly)) {
        bar->setAccessibleName(tr("Views in one place"));
    }
}

void EvidenceDocks::hide()
{
    for (QDockWidget* dock : std::as_const(m_docks)) {
        dock->setVisible(false);
    }
}

void EvidenceDocks::reset()
{
    m_sizes->setQuiet(true);
    hide(); // one that floats would come back among the others
    for (QDockWidget* dock : std::as_const(m_docks)) {
        dock->setFloating(false);
        m_window->removeDockWidget(dock);
    }
    for (int at = 0; at < m_docks.size(); ++at) {
        putBack(at);
    }
    tabify();
    m_sizes->setQuiet(false);
    const int width = std::max(kLeast, m_window->width() * kShare / 100);
    for (int at = 0; at < m_docks.size(); ++at) {
        if (m_shares[at] > 0) {
            m_sizes->choose(m_docks[at], {width, m_window->height() * m_shares[at] / 100});
        }
    }
    m_sizes->apply();
}

/// In its place before it is seen: all of them above one another would need more height than a window may have, and one that
/// grew for them stays so.
void EvidenceDocks::putBack(int at)
{
    if (m_shares[at] == 0) {
        m_window->tabifyDockWidget(m_docks[at - 1], m_docks[at]);
    } else {
        m_window->addDockWidget(Qt::RightDockWidgetArea, m_docks[at], Qt::Vertical);
    }
    m_docks[at]->setVisible(true);
}

bool EvidenceDocks::restore(const QByteArray& state)
{
    m_sizes->setQuiet(true);
    const bool isRestored = m_window->restoreState(state);
    m_sizes->setQuiet(false);
    if (!isRestored) {
        return false;
    }
    if (m_sizes->areKnown()) {
        m_sizes->apply(); // the window may have been smaller when the layout was kept
    } else {
        m_sizes->keepSoon();
    }
    // Where the window is only about to be shown, it would come to lie over them.
    QTimer::singleShot(0, this, &EvidenceDocks::raiseFloating);
    return true;
}

void EvidenceDocks::raiseFloating()
{
    for (QDockWidget* dock : std::as_const(m_docks)) {
        if (dock->isFloating() && dock->isVisible()) {
            dock->raise();
        }
    }
}

QVector<QAction*> EvidenceDocks::toggleActions() const
{
    QVector<QAction*> actions;
    for (QDockWidget* dock : m_docks) {
        actions.push_back(dock->toggleViewAction());
    }
    return actions;
}

} // namespace jacobi
