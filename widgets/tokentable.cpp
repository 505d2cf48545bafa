// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "widgets/tokentable.h"

#include "widgets/numberlabel.h"
#include "widgets/quiettable.h"
#include "widgets/theme.h"

#include <QPainter>
#include <QStyledItemDelegate>
#include <QTableView>

#include <algorithm>

namespace jacobi {
namespace {

constexpr qreal kSwatch = 10.0;
constexpr qreal kSwatchGap = 6.0;

// Numbers in tabular figures, a swatch before a code, a line under each row.
class TokenDelegate : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override
    {
        const auto* table = static_cast<const TokenTable*>(index.model());
        const TokenTable::Row& row = table->row(index.row());
        const Palette& c = colours();
        painter->save();
        if (option.state & QStyle::State_Selected) {
            QColor fill = c.accent;
            fill.setAlphaF(0.2F);
            painter->fillRect(option.rect, fill);
        }
        QRectF box = QRectF(option.rect).adjusted(6, 0, -2, -1);
        if (index.column() == table->swatchColumn()) {
            if (row.swatch.isValid()) {
                painter->setPen(QPen(c.line, 1.0));
                painter->setBrush(row.swatch);
                painter->setRenderHint(QPainter::Antialiasing);
                painter->drawRoundedRect(
                    QRectF(box.left() + 0.5, box.center().y() - kSwatch / 2.0, kSwatch, kSwatch), 2, 2);
            }
            box.setLeft(box.left() + kSwatch + kSwatchGap);
        }
        QFont face = Theme::instance().bodyFont();
        if (row.strong && index.column() == table->swatchColumn()) {
            face.setWeight(QFont::DemiBold);
        }
        painter->setFont(face);
        const bool isVerdict = index.column() == table->verdictColumn();
        painter->setPen(isVerdict && row.verdict.isValid() ? row.verdict : row.quiet ? c.secondary : c.text);
        const QString text = index.data().toString();
        const QString shown = tabularWidth(face, text) <= box.width()
                                  ? text
                                  : QFontMetricsF(face).elidedText(text, Qt::ElideRight, box.width());
        drawTabular(*painter, box, Qt::AlignLeft | Qt::AlignVCenter, shown);
        painter->fillRect(QRect(option.rect.left(), option.rect.bottom(), option.rect.width(), 1), c.line);
        painter->restore();
    }
};

bool saysNothing(const QString& cell)
{
    return cell.isEmpty() || cell == QStringLiteral("\u2013");
}

} // namespace

void TokenTable::setContents(const QStringList& heading, QVector<Row> rows, int swatchColumn)
{
    QVector<int> columns;
    for (int column = 0; column < heading.size(); ++column) {
        const bool used = std::any_of(rows.cbegin(), rows.cend(), [column](const Row& row) {
            return column < row.cells.size() && !saysNothing(row.cells[column]);
        });
        if (used) {
            columns << column;
        }
    }
    beginResetModel();
    m_heading = heading;
    m_rows = std::move(rows);
    m_columns = columns;
    m_swatchColumn = swatchColumn;
    endResetModel();
}

int TokenTable::verdictColumn() const
{
    return static_cast<int>(m_verdictColumn < 0 ? m_columns.size() - 1 : m_columns.indexOf(m_verdictColumn));
}

int TokenTable::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int TokenTable::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_columns.size());
}

QVariant TokenTable::data(const QModelIndex& index, int role) const
{
    if (!index.isValid() || (role != Qt::DisplayRole && role != Qt::AccessibleTextRole)) {
        return {};
    }
    return m_rows[index.row()].cells.value(m_columns[index.column()]);
}

QVariant TokenTable::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || section < 0 || section >= m_columns.size()) {
        return {};
    }
    if (role == Qt::TextAlignmentRole) {
        return QVariant::fromValue(Qt::Alignment(Qt::AlignLeft | Qt::AlignVCenter));
    }
    if (role == Qt::ToolTipRole) {
        return m_hints.value(m_columns[section]);
    }
    if (const QString usual = m_usual.value(m_columns[section]); role == kLeastWidthRole && !usual.isEmpty()) {
        const qreal swatch = m_columns[section] == m_swatchColumn ? kSwatch + kSwatchGap : 0.0;
        return tabularWidth(Theme::instance().bodyFont(), usual) + swatch + kCellMargins + 1;
    }
    return role == Qt::DisplayRole ? QVariant(m_heading[m_columns[section]]) : QVariant();
}

QTableView* makeTokenTableView(TokenTable* table, const QString& accessibleName, QWidget* parent)
{
    auto* view = makeQuietTableView(table, accessibleName, parent);
    view->setItemDelegate(new TokenDelegate(view));
    return view;
}

} // namespace jacobi
