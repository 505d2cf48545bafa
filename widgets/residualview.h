// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/passplot.h"

#include <vector>

namespace jacobi {

class FlowTrace;

/// How far each pass moved the block it worked on, on a logarithmic axis: block after block from left to right, with the
/// tolerance each is held against, a tick where a segment begins, and a mark where a block became final. Blocks that overlap
/// have a line each.
class ResidualView : public PassPlot {
    Q_OBJECT

public:
    /// flow: of the same model; it must outlive the view.
    ResidualView(const FlowTrace* flow, TraceModel* model, Selection* selection, QWidget* parent = nullptr);

    QString describe(int pass) const override;
    QString figureName() const override { return QStringLiteral("residual"); }

protected:
    void styleGraphs() override;
    void fillFrom(int from) override;
    void applyHeight() override;
    int markRadius() const override;
    QVector<LegendEntry> legend() const override;
    QString emptyWords() const override;
    QStringList numbers(int row) const override;
    int tableRows() override;
    int passOfRow(int row) const override;
    int firstRowOf(int pass) const override;
    void paintCurrent(QPainter& painter, int pass) override;
    void paintMark(QPainter& painter, int pass, bool pinned) override;
    std::unique_ptr<PassPlot> another(Selection* selection) const override;
    FigureTable figureTable(int from, int to) const override;

private:
    double shown(int pass) const; ///< the residual, held above the axis' lower end; NaN where there is none
    double clamped(double residual) const;
    QPointF place(int pass) const;
    void paintBlocks(QPainter& painter);
    void paintBegins(QPainter& painter);
    QCPGraph* lineOf(int run);
    QColor lineColour(int run) const;
    void styleLine(int run);

    /// Of the table: what a pass did to one block.
    struct Row {
        int pass;
        int run;
    };

    const FlowTrace* m_flow;
    std::vector<Row> m_rows; ///< ascending in pass, then as the blocks began
    QCPGraph* m_residual = nullptr; // each is owned by the plot
    std::vector<QCPGraph*> m_lines; // of blocks that overlap, in place of m_residual
    QCPGraph* m_tolerance = nullptr;
    QCPGraph* m_final = nullptr; // the pass that made a block final
    double m_floor = 1e-6;       // lower end of the axis
};

} // namespace jacobi
