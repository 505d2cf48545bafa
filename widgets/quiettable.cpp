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
#include <cmath>

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

    QVector<qreal> cellWidths; ///< that cells needed so far, by column

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
    void paintEvent(QPaintEvent* event) override
    {
        QTableView::paintEvent(event);
        if (hasFocus()) {
            QPainter painter(viewport());
            paintFocusFrame(painter, viewport()->rect());
        }
    }
    void scrollContentsBy(int dx, int dy) override
    {
        QTableView::scrollContentsBy(dx, dy);
        if (hasFocus()) {
            viewport()->update(); // what is scrolled is copied, the frame with it
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

/// What the cells of each column need; of long tables of some rows, the last among them. Words that are very long may be cut.
QVector<qreal> cellWidths(const QAbstractItemModel* model)
{
    constexpr int kMostRows = 64;
    constexpr qreal kMostWords = 150.0; // pixels
    const QFont face = Theme::instance().bodyFont();
    QVector<qreal> widths(model->columnCount(), 0.0);
    const int rows = model->rowCount();
    for (int at = 0; at < std::min(rows, kMostRows); ++at) {
        const int row = rows <= kMostRows ? at : static_cast<int>((rows - 1LL) * at / (kMostRows - 1));
        for (int column = 0; column < widths.size(); ++column) {
            const QString text = model->index(row, column).data().toString();
            widths[column] = std::max(widths[column], std::min(tabularWidth(face, text), kMostWords));
        }
    }
    return widths;
}

/// The heading, a number such as 0.125, and what stands in the cells.
int leastWidth(const QTableView* view, int column, qreal cells)
{
    constexpr int kHeadingBeside = 14; // its padding, and a pixel for what rounding does
    const QAbstractItemModel* model = view->model();
    const QString heading = model->headerData(column, Qt::Horizontal, Qt::DisplayRole).toString();
    const qreal asked = model->headerData(column, Qt::Horizontal, kLeastWidthRole).toReal();
    const QFontMetricsF face(view->horizontalHeader()->font());
    const qreal number = tabularWidth(Theme::instance().bodyFont(), QStringLiteral("0.000"));
    return static_cast<int>(std::ceil(
        std::max({face.horizontalAdvance(heading) + kHeadingBeside, std::max(number, cells) + kCellMargins + 1, asked})));
}

/// What columns once needed they keep: one does not move because another row is looked at.
QVector<qreal> keptWidths(QTableView* view)
{
    auto* quiet = dynamic_cast<QuietTableView*>(view);
    const QVector<qreal> now = cellWidths(view->model());
    if (quiet == nullptr) {
        return now;
    }
    if (quiet->cellWidths.size() != now.size()) { // other columns
        quiet->cellWidths = QVector<qreal>(now.size(), 0.0);
    }
    for (int column = 0; column < now.size(); ++column) {
        quiet->cellWidths[column] = std::max(quiet->cellWidths[column], now[column]);
    }
    return quiet->cellWidths;
}

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
    view->setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
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
    const auto shareOf = [wide = std::max(1, view->property(kWide).toInt())](int column) { return column == 0 ? wide : 1; };
    int room = view->viewport()->width();
    int shares = 0;
    for (int column = 0; column < columns; ++column) {
        shares += shareOf(column);
    }
    // A column whose share is too little for it takes what it needs from the others, which may then be too narrow themselves.
    QVector<int> taken(columns, 0);
    QVector<int> needs;
    const QVector<qreal> cells = keptWidths(view);
    for (int column = 0; column < columns; ++column) {
        needs << leastWidth(view, column, cells[column]);
    }
    for (bool again = true; again;) {
        again = false;
        for (int column = 0; column < columns; ++column) {
            const int least = needs[column];
            if (taken[column] == 0 && room * shareOf(column) / shares < least) {
                taken[column] = least;
                room -= least;
                shares -= shareOf(column);
                again = shares > 0;
            }
        }
    }
    int before = 0;
    for (int column = 0; column < columns; ++column) {
        if (taken[column] > 0) {
            view->setColumnWidth(column, taken[column]);
            continue;
        }
        const int from = room * before / shares; // no pixel is left over
        before += shareOf(column);
        view->setColumnWidth(column, room * before / shares - from);
    }
}

} // namespace jacobi
