// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
// FlowView as a figure.
#include "widgets/flowtrace.h"
#include "widgets/flowview.h"
#include "widgets/qcustomplotheader.h"
#include "widgets/selection.h"
#include "widgets/stepcolumns.h"
#include "widgets/theme.h"
#include "widgets/tokenwords.h"
#include "widgets/tracemodel.h"

#include <cmath>
#include <limits>
#include <memory>

namespace jacobi {

/// A canvas of its own, so that the one on the screen stays as it is.
struct FlowView::Copy {
    Selection selection; ///< of the pass that is looked at, and nothing else
    std::unique_ptr<FlowCanvas> canvas;
};

QString FlowView::figureTitle() const
{
    return tr("Picture");
}

bool FlowView::hasFigure() const
{
    return m_flow->isFlow() && m_model->passes() > 0 && !m_model->pictureSize().isEmpty();
}

Figure FlowView::figure() const
{
    const PaperLook paper;
    const Palette& c = colours();
    const int pass = m_selection->currentPass();
    const auto copy = std::make_shared<Copy>();
    copy->selection.setPassCount(m_model->passes());
    copy->selection.goToPass(pass);
    copy->canvas = std::make_unique<FlowCanvas>(m_flow, m_model, &copy->selection, nullptr);
    copy->canvas->setOverlay(m_overlay, kOverlayOpacity);
    Figure figure;
    figure.heightPerWidth = 0.85;
    const QString blocks = m_flow->blockWords(pass);
    figure.title = tr("Picture after each block, and after pass %1").arg(pass);
    if (!blocks.isEmpty()) {
        figure.title += QStringLiteral(" (%1)").arg(blocks);
    }
    figure.paint = [copy](QCPPainter& painter, const QSize& size) { copy->canvas->paintFigure(painter, size); };
    if (m_overlay == FlowCanvas::Overlay::State) {
        figure.legend = {{tr("final with this pass"), c.accepted},
                         {tr("moved"), c.redrawn},
                         {tr("not moved"), c.kept},
                         {tr("hatched: not computed in this pass"), c.secondary, LegendEntry::Mark::Frame}};
    } else if (m_overlay == FlowCanvas::Overlay::Residual) {
        const auto power = [](int decade) { return QString::number(std::pow(10.0, decade), 'g', 4); };
        const auto [least, most] = copy->canvas->residualDecades();
        figure.scale = FigureScale{tr("residual"), power(least), power(most)};
    }
    if (m_overlay != FlowCanvas::Overlay::None) {
        figure.table = figureTable(pass);
    }
    return figure;
}

/// What the pass did to each position of the block nearest the picture.
FigureTable FlowView::figureTable(int pass) const
{
    const auto rows = [model = m_model, pass](const FigureTable::TakeRow& take) {
        if (pass < 0 || pass >= model->passes()) {
            return;
        }
        const Step& step = model->step(pass);
        const int columns = std::max(1, model->columns());
        for (int at = 0; at < model->positions(); ++at) {
            const auto own = static_cast<int>(model->layout().rasterPosition(step.lane, static_cast<std::uint32_t>(at)));
            const TokenState* state = entry(step, step.state, own);
            const float residual = entryOr(step, step.residual, own, std::numeric_limits<float>::quiet_NaN());
            take({QString::number(at), QString::number(at / columns), QString::number(at % columns),
                  QString::number(step.lane), QString::number(own), state != nullptr ? verdictName(*state) : QString(),
                  figureNumber(static_cast<double>(residual))});
        }
    };
    return {{tr("position"), tr("row (from 0)"), tr("column (from 0)"), tr("block"), tr("number in the block"), tr("state"),
             tr("residual")},
            rows};
}

} // namespace jacobi
