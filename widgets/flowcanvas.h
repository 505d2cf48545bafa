// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QImage>
#include <QVector>
#include <QWidget>

#include <utility>

namespace jacobi {

class FlowTrace;
class RepaintClock;
class Selection;
class TraceModel;

/// A picture of the strip: what it is, and where it was made.
struct StripCell {
    int block = -1; ///< blocks(): the noise, before the first block; -1: the step along the score, after the last
    int pass = -1;  ///< the last pass of the block, the first for the noise; -1 while there is none
    QRectF rect;    ///< in the widget's coordinates
};

/// FlowView's inner part: the noise and the picture after each block as a strip, and under it, as large as fits, the picture as it
/// stood after the current pass, with what that pass did laid over it. The mouse hovers and pins positions of the large
/// picture and goes to blocks of the strip.
class FlowCanvas : public QWidget {
    Q_OBJECT

public:
    enum class Overlay { None, State, Residual };

    FlowCanvas(const FlowTrace* flow, TraceModel* model, Selection* selection, QWidget* parent);

    void setOverlay(Overlay overlay, int opacityPercent);
    void setActualSize(bool on);
    bool isActualSize() const { return m_actualSize; }
    void setPlaceholder(const QString& text);
    /// A picture without a run, shown as long as there is no run; a null one takes it away.
    void setStill(const QImage& picture);

    QVector<StripCell> strip() const;
    QRectF pictureRect() const;           ///< of the large picture; empty without one
    QRectF patchRect(int position) const; ///< position: raster order
    int positionAt(const QPointF& point) const;
    double scalePercent() const;
    /// All of it into (0, 0) .. size, but the scale of the colours; of a canvas that nobody sees, and that has a run.
    void paintFigure(QPainter& painter, const QSize& size);
    /// What the overlay's colours span, by powers of ten.
    std::pair<int, int> residualDecades();
    /// What the pass did to a position, in words.
    QString describe(int pass, int position) const;

    QSize sizeHint() const override { return {512, 560}; }
    QSize minimumSizeHint() const override { return {240, 240}; }

Q_SIGNALS:
    void scaleChanged();

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;

private:
    qreal stripHeight() const;
    qreal pixelRatio() const; ///< pixels a unit of length has: the screen's, or a figure's
    int cellAt(const QPointF& point) const;
    void paintStrip(QPainter& painter);
    void paintLarge(QPainter& painter);
    void paintOverlay(QPainter& painter, int pass);
    void paintBar(QPainter& painter);
    void paintMarks(QPainter& painter);
    int topDecade();
    void paintCell(QPainter& painter, int position, bool pinned);
    QImage stripImage(const StripCell& cell) const;
    bool isAhead(const StripCell& cell, int pass) const; ///< what it shows is not there yet after the pass

    const FlowTrace* m_flow;
    TraceModel* m_model;
    Selection* m_selection;
    RepaintClock* m_clock = nullptr;
    Overlay m_overlay = Overlay::None;
    int m_opacity = 45;
    bool m_actualSize = false;
    QString m_placeholder;
    QImage m_still;
    int m_hoveredCell = -1;
    bool m_isFigure = false;
    int m_measured = 0;         ///< passes that m_mostResidual knows
    double m_mostResidual = 0.0; ///< of the run
};

} // namespace jacobi
