// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

class QLabel;
class QTableView;

namespace jacobi {

class TraceModel;
class Selection;
class RepaintClock;
class TokenTable;
class TitleLine;

/// Everything known of the hovered or pinned token: where it is, how often it changed, the candidates of its row in the
/// pass looked at, and what each pass did to it. Columns the trace lacks are not there. Ctrl+C copies a table's
/// selected rows.
class TokenInspector : public QWidget {
    Q_OBJECT

public:
    TokenInspector(TraceModel* model, Selection* selection, QWidget* parent = nullptr);

    int position() const { return m_position; } ///< -1 while nothing is looked at
    int pass() const { return m_pass; }
    QTableView* candidates() const { return m_candidateView; }
    QTableView* history() const { return m_historyView; }

private:
    void refresh();
    void fillCandidates();
    void fillHistory();

    TraceModel* m_model;
    Selection* m_selection;
    RepaintClock* m_clock = nullptr;
    TitleLine* m_title = nullptr;
    QLabel* m_hint = nullptr;
    TitleLine* m_historyTitle = nullptr;
    QTableView* m_candidateView = nullptr;
    QTableView* m_historyView = nullptr;
    TokenTable* m_candidateTable = nullptr;
    TokenTable* m_historyTable = nullptr;
    int m_position = -1;
    int m_pass = -1;
    int m_wanted = -1; // pass of the cell looked at, -1: the current one
};

} // namespace jacobi
