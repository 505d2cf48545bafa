// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QElapsedTimer>
#include <QTimer>
#include <QWidget>

class QAbstractButton;
class QSlider;

namespace jacobi {

class TraceModel;
class Selection;
class ChipLabel;
class NumberLabel;

/// Step back, play, step forward, speed, a slider over the passes, the pass shown, and whether the newest is followed.
/// Holds no pass of its own: it reads and writes Selection::currentPass. The window maps keys onto its slots.
class Scrubber : public QWidget {
    Q_OBJECT

public:
    Scrubber(TraceModel* model, Selection* selection, QWidget* parent = nullptr);

    bool isPlaying() const { return m_timer.isActive(); }
    double speed() const { return m_speed; } ///< 1 plays at the pace of the run's own clocks, at least 10 passes/s
    /// Passes a second that playing shows at the present speed.
    double passesPerSecond() const;
    QSize minimumSizeHint() const override;

public Q_SLOTS:
    void stepBy(int passes);
    void first();
    void last();
    void togglePlay(); ///< from the last pass it begins again at the first
    void play();
    void stop();
    void setSpeed(double speed); ///< clamped to 0.25 .. 16

Q_SIGNALS:
    void playingChanged(bool playing);

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    void refresh();
    void tick();
    int widthOf(bool isTight) const;
    void nameControls();
    void buildSpeedMenu();

    TraceModel* m_model;
    Selection* m_selection;
    QAbstractButton* m_back = nullptr;
    QAbstractButton* m_play = nullptr;
    QAbstractButton* m_forward = nullptr;
    QAbstractButton* m_speedButton = nullptr;
    QSlider* m_slider = nullptr;
    NumberLabel* m_label = nullptr;
    ChipLabel* m_follow = nullptr;
    QTimer m_timer;
    QElapsedTimer m_clock;
    double m_fraction = 0.0; // of a pass, carried from tick to tick
    double m_speed = 1.0;
};

} // namespace jacobi
