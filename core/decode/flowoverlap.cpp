// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/decode/flowoverlap.h"

#include "core/decode/flowblock.h"
#include "core/decode/flowchain.h"
#include "core/decode/flowcommon.h"
#include "core/decode/passclock.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

namespace jacobi {
namespace {

constexpr double kStill = 1.0 / 16.0; // of a tolerance: what a block that is left early is left with grows on the way

/// One block on its way.
struct Working {
    std::optional<FlowBlock> at;       ///< from its first pass on
    std::int64_t passesSinceFinal = 0; ///< over an input that is final
    std::int64_t committed = 0;        ///< tokens, as steps have told
    std::int64_t next = 0;             ///< above 0: Jacobi ended with values that are none, and this token is next
    FlowSegmentReport report;
    bool isInputFinal = false;
    bool receives = false; ///< the next pass is over what the block before it has now
    bool isWithin = false; ///< the last pass changed it by no more than its tolerance
    bool isSettled = false;
};

class FlowRunOverlapped final : public PassByPass {
public:
    FlowRunOverlapped(const FlowSettings& settings, FlowModel& model) : m_settings(settings), m_model(model) {}

    Result<void> start(const at::Tensor& latent, const std::vector<std::int64_t>& labels) override
    {
        const FlowLayout& layout = m_model.layout();
        if (auto checked = checkFlowRun(m_settings, layout, latent, labels); !checked) {
            return checked;
        }
        if (m_chain == nullptr) {
            m_chain = m_model.chain();
        }
        if (m_chain == nullptr) {
            return fail(ErrorCode::InvalidRequest, "The blocks of this flow cannot overlap. Choose another strategy.");
        }
        m_batch = latent.size(0);
        m_tokens = static_cast<std::int64_t>(layout.tokens());
        m_blocks.clear();
        m_blocks.resize(layout.blocks);
        for (std::uint32_t block = 0; block < layout.blocks; ++block) {
            m_blocks[block].report = {block, 0, 1, static_cast<std::uint32_t>(m_tokens)};
        }
        m_chain->begin(m_batch, conditionOf(m_settings, labels), m_tokens - 1);
        m_latent = m_model.scaledLatent(latent.to(m_model.realType()));
        m_report = {};
        m_queue.clear();
        m_done = false;
        return {};
    }

    bool done() const override { return m_queue.empty() && m_done; }
    const FlowReport& report() const override { return m_report; }

    /// What the block nearest the picture has so far.
    at::Tensor state() const override
    {
        for (std::uint32_t block = 0; block < m_blocks.size(); ++block) {
            if (m_blocks[block].at) {
                return outputOf(block).clone();
            }
        }
        return m_latent.clone();
    }

    at::Tensor stateOf(std::int64_t item, std::uint32_t block) const override
    {
        return m_blocks[block].at ? outputOf(block)[item].clone() : at::Tensor();
    }

private:
    const FlowBlockPlan& planOf(std::uint32_t block) const { return m_settings.strategy.blocks[block]; }

    /// Raster order.
    at::Tensor outputOf(std::uint32_t block) const
    {
        return inBlockOrder(m_model.layout(), block, m_blocks[block].at->iterate());
    }

    Result<void> pass() override
    {
        PassClock clock;
        const std::vector<std::uint32_t> working = atWork();
        handOver(working);
        evaluate(working);
        if (auto weighed = weigh(working); !weighed) {
            return weighed;
        }
        tell(working, clock.lap());
        ++m_report.passes;
        return {};
    }

    /// The pass itself.
    void evaluate(const std::vector<std::uint32_t>& working)
    {
        const auto rangeOf = [this](const Working& own) {
            return own.next > 0 ? FlowRange{own.next - 1, 1, own.next} : FlowRange{0, m_tokens - 1, 1};
        };
        const auto some = [&](std::int64_t begin, std::int64_t end) {
            const c10::InferenceMode inference; // of this thread
            for (std::int64_t i = begin; i < end; ++i) {
                Working& own = m_blocks[working[static_cast<std::size_t>(i)]];
                own.at->evaluate(rangeOf(own));
            }
        };
        const auto count = static_cast<std::int64_t>(working.size());
        if (m_chain->joins()) {
            for (const std::uint32_t block : working) {
                Working& own = m_blocks[block];
                own.at->join(rangeOf(own), own.receives);
            }
            some(0, count);
        } else if (count >= at::get_num_threads()) {
            at::parallel_for(0, count, 1, some);
        } else {
            some(0, count); // every pass by all threads
        }
    }

    /// The blocks that take part in the next pass, from the last to the first.
    std::vector<std::uint32_t> atWork() const
    {
        std::vector<std::uint32_t> working;
        const auto last = static_cast<std::uint32_t>(m_blocks.size()) - 1;
        for (std::uint32_t block = last + 1; block-- > 0;) {
            const bool isLate = m_report.passes >= std::uint64_t{m_settings.strategy.lag} * (last - block);
            if (!m_blocks[block].at && !isLate && !m_blocks[block + 1].isSettled) {
                break; // It has not begun, and neither have those after it.
            }
            if (!m_blocks[block].isSettled) {
                working.push_back(block);
            }
        }
        return working;
    }

    /// Gives each of these blocks what the one before it has now, before any of them goes on.
    void handOver(const std::vector<std::uint32_t>& working)
    {
        const FlowLayout& layout = m_model.layout();
        std::vector<std::pair<std::uint32_t, at::Tensor>> inputs;
        for (const std::uint32_t block : working) {
            Working& own = m_blocks[block];
            own.receives = own.at && !own.isInputFinal;
            if (own.at && own.isInputFinal) {
                continue; // it has it
            }
            const bool isFirst = block + 1 == m_blocks.size();
            own.isInputFinal = isFirst || m_blocks[block + 1].isSettled;
            if (own.receives && m_chain->joins()) {
                continue; // as part of the pass
            }
            const at::Tensor before = isFirst ? m_latent : outputOf(block + 1);
            inputs.emplace_back(block, inBlockOrder(layout, block, before).clone(at::MemoryFormat::Contiguous));
        }
        for (const auto& [block, input] : inputs) {
            Working& own = m_blocks[block];
            if (own.at) {
                own.at->receive(input);
            } else {
                own.at.emplace(*m_chain, m_settings, planOf(block), input);
            }
        }
    }

    /// What the pass makes of each block, and whether it was the last.
    Result<void> weigh(const std::vector<std::uint32_t>& working)
    {
        for (const std::uint32_t block : working) {
            Working& own = m_blocks[block];
            const std::int64_t replaced = own.at->replaced(1, m_tokens);
            own.passesSinceFinal += own.isInputFinal ? 1 : 0;
            const bool isExact = own.next + 1 == m_tokens || (own.next == 0 && own.passesSinceFinal >= m_tokens - 1);
            if (own.next > 0 && replaced > 0) {
                return flowOverflow(block, own.next);
            }
            if (++own.report.passes == 1 && m_settings.clip > 0.0) {
                own.at->clipFirst(); // as plain Jacobi does
            }
            own.report.replaced += static_cast<std::uint64_t>(replaced);
            own.report.residual = own.at->change(0, m_tokens);
            const double tolerance = planOf(block).tolerance;
            const bool isJacobi = replaced == 0 && own.next == 0;
            own.isWithin = isJacobi && own.report.residual <= tolerance;
            const bool isStill = isJacobi && own.report.residual <= kStill * tolerance;
            own.isSettled = own.isInputFinal && (isStill || (isExact && replaced == 0));
            if (own.next > 0 || (isExact && replaced > 0)) {
                own.report.fellBack = true;
                ++own.next;
            }
            m_report.rows += static_cast<std::uint64_t>(own.at->rows());
        }
        m_done = std::ranges::all_of(m_blocks, [](const Working& own) { return own.isSettled || own.isWithin; });
        m_report.segments.clear();
        for (auto own = m_blocks.rbegin(); own != m_blocks.rend() && own->at; ++own) {
            own->isSettled = own->isSettled || m_done;
            m_report.segments.push_back(own->report);
        }
        return {};
    }

    void tell(const std::vector<std::uint32_t>& working, std::int64_t wallNs)
    {
        const std::int64_t shareNs = wallNs / static_cast<std::int64_t>(working.size()) / m_batch;
        for (auto block = working.rbegin(); block != working.rend(); ++block) { // handed out from the back
            Working& own = m_blocks[*block];
            FlowPass done;
            done.begin = 1;
            done.end = done.windowEnd = m_tokens;
            done.committedEnd = own.isSettled      ? m_tokens
                                : own.next > 0     ? std::max(own.committed, own.next)
                                : own.isInputFinal ? std::min(1 + own.passesSinceFinal, m_tokens - 1)
                                                   : 0;
            for (std::int64_t item = m_batch - 1; item >= 0; --item) {
                auto step = flowStep(*own.at, planOf(*block), done, item, own.committed, m_model.layout().channels);
                step->pass = static_cast<std::uint32_t>(m_report.passes);
                step->forwardNs = shareNs;
                m_queue.push_back(std::move(step));
            }
            own.committed = done.committedEnd;
        }
    }

    FlowSettings m_settings;
    FlowModel& m_model;
    std::shared_ptr<FlowChain> m_chain; ///< what makes the passes
    std::int64_t m_batch = 0;
    std::int64_t m_tokens = 0;
    at::Tensor m_latent;           ///< raster order
    std::vector<Working> m_blocks; ///< [blocks]
    FlowReport m_report;
    bool m_done = false;
};

} // namespace

std::unique_ptr<FlowDecoder> makeFlowDecoderOverlapped(const FlowSettings& settings, FlowModel& model)
{
    return std::make_unique<FlowRunOverlapped>(settings, model);
}

} // namespace jacobi
