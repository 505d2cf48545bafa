// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/recentstrip.h"

#include "widgets/numberlabel.h"
#include "widgets/theme.h"

#include <QContextMenuEvent>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QLinearGradient>
#include <QMenu>
#include <QPainter>
#include <QPainterPath>
#include <QToolTip>
#include <QWheelEvent>

#include <algorithm>
#include <cstdlib>

namespace jacobi {
namespace {

constexpr int kTile = 72;
constexpr int kGap = 8;
constexpr int kFrame = 2;  // room for the outline around a tile
constexpr int kArrow = 20; // at an end with more behind it

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
    scrollTo(0);
    update();
}

void RecentStrip::addRun(const RecentRun& run)
{
    const int there = indexOf(run.tracePath);
    if (there >= 0) {
        m_runs[there] = run;
    } else {
        m_runs.prepend(run);
        m_runs.resize(std::min(static_cast<int>(m_runs.size()), kMost));
        if (m_scroll > 0) { // what was looked at stays where it is
            scrollTo(m_scroll + kTile + kGap);
        }
        m_focused = hasFocus() ? std::min(m_focused + 1, static_cast<int>(m_runs.size()) - 1) : 0;
    }
    update();
}

void RecentStrip::removeRun(const QString& tracePath)
{
    const int there = indexOf(tracePath);
    if (there < 0) {
        return;
    }
    m_runs.remove(there);
    m_hovered = -1;
    m_focused = std::clamp(m_focused > there ? m_focused - 1 : m_focused, 0, std::max(0, static_cast<int>(m_runs.size()) - 1));
    scrollTo(m_scroll);
    update();
}

void RecentStrip::setCurrent(const QString& tracePath)
{
    m_current = tracePath;
    scrollToTile(indexOf(tracePath));
    update();
}

int RecentStrip::indexOf(const QString& tracePath) const
{
    const auto same = [&tracePath](const RecentRun& run) { return run.tracePath == tracePath; };
    const auto there = std::find_if(m_runs.cbegin(), m_runs.cend(), same);
    return tracePath.isEmpty() || there == m_runs.cend() ? -1 : static_cast<int>(there - m_runs.cbegin());
}

QRect RecentStrip::tileRect(int index) const
{
    return {kFrame + index * (kTile + kGap) - m_scroll, kFrame, kTile, kTile};
}

QString RecentStrip::toolTipOf(int index) const
{
    const RecentRun& run = m_runs[index];
    return run.details.isEmpty() ? run.name : run.details;
}

int RecentStrip::mostScroll() const
{
    const int all = static_cast<int>(m_runs.size()) * (kTile + kGap) - kGap + 2 * kFrame;
    return std::max(0, all - width());
}

bool RecentStrip::hasMore(bool atLeft) const
{
    return atLeft ? m_scroll > 0 : m_scroll < mostScroll();
}

QRect RecentStrip::arrowRect(bool atLeft) const
{
    return {atLeft ? 0 : width() - kArrow, 0, kArrow, height()};
}

void RecentStrip::scrollTo(int pixels)
{
    const int scroll = std::clamp(pixels, 0, mostScroll());
    if (scroll != m_scroll) {
        m_scroll = scroll;
        m_hovered = -1; // until the mouse moves again
        update();
    }
}

/// Whole, and clear of the arrows.
void RecentStrip::scrollToTile(int index)
{
    if (index < 0) {
        return;
    }
    const QRect tile = tileRect(index);
    if (tile.left() < kArrow) {
        scrollTo(m_scroll + tile.left() - kArrow);
    } else if (tile.right() >= width() - kArrow) {
        scrollTo(m_scroll + tile.right() + 1 + kArrow - width());
    }
}

void RecentStrip::focusTile(int index)
{
    m_focused = std::clamp(index, 0, static_cast<int>(m_runs.size()) - 1);
    setAccessibleDescription(toolTipOf(m_focused));
    scrollToTile(m_focused);
    update();
}

int RecentStrip::tileAt(const QPoint& point) const
{
    for (const bool atLeft : {true, false}) {
        if (hasMore(atLeft) && arrowRect(atLeft).contains(point)) {
            return -1;
        }
    }
    for (int i = 0; i < m_runs.size(); ++i) {
        if (rect().contains(point) && tileRect(i).contains(point)) {
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
    if (run.pictures > 1) {
        paintNumber(painter, tile, run.pictures);
    }
    const bool current = !m_current.isEmpty() && run.tracePath == m_current;
    const bool focused = hasFocus() && index == m_focused;
    painter.setBrush(Qt::NoBrush);
    if (current || focused || index == m_hovered) {
        painter.setPen(QPen(current ? c.accent : focused ? c.text : c.secondary, current || focused ? 2.0 : 1.0));
        painter.drawRoundedRect(tile.adjusted(-1, -1, 1, 1), 7, 7);
    }
}

/// How many pictures the run made: in a corner, on a ground that sets it off from any picture.
void RecentStrip::paintNumber(QPainter& painter, const QRectF& tile, int number) const
{
    const Palette& c = colours();
    const QString text = QString::number(number);
    const QFont face = Theme::instance().secondaryFont();
    const qreal width = std::max(tabularWidth(face, text) + 10.0, 18.0);
    const QRectF pill(tile.right() - width - 3.0, tile.bottom() - 20.0, width, 17.0);
    QColor ground = c.panel;
    ground.setAlphaF(0.85F);
    painter.setPen(Qt::NoPen);
    painter.setBrush(ground);
    painter.drawRoundedRect(pill, 5, 5);
    painter.setFont(face);
    painter.setPen(c.text);
    drawTabular(painter, pill, Qt::AlignCenter, text);
}

/// There is more on that side: the tiles fade out below a small arrow.
void RecentStrip::paintArrow(QPainter& painter, bool atLeft) const
{
    const Palette& c = colours();
    const QRectF place = arrowRect(atLeft);
    QLinearGradient fade(place.topLeft(), place.topRight());
    QColor clear = c.window;
    clear.setAlphaF(0.0F);
    fade.setColorAt(atLeft ? 0.6 : 0.4, c.window);
    fade.setColorAt(atLeft ? 1.0 : 0.0, clear);
    painter.fillRect(place, fade);
    const qreal x = place.center().x() + (atLeft ? -2.0 : 2.0);
    const qreal way = atLeft ? 4.0 : -4.0;
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(c.secondary, 1.6));
    painter.drawPolyline(QPolygonF({QPointF(x + way / 2, place.center().y() - 5), QPointF(x - way / 2, place.center().y()),
                                    QPointF(x + way / 2, place.center().y() + 5)}));
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
    for (int i = 0; i < m_runs.size(); ++i) {
        if (tileRect(i).adjusted(-kFrame, 0, kFrame, 0).intersects(rect())) {
            paintTile(painter, i);
        }
    }
    for (const bool atLeft : {true, false}) {
        if (hasMore(atLeft)) {
            paintArrow(painter, atLeft);
        }
    }
}

void RecentStrip::mousePressEvent(QMouseEvent* event)
{
    const QPoint point = event->position().toPoint();
    const int tile = tileAt(point);
    if (event->button() == Qt::LeftButton && tile >= 0) {
        m_focused = tile;
        scrollToTile(tile);
        Q_EMIT chosen(m_runs[tile].tracePath);
        update();
        return;
    }
    for (const bool atLeft : {true, false}) {
        if (event->button() == Qt::LeftButton && hasMore(atLeft) && arrowRect(atLeft).contains(point)) {
            const int page = std::max(1, width() / (kTile + kGap) - 1) * (kTile + kGap);
            scrollTo(m_scroll + (atLeft ? -page : page));
            return;
        }
    }
    QWidget::mousePressEvent(event);
}

void RecentStrip::mouseMoveEvent(QMouseEvent* event)
{
    const QPoint point = event->position().toPoint();
    const int tile = tileAt(point);
    const bool onArrow = (hasMore(true) && arrowRect(true).contains(point)) || (hasMore(false) && arrowRect(false).contains(point));
    setCursor(tile >= 0 || onArrow ? Qt::PointingHandCursor : Qt::ArrowCursor);
    if (tile != m_hovered) {
        m_hovered = tile;
        update();
    }
}

void RecentStrip::leaveEvent(QEvent*)
{
    m_hovered = -1;
    update();
}

void RecentStrip::wheelEvent(QWheelEvent* event)
{
    // A mouse's wheel turns by notches, a tile each; a touchpad says pixels, of either direction.
    const QPoint pixels = event->pixelDelta();
    const QPoint notches = event->angleDelta();
    const QPoint by = pixels.isNull() ? notches * (kTile + kGap) / QWheelEvent::DefaultDeltasPerStep : pixels;
    scrollTo(m_scroll - (std::abs(by.x()) > std::abs(by.y()) ? by.x() : by.y()));
    event->accept(); // nothing else scrolls here
}

void RecentStrip::resizeEvent(QResizeEvent*)
{
    scrollTo(m_scroll);
}

void RecentStrip::contextMenuEvent(QContextMenuEvent* event)
{
    const bool byKey = event->reason() == QContextMenuEvent::Keyboard;
    const int tile = byKey ? (m_runs.isEmpty() ? -1 : m_focused) : tileAt(event->pos());
    if (tile < 0) {
        return;
    }
    const QString path = m_runs[tile].tracePath;
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->addAction(tr("Open"), this, [this, path] { Q_EMIT chosen(path); });
    menu->addAction(m_runs[tile].pictures > 1 ? tr("Save its pictures…") : tr("Save its picture…"), this,
                    [this, path] { Q_EMIT saveRequested(path); });
    menu->addAction(tr("Show in its folder"), this, [this, path] { Q_EMIT folderRequested(path); });
    menu->addSeparator();
    menu->addAction(tr("Move to the trash…"), this, [this, path] { Q_EMIT removalRequested(path); });
    menu->popup(byKey ? mapToGlobal(tileRect(tile).center()) : event->globalPos());
}

void RecentStrip::keyPressEvent(QKeyEvent* event)
{
    if (m_runs.isEmpty()) {
        QWidget::keyPressEvent(event);
        return;
    }
    const QString path = m_runs[m_focused].tracePath;
    switch (event->key()) {
    case Qt::Key_Left: focusTile(m_focused - 1); return;
    case Qt::Key_Right: focusTile(m_focused + 1); return;
    case Qt::Key_Home: focusTile(0); return;
    case Qt::Key_End: focusTile(static_cast<int>(m_runs.size()) - 1); return;
    case Qt::Key_Return:
    case Qt::Key_Enter:
    case Qt::Key_Space: Q_EMIT chosen(path); return;
    case Qt::Key_Delete: Q_EMIT removalRequested(path); return;
    default: QWidget::keyPressEvent(event);
    }
}

bool RecentStrip::event(QEvent* event)
{
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        const int tile = tileAt(help->pos());
        if (tile >= 0) {
            // A prompt from a file is never read as markup, and a long one is broken into lines.
            QString text = toolTipOf(tile).toHtmlEscaped();
            text.replace(QLatin1Char('\n'), QStringLiteral("<br>"));
            QToolTip::showText(help->globalPos(), QStringLiteral("<span>%1</span>").arg(text), this, tileRect(tile));
            return true;
        }
        QToolTip::hideText();
    }
    return QWidget::event(event);
}

} // namespace jacobi
