// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QTimer>
#include <QWidget>

#include <optional>

namespace jacobi {

class FlowTrace;
class TraceModel;

/// How far the run is, in accepted tokens, with the gain over sequential decoding and the time left. Says in a
/// sentence what goes on when nothing runs.
class ProgressStrip : public QWidget {
    Q_OBJECT

public:
    enum class State { Idle, Loading, Running, Paused, Stopped, Failed, Complete, Replay };

    explicit ProgressStrip(TraceModel* model, QWidget* parent = nullptr);

    /// What it asks where the run is one of a flow; it must outlive the strip.
    void setFlow(const FlowTrace* flow) { m_flow = flow; }

    State state() const { return m_state; }
    QString leftText() const;  ///< "367 of 576 tokens · 5.8 tokens per pass"
    QString rightText() const; ///< "0.9 s left · about 100 passes instead of 576"
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

    /// Seconds until the run ends, by the pace of its latest passes; negative where nobody can know.
    static double secondsLeft(const TraceModel& model);
    /// Passes the whole run will have taken, by the same pace.
    static int expectedPasses(const TraceModel& model);
    /// "40 ms", "0.9 s", "12 s", "2 min 5 s", "1 h 4 min".
    static QString duration(double seconds);
    /// As many of the text's first clauses ("a · b · c") as fit into so many pixels; of one that does not fit by itself, its
    /// beginning.
    static QString clausesThatFit(const QString& text, const QFont& font, qreal room);

public Q_SLOTS:
    /// The sentence replaces the numbers' place where there are none (Loading, Failed, ...); empty takes the usual one.
    /// While loading the bar runs to and fro, or shows the share that is done, 0..1, where that is known.
    void setState(jacobi::ProgressStrip::State state, const QString& sentence = {}, std::optional<double> done = {});

protected:
    void paintEvent(QPaintEvent* event) override;
    bool event(QEvent* event) override;

private:
    void refresh();
    void takeNumbers();
    bool isFlow() const;
    double share() const; ///< of the run, or of what it waits for, that is done, 0..1
    QString paceText() const;
    QString replayText(const QString& took) const;

    TraceModel* m_model;
    const FlowTrace* m_flow = nullptr;
    State m_state = State::Idle;
    QString m_sentence;
    std::optional<double> m_loaded; ///< the share of what goes on while loading
    QString m_left;
    QString m_strong;
    QString m_right;
    QString m_passes; // "100 passes instead of 576"
    QTimer m_timer;     // repaints at most ten times a second
    double m_busy = 0.0; // phase of the loading bar
};

} // namespace jacobi
