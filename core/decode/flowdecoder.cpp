// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/decode/flowdecoder.h"

#include "core/decode/flowapart.h"
#include "core/decode/flowblock.h"
#include "core/decode/flowcommon.h"
#include "core/decode/flowoverlap.h"
#include "core/decode/passclock.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <optional>

namespace jacobi {
namespace {

class FlowRun final : public PassByPass {
public:
    FlowRun(const FlowSettings& settings, FlowModel& model) : m_settings(settings), m_model(model) {}

    Result<void> start(const at::Tensor& latent, const std::vector<std::int64_t>& labels) override
    {
        const FlowLayout& layout = m_model.layout();
        if (auto checked = checkFlowRun(m_settings, layout, latent, labels); !checked) {
            return checked;
        }
        std::int64_t rows = 1;
        for (const FlowBlockPlan& plan : m_settings.strategy.blocks) {
            rows = std::max(rows, widestPass(plan, layout.tokens()));
        }
        m_batch = latent.size(0);
        m_model.begin(m_batch, conditionOf(m_settings, labels), rows);
        m_tokens = m_model.scaledLatent(latent.to(m_model.realType()));
        m_report = {};
        m_queue.clear();
        m_block = static_cast<std::int64_t>(layout.blocks);
        enterNext();
        return {};
    }

    bool done() const override { return m_queue.empty() && m_block < 0; }
    const FlowReport& report() const override { return m_report; }

    at::Tensor state() const override
    {
        const bool untouched = m_block < 0 || m_committed == 0;
        return untouched ? m_tokens.clone() : inBlockOrder(m_model.layout(), m_block, m_at->iterate()).clone();
    }

    at::Tensor stateOf(std::int64_t item, std::uint32_t block) const override
    {
        return block == m_block && m_committed > 0 ? state()[item] : at::Tensor();
    }

private:
    /// The next block that needs a pass; m_block is -1 behind the last.
    void enterNext()
    {
        while (--m_block >= 0) {
            const FlowBlockPlan& plan = m_settings.strategy.blocks[static_cast<std::size_t>(m_block)];
            m_at.emplace(m_model, m_settings, plan, inBlockOrder(m_model.layout(), m_block, m_tokens).contiguous());
            m_inverse = inverseOf(plan);
            m_reported = m_report.segments.size();
            m_committed = 0;
            if (!m_inverse->done()) {
                return;
            }
            leave();
        }
    }
    void leave() { m_tokens = inBlockOrder(m_model.layout(), m_block, m_at->iterate()).clone(); }

    std::unique_ptr<BlockInverse> inverseOf(const FlowBlockPlan& plan) const
    {
        const std::int64_t tokens = m_at->tokens();
        switch (plan.method) {
        case FlowMethod::Jacobi:
        case FlowMethod::Segments: return makeSegmentInverse(plan, tokens, m_settings.clip);
        case FlowMethod::Front: return makeFrontInverse(plan, tokens);
        case FlowMethod::Sequential: break;
        }
        return makeSequentialInverse(plan, tokens);
    }

    Result<void> pass() override
    {
        PassClock clock;
        const Result<FlowPass> done = m_inverse->pass(*m_at);
        if (!done) {
            return tl::unexpected(done.error());
        }
        m_report.rows += static_cast<std::uint64_t>(m_at->rows());
        m_report.segments.resize(m_reported);
        const auto& reports = m_inverse->reports();
        m_report.segments.insert(m_report.segments.end(), reports.begin(), reports.end());
        const std::int64_t samplingNs = clock.lap() - m_at->forwardNs();
        for (std::int64_t item = m_batch - 1; item >= 0; --item) { // handed out from the back
            m_queue.push_back(stepOf(*done, item));
            m_queue.back()->forwardNs = m_at->forwardNs() / m_batch;
            m_queue.back()->samplingNs = samplingNs / m_batch;
        }
        ++m_report.passes;
        m_committed = done->committedEnd;
        if (m_inverse->done()) {
            leave();
            enterNext();
        }
        return {};
    }

    std::shared_ptr<Step> stepOf(const FlowPass& done, std::int64_t item) const
    {
        const FlowBlockPlan& plan = m_settings.strategy.blocks[static_cast<std::size_t>(m_block)];
        auto step = flowStep(*m_at, plan, done, item, m_committed, m_model.layout().channels);
        step->pass = static_cast<std::uint32_t>(m_report.passes);
        return step;
    }

    FlowSettings m_settings;
    FlowModel& m_model;
    std::int64_t m_batch = 0;
    at::Tensor m_tokens;       ///< what the current block was given, raster order; at the end the result
    std::int64_t m_block = -1; ///< being inverted
    std::optional<FlowBlock> m_at;
    std::unique_ptr<BlockInverse> m_inverse;
    std::int64_t m_committed = 0; ///< of the block, as far as steps have told
    FlowReport m_report;
    std::size_t m_reported = 0; ///< reports of the blocks before
};

} // namespace

bool goesApart(const FlowSettings& settings, const FlowModel& model)
{
    constexpr std::int64_t kFewRows = 8; // below it the reading of weights is what a pass takes
    const std::int64_t tokens = model.layout().tokens();
    const std::int64_t least = std::min(kFewRows, tokens - 1);
    const auto keepsTogether = [=](const FlowBlockPlan& plan) {
        return plan.stop == FlowStop::Published || widestPass(plan, tokens) < least;
    };
    return !settings.together && std::ranges::none_of(settings.strategy.blocks, keepsTogether) &&
           model.twin() != nullptr;
}

std::unique_ptr<FlowDecoder> makeFlowDecoder(const FlowSettings& settings, FlowModel& model)
{
    if (goesApart(settings, model)) {
        return makeFlowDecoderApart(settings, model);
    }
    if (settings.strategy.overlaps() && model.layout().tokens() > 1) {
        return makeFlowDecoderOverlapped(settings, model);
    }
    return std::make_unique<FlowRun>(settings, model);
}

} // namespace jacobi
