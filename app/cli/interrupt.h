// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <csignal>
#include <functional>
#include <thread>

namespace jacobi::cli {

/// Turns Ctrl+C (SIGINT), SIGTERM and the end of the terminal (SIGHUP, unless it is ignored) into a call, for as long as it
/// lives. The signals are blocked in every thread and taken by a thread of its own, so that the call may lock and allocate.
/// A second signal ends the program at once. Make it before other threads start: they inherit the mask.
class InterruptWatch {
public:
    explicit InterruptWatch(std::function<void()> onInterrupt);
    ~InterruptWatch();
    InterruptWatch(const InterruptWatch&) = delete;
    InterruptWatch& operator=(const InterruptWatch&) = delete;

    bool interrupted() const { return m_count > 0; }

private:
    void watch(const std::stop_token& stop);

    std::function<void()> m_onInterrupt;
    std::atomic<int> m_count = 0;
    sigset_t m_signals{};
    sigset_t m_before{};
    std::jthread m_thread;
};

} // namespace jacobi::cli
