// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/engine/backend.h"
#include "core/trace/trace.h"

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

namespace jacobi::cli {

/// What a run says about itself while it runs: tokens, passes, tokens a pass (of all its pictures), speed, time left.
std::string progressText(std::uint32_t tokens, std::uint32_t positions, std::uint64_t passes, double seconds,
                         std::uint32_t pictures);

/// "8.13", of a batch "8.13 of all 2 pictures together, 4.21 per picture".
std::string tokensPerPassText(double together, double perPicture, std::uint32_t pictures);

/// "12 s", "1 min 20 s", "2 h 5 min".
std::string durationText(double seconds);

/// One line that is written over itself on a terminal; elsewhere a line of its own each time it is asked to.
class StatusLine {
public:
    explicit StatusLine(std::FILE* out);

    bool isTerminal() const { return m_terminal; }
    /// On a terminal at most 12 times a second; `important` lines are always shown, and are the only ones shown
    /// elsewhere.
    void show(const std::string& text, bool important);
    /// Leaves the last text standing.
    void finish();

private:
    using Clock = std::chrono::steady_clock;
    std::FILE* m_out;
    bool m_terminal = false;
    bool m_open = false; ///< a line without its end stands on the terminal
    Clock::time_point m_shown;
};

/// Shows a run on stderr as it goes. Worker thread only; never throws.
class ProgressPrinter : public TraceSink {
public:
    ProgressPrinter() : m_line(stderr) {}
    void header(const std::shared_ptr<const RunHeader>& header) override;
    void step(const std::shared_ptr<const Step>& step) override;
    void preview(const std::shared_ptr<const Preview>&) override {}
    void summary(const RunSummary& summary) override;

private:
    StatusLine m_line;
    std::chrono::steady_clock::time_point m_started;
    std::uint32_t m_positions = 0;                ///< of all pictures
    std::uint32_t m_pictures = 1;
    std::uint32_t m_blocks = 1;                   ///< of a flow
    std::vector<std::uint32_t> m_committedEnd;    ///< [pictures * blocks]
    std::uint64_t m_passes = 0;
    std::uint32_t m_tenth = 0;
};

/// How far a job is, in one line.
class JobLine : public ProgressSink {
public:
    explicit JobLine(bool quiet) : m_line(stderr), m_quiet(quiet) {}
    void progress(const JobProgress& progress) override;
    void finish() { m_line.finish(); }

private:
    StatusLine m_line;
    bool m_quiet;
    bool m_begun = false;
};

} // namespace jacobi::cli
