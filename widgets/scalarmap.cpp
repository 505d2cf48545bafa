// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "widgets/scalarmap.h"

#include "widgets/numberlabel.h"
#include "widgets/theme.h"

#include <QLinearGradient>
#include <QPainter>

#include <algorithm>
#include <array>
#include <cmath>

namespace jacobi {

QColor scalarColour(double share)
{
    // Nine points of the published map; between them linear, which is within two steps of 255 of it.
    static constexpr std::array<std::array<int, 3>, 9> kCividis = {{{0, 34, 78},
                                                                     {24, 54, 110},
                                                                     {66, 78, 108},
                                                                     {95, 101, 111},
                                                                     {124, 123, 120},
                                                                     {155, 147, 118},
                                                                     {188, 174, 107},
                                                                     {222, 202, 87},
                                                                     {254, 232, 56}}};
    if (std::isnan(share)) {
        return Qt::transparent;
    }
    const double at = std::clamp(share, 0.0, 1.0) * (kCividis.size() - 1);
    const auto below = std::min(static_cast<std::size_t>(at), kCividis.size() - 2);
    const double rest = at - static_cast<double>(below);
    const auto channel = [&](std::size_t c) {
        return static_cast<int>(std::lround(kCividis[below][c] * (1.0 - rest) + kCividis[below + 1][c] * rest));
    };
    return {channel(0), channel(1), channel(2)};
}

QLinearGradient scalarGradient(const QRectF& box)
{
    QLinearGradient gradient(box.topLeft(), box.topRight());
    for (int stop = 0; stop <= 8; ++stop) {
        gradient.setColorAt(stop / 8.0, scalarColour(stop / 8.0));
    }
    return gradient;
}

void paintScalarBar(QPainter& painter, const QRectF& picture, const QString& name, const QString& least, const QString& most)
{
    const Palette& c = colours();
    const QRectF card(picture.left() + 8, picture.bottom() - 46, 188, 38);
    QColor ground = c.panel;
    ground.setAlphaF(0.88F);
    painter.setPen(Qt::NoPen);
    painter.setBrush(ground);
    painter.drawRoundedRect(card, 6, 6);
    const QRectF bar = card.adjusted(8, 23, -8, -7);
    painter.fillRect(bar, scalarGradient(bar));
    painter.setFont(Theme::instance().secondaryFont());
    const QRectF line = card.adjusted(8, 3, -8, -16);
    painter.setPen(c.text);
    drawTabular(painter, line, Qt::AlignLeft | Qt::AlignVCenter, least);
    drawTabular(painter, line, Qt::AlignRight | Qt::AlignVCenter, most);
    painter.setPen(c.secondary);
    drawTabular(painter, line, Qt::AlignCenter, name);
}

} // namespace jacobi
