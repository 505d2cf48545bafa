// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "widgets/quiettable.h"

#include "widgets/numberlabel.h"
#include "widgets/theme.h"

#include <QApplication>
#include <QClipboard>
#include <QHeaderView>
#include <QKeyEvent>
#include <QPainter>
#include <QStyledItemDelegate>
#include <QTableView>

#include <algorithm>

namespace jacobi {
namespace {

constexpr const char* kWide = "jacobiFirstColumn"; // a property of the view

// Text in tabular figures, a line under each row.
class QuietDelegate : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override
    {
        const Palette& c = colours();
        painter->save();
        if (option.state & QStyle::State_Selected) {
            QColor fill = c.accent;
            fill.setAlphaF(0.2F);
            painter->fillRect(option.rect, fill);
        }
        const QRectF box = QRectF(option.rect).adjusted(6, 0, -2, -1);
        const QFont face = Theme::instance().bodyFont();
        painter->setFont(face);
        painter->setPen(c.text);
        const QString text = index.data().toString();
        const QString shown = tabularWidth(face, text) <= box.width()
                                  ? text
                                  : QFontMetricsF(face).elidedText(text, Qt::ElideRight, box.width());
        drawTabular(*painter, box, Qt::AlignLeft | Qt::AlignVCenter, shown);
        painter->fillRect(QRect(option.rect.left(), option.rect.bottom(), option.rect.width(), 1), c.line);
        painter->restore();
    }
};

class QuietTableView : public QTableView {
public:
    using QTableView::QTableView;

protected:
    void keyPressEvent(QKeyEvent* event) override
    {
        if (event->matches(QKeySequence::Copy)) {
            copySelection();
            return;
        }
        QTableView::keyPressEvent(event);
    }
    void resizeEvent(QResizeEvent* event) override
    {
        QTableView::resizeEvent(event);
        layOutColumns(this);
    }
    void focusInEvent(QFocusEvent* event) override
    {
        QTableView::focusInEvent(event);
        if (!currentIndex().isValid() && model()->rowCount() > 0) {
            setCurrentIndex(model()->index(0, 0));
        }
    }

private:
    void copySelection() const
    {
        QStringList lines;
        QStringList heading;
        for (int column = 0; column < model()->columnCount(); ++column) {
            heading << model()->headerData(column, Qt::Horizontal, Qt::DisplayRole).toString();
        }
        lines << heading.join(QLatin1Char('\t'));
        QModelIndexList rows = selectionModel()->selectedRows();
        std::sort(rows.begin(), rows.end());
        for (const QModelIndex& at : rows) {
            QStringList cells;
            for (int column = 0; column < model()->columnCount(); ++column) {
                cells << model()->index(at.row(), column).data().toString();
            }
            lines << cells.join(QLatin1Char('\t'));
        }
        QApplication::clipboard()->setText(lines.join(QLatin1Char('\n')) + QLatin1Char('\n'));
    }
};

} // namespace

QTableView* makeQuietTableView(QAbstractItemModel* model, const QString& accessibleName, QWidget* parent)
{
    auto* view = new QuietTableView(parent);
    view->setModel(model);
    view->setItemDelegate(new QuietDelegate(view));
    view->setAccessibleName(accessibleName);
    view->setShowGrid(false);
    view->setFrameShape(QFrame::NoFrame);
    view->setSelectionBehavior(QAbstractItemView::SelectRows);
    view->setEditTriggers(QAbstractItemView::NoEditTriggers);
    view->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    view->setTabKeyNavigation(false);
    view->setFocusPolicy(Qt::StrongFocus);
    view->verticalHeader()->hide();
    view->verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    view->verticalHeader()->setDefaultSectionSize(kTableRowHeight);
    view->horizontalHeader()->setFixedHeight(kTableRowHeight);
    view->horizontalHeader()->setSectionsClickable(false);
    view->horizontalHeader()->setHighlightSections(false);
    view->horizontalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    view->horizontalHeader()->setMinimumSectionSize(20);
    QObject::connect(model, &QAbstractItemModel::modelReset, view, [view] { layOutColumns(view); });
    return view;
}

void setFirstColumnWide(QTableView* view, int wide)
{
    view->setProperty(kWide, wide);
    layOutColumns(view);
}

void layOutColumns(QTableView* view)
{
    const int columns = view->model()->columnCount();
    const int wide = std::max(1, view->property(kWide).toInt());
    const int shares = columns - 1 + wide;
    const int room = view->viewport()->width();
    const auto edge = [&](int column) { return column == 0 ? 0 : room * (column - 1 + wide) / shares; };
    for (int column = 0; column < columns; ++column) {
        view->setColumnWidth(column, edge(column + 1) - edge(column));
    }
}

} // namespace jacobi
