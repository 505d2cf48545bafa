// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/figure.h"

#include "widgets/qcustomplotheader.h"
#include "widgets/scalarmap.h"
#include "widgets/svgpaper.h"
#include "widgets/theme.h"

#include <QBuffer>
#include <QImageWriter>
#include <QLocale>
#include <QPageSize>
#include <QPdfWriter>

#include <algorithm>
#include <cmath>

namespace jacobi {
namespace {

// All lengths in units of 1/96 inch.
constexpr qreal kUnitsPerMillimetre = 96.0 / 25.4;
constexpr qreal kMargin = 8.0;
constexpr qreal kGap = 6.0; ///< between title, legend, plot and caption
constexpr qreal kLegendRow = 17.0;
constexpr qreal kEntryGap = 14.0;
constexpr qreal kScaleWidth = 96.0;
constexpr int kPixelsPerUnit = 2; ///< of a PNG
constexpr int kPdfResolution = 1200;

QSizeF pageMillimetres(const Figure& figure, const FigurePage& page)
{
    const QSizeF asked = page.millimetres;
    return {asked.width(), asked.height() > 0.0 ? asked.height() : asked.width() * figure.heightPerWidth};
}

QSize pageUnits(const Figure& figure, const FigurePage& page)
{
    const QSizeF units = pageMillimetres(figure, page) * kUnitsPerMillimetre;
    return {static_cast<int>(units.width()), static_cast<int>(units.height())};
}

/// Lines of text, as many as it takes; returns where they end.
qreal paintText(QPainter& painter, const QFont& face, const QColor& ink, const QRectF& room, const QString& text)
{
    painter.setFont(face);
    painter.setPen(ink);
    constexpr int kFlags = Qt::AlignLeft | Qt::AlignTop | Qt::TextWordWrap;
    const QRectF taken = QFontMetricsF(face).boundingRect(room, kFlags, text);
    painter.drawText(QRectF(room.left(), room.top(), room.width(), taken.height()), kFlags, text);
    return room.top() + taken.height();
}

qreal textHeight(const QFont& face, qreal width, const QString& text)
{
    return text.isEmpty() ? 0.0
                          : QFontMetricsF(face).boundingRect(QRectF(0, 0, width, 1e4), Qt::TextWordWrap, text).height();
}

void paintScale(QPainter& painter, const QPointF& left, const FigureScale& scale, const QFontMetricsF& metrics)
{
    const auto say = [&painter, &left, &metrics](qreal& x, const QString& text) {
        const qreal width = metrics.horizontalAdvance(text);
        painter.setPen(colours().secondary);
        painter.drawText(QRectF(x, left.y() - kLegendRow / 2, width + 1, kLegendRow), Qt::AlignLeft | Qt::AlignVCenter, text);
        x += width + kLegendMarkGap;
    };
    qreal x = left.x();
    say(x, scale.name);
    say(x, scale.least);
    const QRectF bar(x, left.y() - 5.0, kScaleWidth, 10.0);
    painter.fillRect(bar, scalarGradient(bar));
    x = bar.right() + kLegendMarkGap;
    say(x, scale.most);
}

/// Every entry, in as many rows as it takes; returns where they end.
qreal paintLegend(QPainter& painter, const Figure& figure, const QRectF& room)
{
    const QFont face = Theme::instance().secondaryFont();
    const QFontMetricsF metrics(face);
    painter.setFont(face);
    QPointF at(room.left(), room.top() + kLegendRow / 2);
    bool isFirst = true;
    const auto place = [&](qreal width) { // returns where something so wide goes
        if (!isFirst && at.x() + width > room.right()) {
            at = QPointF(room.left(), at.y() + kLegendRow);
        }
        isFirst = false;
        const QPointF here = at;
        at.rx() += width + kEntryGap;
        return here;
    };
    for (const LegendEntry& entry : figure.legend) {
        const qreal text = metrics.horizontalAdvance(entry.text) + 1.0;
        const QPointF left = place(kLegendMark + kLegendMarkGap + text);
        paintLegendMark(painter, left, entry);
        painter.setPen(colours().secondary);
        painter.drawText(QRectF(left.x() + kLegendMark + kLegendMarkGap, left.y() - kLegendRow / 2, text, kLegendRow),
                         Qt::AlignLeft | Qt::AlignVCenter, entry.text);
    }
    if (figure.scale) {
        const FigureScale& scale = *figure.scale;
        const qreal words = metrics.horizontalAdvance(scale.name) + metrics.horizontalAdvance(scale.least) +
                            metrics.horizontalAdvance(scale.most);
        paintScale(painter, place(words + kScaleWidth + 3 * kLegendMarkGap), scale, metrics);
    }
    return isFirst ? room.top() : at.y() + kLegendRow / 2 + kGap;
}

/// The whole page: title, legend, plot, caption. With the look of paper.
void paintPage(QCPPainter& painter, const Figure& figure, const QString& caption, const QSize& units)
{
    const Theme& theme = Theme::instance();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setRenderHint(QPainter::LosslessImageRendering); // a PDF's pictures are not smeared
    painter.fillRect(QRectF(QPointF(), units), Qt::white);
    QRectF room = QRectF(QPointF(), units).adjusted(kMargin, kMargin, -kMargin, -kMargin);
    room.setTop(paintText(painter, theme.titleFont(), colours().text, room, figure.title) + kGap);
    room.setTop(paintLegend(painter, figure, room));
    const qreal below = textHeight(theme.secondaryFont(), room.width(), caption);
    if (below > 0.0) {
        room.setBottom(room.bottom() - below);
        paintText(painter, theme.secondaryFont(), colours().secondary, QRectF(room.left(), room.bottom(), room.width(), below),
                  caption);
        room.setBottom(room.bottom() - kGap);
    }
    const QRect plot = room.toRect();
    if (plot.isValid()) {
        painter.save();
        painter.translate(plot.topLeft());
        figure.paint(painter, plot.size());
        painter.restore();
    }
}

/// The page on any device, so many of whose pixels are a unit.
void paintOn(QPaintDevice& device, qreal pixelsPerUnit, bool isVector, const Figure& figure, const FigurePage& page)
{
    QCPPainter painter(&device);
    painter.setMode(QCPPainter::pmNoCaching);
    painter.setMode(QCPPainter::pmNonCosmetic);
    painter.setMode(QCPPainter::pmVectorized, isVector);
    painter.scale(pixelsPerUnit, pixelsPerUnit);
    paintPage(painter, figure, page.caption, pageUnits(figure, page));
}

/// What the file says it is.
QString documentTitle(const Figure& figure, const FigurePage& page)
{
    return page.caption.isEmpty() ? figure.title : figure.title + QStringLiteral(" · ") + page.caption;
}

QByteArray svgFile(const Figure& figure, const FigurePage& page)
{
    SvgPaper paper(pageUnits(figure, page), pageMillimetres(figure, page));
    paintOn(paper, 1.0, true, figure, page);
    return paper.file(figure.title, page.caption, page.program);
}

QByteArray pdfFile(const Figure& figure, const FigurePage& page)
{
    QBuffer bytes;
    bytes.open(QIODevice::WriteOnly);
    QPdfWriter writer(&bytes);
    writer.setTitle(documentTitle(figure, page));
    writer.setCreator(page.program);
    writer.setResolution(kPdfResolution);
    writer.setPageMargins(QMarginsF());
    writer.setPageSize(QPageSize(pageMillimetres(figure, page), QPageSize::Millimeter, QString(), QPageSize::ExactMatch));
    paintOn(writer, kPdfResolution / 96.0, true, figure, page);
    return bytes.data();
}

QByteArray pngFile(const Figure& figure, const FigurePage& page)
{
    const QImage image = figureImage(figure, page);
    QBuffer bytes;
    bytes.open(QIODevice::WriteOnly);
    QImageWriter writer(&bytes, "png");
    writer.setText(QStringLiteral("Title"), documentTitle(figure, page));
    writer.setText(QStringLiteral("Software"), page.program);
    return !image.isNull() && writer.write(image) ? bytes.data() : QByteArray();
}

QString csvCell(QString cell)
{
    static const QString kSpecial = QStringLiteral(",\"\r\n");
    const bool isQuoted = std::any_of(cell.cbegin(), cell.cend(), [](QChar c) { return kSpecial.contains(c); });
    return isQuoted ? QLatin1Char('"') + cell.replace(QLatin1Char('"'), QStringLiteral("\"\"")) + QLatin1Char('"') : cell;
}

QByteArray csvFile(const FigureTable& table)
{
    QByteArray bytes;
    const auto take = [&bytes](const QStringList& cells) {
        for (int at = 0; at < cells.size(); ++at) {
            bytes += at > 0 ? "," : "";
            bytes += csvCell(cells[at]).toUtf8();
        }
        bytes += "\r\n";
    };
    if (table.rows) {
        take(table.heading);
        table.rows(take);
    }
    return bytes;
}

} // namespace

QImage figureImage(const Figure& figure, const FigurePage& page)
{
    const PaperLook paper;
    QImage image(pageUnits(figure, page) * kPixelsPerUnit, QImage::Format_RGB32);
    if (!image.isNull()) {
        const int perMetre = static_cast<int>(std::lround(kPixelsPerUnit * kUnitsPerMillimetre * 1000.0));
        paintOn(image, kPixelsPerUnit, false, figure, page);
        image.setDotsPerMeterX(perMetre);
        image.setDotsPerMeterY(perMetre);
    }
    return image;
}

QByteArray figureFile(const Figure& figure, FigureFormat format, const FigurePage& page)
{
    const PaperLook paper;
    switch (format) {
    case FigureFormat::Svg: return svgFile(figure, page);
    case FigureFormat::Pdf: return pdfFile(figure, page);
    case FigureFormat::Png: return pngFile(figure, page);
    case FigureFormat::Csv: break;
    }
    return csvFile(figure.table);
}

QString figureText(const FigureTable& table)
{
    QString text;
    const auto take = [&text](const QStringList& cells) { text += cells.join(QLatin1Char('\t')) + QLatin1Char('\n'); };
    if (table.rows) {
        take(table.heading);
        table.rows(take);
    }
    return text;
}

QString figureNumber(double value)
{
    return std::isnan(value) ? QString() : QString::number(value, 'g', QLocale::FloatingPointShortest);
}

} // namespace jacobi
