// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "widgets/plotparts.h"

#include "widgets/theme.h"

#include <QCoreApplication>

#include <algorithm>
#include <cmath>
#include <utility>

namespace jacobi {
namespace {

constexpr const char* kMostTicks = "jacobiMostTicks"; // a property of the axis

/// The plot's own measures: its axes have those of the last painting until it is under way.
void fitTicks(QCustomPlot* plot)
{
    constexpr int kUsual = 5;
    constexpr int kAcross = 48; // pixels of a label of four digits, with space beside it
    constexpr int kUpright = 22;
    const QMargins margins = plot->axisRect()->margins();
    const int width = plot->viewport().width() - margins.left() - margins.right();
    const int height = plot->viewport().height() - margins.top() - margins.bottom();
    for (QCPAxis* axis : plot->axisRect()->axes()) {
        const QVariant asked = axis->property(kMostTicks);
        const int most = asked.isValid() ? asked.toInt() : kUsual;
        const int room = axis->orientation() == Qt::Horizontal ? width / kAcross : height / kUpright;
        axis->ticker()->setTickCount(std::clamp(room, 2, std::max(most, 2)));
    }
}

} // namespace

PlotPainting::PlotPainting(QCustomPlot* plot, const QString& layer, std::function<void(QCPPainter&)> paint, Clip clip)
    : QCPLayerable(plot, layer), m_paint(std::move(paint)), m_clip(clip)
{
}

void PlotPainting::applyDefaultAntialiasingHint(QCPPainter* painter) const
{
    painter->setAntialiasing(false);
}

QRect PlotPainting::clipRect() const
{
    return m_clip == Clip::Axes ? mParentPlot->axisRect()->rect() : mParentPlot->viewport();
}

void PlotPainting::draw(QCPPainter* painter)
{
    m_paint(*painter);
}

double WholeTicker::getTickStep(const QCPRange& range)
{
    const double wanted = range.size() / (tickCount() + 1e-10);
    if (m_unit > 1 && wanted > m_unit * 0.6) {
        const double units = std::max(1.0, wanted / m_unit);
        // 1, 2, 4, 6, 8, 12, 16, 24, ...: what divides rows of 16 and 24 evenly.
        for (double step = 1.0;; step *= 2.0) {
            if (step >= units * 0.8) {
                return step * m_unit;
            }
            if (step >= 2.0 && step * 1.5 >= units * 0.8) {
                return step * 1.5 * m_unit;
            }
        }
    }
    const double decade = std::pow(10.0, std::floor(std::log10(std::max(1.0, wanted))));
    for (const double mantissa : {1.0, 2.0, 5.0}) {
        if (mantissa * decade >= wanted * 0.8) {
            return mantissa * decade;
        }
    }
    return 10.0 * decade;
}

QString WholeTicker::getTickLabel(double tick, const QLocale&, QChar, int)
{
    return QString::number(std::llround(tick));
}

void styleAxis(QCPAxis* axis, const QColor& ink)
{
    const Palette& c = colours();
    axis->setBasePen(Qt::NoPen);
    axis->setTickPen(QPen(c.line, 1.0));
    axis->setSubTickPen(Qt::NoPen);
    axis->setTickLength(0, 4);
    axis->setTickLabelColor(ink);
    axis->setLabelColor(ink);
    const QFont face = Theme::instance().secondaryFont();
    axis->setTickLabelFont(face);
    axis->setSelectedTickLabelFont(face);
    axis->setLabelFont(face);
    axis->setSelectedLabelFont(face);
    axis->setTickLabelPadding(4);
    axis->setLabelPadding(2);
    axis->grid()->setPen(QPen(c.line, 1.0));
    axis->grid()->setZeroLinePen(QPen(c.line, 1.0));
    axis->grid()->setSubGridVisible(false);
}

void stylePlot(QCustomPlot* plot)
{
    plot->setBackground(QBrush(colours().panel));
    for (QCPAxis* axis : plot->axisRect()->axes()) {
        styleAxis(axis, colours().secondary);
    }
    plot->axisRect()->setBackground(QBrush(colours().plotGround));
}

QCustomPlot* makePlot(QWidget* parent)
{
    auto* plot = new QCustomPlot(parent);
    plot->setMouseTracking(true);
    plot->setFocusPolicy(Qt::NoFocus);
    plot->setAttribute(Qt::WA_NoMousePropagation, false); // its view has the context menu; the mouse it takes itself
    plot->setNoAntialiasingOnDrag(false);
    plot->setPlottingHint(QCP::phFastPolylines, false);
    plot->setPlottingHint(QCP::phCacheLabels, true);
    plot->plotLayout()->setMargins(QMargins(0, 0, 0, 0));
    plot->addLayer(QStringLiteral("cursor"), plot->layer(QStringLiteral("axes")), QCustomPlot::limAbove);
    plot->layer(QStringLiteral("cursor"))->setMode(QCPLayer::lmBuffered);
    QObject::connect(plot, &QCustomPlot::beforeReplot, plot, [plot] { fitTicks(plot); });
    return plot;
}

void setMostTicks(QCPAxis* axis, int most)
{
    axis->setProperty(kMostTicks, most);
}

void addAxisName(QCustomPlot* plot, QCPAxis::AxisType side, const QString& name, std::function<QColor()> ink)
{
    addAxisName(plot, side, [name] { return name; }, std::move(ink));
}

void addAxisName(QCustomPlot* plot, QCPAxis::AxisType side, std::function<QString()> text, std::function<QColor()> ink)
{
    const auto paint = [plot, side, text = std::move(text), ink = std::move(ink)](QCPPainter& painter) {
        const QString name = text();
        const QRect axes = plot->axisRect()->rect();
        const QRect whole = plot->viewport();
        painter.setFont(Theme::instance().secondaryFont());
        painter.setPen(ink());
        const int height = QFontMetrics(painter.font()).height();
        if (side == QCPAxis::atBottom) {
            // A narrow plot still shows the whole name: it may reach beyond the axes.
            const int length = std::max(axes.width(), painter.fontMetrics().horizontalAdvance(name) + 4);
            const int left = std::clamp(axes.center().x() - length / 2, 0, std::max(0, whole.right() + 1 - length));
            painter.drawText(QRect(left, whole.bottom() + 1 - height, length, height), Qt::AlignCenter, name);
            return;
        }
        const bool left = side == QCPAxis::atLeft;
        painter.save();
        painter.translate(left ? whole.left() + height / 2 : whole.right() + 1 - height / 2, axes.center().y());
        painter.rotate(left ? -90.0 : 90.0);
        // A low plot still shows the whole name: it may reach beyond the axes.
        const int length = std::max(axes.height(), painter.fontMetrics().horizontalAdvance(name) + 4);
        painter.drawText(QRect(-length / 2, -height / 2, length, height), Qt::AlignCenter, name);
        painter.restore();
    };
    new PlotPainting(plot, QStringLiteral("axes"), paint, PlotPainting::Clip::None); // the plot owns it
}

QString zoomedName(const QString& name)
{
    return QCoreApplication::translate("jacobi::PlotParts", "%1 · zoomed, double-click shows all").arg(name);
}

void matchScreen(QCustomPlot* plot)
{
    if (plot->bufferDevicePixelRatio() != plot->devicePixelRatioF()) {
        plot->setBufferDevicePixelRatio(plot->devicePixelRatioF());
    }
}

void paintPlot(QCustomPlot* plot, QCPPainter& painter, const QSize& size)
{
    plot->setViewport(QRect(QPoint(), size));
    plot->replot(QCustomPlot::rpImmediateRefresh); // chooses the ticks
    plot->toPainter(&painter, size.width(), size.height());
}

int roomyEnd(int count)
{
    int step = 10;
    for (int next : {20, 50, 100, 200, 500, 1000, 2000, 5000}) {
        if (count > 20 * step) {
            step = next;
        }
    }
    return (count / step + 1) * step;
}

QPen cursorPen(bool pinned)
{
    QPen pen(colours().accent, pinned ? 1.5 : 1.0);
    pen.setCosmetic(true);
    if (!pinned) {
        pen.setDashPattern({4.0, 3.0});
    }
    return pen;
}

void paintPlaceholder(QCPPainter& painter, const QRect& box, const QString& text)
{
    constexpr int kFlags = Qt::AlignCenter | Qt::TextWordWrap;
    painter.setFont(Theme::instance().bodyFont());
    QRect room = box.adjusted(12, 12, -12, -12);
    if (painter.boundingRect(room, kFlags, text).height() > room.height()) { // a low plot says the whole of it, too
        painter.setFont(Theme::instance().secondaryFont());
        room = box.adjusted(2, 0, -2, 0);
    }
    // No line of the grid goes through it.
    painter.fillRect(painter.boundingRect(room, kFlags, text).adjusted(-6, -2, 6, 2), colours().plotGround);
    painter.setPen(colours().secondary);
    painter.drawText(room, kFlags, text);
}

} // namespace jacobi
