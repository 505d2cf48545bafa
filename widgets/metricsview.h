// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/trace/flowanalysis.h"
#include "widgets/figure.h"
#include "widgets/qcustomplotheader.h"
#include "widgets/titleline.h"

#include <QWidget>

#include <optional>

namespace jacobi {

class ChipLabel;
class FlowTrace;
class RepaintClock;
class Selection;
class TableBehind;
class TraceModel;

/// What was foretold of each block and what it took: CRM and IGM as paired bars, each as its share of the sum over the
/// blocks, the passes of the run at hand as points, and under each block the method it was given. Hovering a block
/// names its numbers; a click goes to where the run left it; a table of the same numbers stands behind the plot.
class MetricsView : public QWidget, public FigureView {
    Q_OBJECT

public:
    MetricsView(const FlowTrace* flow, TraceModel* model, Selection* selection, QWidget* parent = nullptr);

    /// The analysis of the model that is looked at; nothing: it was not analysed.
    void setAnalysis(std::optional<FlowAnalysis> analysis);
    /// Empty: the chip "Analyse" asks for an analysis. Else it says this instead, "37 %", and cannot be pressed.
    void setBusy(const QString& words);

    QCustomPlot* plot() const { return m_plot; }
    ChipLabel* chip() const { return m_chip; }
    TableBehind* table() const { return m_table; }
    QString axisWords() const; ///< below the blocks: what they are, and what their metrics come from
    QStringList linesBelow(int block) const; ///< below its bars: its method, in one line or two; none before there is a run
    QString describe(int block) const; ///< the tool tip
    int blockAt(const QPointF& point) const; ///< -1 where there is none

    QString figureName() const override { return QStringLiteral("blocks"); }
    QString figureTitle() const override;
    bool hasFigure() const override { return blocks() > 0; }
    Figure figure() const override;

Q_SIGNALS:
    void analysisRequested();

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void buildTable();
    const FlowBlockMetrics* metricsOf(int block) const; ///< null where there are none
    double igmPercent(const FlowBlockMetrics& block) const;
    QStringList numbers(int block) const;
    void applyTheme();
    void repaintNow();
    void fill();
    void paintOver(QCPPainter& painter);
    void paintMethod(QCPPainter& painter, double x, const QString& words) const;
    void paintFigure(QCPPainter& painter, const QSize& size);
    FigureTable figureTable() const;
    struct Copy;
    void leaveRoomBelow();
    double blockWidth() const; ///< pixels
    int blocks() const;
    QVector<LegendEntry> legend() const;

    const FlowTrace* m_flow;
    TraceModel* m_model;
    Selection* m_selection;
    std::optional<FlowAnalysis> m_analysis;
    TitleLine* m_title = nullptr;
    ChipLabel* m_chip = nullptr;
    QCustomPlot* m_plot = nullptr;
    TableBehind* m_table = nullptr;
    RepaintClock* m_clock = nullptr;
    QCPBars* m_crm = nullptr; // each is owned by the plot
    QCPBars* m_igm = nullptr;
    QCPGraph* m_passes = nullptr;
    QString m_busy;
    bool m_hasUprightMethods = false; ///< where they are to be whole and the blocks are too narrow
    int m_hovered = -1;
};

} // namespace jacobi
