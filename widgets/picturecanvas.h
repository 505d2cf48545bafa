// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/pictureview.h"
#include "widgets/selection.h"

#include <QImage>
#include <QWidget>

#include <vector>

namespace jacobi {

class RepaintClock;

/// Values laid over the picture, one a position, with the range their colours span.
struct ScalarLayer {
    QString name;
    std::vector<double> values; ///< NaN: nothing to say of the position
    double minimum = 0.0;
    double maximum = 1.0;
    bool isWhole = true; ///< its numbers are counts
};
ScalarLayer scalarLayer(const TraceModel& model, int pass, Overlay overlay);

/// PictureView's inner part: paints the picture and its overlay, and turns the mouse into hovering and pinning.
class PictureCanvas : public QWidget {
    Q_OBJECT

public:
    PictureCanvas(TraceModel* model, Selection* selection, QWidget* parent);

    int currentPass() const { return m_selection->currentPass(); }
    void setOverlay(Overlay overlay, int opacityPercent);
    Overlay overlay() const { return m_overlay; }
    void setActualSize(bool on);
    bool isActualSize() const { return m_actualSize; }
    void setPlaceholder(const QString& text);
    /// A picture without a run, shown as long as there is no run; a null one takes it away.
    void setStill(const QImage& picture);

    QRectF pictureRect() const;           ///< where the picture lies; empty without one
    QRectF patchRect(int position) const; ///< where a token's patch lies
    int positionAt(const QPointF& point) const; ///< -1 beside the picture
    /// The overlay as an image of one pixel a position; transparent where there is nothing to say.
    QImage overlayImage() const;
    double scalePercent() const; ///< screen pixels per picture pixel, in percent

    QSize sizeHint() const override { return {512, 512}; }
    QSize minimumSizeHint() const override { return {200, 200}; }

Q_SIGNALS:
    void scaleChanged();

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    QSize pixels() const; ///< of what is shown
    void paintStill(QPainter& painter, const QRectF& target) const;
    void paintPicture(QPainter& painter, const QRectF& target) const;
    void paintMarks(QPainter& painter) const;
    void paintPatchOutline(QPainter& painter, int position, bool pinned) const;
    void paintColourBar(QPainter& painter, const QRectF& target) const;
    void describe();
    QImage stateImage() const;
    QImage scalarImage() const;

    TraceModel* m_model;
    Selection* m_selection;
    RepaintClock* m_clock;
    QString m_placeholder;
    QImage m_still;
    Overlay m_overlay = Overlay::State;
    int m_opacity = 30;
    bool m_actualSize = false;
};

} // namespace jacobi
