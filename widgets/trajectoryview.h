// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/figure.h"
#include "widgets/selection.h"

#include <QWidget>

#include <memory>

class QCustomPlot;
class QPainter;

namespace jacobi {

class TraceModel;
class TitleLine;
class RepaintClock;
class TableBehind;

/// Pass (downward) against token position: what became of every token in every pass. Wheel zooms, drag pans, double
/// click shows all again; hovering names the cell, a click pins it. Follows a live run until the user zooms.
class TrajectoryView : public QWidget, public FigureView {
    Q_OBJECT

public:
    TrajectoryView(TraceModel* model, Selection* selection, QWidget* parent = nullptr);
    ~TrajectoryView() override;

    bool isZoomedByUser() const { return m_zoomed; }
    QCustomPlot* plot() const { return m_plot; }
    TableBehind* table() const { return m_table; } ///< one row a position
    /// Cell under a point of the plot widget; null cell outside the axes.
    Cell cellAt(const QPointF& point) const;
    /// Middle of a cell in the plot widget's coordinates.
    QPointF pointOf(const Cell& cell) const;
    QString describe(const Cell& cell) const; ///< the tool tip
    QString axisWords() const;                ///< below the plot: what it is over, and where it is zoomed, the way back

    QString figureName() const override { return QStringLiteral("trajectory"); }
    QString figureTitle() const override;
    bool hasFigure() const override;
    Figure figure() const override;

public Q_SLOTS:
    void resetZoom();

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    struct Raster;
    void buildPlot();
    void buildTable();
    void applyTheme();
    QVector<LegendEntry> legend() const;
    void showLegend();
    void paintFigure(QCPPainter& painter, const QSize& size);
    FigureTable figureTable() const;
    struct Copy;
    void scheduleData();
    void repaintNow();
    void applyFullRange();
    void limitRange();
    void hoverAt(const QPointF& point, const QPoint& globalPoint);
    void paintHeatmap(QPainter& painter);
    void paintCells(QPainter& painter);
    void paintCursor(QPainter& painter);
    void paintCell(QPainter& painter, Cell cell, bool pinned) const;
    QRectF rectOf(const Cell& cell) const;

    TraceModel* m_model;
    Selection* m_selection;
    QCustomPlot* m_plot = nullptr;
    TitleLine* m_title = nullptr;
    RepaintClock* m_clock = nullptr;
    TableBehind* m_table = nullptr;
    std::unique_ptr<Raster> m_raster; // the heatmap as last painted
    bool m_zoomed = false;
    bool m_settingRange = false;
    bool m_namesNoise = false; // in the legend
    bool m_dataDirty = false;
    bool m_isFigure = false; ///< nobody will see it grow
    QPointF m_pressed;
    bool m_down = false;
    bool m_pinned = false; // by the last click, which may turn out to begin a double click
    Cell m_pinnedBefore;
};

} // namespace jacobi
