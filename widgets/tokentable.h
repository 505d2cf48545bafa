// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/tracemodel.h"

#include <QAbstractTableModel>
#include <QVector>

class QTableView;
class QKeyEvent;

namespace jacobi {

/// The rows of the inspector's tables, as text; a column in which no row has anything is not there.
class TokenTable : public QAbstractTableModel {
    Q_OBJECT

public:
    struct Row {
        QStringList cells; ///< one a column of the heading
        QColor swatch;     ///< colour of the code; invalid where unknown
        QColor verdict;    ///< of the verdict's cell; invalid for the usual one
        bool strong = false;
        bool quiet = false;
    };
    using QAbstractTableModel::QAbstractTableModel;

    /// The longest text that is usual in each column of the heading; "" where numbers below 1 are: those always fit.
    void setUsual(const QStringList& usual) { m_usual = usual; }
    /// What each column of the heading means, as its tool tip.
    void setHints(const QStringList& hints) { m_hints = hints; }
    /// Which column of the heading has the verdict; without it the last one.
    void setVerdictColumn(int column) { m_verdictColumn = column; }
    /// Cells "–" and "" count as nothing.
    void setContents(const QStringList& heading, QVector<Row> rows, int swatchColumn);
    const QVector<Row>& contents() const { return m_rows; }
    int swatchColumn() const { return static_cast<int>(m_columns.indexOf(m_swatchColumn)); }

    int verdictColumn() const;

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
    const Row& row(int at) const { return m_rows[at]; }

private:
    QStringList m_heading;
    QStringList m_usual;
    QVector<Row> m_rows;
    QVector<int> m_columns; // of the heading, those that are shown
    QStringList m_hints;
    int m_swatchColumn = -1;
    int m_verdictColumn = -1;
};

/// The table of a TokenTable, see makeQuietTableView.
QTableView* makeTokenTableView(TokenTable* table, const QString& accessibleName, QWidget* parent);

} // namespace jacobi
