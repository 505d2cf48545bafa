// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QImage>
#include <QRectF>
#include <QSize>

namespace jacobi {

class TraceModel;
struct Palette;

/// Colour of one cell of the trajectory.
QRgb cellColour(int cellState, const Palette& palette);

/// Paints a part of the trajectory (x = position, y = pass, cell (x, y) covers [x, x+1) x [y, y+1)) into an image of
/// `size` device pixels. Cells smaller than a pixel are averaged, larger ones keep sharp edges. Cost: the visible
/// passes times the larger of window and image width; nothing of the size passes x positions is ever held.
QImage renderTrajectory(const TraceModel& model, const QRectF& part, const QSize& size, const Palette& palette);

} // namespace jacobi
