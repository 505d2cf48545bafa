// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include <memory>

class QCustomPlot;
class QPainter;

namespace jacobi {

class TraceModel;
class Selection;
class TitleLine;
class RepaintClock;

/// Bars: tokens each pass accepted. Curve: tokens accepted so far, on its own axis at the right; dashed on the same
/// axis: one token a pass, what sequential decoding would do. The current pass stands in the accent colour.
/// A click on a bar goes to its pass.
class AcceptanceView : public QWidget {
    Q_OBJECT

public:
    AcceptanceView(TraceModel* model, Selection* selection, QWidget* parent = nullptr);
    ~AcceptanceView() override;

    bool isZoomedByUser() const { return m_zoomed; }
    QCustomPlot* plot() const { return m_plot; }
    int passAt(const QPointF& point) const;   ///< -1 outside the axes
    QPointF pointOf(int pass) const;          ///< middle of a bar's foot in the plot widget's coordinates

public Q_SLOTS:
    void resetZoom();

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    struct Parts;
    void hoverAt(const QPointF& point, const QPoint& globalPoint);
    void paintCursor(QPainter& painter);
    QRectF barRect(int pass) const;
    void buildPlot();
    void applyTheme();
    void repaintNow();
    void fillFrom(int from);
    void applyFullRange();

    TraceModel* m_model;
    Selection* m_selection;
    QCustomPlot* m_plot = nullptr;
    TitleLine* m_title = nullptr;
    RepaintClock* m_clock = nullptr;
    std::unique_ptr<Parts> m_parts; // graphs, each owned by the plot
    int m_filled = 0;         // passes already in the plot
    bool m_zoomed = false;
    bool m_settingRange = false;
    bool m_dataDirty = false;
    bool m_down = false;
    QPointF m_pressed;
};

} // namespace jacobi
