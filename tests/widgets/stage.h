// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/widgets/madetrace.h"
#include "widgets/selection.h"
#include "widgets/tracemodel.h"

#include <QImage>
#include <QPointF>
#include <QWidget>

#include <cstdint>
#include <memory>
#include <vector>

namespace jacobi::test {

/// A model and the selection that follows it: what every view takes.
struct Stage {
    Stage() { selection.attach(&model); }
    explicit Stage(const MadeTrace& made) : Stage() { model.setTrace(makeTrace(made)); }
    TraceModel model;
    Selection selection;
};

/// A header of rows x columns patches of patchPixels; code c has the colour codeColourOf(c).
std::shared_ptr<RunHeader> makeHeader(std::uint32_t rows, std::uint32_t columns, std::uint32_t patchPixels = 4,
                                      std::uint32_t codes = 16);
QColor codeColourOf(int code);

/// A step over positions begin .. begin + tokens.size() - 1, without any column but token; 2 ms long.
std::shared_ptr<Step> makeStep(std::uint32_t begin, std::vector<std::int32_t> tokens, std::uint32_t committedEnd);

/// A decoded picture of one colour.
std::shared_ptr<Preview> makePreview(std::uint32_t width, std::uint32_t height, const QColor& colour,
                                     std::uint32_t committedEnd);

/// Gives the program its look, the widget a size, and waits until it is on the screen.
void present(QWidget& widget, const QSize& size, bool dark = true);

/// The mouse as a window system sends it: to the window, which finds the widget below. Points are the widget's.
void moveTo(QWidget* widget, const QPointF& point);
void pressAt(QWidget* widget, const QPointF& point, Qt::MouseButton button = Qt::LeftButton);
void releaseAt(QWidget* widget, const QPointF& point, Qt::MouseButton button = Qt::LeftButton);
void clickAt(QWidget* widget, const QPointF& point, Qt::MouseButton button = Qt::LeftButton);
void doubleClickAt(QWidget* widget, const QPointF& point);
void wheelAt(QWidget* widget, const QPointF& point, int notches);

/// How many pixels of a part of the image have exactly this colour.
int pixelsOf(const QImage& image, const QRect& part, const QColor& colour);
/// The part of what a widget shows that has exactly this colour, in its own pixels.
int pixelsOf(QWidget& widget, const QRect& part, const QColor& colour);

} // namespace jacobi::test
