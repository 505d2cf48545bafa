// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/passplot.h"

namespace jacobi {

/// Where the window stood in each pass: below the band is what was final before it, the lower part of the band is what
/// the pass accepted, the upper part the drafts it left. A straight line is sequential decoding.
class WindowView : public PassPlot {
    Q_OBJECT

public:
    WindowView(TraceModel* model, Selection* selection, QWidget* parent = nullptr);

    QString describe(int pass) const override;
    QString figureName() const override { return QStringLiteral("window"); }

protected:
    void styleGraphs() override;
    void fillFrom(int from) override;
    void applyHeight() override;
    QVector<LegendEntry> legend() const override;
    QString emptyWords() const override;
    QStringList numbers(int pass) const override;
    void paintCurrent(QPainter& painter, int pass) override;
    void paintMark(QPainter& painter, int pass, bool pinned) override;
    std::unique_ptr<PassPlot> another(Selection* selection) const override;
    FigureTable figureTable(int from, int to) const override;

private:
    QRectF bandRect(int pass) const;

    QCPGraph* m_begin = nullptr; // first position of the window; each is owned by the plot
    QCPGraph* m_committed = nullptr;
    QCPGraph* m_end = nullptr;
    QCPGraph* m_onePerPass = nullptr;
};

} // namespace jacobi
