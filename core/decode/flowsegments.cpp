// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/decode/flowblock.h"

#include <algorithm>

namespace jacobi {

namespace {

/// GS-Jacobi (Liu & Qin 2025, "Accelerate TarFlow sampling with GS-Jacobi iteration", algorithm 2): Jacobi iteration
/// within a segment, one segment after the other; with one segment plain Jacobi. Segment s ends before token
/// 1 + round((s + 1) * tokens / segments), so that any count of segments will do.
///
/// A segment of n tokens is exact after n passes from any start, because token t depends on tokens before it only.
/// Keys and values of a segment stay those of its last pass, as published: they lag behind its values by one update,
/// which is nothing where the segment has converged.
class SegmentInverse final : public BlockInverse {
public:
    SegmentInverse(const FlowBlockPlan& plan, std::int64_t tokens, double clip)
        : m_plan(plan),
          m_tokens(tokens),
          m_segments(plan.method == FlowMethod::Jacobi ? 1 : plan.segments),
          m_clipsFirst(plan.method == FlowMethod::Jacobi && clip > 0.0)
    {
        enterSegment(0);
    }

    bool done() const override { return m_segment >= m_segments; }
    const std::vector<FlowSegmentReport>& reports() const override { return m_reports; }

    Result<FlowPass> pass(FlowBlock& block) override
    {
        FlowPass done;
        done.segment = m_segment;
        FlowSegmentReport& report = m_reports.back();
        ++report.passes;
        if (report.fellBack) {
            return oneByOne(block, done);
        }
        ++m_pass;
        // Published: plain Jacobi treats token 0 like the others, so the clip reaches it and counts as a change.
        const bool isFirst = m_clipsFirst && m_pass == 1;
        const FlowRange range{m_begin - 1, m_end - m_begin, m_begin};
        const std::int64_t measuredFrom = m_plan.method == FlowMethod::Jacobi ? 0 : m_begin;
        if (isFirst || m_pass == mostPasses() || !expectsMore()) {
            block.evaluate(range);
        } else {
            block.evaluate(range, block.again(range, measuredFrom, m_plan.tolerance));
        }
        if (isFirst) {
            block.clipFirst();
        }
        const std::int64_t replaced = block.replaced(m_begin, m_end);
        report.replaced += static_cast<std::uint64_t>(replaced);
        report.residual = block.change(measuredFrom, m_end);
        m_changeBefore = m_change;
        m_change = report.residual;
        done.begin = isFirst ? 0 : m_begin;
        done.end = m_end;
        done.committedEnd = std::min(m_begin + m_pass, m_end); // exact by now
        done.windowEnd = m_end;
        const bool converged = replaced == 0 && report.residual <= m_plan.tolerance;
        if (!converged && m_pass < mostPasses()) {
            return done;
        }
        if (replaced == 0) {
            return finished(done);
        }
        // The last iterate holds values that are none. What is exact stays, and so do its keys; the rest one by one.
        report.fellBack = true;
        m_next = done.committedEnd;
        if (m_next == m_end) {
            return flowOverflow(m_plan.block, m_end - 1);
        }
        return done;
    }

private:
    std::int64_t boundary(std::uint32_t segment) const
    {
        const std::int64_t tokens = (2 * static_cast<std::int64_t>(segment) * m_tokens + m_segments) / (2 * m_segments);
        return std::min(1 + tokens, m_tokens);
    }

    /// Segments without tokens (the last one, where there are as many segments as tokens) are passed over.
    void enterSegment(std::uint32_t segment)
    {
        for (m_segment = segment; m_segment < m_segments; ++m_segment) {
            m_begin = boundary(m_segment);
            m_end = boundary(m_segment + 1);
            if (m_begin < m_end) {
                m_pass = 0;
                m_reports.push_back({m_plan.block, m_segment, static_cast<std::uint32_t>(m_begin),
                                     static_cast<std::uint32_t>(m_end)});
                return;
            }
        }
    }

    /// Whether this pass, which is still to come, will hardly be the last: changes shrink by much the same factor.
    bool expectsMore() const { return m_pass <= 2 || m_change * m_change / m_changeBefore > m_plan.tolerance; }

    std::int64_t mostPasses() const
    {
        // More passes than tokens change nothing; the published loop makes them, and with its own measure so do we.
        const std::int64_t enough = m_end - m_begin;
        const std::int64_t cap = m_plan.maxPasses == 0 ? enough : static_cast<std::int64_t>(m_plan.maxPasses);
        return m_plan.stop == FlowStop::Published ? cap : std::min(cap, enough);
    }

    FlowPass finished(FlowPass done)
    {
        done.committedEnd = m_end;
        enterSegment(m_segment + 1);
        done.windowEnd = m_end;
        return done;
    }

    Result<FlowPass> oneByOne(FlowBlock& block, FlowPass done)
    {
        const std::int64_t t = m_next++;
        block.evaluate({t - 1, 1, t});
        if (block.replaced(t, t + 1) > 0) {
            return flowOverflow(m_plan.block, t);
        }
        done.begin = t;
        done.end = done.committedEnd = t + 1;
        done.windowEnd = m_end;
        return m_next == m_end ? finished(done) : done;
    }

    FlowBlockPlan m_plan;
    std::int64_t m_tokens;
    std::uint32_t m_segments;
    bool m_clipsFirst;
    std::uint32_t m_segment = 0;
    std::int64_t m_begin = 0; ///< tokens [begin, end) are the segment's
    std::int64_t m_end = 0;
    std::int64_t m_pass = 0;
    std::int64_t m_next = 0; ///< fallback: the next token
    double m_change = 0.0;   ///< of the last pass, as the plan's stop measures it
    double m_changeBefore = 0.0;
    std::vector<FlowSegmentReport> m_reports;
};

} // namespace

std::unique_ptr<BlockInverse> makeSegmentInverse(const FlowBlockPlan& plan, std::int64_t tokens, double clip)
{
    return std::make_unique<SegmentInverse>(plan, tokens, clip);
}

} // namespace jacobi
