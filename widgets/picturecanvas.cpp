// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "widgets/picturecanvas.h"

#include "widgets/patchgrid.h"
#include "widgets/repaintclock.h"
#include "widgets/scalarmap.h"
#include "widgets/theme.h"
#include "widgets/tokenwords.h"
#include "widgets/tracemodel.h"

#include <QKeyEvent>
#include <QLocale>
#include <QMouseEvent>
#include <QPainter>
#include <QPainterPath>
#include <QToolTip>

#include <algorithm>
#include <cmath>

namespace jacobi {

PictureCanvas::PictureCanvas(TraceModel* model, Selection* selection, QWidget* parent)
    : QWidget(parent), m_model(model), m_selection(selection), m_clock(new RepaintClock(this))
{
    setMouseTracking(true);
    setFocusPolicy(Qt::StrongFocus);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
    setAccessibleName(tr("Picture"));
    const auto soon = [this] { m_clock->request(); };
    connect(m_clock, &RepaintClock::repaint, this, [this] {
        describe();
        update();
    });
    connect(model, &TraceModel::reset, this, [this, soon] {
        soon();
        Q_EMIT scaleChanged();
    });
    connect(model, &TraceModel::passesAdded, this, soon);
    connect(model, &TraceModel::previewAdded, this, soon);
    connect(model, &TraceModel::finished, this, soon);
    connect(selection, &Selection::currentPassChanged, this, soon);
    connect(selection, &Selection::hoveredChanged, this, soon);
    connect(selection, &Selection::pinnedChanged, this, soon);
    connect(&Theme::instance(), &Theme::changed, this, [this] { update(); });
}

void PictureCanvas::describe()
{
    setAccessibleDescription(m_model->passes() == 0 ? m_placeholder
                                                    : tr("Pass %1, %2 of %3 tokens accepted")
                                                          .arg(m_selection->currentPass())
                                                          .arg(m_model->committedEnd(m_selection->currentPass()))
                                                          .arg(m_model->positions()));
}

void PictureCanvas::setOverlay(Overlay overlay, int opacityPercent)
{
    m_overlay = overlay;
    m_opacity = opacityPercent;
    update();
}

void PictureCanvas::setActualSize(bool on)
{
    m_actualSize = on;
    update();
    Q_EMIT scaleChanged();
}

void PictureCanvas::setPlaceholder(const QString& text)
{
    m_placeholder = text;
    update();
}

void PictureCanvas::setStill(const QImage& picture)
{
    m_still = picture;
    update();
    Q_EMIT scaleChanged();
}

QSize PictureCanvas::pixels() const
{
    return m_model->isEmpty() ? m_still.size() : m_model->pictureSize();
}

QRectF PictureCanvas::pictureRect() const
{
    const QSize pixels = this->pixels();
    if (pixels.isEmpty()) {
        return {};
    }
    return fittedPicture(pixels, rect(), devicePixelRatioF(), m_actualSize);
}

double PictureCanvas::scalePercent() const
{
    const QSize pixels = this->pixels();
    return pixels.isEmpty() ? 100.0 : 100.0 * pictureRect().width() * devicePixelRatioF() / pixels.width();
}

QRectF PictureCanvas::patchRect(int position) const
{
    return patchOf(pictureRect(), position, m_model->columns(), m_model->rows());
}

int PictureCanvas::positionAt(const QPointF& point) const
{
    return m_model->passes() == 0 ? -1 : patchAt(pictureRect(), point, m_model->columns(), m_model->rows());
}

void PictureCanvas::paintEvent(QPaintEvent*)
{
    const Palette& c = colours();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    QRectF target = pictureRect();
    if (m_model->isEmpty() && !m_still.isNull()) {
        paintStill(painter, target);
    } else if (m_model->passes() == 0 || target.isEmpty()) {
        const qreal side = std::min(width(), height());
        const QRectF box = target.isEmpty() ? QRectF((width() - side) / 2.0, (height() - side) / 2.0, side, side) : target;
        painter.setPen(QPen(hasFocus() ? c.accent : c.line, 1.0));
        painter.setBrush(c.panel);
        painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 6, 6);
        painter.setFont(Theme::instance().bodyFont());
        painter.setPen(c.secondary);
        const QString text = m_model->isEmpty()      ? m_placeholder
                             : m_model->passes() > 0 ? tr("This run has no picture; the plots show its tokens.")
                             : m_model->isLive()     ? tr("Waiting for the first pass.")
                                                     : tr("This run ended before its first pass.");
        painter.drawText(box.adjusted(24, 24, -24, -24), Qt::AlignCenter | Qt::TextWordWrap, text);
    } else {
        paintPicture(painter, target);
        paintMarks(painter);
        if (m_overlay != Overlay::State && m_overlay != Overlay::None) {
            paintColourBar(painter, target);
        }
    }
    if (hasFocus() && m_model->passes() > 0 && !target.isEmpty()) {
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(c.accent, 1.0));
        painter.drawRoundedRect(target.adjusted(-2.5, -2.5, 2.5, 2.5), 8, 8);
    }
}

void PictureCanvas::paintStill(QPainter& painter, const QRectF& target) const
{
    painter.setRenderHint(QPainter::SmoothPixmapTransform, scalePercent() < 100.0);
    painter.drawImage(target, m_still);
}

void PictureCanvas::paintPicture(QPainter& painter, const QRectF& target) const
{
    const QImage picture = m_model->compose(m_selection->currentPass());
    const bool enlarged = target.width() * devicePixelRatioF() >= picture.width() - 0.5;
    painter.save();
    if (!m_actualSize) {
        QPainterPath rounded;
        rounded.addRoundedRect(target, 6, 6);
        painter.setClipPath(rounded);
    }
    painter.fillRect(target, colours().raised);
    painter.setRenderHint(QPainter::SmoothPixmapTransform, !enlarged);
    painter.drawImage(target, picture);
    const QImage overlay = overlayImage();
    if (!overlay.isNull()) {
        painter.setRenderHint(QPainter::SmoothPixmapTransform, false);
        painter.setOpacity(m_opacity / 100.0);
        painter.drawImage(target, overlay);
    }
    painter.restore();
}

void PictureCanvas::paintPatchOutline(QPainter& painter, int position, bool pinned) const
{
    const QRectF patch = patchRect(position);
    if (patch.isEmpty()) {
        return;
    }
    const Palette& c = colours();
    painter.setBrush(Qt::NoBrush);
    if (pinned) { // a second line inside says that it stays, and keeps the mark visible on any picture
        painter.setPen(QPen(c.window, 1.0));
        painter.drawRect(patch.adjusted(1.5, 1.5, -1.5, -1.5));
    }
    painter.setPen(QPen(c.accent, 2.0, Qt::SolidLine, Qt::SquareCap, Qt::MiterJoin));
    painter.drawRect(patch);
}

void PictureCanvas::paintMarks(QPainter& painter) const
{
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing, false);
    const auto mark = [&](const Cell& cell, bool pinned) {
        if (cell.position >= 0) {
            paintPatchOutline(painter, cell.position, pinned);
        } else if (cell.pass >= 0 && cell.pass < m_model->passes()) { // a whole pass: what it accepted
            for (int at = m_model->committedBefore(cell.pass); at < m_model->committedEnd(cell.pass); ++at) {
                paintPatchOutline(painter, at, pinned);
            }
        }
    };
    if (m_selection->isPinned()) {
        mark(m_selection->pinned(), true);
    }
    if (m_selection->hovered() != m_selection->pinned()) {
        mark(m_selection->hovered(), false);
    }
    painter.restore();
}

void PictureCanvas::paintColourBar(QPainter& painter, const QRectF& target) const
{
    const ScalarLayer layer = scalarLayer(*m_model, m_selection->currentPass(), m_overlay);
    const auto number = [&layer](double value) {
        return layer.isWhole ? QString::number(std::llround(value)) : QLocale().toString(value, 'f', 1);
    };
    paintScalarBar(painter, target, layer.name, number(layer.minimum), number(layer.maximum));
}

void PictureCanvas::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    Q_EMIT scaleChanged();
}

void PictureCanvas::mouseMoveEvent(QMouseEvent* event)
{
    const int position = positionAt(event->position());
    m_selection->setHovered({-1, position});
    if (position < 0) {
        QToolTip::hideText();
        return;
    }
    const int pass = m_selection->currentPass();
    QString text = tr("token %1 · %2").arg(position).arg(placeName(*m_model, position));
    text += QLatin1Char('\n') + stateName(m_model->stateAt(pass, position));
    const int accepted = m_model->passOfAcceptance(position);
    if (accepted >= 0 && accepted < pass) {
        text += QStringLiteral(" · ") + tr("in pass %1").arg(accepted);
    }
    QToolTip::showText(event->globalPosition().toPoint(), text, this);
}

void PictureCanvas::mousePressEvent(QMouseEvent* event)
{
    const int position = positionAt(event->position());
    if (event->button() == Qt::LeftButton && position >= 0) {
        m_selection->togglePin({-1, position});
    }
    QWidget::mousePressEvent(event);
}

void PictureCanvas::leaveEvent(QEvent* event)
{
    m_selection->clearHovered();
    QWidget::leaveEvent(event);
}

// With Shift the arrow keys move the pinned token; alone they belong to the scrubber.
void PictureCanvas::keyPressEvent(QKeyEvent* event)
{
    const int columns = m_model->columns();
    const int step = event->key() == Qt::Key_Left    ? -1
                     : event->key() == Qt::Key_Right ? 1
                     : event->key() == Qt::Key_Up    ? -columns
                     : event->key() == Qt::Key_Down  ? columns
                                                     : 0;
    if (step == 0 || !(event->modifiers() & Qt::ShiftModifier) || m_model->passes() == 0) {
        QWidget::keyPressEvent(event);
        return;
    }
    const int from = m_selection->pinned().position;
    const int begin = std::clamp(m_model->committedEnd(m_selection->currentPass()), 0, m_model->positions() - 1);
    const int to = from < 0 ? begin : from + step;
    if (to >= 0 && to < m_model->positions()) {
        m_selection->pin({-1, to});
    }
}

} // namespace jacobi
