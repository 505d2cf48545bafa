// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/docksizes.h"

#include <QDockWidget>
#include <QEvent>
#include <QMainWindow>
#include <QTabBar>
#include <QTimer>

#include <algorithm>
#include <utility>

namespace jacobi {
namespace {

bool isPlaced(const QDockWidget* dock)
{
    return dock->isVisible() && !dock->isFloating();
}

/// What is behind a tab lies outside the window.
bool isBehind(const QDockWidget* dock)
{
    return dock->geometry().right() < 0;
}

/// Pixels that the tabs of a dock's place take.
int tabsAbove(const QMainWindow* window, QDockWidget* dock)
{
    if (!window->tabifiedDockWidgets(dock).isEmpty()) {
        for (const QTabBar* tabs : window->findChildren<QTabBar*>(Qt::FindDirectChildrenOnly)) {
            if (tabs->isVisible()) {
                return tabs->height();
            }
        }
    }
    return 0;
}

} // namespace

DockSizes::DockSizes(QMainWindow* window, int least) : QObject(window), m_window(window), m_least(least)
{
    window->installEventFilter(this);
}

void DockSizes::add(QDockWidget* dock, int share)
{
    m_docks.push_back(dock);
    m_shares[dock] = share;
    connect(dock, &QDockWidget::dockLocationChanged, this, [this] {
        if (!m_quiet) {
            keepSoon();
        }
    });
}

void DockSizes::choose(QDockWidget* dock, const QSize& size)
{
    m_chosen[dock] = size;
}

void DockSizes::keepSoon()
{
    QTimer::singleShot(0, this, &DockSizes::keep);
}

void DockSizes::keepRestoredSoon()
{
    QTimer::singleShot(0, this, &DockSizes::keepRestored);
}

void DockSizes::keepRestored()
{
    const QHash<QDockWidget*, QSize> sizes = present();
    const bool wasForced = isForced(sizes);
    keep();
    for (auto one = sizes.cbegin(); wasForced && one != sizes.cend(); ++one) {
        int share = m_shares.value(one.key());
        for (QDockWidget* behind : m_window->tabifiedDockWidgets(one.key())) {
            share = std::max(share, m_shares.value(behind));
        }
        if (share > 0) {
            m_chosen[one.key()].setHeight(m_window->height() * share / 100);
        }
    }
}

/// One of several above one another has the height it needs, and no more.
bool DockSizes::isForced(const QHash<QDockWidget*, QSize>& sizes) const
{
    for (auto one = sizes.cbegin(); sizes.size() > 1 && one != sizes.cend(); ++one) {
        int least = one.key()->minimumSizeHint().height();
        for (const QDockWidget* behind : m_window->tabifiedDockWidgets(one.key())) {
            least = std::max(least, behind->minimumSizeHint().height());
        }
        if (one.key()->height() <= least) {
            return true;
        }
    }
    return false;
}

QHash<QDockWidget*, QSize> DockSizes::present() const
{
    QHash<QDockWidget*, QSize> sizes;
    for (QDockWidget* dock : m_docks) {
        if (isPlaced(dock) && !isBehind(dock)) {
            sizes[dock] = dock->size() + QSize(0, tabsAbove(m_window, dock)); // of their place
        }
    }
    return sizes;
}

void DockSizes::keep()
{
    // Where the middle has no more to give, the docks' width is what was left of theirs.
    const QWidget* middle = m_window->centralWidget();
    const bool isSqueezed = middle->width() <= middle->minimumSizeHint().width();
    const QHash<QDockWidget*, QSize> sizes = present();
    for (auto one = sizes.cbegin(); one != sizes.cend(); ++one) {
        const int owed = isSqueezed ? m_chosen.value(one.key(), QSize(m_least, 0)).width() : 0;
        m_chosen[one.key()] = {std::max(one->width(), owed), one->height()};
    }
    for (QDockWidget* dock : std::as_const(m_docks)) {
        if (isPlaced(dock) && isBehind(dock)) {
            m_chosen.remove(dock); // the one before it speaks for their place
        }
    }
}

void DockSizes::apply()
{
    QList<QDockWidget*> docks;
    QList<int> widths;
    QList<int> heights;
    for (QDockWidget* dock : std::as_const(m_docks)) {
        const auto chosen = m_chosen.constFind(dock);
        if (chosen != m_chosen.cend() && !dock->isHidden() && !dock->isFloating()) {
            docks << dock;
            widths << chosen->width();
            heights << chosen->height();
        }
    }
    if (!docks.isEmpty()) {
        m_window->resizeDocks(docks, widths, Qt::Horizontal);
        m_window->resizeDocks(docks, heights, Qt::Vertical);
    }
}

bool DockSizes::eventFilter(QObject* watched, QEvent* event)
{
    if (watched == m_window) {
        switch (event->type()) {
        case QEvent::Resize: apply(); break;
        case QEvent::MouseButtonPress: m_pressed = present(); break; // perhaps on a line between docks
        case QEvent::MouseButtonRelease:
            if (m_pressed) {
                QTimer::singleShot(0, this, [this, before = *std::exchange(m_pressed, std::nullopt)] {
                    if (present() != before) {
                        keep();
                    }
                });
            }
            break;
        default: break;
        }
    }
    return QObject::eventFilter(watched, event);
}

} // namespace jacobi
