// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/figure.h"
#include "widgets/plotparts.h"
#include "widgets/tablebehind.h"
#include "widgets/titleline.h"

#include <QWidget>

#include <memory>

class QPainter;

namespace jacobi {

class TraceModel;
class Selection;
class RepaintClock;

/// A plot over passes: what all of them share. It grows with the run until the user zooms; hovering names the pass and
/// marks it everywhere, a click goes to it, the wheel zooms, a drag pans, a double click shows all again; a table of the
/// same numbers stands behind it. Derived classes bring the graphs and the words.
class PassPlot : public QWidget, public FigureView {
    Q_OBJECT

public:
    ~PassPlot() override;

    bool isZoomedByUser() const { return m_zoomed; }
    QCustomPlot* plot() const { return m_plot; }
    TableBehind* table() const { return m_table; }
    int passAt(const QPointF& point) const; ///< -1 outside the axes
    QPointF pointOf(int pass) const;        ///< a pass at the foot of the axes, in the plot widget's coordinates
    virtual QString describe(int pass) const = 0; ///< the tool tip
    QString axisWords() const; ///< below the plot: what it is over, and where it is zoomed, the way back

    QString figureTitle() const override { return m_name; }
    bool hasFigure() const override;
    Figure figure() const override;

public Q_SLOTS:
    void resetZoom();

protected:
    PassPlot(const QString& title, TraceModel* model, Selection* selection, QWidget* parent);

    /// To be called at the end of a derived constructor: from here on the plot may be painted.
    void begin(const QStringList& heading);

    virtual void styleGraphs() = 0;        ///< pens and brushes by the theme
    virtual void fillFrom(int from) = 0;   ///< data of passes from .. ; 0 starts anew
    virtual void applyHeight() = 0;        ///< the range of the upright axes, where the user did not zoom
    virtual int markRadius() const { return 0; } ///< pixels that the first and last pass keep from the axes' sides
    virtual QVector<LegendEntry> legend() const = 0;
    virtual QString emptyWords() const = 0;
    virtual QStringList numbers(int row) const = 0; ///< of the table, which has a row a pass, unless these say otherwise:
    virtual int tableRows();
    virtual int passOfRow(int row) const { return row; }
    virtual int firstRowOf(int pass) const { return pass; }
    virtual void paintCurrent(QPainter& painter, int pass) = 0;
    virtual void paintMark(QPainter& painter, int pass, bool pinned) = 0;
    /// Another of its kind and of the same run, with a selection of its own: the figure is drawn with it.
    virtual std::unique_ptr<PassPlot> another(Selection* selection) const = 0;
    /// What is drawn of the passes from .. to - 1, in numbers.
    virtual FigureTable figureTable(int from, int to) const = 0;

    bool eventFilter(QObject* watched, QEvent* event) override;

    TraceModel* model() const { return m_model; }
    Selection* selection() const { return m_selection; }

private:
    void buildPlot();
    void applyTheme();
    void repaintNow();
    void applyFullRange();
    void paintFigure(QCPPainter& painter, const QSize& size);
    struct Copy;
    void userRange(const QCPRange& wanted);
    void showRowOf(int pass);
    void hoverAt(const QPointF& point, const QPoint& globalPoint);
    void paintCursor(QPainter& painter);

    QString m_name;
    TraceModel* m_model;
    Selection* m_selection;
    QCustomPlot* m_plot = nullptr;
    TitleLine* m_title = nullptr;
    RepaintClock* m_clock = nullptr;
    TableBehind* m_table = nullptr;
    int m_filled = 0; // passes already in the plot
    bool m_zoomed = false;
    bool m_isFigure = false; ///< nobody will see it grow
    bool m_settingRange = false;
    bool m_dataDirty = false;
    bool m_down = false;
    QPointF m_pressed;
};

} // namespace jacobi
