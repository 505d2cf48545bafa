// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/decode/flowblock.h"

#include <algorithm>

namespace jacobi {

namespace {

/// A window of Jacobi iteration that slides with what is final; no segments to tune. A pass rewrites the W tokens
/// behind the final ones. The first of them depends on final tokens only, so it is exact; those after it count as final
/// as long as each changed by less than the tolerance. At tolerance 0 a token is taken along only where nothing before
/// it in the window changed either, so the result is the sequential one. At least one token a pass: never more passes
/// than the sequential inverse, which is W = 1; W = tokens is plain Jacobi that stops reading what is final.
///
/// Keys and values count only once they were read from final tokens: tokens accepted in a pass are read once more in
/// the next one (at most `tokens` reads in all).
class FrontInverse final : public BlockInverse {
public:
    FrontInverse(const FlowBlockPlan& plan, std::int64_t tokens)
        : m_tokens(tokens),
          m_window(std::min<std::int64_t>(plan.window, tokens)),
          m_tolerance(plan.tolerance),
          m_reports{{plan.block, 0, 1, static_cast<std::uint32_t>(tokens)}}
    {
    }

    bool done() const override { return m_final >= m_tokens; }
    const std::vector<FlowSegmentReport>& reports() const override { return m_reports; }

    Result<FlowPass> pass(FlowBlock& block) override
    {
        FlowSegmentReport& report = m_reports.front();
        const std::int64_t begin = m_final;
        const std::int64_t end = std::min(m_tokens, begin + m_window);
        block.evaluate({m_read, end - 1 - m_read, begin});
        m_read = begin; // what was final before this pass
        ++report.passes;
        report.replaced += static_cast<std::uint64_t>(block.replaced(begin, end));
        report.residual = block.change(begin, end);
        if (block.replaced(begin, begin + 1) > 0) {
            return flowOverflow(report.block, begin);
        }
        bool still = block.change(begin, begin + 1) == 0.0;
        m_final = begin + 1;
        while (m_final < end && block.replaced(m_final, m_final + 1) == 0) {
            const double change = block.change(m_final, m_final + 1);
            still = still && change == 0.0;
            if (!(change < m_tolerance) && !still) {
                break;
            }
            ++m_final;
        }
        return FlowPass{0, begin, end, m_final, std::min(m_tokens, m_final + m_window)};
    }

private:
    std::int64_t m_tokens;
    std::int64_t m_window;
    double m_tolerance;
    std::int64_t m_final = 1; ///< tokens [0, final) are final
    std::int64_t m_read = 0;  ///< tokens [0, read) were read since they are final
    std::vector<FlowSegmentReport> m_reports;
};

} // namespace

std::unique_ptr<BlockInverse> makeFrontInverse(const FlowBlockPlan& plan, std::int64_t tokens)
{
    return std::make_unique<FrontInverse>(plan, tokens);
}

} // namespace jacobi
