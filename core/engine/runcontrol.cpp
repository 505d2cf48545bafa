// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/backend.h"

#include <chrono>

namespace jacobi {

void RunControl::cancel()
{
    const std::lock_guard lock(m_mutex);
    m_cancelled = true;
    m_changed.notify_all();
}

void RunControl::pause()
{
    const std::lock_guard lock(m_mutex);
    m_paused = true;
    m_turns = 0;
}

void RunControl::resume()
{
    const std::lock_guard lock(m_mutex);
    m_paused = false;
    m_turns = 0;
    m_changed.notify_all();
}

void RunControl::step()
{
    const std::lock_guard lock(m_mutex);
    m_paused = true;
    ++m_turns; // Pressed twice before the engine looked: two passes.
    m_changed.notify_all();
}

bool RunControl::isPaused() const
{
    const std::lock_guard lock(m_mutex);
    return m_paused;
}

bool RunControl::isCancelled() const
{
    const std::lock_guard lock(m_mutex);
    return m_cancelled;
}

bool RunControl::waitForTurn(std::int64_t& pausedNs)
{
    std::unique_lock lock(m_mutex);
    if (m_paused && m_turns == 0 && !m_cancelled) {
        const auto since = std::chrono::steady_clock::now();
        m_changed.wait(lock, [this] { return m_cancelled || !m_paused || m_turns > 0; });
        const auto waited = std::chrono::steady_clock::now() - since;
        pausedNs += std::chrono::duration_cast<std::chrono::nanoseconds>(waited).count();
    }
    if (m_cancelled) {
        return false;
    }
    if (m_paused) {
        --m_turns;
    }
    return true;
}

} // namespace jacobi
