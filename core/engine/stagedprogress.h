// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <functional>
#include <utility>

namespace jacobi {

/// The progress of a task whose stages, and how long they take, are only known as it goes on. It never goes back, and each
/// stage gets a share of what is left by the time it is expected to take.
class StagedProgress {
public:
    explicit StagedProgress(std::function<void(double fraction)> tell) : m_tell(std::move(tell)) {}

    /// The next stage. Seconds, or any other measure: what it takes, and what comes after it.
    void begin(double expected, double after)
    {
        m_from = m_done;
        m_to = expected + after > 0.0 ? m_from + (1.0 - m_from) * expected / (expected + after) : m_from;
    }
    /// part: of the stage, 0..1.
    void tell(double part)
    {
        m_done = std::max(m_done, std::min(1.0, m_from + (m_to - m_from) * std::clamp(part, 0.0, 1.0)));
        m_tell(m_done);
    }
    void end()
    {
        m_done = 1.0;
        m_tell(m_done);
    }

private:
    std::function<void(double)> m_tell;
    double m_done = 0.0;
    double m_from = 0.0; ///< of the stage
    double m_to = 0.0;
};

} // namespace jacobi
