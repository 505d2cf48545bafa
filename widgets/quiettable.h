// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

class QAbstractItemModel;
class QTableView;
class QWidget;

namespace jacobi {

inline constexpr int kTableRowHeight = 25; ///< of rows and heading, pixels
inline constexpr int kCellMargins = 8;      ///< beside a cell's text, pixels
inline constexpr int kLeastWidthRole = 0x100; ///< of a heading: pixels that its cells need, where that is more than a number

/// A table as all ours are: one-pixel lines, no grid, tabular figures, even columns; Ctrl+C copies the selected rows,
/// with the heading, as tab-separated text.
QTableView* makeQuietTableView(QAbstractItemModel* model, const QString& accessibleName, QWidget* parent);

/// Columns over the view's width, so that no number's length moves another: equal ones, or the first, where it holds names,
/// as wide as `wide` of the others. A column is as wide as its heading and its cells at least; where there is no room
/// for all, they scroll.
void setFirstColumnWide(QTableView* view, int wide);
void layOutColumns(QTableView* view);

} // namespace jacobi
