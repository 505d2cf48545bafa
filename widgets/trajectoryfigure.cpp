// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
// TrajectoryView as a figure.
#include "widgets/plotparts.h"
#include "widgets/theme.h"
#include "widgets/tokenwords.h"
#include "widgets/tracemodel.h"
#include "widgets/trajectoryraster.h"
#include "widgets/trajectoryview.h"

#include <algorithm>
#include <cmath>

namespace jacobi {
namespace {

/// Of the raster, each way: enough for a cell a pixel of all but the longest runs.
constexpr int kMostPixels = 4096;

/// The cells of 0 .. count - 1 that a part of an axis touches.
IndexRange cellsIn(const QCPRange& part, int count)
{
    return {std::clamp(static_cast<int>(std::floor(part.lower)), 0, count),
            std::clamp(static_cast<int>(std::ceil(part.upper)), 0, count)};
}

} // namespace

/// A view of its own, so that the one on the screen stays as it is.
struct TrajectoryView::Copy {
    Selection selection; ///< of nothing: no pass is marked on paper
    std::unique_ptr<TrajectoryView> view;
};

QString TrajectoryView::figureTitle() const
{
    return tr("Trajectory");
}

bool TrajectoryView::hasFigure() const
{
    return m_model->passes() > 0;
}

Figure TrajectoryView::figure() const
{
    const PaperLook paper;
    const auto copy = std::make_shared<Copy>();
    copy->view = std::make_unique<TrajectoryView>(m_model, &copy->selection);
    TrajectoryView& view = *copy->view;
    view.m_isFigure = true;
    if (m_zoomed) {
        view.m_zoomed = true;
        view.m_settingRange = true;
        view.m_plot->xAxis->setRange(m_plot->xAxis->range());
        view.m_plot->yAxis->setRange(m_plot->yAxis->range());
        view.m_settingRange = false;
    } else {
        view.applyFullRange();
    }
    Figure figure;
    figure.title = figureTitle();
    figure.legend = legend();
    if (m_model->hasNoise()) { // its colours are many
        const auto isNoise = [](const LegendEntry& entry) { return entry.text == tr("noise"); };
        figure.legend.erase(std::remove_if(figure.legend.begin(), figure.legend.end(), isNoise), figure.legend.end());
        figure.scale = FigureScale{tr("noise level"), QStringLiteral("0"), QStringLiteral("1")};
    }
    figure.paint = [copy](QCPPainter& painter, const QSize& size) { copy->view->paintFigure(painter, size); };
    figure.table = view.figureTable();
    return figure;
}

void TrajectoryView::paintFigure(QCPPainter& painter, const QSize& size)
{
    constexpr int kAbove = 8; // the first pass' number is whole
    QMargins margins = m_plot->axisRect()->margins();
    margins.setTop(kAbove);
    m_plot->axisRect()->setMargins(margins);
    paintPlot(m_plot, painter, size);
}

/// A cell a pixel, so that its edges are sharp however large the figure is printed.
void TrajectoryView::paintCells(QPainter& painter)
{
    const IndexRange positions = cellsIn(m_plot->xAxis->range(), m_model->positions());
    const IndexRange passes = cellsIn(m_plot->yAxis->range(), m_model->passes());
    if (positions.isEmpty() || passes.isEmpty()) {
        return;
    }
    const QRectF part(positions.begin, passes.begin, positions.end - positions.begin, passes.end - passes.begin);
    const QRectF place(rectOf({passes.begin, positions.begin}).topLeft(),
                       rectOf({passes.end - 1, positions.end - 1}).bottomRight());
    const QSize pixels = part.size().toSize().boundedTo({kMostPixels, kMostPixels});
    const QImage image = renderTrajectory(*m_model, part, pixels, colours());
    painter.drawImage(place, image, QRectF(image.rect()));
}

/// What each pass did to the positions of its window; what lies before it was accepted, what lies behind it not reached.
FigureTable TrajectoryView::figureTable() const
{
    FigureTable table;
    table.heading = {tr("pass"), tr("position"), tr("state")};
    const bool hasNoise = m_model->hasNoise();
    if (hasNoise) {
        table.heading << tr("noise level (0 to 1)");
    }
    const IndexRange passes = cellsIn(m_plot->yAxis->range(), m_model->passes());
    const IndexRange shown = cellsIn(m_plot->xAxis->range(), m_model->positions());
    table.rows = [model = m_model, passes, shown, hasNoise](const FigureTable::TakeRow& take) {
        for (int pass = passes.begin; pass < passes.end; ++pass) {
            const int end = std::min(shown.end, model->windowEnd(pass));
            for (int at = std::max(shown.begin, model->committedBefore(pass)); at < end; ++at) {
                QStringList cells{QString::number(pass), QString::number(at), stateWord(model->stateAt(pass, at))};
                if (hasNoise) {
                    cells << figureNumber(static_cast<double>(model->noiseAt(pass, at)));
                }
                take(cells);
            }
        }
    };
    return table;
}

} // namespace jacobi
