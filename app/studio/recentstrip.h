// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/studio/recentruns.h"

#include <QWidget>

namespace jacobi {

/// The strip of recent results, newest at the left; a click or Enter asks for a run. Holds its place when empty.
class RecentStrip : public QWidget {
    Q_OBJECT

public:
    static constexpr int kMost = 64; ///< runs it keeps

    explicit RecentStrip(QWidget* parent = nullptr);

    void setRuns(const QVector<RecentRun>& runs);
    void addRun(const RecentRun& run); ///< at the front, or in its place where it is there
    /// The run looked at; an empty path: none of these.
    void setCurrent(const QString& tracePath);
    const QVector<RecentRun>& runs() const { return m_runs; }
    QRect tileRect(int index) const;

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

Q_SIGNALS:
    void chosen(const QString& tracePath);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    bool event(QEvent* event) override;

private:
    int tileAt(const QPoint& point) const;
    int visibleTiles() const;
    void paintTile(QPainter& painter, int index) const;

    QVector<RecentRun> m_runs;
    QString m_current;
    int m_hovered = -1;
    int m_focused = 0; ///< tile the keyboard is on
};

} // namespace jacobi
