// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/numberlabel.h"

#include <QFontMetricsF>
#include <QPainter>

#include <algorithm>
#include <cmath>

namespace jacobi {
namespace {

qreal digitWidth(const QFontMetricsF& metrics)
{
    qreal widest = 0.0;
    for (char16_t digit = u'0'; digit <= u'9'; ++digit) {
        widest = std::max(widest, metrics.horizontalAdvance(QChar(digit)));
    }
    return widest;
}

// Runs of digits are set one by one into cells of equal width; everything else as the font has it.
template <class Draw>
qreal layOut(const QFontMetricsF& metrics, const QString& text, Draw draw)
{
    const qreal cell = digitWidth(metrics);
    qreal x = 0.0;
    for (qsizetype at = 0; at < text.size();) {
        if (text[at] >= QLatin1Char('0') && text[at] <= QLatin1Char('9')) {
            const QString digit(text[at]);
            draw(x + (cell - metrics.horizontalAdvance(digit)) / 2.0, digit);
            x += cell;
            ++at;
            continue;
        }
        const qsizetype begin = at;
        while (at < text.size() && !(text[at] >= QLatin1Char('0') && text[at] <= QLatin1Char('9'))) {
            ++at;
        }
        const QString run = text.mid(begin, at - begin);
        draw(x, run);
        x += metrics.horizontalAdvance(run);
    }
    return x;
}

} // namespace

qreal tabularWidth(const QFont& font, const QString& text)
{
    return layOut(QFontMetricsF(font), text, [](qreal, const QString&) {});
}

void drawTabular(QPainter& painter, const QRectF& box, Qt::Alignment alignment, const QString& text)
{
    const QFontMetricsF metrics(painter.font(), painter.device());
    const qreal width = layOut(metrics, text, [](qreal, const QString&) {});
    qreal left = box.left();
    if (alignment & Qt::AlignRight) {
        left = box.right() - width;
    } else if (alignment & Qt::AlignHCenter) {
        left = box.center().x() - width / 2.0;
    }
    qreal base = box.top() + (box.height() + metrics.ascent() - metrics.descent()) / 2.0;
    if (alignment & Qt::AlignTop) {
        base = box.top() + metrics.ascent();
    } else if (alignment & Qt::AlignBottom) {
        base = box.bottom() - metrics.descent();
    }
    layOut(metrics, text, [&](qreal x, const QString& run) { painter.drawText(QPointF(left + x, base), run); });
}

NumberLabel::NumberLabel(QWidget* parent) : QWidget(parent)
{
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
}

void NumberLabel::setText(const QString& text)
{
    if (text != m_text) {
        m_text = text;
        setAccessibleName(text);
        update();
        if (m_widest.isEmpty()) {
            updateGeometry();
        }
    }
}

void NumberLabel::setWidestText(const QString& text)
{
    m_widest = text;
    updateGeometry();
}

void NumberLabel::setAlignment(Qt::Alignment alignment)
{
    m_alignment = alignment;
    update();
}

QSize NumberLabel::sizeHint() const
{
    const qreal width = std::max(tabularWidth(font(), m_text), tabularWidth(font(), m_widest));
    return {static_cast<int>(std::ceil(width)) + 1, QFontMetrics(font()).height() + 2};
}

void NumberLabel::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setFont(font());
    painter.setPen(palette().color(QPalette::WindowText));
    drawTabular(painter, rect(), m_alignment, m_text);
}

} // namespace jacobi
