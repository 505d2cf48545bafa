// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/progressline.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <utility>

namespace jacobi::cli {

std::string durationText(double seconds)
{
    if (!(seconds >= 0.0) || seconds > 1e9) {
        return "?";
    }
    std::array<char, 48> text{};
    const auto whole = static_cast<long>(std::ceil(seconds));
    if (whole < 60) {
        std::snprintf(text.data(), text.size(), "%ld s", whole);
    } else if (whole < 3600) {
        std::snprintf(text.data(), text.size(), "%ld min %ld s", whole / 60, whole % 60);
    } else {
        std::snprintf(text.data(), text.size(), "%ld h %ld min", whole / 3600, whole % 3600 / 60);
    }
    return text.data();
}

std::string tokensPerPassText(double together, double perPicture, std::uint32_t pictures)
{
    std::array<char, 120> text{};
    if (pictures > 1) {
        std::snprintf(text.data(), text.size(), "%.2f of all %u pictures together, %.2f per picture", together, pictures,
                      perPicture);
    } else {
        std::snprintf(text.data(), text.size(), "%.2f", together);
    }
    return text.data();
}

std::string progressText(std::uint32_t tokens, std::uint32_t positions, std::uint64_t passes, double seconds,
                         std::uint32_t pictures)
{
    std::array<char, 160> text{};
    const double perPass = passes > 0 ? static_cast<double>(tokens) / static_cast<double>(passes) : 0.0;
    const double perSecond = seconds > 0.0 ? static_cast<double>(passes) / seconds : 0.0;
    const unsigned percent = positions > 0 ? static_cast<unsigned>(std::uint64_t{tokens} * 100 / positions) : 0;
    std::snprintf(text.data(), text.size(), "%3u %%  %u of %u tokens, %llu passes, %.2f a pass%s, %.1f passes/s", percent,
                  tokens, positions, static_cast<unsigned long long>(passes), perPass,
                  pictures > 1 ? " of all pictures" : "", perSecond);
    std::string line = text.data();
    if (tokens > 0 && tokens < positions) {
        line += ", " + durationText(seconds * (positions - tokens) / tokens) + " left";
    }
    return line;
}

StatusLine::StatusLine(std::FILE* out) : m_out(out), m_terminal(isatty(fileno(out)) == 1) {}

void StatusLine::show(const std::string& text, bool important)
{
    const auto now = Clock::now();
    if (!m_terminal) {
        if (important) {
            std::fprintf(m_out, "%s\n", text.c_str());
        }
        return;
    }
    if (!important && m_open && now - m_shown < std::chrono::milliseconds(80)) {
        return;
    }
    std::fprintf(m_out, "\r%s\x1b[K", text.c_str()); // ESC [ K: clear the rest of the line
    std::fflush(m_out);
    m_open = true;
    m_shown = now;
}

void StatusLine::finish()
{
    if (m_open) {
        std::fputc('\n', m_out);
        std::fflush(m_out);
        m_open = false;
    }
}

void ProgressPrinter::header(const std::shared_ptr<const RunHeader>& header)
{
    const auto pictures = static_cast<std::uint32_t>(std::max(1, header->request.pictures));
    m_blocks = std::max(1U, header->layout.blocks);
    m_positions = header->layout.positions() * m_blocks * pictures;
    m_committedEnd.assign(std::size_t{pictures} * m_blocks, 0);
    m_pictures = pictures;
    m_started = std::chrono::steady_clock::now();
}

void ProgressPrinter::step(const std::shared_ptr<const Step>& step)
{
    m_committedEnd[std::size_t{step->item} * m_blocks + step->lane] = step->committedEnd;
    const std::uint32_t committed = std::accumulate(m_committedEnd.begin(), m_committedEnd.end(), 0U);
    m_passes = std::max<std::uint64_t>(m_passes, step->pass + 1);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - m_started).count();
    const auto tenth = static_cast<std::uint32_t>(std::uint64_t{committed} * 10 / std::max(1U, m_positions));
    const bool important = tenth > m_tenth;
    m_tenth = tenth;
    if (committed >= m_positions) {
        return; // summary() shows the end, by the time that the closing words give
    }
    m_line.show(progressText(committed, m_positions, m_passes, seconds, m_pictures), important);
}

void ProgressPrinter::summary(const RunSummary& summary)
{
    if (summary.outcome == Outcome::Complete) {
        m_line.show(progressText(m_positions, m_positions, summary.passes, summary.seconds, m_pictures), true);
    }
    m_line.finish();
}

void JobLine::progress(const JobProgress& progress)
{
    if (!m_quiet) {
        const bool first = !std::exchange(m_begun, true);
        m_line.show(progress.line + ": " + std::to_string(std::lround(progress.fraction * 100)) + " %", first);
    }
}

} // namespace jacobi::cli
