// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/qcustomplotheader.h"

#include <functional>

namespace jacobi {

/// Thing painted into a plot by a function, in pixels, clipped to the axes or not at all. Owned by the plot.
class PlotPainting : public QCPLayerable {
    Q_OBJECT

public:
    enum class Clip { Axes, None };
    PlotPainting(QCustomPlot* plot, const QString& layer, std::function<void(QCPPainter&)> paint,
                 Clip clip = Clip::Axes);

protected:
    void applyDefaultAntialiasingHint(QCPPainter* painter) const override;
    QRect clipRect() const override;
    void draw(QCPPainter* painter) override;

private:
    std::function<void(QCPPainter&)> m_paint;
    Clip m_clip;
};

/// Ticks at whole numbers only; multiples of `unit` as soon as the axis shows more than a few of them.
class WholeTicker : public QCPAxisTicker {
public:
    void setUnit(int unit) { m_unit = unit; }

protected:
    double getTickStep(const QCPRange& range) override;
    int getSubTickCount(double) override { return 0; }
    QString getTickLabel(double tick, const QLocale& locale, QChar format, int precision) override;

private:
    int m_unit = 1;
};

/// Colours, fonts and pens of a plot by the theme: quiet axes, small ticks, names in grey.
void stylePlot(QCustomPlot* plot);
void styleAxis(QCPAxis* axis, const QColor& ink);
/// A plot as all ours begin: no frame, no margins of its own making, an own layer "cursor" that repaints alone.
QCustomPlot* makePlot(QWidget* parent);
/// How many ticks an axis of such a plot has where there is room; a short one has fewer, so that its labels stay apart.
void setMostTicks(QCPAxis* axis, int most);
inline constexpr int kPlotLeft = 58; ///< pixels left of the axes: a name, and numbers of four digits
/// Names of the axes at fixed places: unlike QCPAxis' own they do not move when a tick label grows a digit.
void addAxisName(QCustomPlot* plot, QCPAxis::AxisType side, const QString& name, std::function<QColor()> ink);
/// One that may change: it is asked for when it is painted.
void addAxisName(QCustomPlot* plot, QCPAxis::AxisType side, std::function<QString()> name, std::function<QColor()> ink);
/// What the axis below a plot is called where the user has zoomed: the way back stands there, and takes no room from the legend.
QString zoomedName(const QString& name);
/// The buffers' resolution follows the screen the plot is on now.
void matchScreen(QCustomPlot* plot);
/// The whole plot as it stands into (0, 0) .. size of a painter; for a plot that nobody sees.
void paintPlot(QCustomPlot* plot, QCPPainter& painter, const QSize& size);
/// The upper end of a growing axis: beyond `count`, by ten or an eighth of it at most, and the same for many counts in
/// a row.
int roomyEnd(int count);
/// The dashed line, outline or frame of what is hovered; pinned is solid.
QPen cursorPen(bool pinned);
/// Says what an empty plot would show, in the middle of its axes.
void paintPlaceholder(QCPPainter& painter, const QRect& box, const QString& text);

} // namespace jacobi
