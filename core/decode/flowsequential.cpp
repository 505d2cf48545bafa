// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/decode/flowblock.h"

namespace jacobi {

namespace {

/// The inverse as the model defines it, one token a pass (TarFlow, section 2.3): the baseline of every figure and the
/// oracle of every test. x[0] = z[0]; x[t] = z[t] * exp(a[t - 1]) + b[t - 1].
class SequentialInverse final : public BlockInverse {
public:
    SequentialInverse(const FlowBlockPlan& plan, std::int64_t tokens)
        : m_tokens(tokens), m_reports{{plan.block, 0, 1, static_cast<std::uint32_t>(tokens)}}
    {
    }

    bool done() const override { return m_next >= m_tokens; }
    const std::vector<FlowSegmentReport>& reports() const override { return m_reports; }

    Result<FlowPass> pass(FlowBlock& block) override
    {
        const std::int64_t t = m_next;
        block.evaluate({t - 1, 1, t}, t + 1 < m_tokens ? std::optional(FlowNext{{t, 1, t + 1}}) : std::nullopt);
        if (block.replaced(t, t + 1) > 0) {
            return flowOverflow(m_reports.front().block, t);
        }
        ++m_reports.front().passes;
        ++m_next;
        return FlowPass{0, t, t + 1, t + 1, t + 1};
    }

private:
    std::int64_t m_tokens;
    std::int64_t m_next = 1; ///< token 0 is given
    std::vector<FlowSegmentReport> m_reports;
};

} // namespace

std::unique_ptr<BlockInverse> makeSequentialInverse(const FlowBlockPlan& plan, std::int64_t tokens)
{
    return std::make_unique<SequentialInverse>(plan, tokens);
}

} // namespace jacobi
