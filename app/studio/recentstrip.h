// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/studio/recentruns.h"

#include <QWidget>

namespace jacobi {

/// The strip of recent results, newest at the left; a click or Enter asks for a run. What does not fit is reached by the wheel
/// and the arrow keys; an arrow at either end says that there is more. Holds its place when empty.
class RecentStrip : public QWidget {
    Q_OBJECT

public:
    static constexpr int kMost = 64; ///< runs it keeps

    explicit RecentStrip(QWidget* parent = nullptr);

    void setRuns(const QVector<RecentRun>& runs);
    void addRun(const RecentRun& run); ///< at the front, or in its place where it is there
    void removeRun(const QString& tracePath);
    /// The run looked at; an empty path: none of these.
    void setCurrent(const QString& tracePath);
    const QString& current() const { return m_current; }
    const QVector<RecentRun>& runs() const { return m_runs; }
    QRect tileRect(int index) const; ///< in the widget's coordinates, scrolled; perhaps outside it
    QString toolTipOf(int index) const;

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

Q_SIGNALS:
    void chosen(const QString& tracePath);
    void saveRequested(const QString& tracePath);
    void folderRequested(const QString& tracePath); ///< where its files lie is to be shown
    void removalRequested(const QString& tracePath);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;
    bool event(QEvent* event) override;

private:
    int tileAt(const QPoint& point) const;
    int indexOf(const QString& tracePath) const;
    int mostScroll() const;
    bool hasMore(bool atLeft) const;
    QRect arrowRect(bool atLeft) const;
    void scrollTo(int pixels);
    void scrollToTile(int index);
    void focusTile(int index);
    void paintTile(QPainter& painter, int index) const;
    void paintNumber(QPainter& painter, const QRectF& tile, int number) const;
    void paintArrow(QPainter& painter, bool atLeft) const;

    QVector<RecentRun> m_runs;
    QString m_current;
    int m_scroll = 0; ///< pixels that lie to the left of the widget
    int m_hovered = -1;
    int m_focused = 0; ///< tile the keyboard is on
};

} // namespace jacobi
