// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/recentstrip.h"

#include "widgets/theme.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QPainter>
#include <QPainterPath>
#include <QToolTip>

#include <algorithm>

namespace jacobi {
namespace {

constexpr int kTile = 72;
constexpr int kGap = 8;
constexpr int kFrame = 2; // room for the outline around a tile

} // namespace

RecentStrip::RecentStrip(QWidget* parent) : QWidget(parent)
{
    setFixedHeight(kTile + 2 * kFrame);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setMouseTracking(true);
    setFocusPolicy(Qt::TabFocus);
    setAccessibleName(tr("Recent results"));
    connect(&Theme::instance(), &Theme::changed, this, qOverload<>(&QWidget::update));
}

QSize RecentStrip::sizeHint() const
{
    return {6 * (kTile + kGap), height()};
}

QSize RecentStrip::minimumSizeHint() const
{
    return {kTile + 2 * kFrame, height()};
}

void RecentStrip::setRuns(const QVector<RecentRun>& runs)
{
    m_runs = runs.mid(0, kMost);
    m_focused = 0;
    update();
}

void RecentStrip::addRun(const RecentRun& run)
{
    const auto same = [&run](const RecentRun& other) { return other.tracePath == run.tracePath; };
    const auto there = std::find_if(m_runs.begin(), m_runs.end(), same);
    if (there != m_runs.end()) {
        *there = run;
    } else {
        m_runs.prepend(run);
        m_runs.resize(std::min(static_cast<int>(m_runs.size()), kMost));
    }
    update();
}

void RecentStrip::setCurrent(const QString& tracePath)
{
    m_current = tracePath;
    update();
}

QRect RecentStrip::tileRect(int index) const
{
    return {kFrame + index * (kTile + kGap), kFrame, kTile, kTile};
}

int RecentStrip::visibleTiles() const
{
    const int fit = (width() - 2 * kFrame + kGap) / (kTile + kGap);
    return std::min(static_cast<int>(m_runs.size()), std::max(fit, 0));
}

int RecentStrip::tileAt(const QPoint& point) const
{
    for (int i = 0; i < visibleTiles(); ++i) {
        if (tileRect(i).contains(point)) {
            return i;
        }
    }
    return -1;
}

void RecentStrip::paintTile(QPainter& painter, int index) const
{
    const Palette& c = colours();
    const RecentRun& run = m_runs[index];
    const QRectF tile = tileRect(index);
    QPainterPath shape;
    shape.addRoundedRect(tile, 6, 6);
    painter.save();
    painter.setClipPath(shape);
    painter.fillRect(tile, c.raised);
    if (!run.thumbnail.isNull()) {
        painter.drawImage(tile, run.thumbnail);
    }
    painter.restore();
    const bool current = !m_current.isEmpty() && run.tracePath == m_current;
    const bool focused = hasFocus() && index == m_focused;
    painter.setBrush(Qt::NoBrush);
    if (current || focused || index == m_hovered) {
        painter.setPen(QPen(current ? c.accent : focused ? c.text : c.secondary, current || focused ? 2.0 : 1.0));
        painter.drawRoundedRect(tile.adjusted(-1, -1, 1, 1), 7, 7);
    }
}

void RecentStrip::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setRenderHint(QPainter::SmoothPixmapTransform);
    if (m_runs.isEmpty()) {
        painter.setPen(colours().secondary);
        painter.setFont(Theme::instance().secondaryFont());
        constexpr int kBeside = 8; // room for the frame
        painter.drawText(rect().adjusted(kBeside, 0, 0, 0), Qt::AlignLeft | Qt::AlignVCenter,
                         tr("Results will be kept here."));
        if (hasFocus()) {
            paintFocusFrame(painter, rect());
        }
        return;
    }
    for (int i = 0; i < visibleTiles(); ++i) {
        paintTile(painter, i);
    }
}

void RecentStrip::mousePressEvent(QMouseEvent* event)
{
    const int tile = tileAt(event->position().toPoint());
    if (event->button() == Qt::LeftButton && tile >= 0) {
        m_focused = tile;
        Q_EMIT chosen(m_runs[tile].tracePath);
        update();
        return;
    }
    QWidget::mousePressEvent(event);
}

void RecentStrip::mouseMoveEvent(QMouseEvent* event)
{
    const int tile = tileAt(event->position().toPoint());
    if (tile != m_hovered) {
        m_hovered = tile;
        setCursor(tile >= 0 ? Qt::PointingHandCursor : Qt::ArrowCursor);
        update();
    }
}

void RecentStrip::leaveEvent(QEvent*)
{
    m_hovered = -1;
    update();
}

void RecentStrip::keyPressEvent(QKeyEvent* event)
{
    const int last = visibleTiles() - 1;
    if (last >= 0 && (event->key() == Qt::Key_Left || event->key() == Qt::Key_Right)) {
        m_focused = std::clamp(m_focused + (event->key() == Qt::Key_Left ? -1 : 1), 0, last);
        setAccessibleDescription(m_runs[m_focused].name);
        update();
    } else if (last >= 0 && (event->key() == Qt::Key_Return || event->key() == Qt::Key_Space)) {
        Q_EMIT chosen(m_runs[std::min(m_focused, last)].tracePath);
    } else {
        QWidget::keyPressEvent(event);
    }
}

bool RecentStrip::event(QEvent* event)
{
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        const int tile = tileAt(help->pos());
        if (tile >= 0) {
            QToolTip::showText(help->globalPos(), m_runs[tile].name, this, tileRect(tile));
            return true;
        }
        QToolTip::hideText();
    }
    return QWidget::event(event);
}

} // namespace jacobi
