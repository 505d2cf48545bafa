// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QStringList>
#include <QTimer>

#include <functional>

class QTableView;
class QVBoxLayout;
class QWidget;

namespace jacobi {

class ChipLabel;
class TitleLine;
class TraceModel;

/// What a plot shows, in numbers.
struct PlotNumbers {
    QString name;        ///< for screen readers
    QStringList heading; ///< with units
    QStringList usual;   ///< the longest text that is usual in each column; "" or none where numbers are
    std::function<int()> rows;
    std::function<QStringList(int row)> cells; ///< one a column of the heading
    std::function<void(int row)> chosen;       ///< the user went to a row; may be empty
};

/// The text table behind a plot: a chip "Table" in the title line puts it in the plot's place and back. It grows with
/// the run, a few times a second.
class TableBehind : public QObject {
    Q_OBJECT

public:
    /// The table goes into the column, where the plot already is.
    TableBehind(TraceModel* model, TitleLine* title, QWidget* plot, QVBoxLayout* column, PlotNumbers numbers,
                QWidget* parent);

    bool isShown() const;
    ChipLabel* chip() const { return m_chip; }
    QTableView* view() const { return m_view; }

public Q_SLOTS:
    void setShown(bool shown);
    void setCurrentRow(int row); ///< marks it and scrolls to it; negative: none
    void refresh();              ///< the numbers are others, and it was not the run that changed

private:
    class Rows;

    QWidget* m_plot;
    PlotNumbers m_numbers;
    Rows* m_rows = nullptr;
    QTableView* m_view = nullptr;
    ChipLabel* m_chip = nullptr;
    QTimer m_timer;
    bool m_setting = false;
};

} // namespace jacobi
