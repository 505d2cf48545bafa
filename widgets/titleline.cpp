// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "widgets/titleline.h"

#include "widgets/numberlabel.h"
#include "widgets/theme.h"

#include <QHBoxLayout>
#include <QPainter>

#include <algorithm>
#include <iterator>

namespace jacobi {
namespace {

constexpr int kHeight = 24;
constexpr qreal kMark = 10.0;
constexpr qreal kMarkGap = 5.0;
constexpr qreal kEntryGap = 12.0;

void paintMark(QPainter& painter, const QPointF& left, const LegendEntry& entry)
{
    const QRectF box(left.x(), left.y() - kMark / 2.0, kMark, kMark);
    painter.setRenderHint(QPainter::Antialiasing);
    switch (entry.mark) {
    case LegendEntry::Mark::Square:
    case LegendEntry::Mark::SoftSquare:
        painter.setPen(Qt::NoPen);
        painter.setBrush(entry.colour);
        painter.drawRoundedRect(box, 2, 2);
        break;
    case LegendEntry::Mark::Frame:
        painter.setPen(QPen(entry.colour, 1.0));
        painter.setBrush(Qt::NoBrush);
        painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 2, 2);
        break;
    case LegendEntry::Mark::Line:
    case LegendEntry::Mark::Dashed: {
        QPen pen(entry.colour, entry.mark == LegendEntry::Mark::Line ? 2.0 : 1.2);
        pen.setCapStyle(Qt::FlatCap);
        if (entry.mark == LegendEntry::Mark::Dashed) {
            pen.setDashPattern({3.0, 2.0});
        }
        painter.setPen(pen);
        painter.drawLine(QPointF(box.left() - 1, left.y()), QPointF(box.right() + 1, left.y()));
        break;
    }
    }
}

} // namespace

TitleLine::TitleLine(const QString& strong, QWidget* parent)
    : QWidget(parent), m_strong(strong), m_row(new QHBoxLayout(this))
{
    m_row->setContentsMargins(0, 0, 0, 0);
    m_row->setSpacing(4);
    m_row->addStretch(1);
    setFixedHeight(kHeight);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setAccessibleName(strong);
    connect(&Theme::instance(), &Theme::changed, this, [this] { update(); });
}

void TitleLine::setTexts(const QString& strong, const QString& rest)
{
    if (strong != m_strong || rest != m_rest) {
        m_strong = strong;
        m_rest = rest;
        setAccessibleName(text());
        update();
    }
}

void TitleLine::setRightText(const QString& text)
{
    if (text != m_right) {
        m_right = text;
        setAccessibleDescription(text);
        update();
    }
}

void TitleLine::setLegend(const QVector<LegendEntry>& entries)
{
    m_legend = entries;
    update();
}

void TitleLine::addChip(QWidget* chip)
{
    m_row->addWidget(chip, 0, Qt::AlignVCenter);
}

QSize TitleLine::sizeHint() const
{
    return {320, kHeight};
}

QSize TitleLine::minimumSizeHint() const
{
    return {m_row->minimumSize().width() + 80, kHeight};
}

qreal TitleLine::paintLegend(QPainter& painter, qreal left, qreal right) const
{
    const QFont face = Theme::instance().secondaryFont();
    painter.setFont(face);
    const qreal middle = height() / 2.0;
    const auto widthOf = [&face](const LegendEntry& entry) {
        return kMark + kMarkGap + tabularWidth(face, entry.text);
    };
    auto end = m_legend.cbegin(); // the first entries matter most: as many as there is room for
    for (qreal room = right - left; end != m_legend.cend() && room >= widthOf(*end); ++end) {
        room -= widthOf(*end) + kEntryGap;
    }
    for (auto entry = std::make_reverse_iterator(end); entry != m_legend.crend(); ++entry) {
        const qreal width = widthOf(*entry);
        paintMark(painter, QPointF(right - width, middle), *entry);
        painter.setPen(colours().secondary);
        drawTabular(painter, QRectF(right - width, 0, width, height()), Qt::AlignRight | Qt::AlignVCenter, entry->text);
        right -= width + kEntryGap;
    }
    return right;
}

void TitleLine::paintEvent(QPaintEvent*)
{
    const Theme& theme = Theme::instance();
    const Palette& c = theme.palette();
    QPainter painter(this);
    const QFont strongFace = theme.titleFont();
    const qreal strongWidth = std::min<qreal>(width(), tabularWidth(strongFace, m_strong));
    qreal right = width();
    for (int at = 0; at < m_row->count(); ++at) {
        // A chip that is hidden keeps the place it had, or none.
        if (const QWidget* chip = m_row->itemAt(at)->widget(); chip != nullptr && !chip->isHidden()) {
            right = std::min<qreal>(right, chip->geometry().left() - 8);
        }
    }
    right = std::max<qreal>(right, 0.0);
    if (!m_right.isEmpty()) {
        const QFont face = theme.secondaryFont();
        painter.setFont(face);
        painter.setPen(c.secondary);
        const qreal width = std::min(right - strongWidth - 12, tabularWidth(face, m_right));
        if (width > 24) {
            const QString shown = QFontMetricsF(face).elidedText(m_right, Qt::ElideRight, width + 4);
            drawTabular(painter, QRectF(right - width, 0, width, height()), Qt::AlignRight | Qt::AlignVCenter, shown);
            right -= width + 12;
        }
    }
    right = paintLegend(painter, strongWidth + kEntryGap, right);

    painter.setFont(strongFace);
    painter.setPen(c.text);
    const QString strong = QFontMetricsF(strongFace).elidedText(m_strong, Qt::ElideRight, std::max(right, 0.0) + 2);
    drawTabular(painter, QRectF(0, 0, strongWidth, height()), Qt::AlignLeft | Qt::AlignVCenter, strong);
    const QFont face = theme.bodyFont();
    const QString rest = m_rest.isEmpty() ? QString() : QStringLiteral(" · ") + m_rest;
    const qreal room = right - strongWidth;
    bool whole = strong == m_strong;
    if (!rest.isEmpty() && room > 24) {
        painter.setFont(face);
        painter.setPen(c.secondary);
        QString shown = rest;
        if (tabularWidth(face, rest) > room) {
            shown = QFontMetricsF(face).elidedText(rest, Qt::ElideRight, room);
            whole = false;
        }
        drawTabular(painter, QRectF(strongWidth, 0, room, height()), Qt::AlignLeft | Qt::AlignVCenter, shown);
    }
    setToolTip(whole ? QString() : text());
}

} // namespace jacobi
