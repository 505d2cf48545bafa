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
#include <QWindow>

#include <algorithm>
#include <utility>

namespace jacobi {
namespace {

constexpr int kGripHeight = 10;
constexpr int kShare = 36; // percent of the window's width
constexpr int kLeast = 380;

/// A view that floats has nothing around it that sets it off from what is below: a line does. Its parts each paint their own
/// piece.
void paintEdge(QPainter& painter, const QWidget* part, const QDockWidget* dock)
{
    if (dock->isFloating()) {
        const QPoint at = part == dock ? QPoint() : part->pos();
        painter.setRenderHint(QPainter::Antialiasing, false);
        painter.setPen(colours().line);
        painter.setBrush(Qt::NoBrush);
        painter.drawRect(dock->rect().translated(-at).adjusted(0, 0, -1, -1));
    }
}

class Dock : public QDockWidget {
public:
    using QDockWidget::QDockWidget;

protected:
    void paintEvent(QPaintEvent* event) override
    {
        QDockWidget::paintEvent(event);
        QPainter painter(this);
        paintEdge(painter, this, this);
    }
};

/// What a dock is taken by: QDockWidget drags when its title bar ignores the mouse.
class Grip : public QWidget {
public:
    explicit Grip(QDockWidget* dock) : QWidget(dock), m_dock(dock)
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
        paintEdge(painter, this, m_dock);
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

private:
    const QDockWidget* m_dock;
};

/// A view with the panel's colour around it.
class Panel : public QWidget {
public:
    Panel(QWidget* view, QDockWidget* dock) : QWidget(dock), m_dock(dock)
    {
        auto* column = new QVBoxLayout(this);
        column->setContentsMargins(16, 0, 16, 10);
        column->addWidget(view);
    }

protected:
    void paintEvent(QPaintEvent*) override
    {
        QPainter painter(this);
        painter.fillRect(rect(), colours().panel);
        paintEdge(painter, this, m_dock);
    }

private:
    const QDockWidget* m_dock;
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

QDockWidget* EvidenceDocks::make(const QString& id, const QString& title, QWidget* view, int share)
{
    auto* dock = new Dock(title, m_window);
    dock->setObjectName(id);
    dock->setTitleBarWidget(new Grip(dock));
    dock->setWidget(new Panel(view, dock));
    m_window->addDockWidget(Qt::RightDockWidgetArea, dock);
    m_docks.push_back(dock);
    m_shares.push_back(share);
    m_sizes->add(dock, share);
    return dock;
}

void EvidenceDocks::add(const QString& id, const QString& title, QWidget* view, int share)
{
    make(id, title, view, share);
}

void EvidenceDocks::addBehind(const QString& id, const QString& title, QWidget* view)
{
    make(id, title, view, 0);
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
        m_sizes->keepRestoredSoon();
    }
    QTimer::singleShot(0, this, &EvidenceDocks::raiseFloating);
    if (QWindow* handle = m_window->windowHandle(); handle != nullptr && !handle->isExposed()) {
        handle->installEventFilter(this); // it will come to lie over them
    }
    return true;
}

bool EvidenceDocks::eventFilter(QObject* watched, QEvent* event)
{
    auto* handle = qobject_cast<QWindow*>(watched);
    if (handle != nullptr && event->type() == QEvent::Expose && handle->isExposed()) {
        handle->removeEventFilter(this);
        QTimer::singleShot(0, this, &EvidenceDocks::showFloatingAgain);
    }
    return QObject::eventFilter(watched, event);
}

/// A window manager puts a window that is shown after them over views that float, and raises none for the asking; what is shown
/// after the window lies before it.
void EvidenceDocks::showFloatingAgain()
{
    for (QDockWidget* dock : std::as_const(m_docks)) {
        if (dock->isFloating() && dock->isVisible()) {
            const QRect place = dock->geometry();
            dock->hide();
            dock->show();
            dock->setGeometry(place);
            dock->raise();
        }
    }
}

int EvidenceDocks::leastHeight() const
{
    constexpr int kTabs = 44; // of views in one place, and the lines between places
    int all = 0;
    int place = 0;
    for (int at = 0; at < m_docks.size(); ++at) {
        const int own = m_docks[at]->minimumSizeHint().height();
        if (m_shares[at] > 0) {
            all += place;
            place = own;
        } else {
            place = std::max(place, own) + kTabs;
        }
    }
    return all + place;
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
