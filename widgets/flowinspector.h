// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

class QTableView;
class QLabel;

namespace jacobi {

class FlowTrace;
class RepaintClock;
class Selection;
class TitleLine;
class TokenTable;
class TraceModel;

/// The pass and the position that are looked at, in numbers, and block by block what the run took. A row chosen in the
/// table is gone to.
class FlowInspector : public QWidget {
    Q_OBJECT

public:
    FlowInspector(const FlowTrace* flow, TraceModel* model, Selection* selection, QWidget* parent = nullptr);

    QString words() const; ///< what stands over the table
    QTableView* table() const { return m_view; }

private:
    void refresh();
    void fillTable(int pass);
    QString passWords(int pass) const;
    QString overlapWords(int pass) const;
    void fillOverlapTable(int pass);
    QString positionWords(int pass, int position) const;

    const FlowTrace* m_flow;
    TraceModel* m_model;
    Selection* m_selection;
    RepaintClock* m_clock = nullptr;
    TitleLine* m_title = nullptr;
    QLabel* m_words = nullptr;
    TokenTable* m_table = nullptr;
    QTableView* m_view = nullptr;
};

} // namespace jacobi
