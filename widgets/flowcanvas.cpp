// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/flowcanvas.h"

#include "widgets/flowtrace.h"
#include "widgets/patchgrid.h"
#include "widgets/repaintclock.h"
#include "widgets/scalarmap.h"
#include "widgets/selection.h"
#include "widgets/stepcolumns.h"
#include "widgets/theme.h"
#include "widgets/tracemodel.h"

#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>

#include <algorithm>
#include <cmath>

namespace jacobi {
namespace {

constexpr qreal kMostCell = 112.0; ///< pixels: side of a picture of the strip
constexpr qreal kCellGap = 8.0;
constexpr qreal kCaption = 18.0;
constexpr qreal kBelowStrip = 12.0;
constexpr int kDecades = 5; ///< that the colours of residuals span

QColor faint(QColor colour, float alpha)
{
    colour.setAlphaF(alpha);
    return colour;
}

/// The colour and whether a position is hatched, by what a pass did to it.
QColor stateColour(TokenState state)
{
    const Palette& c = colours();
    switch (state) {
    case TokenState::Converged:
    case TokenState::Bonus:
    case TokenState::Accepted: return c.accepted;
    case TokenState::Redrawn: return c.redrawn;
    case TokenState::New: return {};
    default: return c.kept;
    }
}

} // namespace

FlowCanvas::FlowCanvas(const FlowTrace* flow, TraceModel* model, Selection* selection, QWidget* parent)
    : QWidget(parent), m_flow(flow), m_model(model), m_selection(selection), m_clock(new RepaintClock(this))
{
    setMouseTracking(true);
    setFocusPolicy(Qt::ClickFocus);
    setAccessibleName(tr("The picture after each block, and as it stood after the pass"));
    const auto soon = [this] { m_clock->request(); };
    connect(m_clock, &RepaintClock::repaint, this, [this] { update(); });
    connect(model, &TraceModel::reset, this, [this, soon] {
        m_measured = 0;
        m_mostResidual = 0.0;
        Q_EMIT scaleChanged();
        soon();
    });
    connect(model, &TraceModel::passesAdded, this, [this, soon](int from, int) {
        m_measured = std::min(m_measured, from); // the first may have got another block's step
        soon();
    });
    connect(flow, &FlowTrace::picturesChanged, this, soon);
    connect(selection, &Selection::currentPassChanged, this, soon);
    connect(selection, &Selection::hoveredChanged, this, soon);
    connect(selection, &Selection::pinnedChanged, this, soon);
    connect(&Theme::instance(), &Theme::changed, this, soon);
}

void FlowCanvas::setOverlay(Overlay overlay, int opacityPercent)
{
    m_overlay = overlay;
    m_opacity = opacityPercent;
    update();
}

void FlowCanvas::setActualSize(bool on)
{
    m_actualSize = on;
    update();
    Q_EMIT scaleChanged();
}

void FlowCanvas::setPlaceholder(const QString& text)
{
    m_placeholder = text;
    update();
}

void FlowCanvas::setStill(const QImage& picture)
{
    m_still = picture;
    update();
    Q_EMIT scaleChanged();
}

qreal FlowCanvas::pixelRatio() const
{
    return m_isFigure ? 2.0 : devicePixelRatioF();
}

qreal FlowCanvas::stripHeight() const
{
    const auto cells = static_cast<qreal>(std::max(1, m_flow->blocks()) + 2);
    return std::floor(std::min({kMostCell, (width() - (cells - 1) * kCellGap) / cells, height() * 0.3}));
}

QVector<StripCell> FlowCanvas::strip() const
{
    QVector<StripCell> cells;
    if (!m_flow->isFlow()) {
        return cells;
    }
    const qreal side = stripHeight();
    const int count = m_flow->blocks() + 2;
    qreal x = std::floor((width() - count * side - (count - 1) * kCellGap) / 2.0);
    for (int block = m_flow->blocks(); block >= -1; --block, x += side + kCellGap) {
        StripCell cell;
        cell.block = block;
        cell.rect = QRectF(x, kCaption, side, side);
        if (block == m_flow->blocks()) {
            cell.pass = m_model->passes() > 0 ? 0 : -1;
        } else if (block >= 0) {
            const auto run = m_flow->runOf(block);
            cell.pass = run ? run->end - 1 : -1;
        } else if (!m_flow->finalPicture().isNull()) {
            cell.pass = m_model->passes() - 1;
        }
        cells << cell;
    }
    return cells;
}

QImage FlowCanvas::stripImage(const StripCell& cell) const
{
    if (cell.block < 0) {
        return m_flow->finalPicture();
    }
    if (cell.block == m_flow->blocks()) {
        return m_flow->startPicture();
    }
    if (m_flow->overlaps()) { // as it stood then; before there is a picture of it, what will come of it
        const QImage then = m_flow->pictureOf(cell.block, m_selection->currentPass());
        return then.isNull() ? m_flow->pictureOf(cell.block, cell.pass) : then;
    }
    const QImage whole = m_flow->pictureAfter(cell.block);
    return whole.isNull() && cell.pass == m_model->passes() - 1 ? m_flow->pictureAt(cell.pass) : whole;
}

QRectF FlowCanvas::pictureRect() const
{
    const QSize pixels = m_model->pictureSize();
    if (!m_flow->isFlow() || pixels.isEmpty()) {
        return {};
    }
    const qreal above = kCaption + stripHeight() + kBelowStrip;
    return fittedPicture(pixels, {0.0, above, static_cast<qreal>(width()), std::max(1.0, height() - above)},
                         pixelRatio(), m_actualSize);
}

double FlowCanvas::scalePercent() const
{
    const QSize pixels = m_model->pictureSize();
    const QRectF rect = pictureRect();
    return rect.isEmpty() ? 100.0 : 100.0 * rect.width() * pixelRatio() / pixels.width();
}

QRectF FlowCanvas::patchRect(int position) const
{
    return patchOf(pictureRect(), position, m_model->columns(), m_model->rows());
}

int FlowCanvas::positionAt(const QPointF& point) const
{
    return m_model->passes() == 0 ? -1 : patchAt(pictureRect(), point, m_model->columns(), m_model->rows());
}

int FlowCanvas::cellAt(const QPointF& point) const
{
    const QVector<StripCell> cells = strip();
    for (int at = 0; at < cells.size(); ++at) {
        if (cells[at].rect.adjusted(-kCellGap / 2, -kCaption, kCellGap / 2, 4).contains(point)) {
            return at;
        }
    }
    return -1;
}

void FlowCanvas::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    if (m_model->isEmpty() && !m_still.isNull()) {
        const QRectF target = fittedPicture(m_still.size(), rect(), pixelRatio(), m_actualSize);
        painter.drawImage(target, m_still);
        return;
    }
    if (!m_flow->isFlow() || m_model->passes() == 0) {
        const Palette& c = colours();
        const qreal side = std::floor(std::min(width(), height()) * 0.8);
        const QRectF box((width() - side) / 2, (height() - side) / 2, side, side);
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(QPen(c.line, 1.0));
        painter.setBrush(c.panel);
        painter.drawRoundedRect(box, 6, 6);
        painter.setPen(c.secondary);
        painter.drawText(box.adjusted(24, 24, -24, -24), Qt::AlignCenter | Qt::TextWordWrap,
                         m_flow->isFlow() && m_model->isLive() ? tr("Waiting for the first pass.") : m_placeholder);
        return;
    }
    paintStrip(painter);
    paintLarge(painter);
    const int pass = m_selection->currentPass();
    if (m_overlay == Overlay::Residual && pass >= 0 && !pictureRect().isEmpty()) {
        paintBar(painter);
    }
    paintMarks(painter);
}

void FlowCanvas::paintStrip(QPainter& painter)
{
    const Palette& c = colours();
    const int pass = m_selection->currentPass();
    const std::vector<int> working = m_flow->runsAt(pass);
    const auto isAtWork = [&](int block) {
        return std::ranges::any_of(
            working, [&](int run) { return m_flow->runs()[static_cast<std::size_t>(run)].block == block; });
    };
    const bool atEnd = pass == m_model->passes() - 1 && !m_flow->finalPicture().isNull();
    painter.setFont(Theme::instance().secondaryFont());
    const QVector<StripCell> cells = strip();
    for (int at = 0; at < cells.size(); ++at) {
        const StripCell& cell = cells[at];
        const bool strong = atEnd ? cell.block < 0 : isAtWork(cell.block);
        painter.setPen(strong ? c.accent : c.secondary);
        const QString name = cell.block < 0                   ? tr("picture")
                             : cell.block == m_flow->blocks() ? tr("noise")
                             : cell.rect.width() > 60         ? tr("block %1").arg(cell.block)
                                                              : QString::number(cell.block);
        painter.drawText(QRectF(cell.rect.left() - kCellGap / 2, 0, cell.rect.width() + kCellGap, kCaption - 3),
                         Qt::AlignCenter, name);
        const QImage image = stripImage(cell);
        painter.fillRect(cell.rect, c.panel);
        // What lies ahead of the pass looked at is there, but quiet.
        painter.setOpacity(isAhead(cell, pass) ? 0.35 : 1.0);
        if (!image.isNull()) {
            painter.setRenderHint(QPainter::SmoothPixmapTransform, image.width() > cell.rect.width());
            painter.drawImage(cell.rect, image);
        }
        painter.setOpacity(1.0);
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(strong ? c.accent : at == m_hoveredCell ? c.secondary : c.line, strong ? 2.0 : 1.0));
        painter.drawRect(cell.rect.adjusted(-0.5, -0.5, 0.5, 0.5));
    }
}

bool FlowCanvas::isAhead(const StripCell& cell, int pass) const
{
    const bool isOfABlock = cell.block >= 0 && cell.block < m_flow->blocks();
    return m_flow->overlaps() && isOfABlock ? m_flow->pictureOf(cell.block, pass).isNull() : cell.pass > pass;
}

void FlowCanvas::paintLarge(QPainter& painter)
{
    const QRectF target = pictureRect();
    if (target.isEmpty()) {
        return;
    }
    const int pass = m_selection->currentPass();
    const QImage picture = m_flow->pictureAt(pass);
    painter.setRenderHint(QPainter::Antialiasing, false);
    painter.setRenderHint(QPainter::SmoothPixmapTransform, scalePercent() < 100.0);
    if (picture.isNull()) {
        painter.fillRect(target, colours().panel);
        painter.setPen(colours().secondary);
        painter.drawText(target, Qt::AlignCenter | Qt::TextWordWrap, tr("No picture was kept of this pass."));
    } else {
        painter.drawImage(target, picture);
    }
    if (m_overlay != Overlay::None) {
        paintOverlay(painter, pass);
    }
}

void FlowCanvas::paintMarks(QPainter& painter)
{
    if (m_selection->isPinned()) {
        paintCell(painter, m_selection->pinned().position, true);
    }
    paintCell(painter, m_selection->hovered().position, false);
}

void FlowCanvas::paintOverlay(QPainter& painter, int pass)
{
    if (pass < 0 || pass >= m_model->passes()) {
        return;
    }
    const Step& step = m_model->step(pass);
    const auto alpha = static_cast<float>(m_opacity) / 100.0F;
    const int top = m_overlay == Overlay::Residual ? topDecade() : 0;
    for (int own = 0; own < m_model->positions(); ++own) {
        const int position =
            static_cast<int>(m_model->layout().rasterPosition(step.lane, static_cast<std::uint32_t>(own)));
        const QRectF patch = patchRect(position);
        if (m_overlay == Overlay::Residual) {
            const float residual = entryOr(step, step.residual, own, std::nanf(""));
            if (residual > 0.0F) {
                const double share = 1.0 - (top - std::log10(static_cast<double>(residual))) / kDecades;
                painter.fillRect(patch, faint(scalarColour(std::clamp(share, 0.0, 1.0)), alpha));
            }
            continue;
        }
        if (own < m_model->committedBefore(pass)) {
            continue; // final before: the picture as it is
        }
        const TokenState* state = entry(step, step.state, own);
        const QColor colour = state != nullptr ? stateColour(*state) : QColor();
        if (colour.isValid()) {
            painter.fillRect(patch, faint(colour, alpha));
        } else { // not reached
            painter.fillRect(patch, QBrush(faint(colours().secondary, alpha), Qt::BDiagPattern));
        }
    }
}

void FlowCanvas::paintBar(QPainter& painter)
{
    const auto power = [](int decade) { return QString::number(std::pow(10.0, decade), 'g', 4); };
    const auto [least, most] = residualDecades();
    painter.setRenderHint(QPainter::Antialiasing);
    paintScalarBar(painter, pictureRect(), tr("residual"), power(least), power(most));
    painter.setRenderHint(QPainter::Antialiasing, false);
}

std::pair<int, int> FlowCanvas::residualDecades()
{
    return {topDecade() - kDecades, topDecade()};
}

void FlowCanvas::paintFigure(QPainter& painter, const QSize& size)
{
    m_isFigure = true;
    resize(size);
    paintStrip(painter);
    paintLarge(painter);
}

/// The power of ten above every residual of the run: the scale is the run's, and does not move while scrubbing.
int FlowCanvas::topDecade()
{
    for (; m_measured < m_model->passes(); ++m_measured) {
        for (const auto& step : m_model->stepsOf(m_measured)) {
            for (const float residual : step->residual) {
                if (std::isfinite(residual)) {
                    m_mostResidual = std::max(m_mostResidual, static_cast<double>(residual));
                }
            }
        }
    }
    return m_mostResidual > 0.0 ? static_cast<int>(std::ceil(std::log10(m_mostResidual))) : 0;
}

void FlowCanvas::paintCell(QPainter& painter, int position, bool pinned)
{
    const QRectF patch = patchRect(position);
    if (!patch.isEmpty()) {
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(colours().accent, pinned ? 2.5 : 1.5));
        painter.drawRect(patch);
    }
}

QString FlowCanvas::describe(int pass, int position) const
{
    if (pass < 0 || pass >= m_model->passes() || position < 0 || position >= m_model->positions()) {
        return {};
    }
    const Step& step = m_model->step(pass);
    const auto own =
        static_cast<int>(m_model->layout().rasterPosition(step.lane, static_cast<std::uint32_t>(position)));
    const int columns = std::max(1, m_model->columns());
    QString text = tr("row %1, column %2 · number %3 of block %4")
                       .arg(position / columns)
                       .arg(position % columns)
                       .arg(own)
                       .arg(m_flow->blockOf(pass));
    const float residual = entryOr(step, step.residual, own, std::nanf(""));
    text += QLatin1Char('\n');
    if (own < m_model->committedBefore(pass)) {
        return text + tr("final before this pass");
    }
    return text + (std::isnan(residual)
                       ? tr("not computed in this pass")
                       : tr("moved by %1").arg(QString::number(static_cast<double>(residual), 'g', 3)));
}

void FlowCanvas::mouseMoveEvent(QMouseEvent* event)
{
    const int position = positionAt(event->position());
    m_selection->setHovered({-1, position});
    const int cell = cellAt(event->position());
    if (cell != m_hoveredCell) {
        m_hoveredCell = cell;
        update();
    }
    if (position >= 0) {
        QToolTip::showText(event->globalPosition().toPoint(), describe(m_selection->currentPass(), position), this);
    } else if (cell >= 0) {
        const StripCell& shown = strip()[cell];
        const auto plan = m_flow->plan(shown.block);
        const auto run = m_flow->runOf(shown.block);
        QString text = shown.block < 0                   ? tr("After the step along the score")
                       : shown.block == m_flow->blocks() ? tr("The noise it starts from")
                                                         : tr("After block %1").arg(shown.block);
        if (plan && run) {
            text += QLatin1Char('\n') + planWords(*plan) + tr(", %1 passes").arg(run->passes());
        }
        QToolTip::showText(event->globalPosition().toPoint(), text, this);
    } else {
        QToolTip::hideText();
    }
}

void FlowCanvas::mousePressEvent(QMouseEvent* event)
{
    if (event->button() != Qt::LeftButton) {
        return;
    }
    if (const int position = positionAt(event->position()); position >= 0) {
        m_selection->togglePin({-1, position});
    } else if (const int cell = cellAt(event->position()); cell >= 0 && strip()[cell].pass >= 0) {
        m_selection->goToPass(strip()[cell].pass);
    }
}

void FlowCanvas::leaveEvent(QEvent*)
{
    m_selection->clearHovered();
    m_hoveredCell = -1;
    update();
}

void FlowCanvas::resizeEvent(QResizeEvent*)
{
    Q_EMIT scaleChanged();
}

} // namespace jacobi
