// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "widgets/acceptanceview.h"

#include "widgets/selection.h"
#include "widgets/theme.h"
#include "widgets/tracemodel.h"

#include <QLocale>

#include <algorithm>
#include <cmath>

namespace jacobi {
namespace {

constexpr double kBarWidth = 0.76;

} // namespace

AcceptanceView::AcceptanceView(TraceModel* model, Selection* selection, QWidget* parent)
    : PassPlot(tr("Accepted per pass"), model, selection, parent)
{
    setAccessibleName(tr("Tokens accepted in each pass, and so far"));
    plot()->yAxis2->setVisible(true);
    setMostTicks(plot()->yAxis, 3);
    setMostTicks(plot()->yAxis2, 4);
    addAxisName(plot(), QCPAxis::atLeft, tr("tokens"), [] { return colours().secondary; });
    addAxisName(plot(), QCPAxis::atRight, tr("tokens so far"), [] { return colours().redrawn; });
    m_bars = new QCPBars(plot()->xAxis, plot()->yAxis);
    m_bars->setWidth(kBarWidth);
    m_bars->setAntialiased(false);
    m_onePerPass = plot()->addGraph(plot()->xAxis, plot()->yAxis2);
    m_cumulative = plot()->addGraph(plot()->xAxis, plot()->yAxis2);
    for (QCPGraph* graph : {m_onePerPass, m_cumulative}) {
        graph->setAdaptiveSampling(true);
        graph->setAntialiased(true);
    }
    begin({tr("pass"), tr("accepted"), tr("so far"), tr("time, ms")});
}

void AcceptanceView::styleGraphs()
{
    const Palette& c = colours();
    styleAxis(plot()->yAxis2, c.redrawn);
    plot()->yAxis2->grid()->setVisible(false);
    m_bars->setPen(Qt::NoPen);
    m_bars->setBrush(c.accepted);
    m_cumulative->setPen(QPen(c.redrawn, 2.0, Qt::SolidLine, Qt::FlatCap, Qt::RoundJoin));
    QPen dashed(c.secondary, 1.2);
    dashed.setDashPattern({4.0, 3.0});
    m_onePerPass->setPen(dashed);
}

QVector<LegendEntry> AcceptanceView::legend() const
{
    const Palette& c = colours();
    const int total = model()->positions();
    return {{tr("in the pass"), c.accepted},
            {total > 0 ? tr("cumulative, of %1").arg(total) : tr("cumulative"), c.redrawn, LegendEntry::Mark::Line, tr("so far")},
            {tr("one per pass"), c.secondary, LegendEntry::Mark::Dashed}};
}

void AcceptanceView::fillFrom(int from)
{
    if (from == 0) {
        m_bars->data()->clear();
        m_cumulative->data()->clear();
        m_onePerPass->data()->clear();
    }
    for (int pass = from; pass < model()->passes(); ++pass) {
        m_bars->addData(pass, model()->acceptedInPass(pass));
        m_cumulative->addData(pass, model()->committedEnd(pass));
    }
    if (model()->passes() > 0) {
        const double end = 2.0 * model()->positions(); // the axes clip it; without a layout it grows
        m_onePerPass->setData({-0.5, end}, {0.5, end + 1.0}, true);
    }
}

void AcceptanceView::applyHeight()
{
    const int top = std::max(4, model()->maxAcceptedInPass());
    plot()->yAxis->setRange(0.0, top <= 4 ? 4.4 : roomyEnd(top) * 1.02);
    const int positions = model()->isEmpty() ? 100 : std::max(1, model()->positions());
    plot()->yAxis2->setRange(0.0, positions * 1.02);
    plot()->yAxis2->ticker().staticCast<WholeTicker>()->setUnit(positions % 4 == 0 ? positions / 4 : 1);
}

QString AcceptanceView::emptyWords() const
{
    return tr("Nothing has run yet. Each bar will be the tokens one pass accepted.");
}

QString AcceptanceView::describe(int pass) const
{
    return tr("pass %1: %2 accepted").arg(pass).arg(model()->acceptedInPass(pass)) + QLatin1Char('\n') +
           tr("%1 of %2 so far").arg(model()->committedEnd(pass)).arg(model()->positions());
}

QStringList AcceptanceView::numbers(int pass) const
{
    const double milliseconds = 1e3 * (model()->secondsUntil(pass) - model()->secondsUntil(pass - 1));
    return {QString::number(pass), QString::number(model()->acceptedInPass(pass)),
            QString::number(model()->committedEnd(pass)), QLocale().toString(milliseconds, 'f', 2)};
}

std::unique_ptr<PassPlot> AcceptanceView::another(Selection* selection) const
{
    return std::make_unique<AcceptanceView>(model(), selection);
}

FigureTable AcceptanceView::figureTable(int from, int to) const
{
    const auto rows = [this, from, to](const FigureTable::TakeRow& take) {
        for (int pass = from; pass < to; ++pass) {
            take({QString::number(pass), QString::number(model()->acceptedInPass(pass)),
                  QString::number(model()->committedEnd(pass)), QString::number(pass + 1)});
        }
    };
    return {{tr("pass"), tr("accepted in the pass (tokens)"), tr("accepted so far (tokens)"), tr("one per pass (tokens)")},
            rows};
}

QRectF AcceptanceView::barRect(int pass) const
{
    const double left = plot()->xAxis->coordToPixel(pass - kBarWidth / 2.0);
    const double right = plot()->xAxis->coordToPixel(pass + kBarWidth / 2.0);
    const double top = plot()->yAxis->coordToPixel(model()->acceptedInPass(pass));
    const double bottom = plot()->yAxis->coordToPixel(0.0);
    const double width = std::max(right - left, 2.0);
    return {(left + right - width) / 2.0, top, width, bottom - top};
}

void AcceptanceView::paintCurrent(QPainter& painter, int pass)
{
    QRectF bar = barRect(pass);
    bar.setTop(std::min(bar.top(), bar.bottom() - 2.0)); // a pass that accepted nothing is still seen
    painter.fillRect(bar, colours().accent);
    QColor guide = colours().accent;
    guide.setAlphaF(0.35F);
    painter.setPen(QPen(guide, 1.0));
    const double x = std::floor(bar.center().x()) + 0.5;
    painter.drawLine(QPointF(x, plot()->axisRect()->top()), QPointF(x, bar.top()));
}

void AcceptanceView::paintMark(QPainter& painter, int pass, bool)
{
    painter.drawRect(barRect(pass).adjusted(-1.5, -1.5, 1.5, 0));
}

} // namespace jacobi
