// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QString>

class QLinearGradient;
class QPainter;
class QRectF;

namespace jacobi {

/// Cividis (Nunez, Anderton, Renslow 2018): perceptually even, and the same to colour-blind eyes. share in [0, 1];
/// anything else is clamped, NaN is transparent.
QColor scalarColour(double share);

/// All of them from the left of a box to its right.
QLinearGradient scalarGradient(const QRectF& box);

/// The scale of such colours on a card in a picture's lower left corner, with its name and the numbers at its ends.
void paintScalarBar(QPainter& painter, const QRectF& picture, const QString& name, const QString& least, const QString& most);

} // namespace jacobi
