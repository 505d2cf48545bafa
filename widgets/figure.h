// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/titleline.h"

#include <QByteArray>
#include <QSizeF>
#include <QStringList>
#include <QVector>

#include <functional>
#include <optional>

class QCPPainter;
class QImage;

namespace jacobi {

/// The numbers that a figure is drawn from, row by row, so that a long run need not be held twice.
struct FigureTable {
    using TakeRow = std::function<void(const QStringList& cells)>;
    QStringList heading;                           ///< with units in brackets, where there are any
    std::function<void(const TakeRow& take)> rows; ///< calls once a row, a cell for each of the heading; empty: no table
};

/// What the colours of a continuous scale mean.
struct FigureScale {
    QString name;
    QString least;
    QString most;
};

/// A plot as it goes into a paper: what is drawn and the numbers behind it, as they are now. Of the GUI thread, and to be
/// used before anything else happens there.
struct Figure {
    QString title;
    QVector<LegendEntry> legend; ///< with the colours of paper
    std::optional<FigureScale> scale;
    qreal heightPerWidth = 0.625; ///< where no height is asked for
    /// Draws all but title and legend into (0, 0) .. size, in units of 1/96 inch. Called with the look of paper.
    std::function<void(QCPPainter& painter, const QSize& size)> paint;
    FigureTable table;
};

/// A view whose plot can leave the window.
class FigureView {
public:
    virtual ~FigureView() = default;
    virtual QString figureName() const = 0;  ///< one word, of files and of the command line: "acceptance"
    virtual QString figureTitle() const = 0; ///< of menus: "Accepted per pass"
    virtual bool hasFigure() const = 0;      ///< there is something to be drawn
    /// As it is shown: the same part, without what is hovered, pinned or gone to. hasFigure() must be true.
    virtual Figure figure() const = 0;
};

enum class FigureFormat { Svg, Pdf, Png, Csv };

/// What a figure is put on.
struct FigurePage {
    QSizeF millimetres{160.0, 0.0}; ///< a height of 0: the figure's own
    QString caption;                ///< one line below: what run it is of
    QString program;                ///< that drew it, for the file's metadata
};

/// The bytes of a file: SVG and PDF with their text as text, PNG with two pixels a unit, CSV as RFC 4180 has it. Empty
/// for CSV of a figure without a table, and where the picture is too large to be made.
QByteArray figureFile(const Figure& figure, FigureFormat format, const FigurePage& page);

/// The picture that such a PNG holds.
QImage figureImage(const Figure& figure, const FigurePage& page);

/// The table as text for a spreadsheet, with a heading, cells parted by tabs.
QString figureText(const FigureTable& table);

/// A number of such a table: with a point and as many digits as its value needs; nothing for NaN.
QString figureNumber(double value);

} // namespace jacobi
