// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/passplot.h"

namespace jacobi {

/// Bars: tokens each pass accepted. Curve: tokens accepted so far, on its own axis at the right; dashed on the same
/// axis: one token a pass, what sequential decoding would do. The current pass stands in the accent colour.
class AcceptanceView : public PassPlot {
    Q_OBJECT

public:
    AcceptanceView(TraceModel* model, Selection* selection, QWidget* parent = nullptr);

    QString describe(int pass) const override;
    QString figureName() const override { return QStringLiteral("acceptance"); }

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
    QRectF barRect(int pass) const;

    QCPBars* m_bars = nullptr; // graphs, each owned by the plot
    QCPGraph* m_cumulative = nullptr;
    QCPGraph* m_onePerPass = nullptr;
};

} // namespace jacobi
