// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "widgets/titleline.h"

#include "widgets/numberlabel.h"
#include "widgets/theme.h"

#include <QHBoxLayout>
#include <QHelpEvent>
#include <QPainter>
#include <QToolTip>

#include <algorithm>
#include <iterator>

namespace jacobi {
namespace {

constexpr int kHeight = 24;       // of the first line
constexpr int kSecondHeight = 18; // of the line below, where there is one
constexpr qreal kEntryGap = 12.0;

} // namespace

void paintLegendMark(QPainter& painter, const QPointF& left, const LegendEntry& entry)
{
    const QRectF box(left.x(), left.y() - kLegendMark / 2.0, kLegendMark, kLegendMark);
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

TitleLine::TitleLine(const QString& strong, QWidget* parent, Lines lines)
    : QWidget(parent), m_lines(lines), m_strong(strong), m_row(new QHBoxLayout(this))
{
    const int below = lines == Lines::Two ? kSecondHeight : 0;
    m_row->setContentsMargins(0, 0, 0, below);
    m_row->setSpacing(4);
    m_row->addStretch(1);
    setFixedHeight(kHeight + below);
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
    chip->installEventFilter(this);
}

QSize TitleLine::sizeHint() const
{
    return {320, height()};
}

QSize TitleLine::minimumSizeHint() const
{
    return {m_row->minimumSize().width() + 80, height()};
}

qreal TitleLine::paintLegend(QPainter& painter, qreal left, qreal right)
{
    const QFont face = Theme::instance().secondaryFont();
    painter.setFont(face);
    const qreal middle = kHeight / 2.0;
    const auto textOf = [this](const LegendEntry& entry) {
        return m_isBrief && !entry.brief.isEmpty() ? entry.brief : entry.text;
    };
    const auto widthOf = [&](const LegendEntry& entry) {
        return kLegendMark + kLegendMarkGap + tabularWidth(face, textOf(entry));
    };
    const QString ellipsis = QStringLiteral("…");
    const qreal forMore = tabularWidth(face, ellipsis) + kLegendMarkGap;
    const auto fitting = [&](qreal room) { // the first entries matter most: as many as there is room for
        auto end = m_legend.cbegin();
        for (; end != m_legend.cend() && room >= widthOf(*end); ++end) {
            room -= widthOf(*end) + kEntryGap;
        }
        return end;
    };
    m_isBrief = false;
    auto end = fitting(right - left);
    if (end != m_legend.cend()) {
        m_isBrief = true;
        end = fitting(right - left);
    }
    m_more = {};
    m_legendRect = QRectF(right, 0, 0, kHeight);
    if (end != m_legend.cend()) {
        end = fitting(right - left - forMore);
        m_more = QRectF(right - forMore, 0, forMore, kHeight);
        painter.setPen(colours().secondary);
        drawTabular(painter, m_more, Qt::AlignRight | Qt::AlignVCenter, ellipsis);
        right -= forMore;
    }
    m_fitting = static_cast<int>(end - m_legend.cbegin());
    for (auto entry = std::make_reverse_iterator(end); entry != m_legend.crend(); ++entry) {
        const qreal width = widthOf(*entry);
        m_legendRect.setLeft(right - width);
        paintLegendMark(painter, QPointF(right - width, middle), *entry);
        painter.setPen(colours().secondary);
        drawTabular(painter, QRectF(right - width, 0, width, kHeight), Qt::AlignRight | Qt::AlignVCenter, textOf(*entry));
        right -= width + kEntryGap;
    }
    return right;
}

QString TitleLine::moreWords() const
{
    return legendWords(m_fitting);
}

QString TitleLine::legendWords(int from) const
{
    QStringList lines;
    for (const LegendEntry& entry : m_legend.mid(from)) {
        const bool isLine = entry.mark == LegendEntry::Mark::Line || entry.mark == LegendEntry::Mark::Dashed;
        const QString mark = isLine ? QStringLiteral("―") : entry.mark == LegendEntry::Mark::Frame ? QStringLiteral("□") : QStringLiteral("■");
        lines << QStringLiteral("<span style=\"color:%1\">%2</span> %3").arg(entry.colour.name(), mark, entry.text.toHtmlEscaped());
    }
    return lines.join(QStringLiteral("<br>"));
}

bool TitleLine::event(QEvent* event)
{
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        if (m_more.contains(help->pos())) {
            QToolTip::showText(help->globalPos(), moreWords(), this, m_more.toAlignedRect());
            return true;
        }
        if (m_isBrief && m_legendRect.contains(help->pos())) {
            QToolTip::showText(help->globalPos(), legendWords(0), this, m_legendRect.toAlignedRect());
            return true;
        }
    }
    return QWidget::event(event);
}

/// A chip that comes, goes or grows takes room from the texts.
bool TitleLine::eventFilter(QObject* watched, QEvent* event)
{
    switch (event->type()) {
    case QEvent::Move:
    case QEvent::Resize:
    case QEvent::Show:
    case QEvent::Hide: update(); break;
    default: break;
    }
    return QWidget::eventFilter(watched, event);
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
            drawTabular(painter, QRectF(right - width, 0, width, kHeight), Qt::AlignRight | Qt::AlignVCenter, shown);
            right -= width + 12;
        }
    }
    const bool hasOwnLine = m_lines == Lines::Two;
    const QString rest = m_rest.isEmpty() || hasOwnLine ? m_rest : QStringLiteral(" · ") + m_rest;
    // What is said now comes before the last of what the marks always mean.
    const qreal said = strongWidth + (hasOwnLine ? 0.0 : tabularWidth(theme.bodyFont(), rest));
    right = paintLegend(painter, said + kEntryGap, right);
    if (!m_more.isEmpty()) {
        right -= kLegendMarkGap;
    }

    painter.setFont(strongFace);
    painter.setPen(c.text);
    const QString strong = QFontMetricsF(strongFace).elidedText(m_strong, Qt::ElideRight, std::max(right, 0.0) + 2);
    drawTabular(painter, QRectF(0, 0, strongWidth, kHeight), Qt::AlignLeft | Qt::AlignVCenter, strong);
    const QRectF place =
        hasOwnLine ? QRectF(0, kHeight, width(), kSecondHeight) : QRectF(strongWidth, 0, right - strongWidth, kHeight);
    const bool isWhole = paintRest(painter, rest, place) && strong == m_strong;
    setToolTip(isWhole ? QString() : text());
}

bool TitleLine::paintRest(QPainter& painter, const QString& rest, const QRectF& place) const
{
    constexpr qreal kLeastRoom = 24.0;
    if (rest.isEmpty() || place.width() <= kLeastRoom) {
        return rest.isEmpty();
    }
    const QFont face = m_lines == Lines::Two ? Theme::instance().secondaryFont() : Theme::instance().bodyFont();
    painter.setFont(face);
    painter.setPen(colours().secondary);
    const bool fits = tabularWidth(face, rest) <= place.width();
    const QString shown = fits ? rest : QFontMetricsF(face).elidedText(rest, Qt::ElideRight, place.width());
    drawTabular(painter, place, Qt::AlignLeft | Qt::AlignVCenter, shown);
    return fits;
}

} // namespace jacobi
