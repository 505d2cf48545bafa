// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "widgets/tablebehind.h"

#include "widgets/chiplabel.h"
#include "widgets/numberlabel.h"
#include "widgets/quiettable.h"
#include "widgets/theme.h"
#include "widgets/titleline.h"
#include "widgets/tracemodel.h"

#include <QAbstractTableModel>
#include <QTableView>
#include <QVBoxLayout>

#include <utility>

namespace jacobi {
namespace {

constexpr int kRefreshMs = 250;

} // namespace

/// Asks for its cells when they are painted, so that a long run costs nothing.
class TableBehind::Rows : public QAbstractTableModel {
public:
    Rows(const PlotNumbers& numbers, QObject* parent) : QAbstractTableModel(parent), m_numbers(numbers) {}

    int rowCount(const QModelIndex& parent = {}) const override { return parent.isValid() ? 0 : m_count; }
    int columnCount(const QModelIndex& parent = {}) const override
    {
        return parent.isValid() ? 0 : static_cast<int>(m_numbers.heading.size());
    }
    QVariant data(const QModelIndex& index, int role) const override
    {
        if (!index.isValid() || (role != Qt::DisplayRole && role != Qt::AccessibleTextRole)) {
            return {};
        }
        if (index.row() != m_cachedRow) {
            m_cachedRow = index.row();
            m_cached = m_numbers.cells(index.row());
        }
        return m_cached.value(index.column());
    }
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override
    {
        if (orientation != Qt::Horizontal || section < 0 || section >= m_numbers.heading.size()) {
            return {};
        }
        if (role == Qt::TextAlignmentRole) {
            return QVariant::fromValue(Qt::Alignment(Qt::AlignLeft | Qt::AlignVCenter));
        }
        if (const QString usual = m_numbers.usual.value(section); role == kLeastWidthRole && !usual.isEmpty()) {
            return tabularWidth(Theme::instance().bodyFont(), usual) + kCellMargins + 1;
        }
        return role == Qt::DisplayRole ? QVariant(m_numbers.heading[section]) : QVariant();
    }

    /// Rows that were there may say something else now.
    void update()
    {
        m_cachedRow = -1;
        const int count = m_numbers.rows();
        if (count < m_count) {
            beginResetModel();
            m_count = count;
            endResetModel();
            return;
        }
        if (count > m_count) {
            beginInsertRows({}, m_count, count - 1);
            m_count = count;
            endInsertRows();
        }
        if (m_count > 0) {
            Q_EMIT dataChanged(index(0, 0), index(m_count - 1, columnCount() - 1));
        }
    }

private:
    const PlotNumbers& m_numbers;
    int m_count = 0;
    mutable int m_cachedRow = -1;
    mutable QStringList m_cached;
};

TableBehind::TableBehind(TraceModel* model, TitleLine* title, QWidget* plot, QVBoxLayout* column, PlotNumbers numbers,
                         QWidget* parent)
    : QObject(parent), m_plot(plot), m_numbers(std::move(numbers)), m_rows(new Rows(m_numbers, this)),
      m_view(makeQuietTableView(m_rows, m_numbers.name, parent)), m_chip(new ChipLabel(tr("Table"), parent))
{
    m_view->hide();
    column->addWidget(m_view, 1);
    m_chip->setClickable(true);
    m_chip->setCheckable(true);
    m_chip->setToolTip(tr("Show the numbers instead of the plot"));
    m_chip->setAccessibleName(tr("Table: %1").arg(m_numbers.name));
    title->addChip(m_chip);
    connect(m_chip, &ChipLabel::toggled, this, &TableBehind::setShown);
    m_timer.setSingleShot(true);
    m_timer.setInterval(kRefreshMs);
    connect(&m_timer, &QTimer::timeout, this, &TableBehind::refresh);
    const auto soon = [this] {
        if (isShown() && !m_timer.isActive()) {
            m_timer.start();
        }
    };
    connect(model, &TraceModel::reset, this, &TableBehind::refresh);
    connect(model, &TraceModel::passesAdded, this, soon);
    connect(model, &TraceModel::finished, this, soon);
    if (m_numbers.chosen) {
        connect(m_view->selectionModel(), &QItemSelectionModel::currentRowChanged, this, [this](const QModelIndex& at) {
            if (at.isValid() && !m_setting) {
                m_numbers.chosen(at.row());
            }
        });
    }
}

bool TableBehind::isShown() const
{
    return !m_view->isHidden();
}

void TableBehind::setShown(bool shown)
{
    m_chip->setChecked(shown);
    if (shown != isShown()) {
        m_view->setVisible(shown);
        m_plot->setVisible(!shown);
        refresh();
    }
}

void TableBehind::setCurrentRow(int row)
{
    if (!isShown()) {
        return;
    }
    if (row >= m_rows->rowCount()) {
        refresh();
    }
    m_setting = true;
    const QModelIndex at = m_rows->index(row, 0);
    m_view->setCurrentIndex(at);
    if (at.isValid()) {
        m_view->scrollTo(at);
    }
    m_setting = false;
}

void TableBehind::refresh()
{
    m_setting = true; // Rows that come and go choose nothing.
    m_rows->update();
    layOutColumns(m_view);
    m_setting = false;
}

} // namespace jacobi
