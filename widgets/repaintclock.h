// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QElapsedTimer>
#include <QObject>
#include <QTimer>

namespace jacobi {

/// Turns any number of requests into at most thirty repaints a second: the first comes at the next turn of the event
/// loop, the following keep their distance.
class RepaintClock : public QObject {
    Q_OBJECT

public:
    static constexpr int kIntervalMs = 33;

    explicit RepaintClock(QObject* parent = nullptr) : QObject(parent)
    {
        m_timer.setSingleShot(true);
        m_timer.setTimerType(Qt::PreciseTimer);
        connect(&m_timer, &QTimer::timeout, this, [this] {
            m_since.start();
            Q_EMIT repaint();
        });
    }

    void request()
    {
        if (!m_timer.isActive()) {
            const qint64 passed = m_since.isValid() ? m_since.elapsed() : kIntervalMs;
            m_timer.start(static_cast<int>(qBound(qint64{0}, kIntervalMs - passed, qint64{kIntervalMs})));
        }
    }

Q_SIGNALS:
    void repaint();

private:
    QTimer m_timer;
    QElapsedTimer m_since;
};

} // namespace jacobi
