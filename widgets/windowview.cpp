// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "widgets/windowview.h"

#include "widgets/selection.h"
#include "widgets/theme.h"
#include "widgets/tracemodel.h"

#include <algorithm>
#include <cmath>

namespace jacobi {
namespace {

QColor faint(QColor colour, float alpha)
{
    colour.setAlphaF(alpha);
    return colour;
}

} // namespace

WindowView::WindowView(TraceModel* model, Selection* selection, QWidget* parent)
    : PassPlot(tr("Window"), model, selection, parent)
{
    setAccessibleName(tr("Where the window stood in each pass"));
    plot()->axisRect()->setMargins(QMargins(kPlotLeft, 8, 14, 38));
    setMostTicks(plot()->yAxis, 4);
    addAxisName(plot(), QCPAxis::atLeft, tr("position"), [] { return colours().secondary; });
    for (QCPGraph** graph : {&m_onePerPass, &m_begin, &m_committed, &m_end}) {
        *graph = plot()->addGraph();
        (*graph)->setAntialiased(false);
        (*graph)->setLineStyle(QCPGraph::lsStepCenter);
    }
    m_onePerPass->setLineStyle(QCPGraph::lsLine);
    m_onePerPass->setAntialiased(true);
    m_committed->setChannelFillGraph(m_begin);
    m_end->setChannelFillGraph(m_committed);
    begin({tr("pass"), tr("window from"), tr("accepted to"), tr("window to"), tr("drafts left")});
}

void WindowView::styleGraphs()
{
    const Palette& c = colours();
    m_begin->setPen(Qt::NoPen);
    m_committed->setPen(QPen(c.accepted, 1.5));
    m_committed->setBrush(faint(c.accepted, 0.75F));
    m_end->setPen(QPen(c.redrawn, 1.0));
    m_end->setBrush(faint(c.kept, 0.45F));
    QPen dashed(c.secondary, 1.2);
    dashed.setDashPattern({4.0, 3.0});
    m_onePerPass->setPen(dashed);
}

QVector<LegendEntry> WindowView::legend() const
{
    const Palette& c = colours();
    return {{tr("accepted in the pass"), c.accepted, LegendEntry::Mark::Square, tr("accepted")},
            {tr("drafts left"), c.kept},
            {tr("window's end"), c.redrawn, LegendEntry::Mark::Line, tr("end")},
            {tr("one per pass"), c.secondary, LegendEntry::Mark::Dashed}};
}

void WindowView::fillFrom(int from)
{
    for (QCPGraph* graph : {m_begin, m_committed, m_end, m_onePerPass}) {
        if (from == 0) {
            graph->data()->clear();
        }
    }
    for (int pass = from; pass < model()->passes(); ++pass) {
        m_begin->addData(pass, model()->windowBegin(pass));
        m_committed->addData(pass, model()->committedEnd(pass));
        m_end->addData(pass, model()->windowEnd(pass));
    }
    if (model()->passes() > 0) {
        const double end = 2.0 * model()->positions(); // the axes clip it
        m_onePerPass->setData({-0.5, end}, {0.5, end + 1.0}, true);
    }
}

void WindowView::applyHeight()
{
    const int positions = model()->isEmpty() ? 100 : std::max(1, model()->positions());
    plot()->yAxis->setRange(0.0, positions * 1.02);
    plot()->yAxis->ticker().staticCast<WholeTicker>()->setUnit(positions % 4 == 0 ? positions / 4 : 1);
}

QString WindowView::emptyWords() const
{
    return tr("Nothing has run yet. The band will be the window: what each pass accepted, and the drafts it left.");
}

QString WindowView::describe(int pass) const
{
    return tr("pass %1: positions %2 to %3")
               .arg(pass)
               .arg(model()->windowBegin(pass))
               .arg(std::max(model()->windowBegin(pass), model()->windowEnd(pass) - 1)) +
           QLatin1Char('\n') +
           tr("%1 accepted, %2 drafts left")
               .arg(model()->acceptedInPass(pass))
               .arg(std::max(0, model()->windowEnd(pass) - model()->committedEnd(pass)));
}

QStringList WindowView::numbers(int pass) const
{
    return {QString::number(pass), QString::number(model()->windowBegin(pass)),
            QString::number(model()->committedEnd(pass)), QString::number(model()->windowEnd(pass)),
            QString::number(std::max(0, model()->windowEnd(pass) - model()->committedEnd(pass)))};
}

std::unique_ptr<PassPlot> WindowView::another(Selection* selection) const
{
    return std::make_unique<WindowView>(model(), selection);
}

FigureTable WindowView::figureTable(int from, int to) const
{
    const auto rows = [this, from, to](const FigureTable::TakeRow& take) {
        for (int pass = from; pass < to; ++pass) {
            take({QString::number(pass), QString::number(model()->windowBegin(pass)),
                  QString::number(model()->committedEnd(pass)), QString::number(model()->windowEnd(pass)),
                  QString::number(pass + 1)});
        }
    };
    return {{tr("pass"), tr("window from (position)"), tr("accepted to (position)"), tr("window to (position)"),
             tr("one per pass (position)")},
            rows};
}

QRectF WindowView::bandRect(int pass) const
{
    const double left = plot()->xAxis->coordToPixel(pass - 0.5);
    const double right = plot()->xAxis->coordToPixel(pass + 0.5);
    const double top = plot()->yAxis->coordToPixel(model()->windowEnd(pass));
    const double bottom = plot()->yAxis->coordToPixel(model()->windowBegin(pass));
    const double width = std::max(right - left, 3.0);
    return {(left + right - width) / 2.0, top, width, std::max(bottom - top, 2.0)};
}

void WindowView::paintCurrent(QPainter& painter, int pass)
{
    painter.fillRect(bandRect(pass), faint(colours().accent, 0.55F));
    const QRectF band = bandRect(pass);
    painter.setPen(QPen(faint(colours().accent, 0.35F), 1.0));
    const double x = std::floor(band.center().x()) + 0.5;
    painter.drawLine(QPointF(x, plot()->axisRect()->top()), QPointF(x, band.top()));
    painter.drawLine(QPointF(x, band.bottom()), QPointF(x, plot()->axisRect()->bottom()));
}

void WindowView::paintMark(QPainter& painter, int pass, bool)
{
    painter.drawRect(bandRect(pass).adjusted(-1.5, -1.5, 1.5, 1.5));
}

} // namespace jacobi
