// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later

// PictureCanvas' layers: what lies over the picture, one pixel a position.
#include "widgets/picturecanvas.h"
#include "widgets/scalarmap.h"
#include "widgets/theme.h"
#include "widgets/tracemodel.h"

#include <QCoreApplication>

#include <algorithm>
#include <cmath>
#include <limits>

namespace jacobi {
namespace {

QString tr(const char* text)
{
    return QCoreApplication::translate("jacobi::ScalarLayer", text);
}

double entropyAt(const TraceModel& model, int pass, int position)
{
    const int accepted = model.passOfAcceptance(position);
    const TokenMoment moment = model.momentAt(accepted >= 0 && accepted <= pass ? accepted : pass, position);
    return moment.pass >= 0 && std::isfinite(moment.entropy) ? static_cast<double>(moment.entropy)
                                                             : std::numeric_limits<double>::quiet_NaN();
}

} // namespace

ScalarLayer scalarLayer(const TraceModel& model, int pass, Overlay overlay)
{
    ScalarLayer layer;
    layer.values.assign(static_cast<std::size_t>(model.positions()), std::numeric_limits<double>::quiet_NaN());
    if (pass < 0 || model.passes() == 0) {
        return layer;
    }
    const auto tokens = model.tokensAfter(pass);
    for (int position = 0; position < model.positions(); ++position) {
        double& value = layer.values[static_cast<std::size_t>(position)];
        const int accepted = model.passOfAcceptance(position);
        if (overlay == Overlay::AcceptancePass && accepted >= 0 && accepted <= pass) {
            value = accepted;
        } else if (overlay == Overlay::Changes && tokens[static_cast<std::size_t>(position)] >= 0) {
            value = model.changesOf(position, pass);
        } else if (overlay == Overlay::Entropy && tokens[static_cast<std::size_t>(position)] >= 0) {
            value = entropyAt(model, pass, position);
        } else if (overlay == Overlay::Noise && !(accepted >= 0 && accepted <= pass)) {
            value = static_cast<double>(model.noiseAt(pass, position));
        }
    }
    layer.name = overlay == Overlay::AcceptancePass ? tr("pass of acceptance")
                 : overlay == Overlay::Changes      ? tr("changes so far")
                 : overlay == Overlay::Noise        ? tr("noise level")
                                                    : tr("entropy, nats");
    layer.isWhole = overlay != Overlay::Entropy && overlay != Overlay::Noise;
    double highest = 0.0;
    for (const double value : layer.values) {
        highest = std::isnan(value) ? highest : std::max(highest, value);
    }
    // The scale of passes is the run's and does not move while scrubbing.
    layer.maximum = overlay == Overlay::AcceptancePass ? std::max(1, model.passes() - 1)
                                                       : std::max(1.0, layer.isWhole ? highest : std::ceil(highest));
    return layer;
}

QImage PictureCanvas::stateImage() const
{
    const Palette& c = colours();
    QImage image(m_model->columns(), m_model->rows(), QImage::Format_ARGB32);
    image.fill(Qt::transparent);
    const int pass = m_selection->currentPass();
    if (m_model->isFinished() && pass == m_model->passes() - 1 && m_model->committed() == m_model->positions()) {
        return image; // A finished picture is shown as it is.
    }
    for (int position = 0; position < m_model->positions(); ++position) {
        QColor colour;
        switch (m_model->stateAt(pass, position)) {
        case CellState::New: colour = c.fresh; break;
        case CellState::Kept: colour = c.kept; break;
        case CellState::Redrawn: colour = c.redrawn; break;
        case CellState::AcceptedNow: colour = c.accepted; break;
        case CellState::Noisy: colour = scalarColour(static_cast<double>(m_model->noiseAt(pass, position))); break;
        case CellState::AcceptedBefore:
        case CellState::Outside: continue;
        }
        image.setPixelColor(position % image.width(), position / image.width(), colour);
    }
    return image;
}

QImage PictureCanvas::scalarImage() const
{
    const ScalarLayer layer = scalarLayer(*m_model, m_selection->currentPass(), m_overlay);
    QImage image(m_model->columns(), m_model->rows(), QImage::Format_ARGB32);
    image.fill(Qt::transparent);
    for (int position = 0; position < m_model->positions(); ++position) {
        const double value = layer.values[static_cast<std::size_t>(position)];
        image.setPixelColor(position % image.width(), position / image.width(),
                            scalarColour((value - layer.minimum) / (layer.maximum - layer.minimum)));
    }
    return image;
}

QImage PictureCanvas::overlayImage() const
{
    if (m_overlay == Overlay::None || m_model->passes() == 0 || m_model->pictureSize().isEmpty()) {
        return {};
    }
    return m_overlay == Overlay::State ? stateImage() : scalarImage();
}

} // namespace jacobi
