// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/interrupt.h"

#include "app/cli/console.h"

#include <pthread.h>
#include <unistd.h>

#include <ctime>

namespace jacobi::cli {

InterruptWatch::InterruptWatch(std::function<void()> onInterrupt) : m_onInterrupt(std::move(onInterrupt))
{
    sigemptyset(&m_signals);
    sigaddset(&m_signals, SIGINT);
    sigaddset(&m_signals, SIGTERM);
    struct sigaction hangUp {};
    sigaction(SIGHUP, nullptr, &hangUp);
    if (hangUp.sa_handler != SIG_IGN) { // else whoever started it wants it to go on: nohup
        sigaddset(&m_signals, SIGHUP);
    }
    pthread_sigmask(SIG_BLOCK, &m_signals, &m_before);
    m_thread = std::jthread([this](const std::stop_token& stop) { watch(stop); });
}

InterruptWatch::~InterruptWatch()
{
    m_thread.request_stop();
    m_thread.join();
    pthread_sigmask(SIG_SETMASK, &m_before, nullptr);
}

void InterruptWatch::watch(const std::stop_token& stop)
{
    constexpr timespec kPoll{0, 50'000'000};
    while (!stop.stop_requested()) {
        const int signal = sigtimedwait(&m_signals, nullptr, &kPoll);
        if (signal <= 0 || (signal == SIGHUP && m_count > 0)) { // a terminal that closes may say so twice
            continue;
        }
        if (++m_count > 1) {
            _exit(static_cast<int>(ExitCode::Interrupted)); // Asked twice: now, without tidying up.
        }
        m_onInterrupt();
    }
}

} // namespace jacobi::cli
