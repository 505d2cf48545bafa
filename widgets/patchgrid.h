// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QPointF>
#include <QRectF>
#include <QSize>

#include <algorithm>
#include <cmath>

namespace jacobi {

/// Where a picture lies in a room, in the middle, and its patches in it. In device pixels: whole multiples where the
/// picture is enlarged, so that each of its pixels is the same square. pixels must not be empty.
inline QRectF fittedPicture(const QSize& pixels, const QRectF& room, qreal ratio, bool actualSize)
{
    const qreal fits = std::min(room.width() * ratio / pixels.width(), room.height() * ratio / pixels.height());
    const qreal scale = actualSize ? 1.0 : fits >= 1.0 ? std::floor(fits) : fits;
    const QSizeF size = QSizeF(pixels) * scale;
    const qreal left = std::floor(room.left() * ratio + (room.width() * ratio - size.width()) / 2.0);
    const qreal top = std::floor(room.top() * ratio + (room.height() * ratio - size.height()) / 2.0);
    return {QPointF(left, top) / ratio, size / ratio};
}

/// Where the patch of a position, raster order, lies; empty outside the grid.
inline QRectF patchOf(const QRectF& picture, int position, int columns, int rows)
{
    if (picture.isEmpty() || position < 0 || position >= columns * rows) {
        return {};
    }
    const qreal width = picture.width() / columns;
    const qreal height = picture.height() / rows;
    return {picture.left() + position % columns * width, picture.top() + position / columns * height, width, height};
}

/// The other way round; -1 beside the picture.
inline int patchAt(const QRectF& picture, const QPointF& point, int columns, int rows)
{
    if (picture.isEmpty() || !picture.contains(point)) {
        return -1;
    }
    const QPointF share((point.x() - picture.left()) / picture.width(), (point.y() - picture.top()) / picture.height());
    const int column = std::min(static_cast<int>(share.x() * columns), columns - 1);
    const int row = std::min(static_cast<int>(share.y() * rows), rows - 1);
    return row * columns + column;
}

} // namespace jacobi
