// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
// MetricsView as a figure.
#include "widgets/flowtrace.h"
#include "widgets/metricsview.h"
#include "widgets/plotparts.h"
#include "widgets/selection.h"
#include "widgets/theme.h"
#include "widgets/tracemodel.h"

#include <algorithm>
#include <memory>

namespace jacobi {

/// Upright, below the number of its block.
void MetricsView::paintMethod(QCPPainter& painter, double x, const QString& words) const
{
    const double length = QFontMetricsF(painter.font()).horizontalAdvance(words) + 2.0;
    painter.save();
    painter.translate(x, m_plot->axisRect()->bottom() + 20.0);
    painter.rotate(-90.0);
    painter.drawText(QRectF(-length, -8.0, length, 16.0), Qt::AlignRight | Qt::AlignVCenter, words);
    painter.restore();
}

/// A view of its own, so that the one on the screen stays as it is.
struct MetricsView::Copy {
    Selection selection; ///< of nothing: no block is marked on paper
    std::unique_ptr<MetricsView> view;
};

QString MetricsView::figureTitle() const
{
    return tr("Blocks");
}

Figure MetricsView::figure() const
{
    const PaperLook paper;
    const auto copy = std::make_shared<Copy>();
    copy->view = std::make_unique<MetricsView>(m_flow, m_model, &copy->selection);
    copy->view->setAnalysis(m_analysis);
    Figure figure;
    figure.title = figureTitle();
    figure.legend = legend();
    figure.paint = [copy](QCPPainter& painter, const QSize& size) { copy->view->paintFigure(painter, size); };
    figure.table = figureTable();
    return figure;
}

void MetricsView::paintFigure(QCPPainter& painter, const QSize& size)
{
    constexpr int kBelow = 54; // numbers and methods of the blocks, and the axis' name
    const QFontMetricsF metrics(Theme::instance().secondaryFont());
    const QMargins margins = m_plot->axisRect()->margins();
    const double width = static_cast<double>(size.width() - margins.left() - margins.right()) / std::max(1, blocks());
    double longest = 0.0;
    for (int block = 0; block < blocks(); ++block) {
        if (const auto plan = m_flow->plan(block)) {
            longest = std::max(longest, metrics.horizontalAdvance(planWords(*plan)));
        }
    }
    m_hasUprightMethods = longest > width - 4.0;
    const int more = m_hasUprightMethods ? static_cast<int>(longest) - 10 : 0;
    m_plot->axisRect()->setMargins({margins.left(), margins.top(), margins.right(), kBelow + std::max(0, more)});
    fill();
    paintPlot(m_plot, painter, size);
}

FigureTable MetricsView::figureTable() const
{
    const auto rows = [this](const FigureTable::TakeRow& take) {
        for (int block = 0; block < blocks(); ++block) {
            const auto plan = m_flow->plan(block);
            const auto run = m_flow->runOf(block);
            const FlowBlockMetrics* metrics = metricsOf(block);
            take({QString::number(block), plan ? planWords(*plan) : QString(),
                  metrics != nullptr ? figureNumber(metrics->crmPercent) : QString(),
                  metrics != nullptr ? figureNumber(igmPercent(*metrics)) : QString(),
                  run ? QString::number(run->passes()) : QString()});
        }
    };
    return {{tr("block"), tr("method"), tr("CRM (%)"), tr("IGM (%)"), tr("passes")}, rows};
}

} // namespace jacobi
