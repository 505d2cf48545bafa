// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
// PictureView as a figure.
#include "widgets/patchgrid.h"
#include "widgets/picturecanvas.h"
#include "widgets/pictureview.h"
#include "widgets/qcustomplotheader.h"
#include "widgets/scalarmap.h"
#include "widgets/theme.h"
#include "widgets/tokenwords.h"
#include "widgets/tracemodel.h"

#include <QLocale>

#include <cmath>

namespace jacobi {
namespace {

bool isEmpty(const QImage& overlay)
{
    for (int y = 0; y < overlay.height(); ++y) {
        for (int x = 0; x < overlay.width(); ++x) {
            if (qAlpha(overlay.pixel(x, y)) > 0) {
                return false;
            }
        }
    }
    return true;
}

QVector<LegendEntry> stateLegend(bool hasNoise)
{
    const Palette& c = colours();
    QVector<LegendEntry> entries{{stateName(CellState::AcceptedNow), c.accepted},
                                 {stateName(CellState::Kept), c.kept},
                                 {stateName(CellState::Redrawn), c.redrawn},
                                 {stateName(CellState::New), c.fresh}};
    if (hasNoise) {
        entries << LegendEntry{stateWord(CellState::Noisy), scalarColour(1.0)};
    }
    return entries;
}

QString numberText(const ScalarLayer& layer, double value)
{
    return layer.isWhole ? QString::number(std::llround(value)) : QLocale().toString(value, 'f', 1);
}

/// "entropy, nats" as a table's heading: "entropy (nats)".
QString headingOf(const QString& name)
{
    const QString unit = name.section(QStringLiteral(", "), 1);
    return unit.isEmpty() ? name : QStringLiteral("%1 (%2)").arg(name.section(QStringLiteral(", "), 0, 0), unit);
}

} // namespace

QString PictureView::figureTitle() const
{
    return tr("Picture");
}

bool PictureView::hasFigure() const
{
    return m_model->passes() > 0 && !m_model->pictureSize().isEmpty();
}

Figure PictureView::figure() const
{
    const PaperLook paper;
    const int pass = m_canvas->currentPass();
    const Overlay overlay = shownOverlay();
    const QImage picture = m_model->compose(pass);
    const QImage over = m_canvas->overlayImage();
    Figure figure;
    figure.heightPerWidth = 0.75;
    figure.title = tr("Picture after pass %1").arg(pass);
    if (overlay == Overlay::State) {
        figure.legend = isEmpty(over) ? QVector<LegendEntry>() : stateLegend(m_model->hasNoise());
        figure.table = stateTable(pass);
    } else if (overlay != Overlay::None) {
        const ScalarLayer layer = scalarLayer(*m_model, pass, overlay);
        figure.scale = FigureScale{layer.name, numberText(layer, layer.minimum), numberText(layer, layer.maximum)};
        figure.table = scalarTable(pass);
    }
    figure.paint = [picture, over, opacity = m_opacity / 100.0](QCPPainter& painter, const QSize& size) {
        const QRectF target = fittedPicture(picture.size(), QRectF(QPointF(), size), 2.0, false); // a PNG's pixels are halves
        painter.setRenderHint(QPainter::SmoothPixmapTransform, picture.width() > 2.0 * target.width());
        painter.drawImage(target, picture);
        if (!over.isNull()) {
            painter.setRenderHint(QPainter::SmoothPixmapTransform, false);
            painter.setOpacity(opacity);
            painter.drawImage(target, over);
            painter.setOpacity(1.0);
        }
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(colours().line, 1.0));
        painter.drawRect(target.adjusted(-0.5, -0.5, 0.5, 0.5));
    };
    return figure;
}

FigureTable PictureView::stateTable(int pass) const
{
    const auto rows = [model = m_model, pass](const FigureTable::TakeRow& take) {
        for (int at = 0; at < model->positions(); ++at) {
            take({QString::number(at), QString::number(at / model->columns()), QString::number(at % model->columns()),
                  stateWord(model->stateAt(pass, at))});
        }
    };
    return {{tr("position"), tr("row (from 0)"), tr("column (from 0)"), tr("state")}, rows};
}

FigureTable PictureView::scalarTable(int pass) const
{
    const ScalarLayer layer = scalarLayer(*m_model, pass, shownOverlay());
    const auto rows = [layer, columns = m_model->columns()](const FigureTable::TakeRow& take) {
        int at = 0;
        for (const double value : layer.values) {
            take({QString::number(at), QString::number(at / columns), QString::number(at % columns), figureNumber(value)});
            ++at;
        }
    };
    return {{tr("position"), tr("row (from 0)"), tr("column (from 0)"), headingOf(layer.name)}, rows};
}

} // namespace jacobi
