// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/progressline.h"
#include "core/engine/backend.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>

namespace jacobi::cli {

/// Shows where a job stands: one line that is written over on a terminal, a line now and then elsewhere.
class JobPrinter : public ProgressSink {
public:
    JobPrinter() : m_line(stderr) {}

    void progress(const JobProgress& progress) override
    {
        const auto now = std::chrono::steady_clock::now();
        const bool important = now - m_last >= std::chrono::seconds(m_line.isTerminal() ? 1 : 10);
        if (important) {
            m_last = now;
        }
        char percent[16];
        std::snprintf(percent, sizeof percent, "%5.1f %%  ", 100.0 * std::clamp(progress.fraction, 0.0, 1.0));
        std::string text = percent + progress.line;
        if (progress.etaSeconds >= 0.0) {
            text += ", " + durationText(progress.etaSeconds) + " left";
        }
        m_line.show(text, important);
    }
    void finish() { m_line.finish(); }

private:
    StatusLine m_line;
    std::chrono::steady_clock::time_point m_last;
};

/// Says nothing.
class SilentJob : public ProgressSink {
public:
    void progress(const JobProgress&) override {}
};

} // namespace jacobi::cli
