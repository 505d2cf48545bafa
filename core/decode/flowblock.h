// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/decode/flowchain.h"
#include "core/decode/flowdecoder.h"
#include "core/decode/flowiterate.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace jacobi {

/// One block while it is inverted: its input, its iterate, and what the last pass changed. Everything in block order.
class FlowBlock {
public:
    /// z: the block's input, [batch, tokens, channels], block order, contiguous, on the model's device. Enters the block of
    /// the model.
    FlowBlock(FlowModel& model, const FlowSettings& settings, const FlowBlockPlan& plan, const at::Tensor& z);
    /// The same, of a chain.
    FlowBlock(FlowChain& chain, const FlowSettings& settings, const FlowBlockPlan& plan, const at::Tensor& z);

    std::int64_t tokens() const { return m_tokens; }
    /// [batch, tokens, channels], on the model's device; to be read before the next pass.
    at::Tensor iterate() const { return m_iterate->numbers(); }

    /// One pass. The changes of every token that it did not rewrite become "not read". next: what will follow, if that is
    /// known.
    void evaluate(const FlowRange& range, const std::optional<FlowNext>& next = std::nullopt);

    /// The same pass again, unless change(begin, end) is within the tolerance; end: behind the last token it rewrites.
    FlowNext again(const FlowRange& range, std::int64_t begin, double tolerance) const;

    /// Gives the block another input, as z before: the passes that follow are over it. Token 0, which is the input's, moves at
    /// once and counts as changed by the next pass.
    void receive(const at::Tensor& z);

    /// FlowIterate::join, of the next evaluate().
    void join(const FlowRange& range, bool receives) { m_iterate->join(range, receives); }

    /// Cuts token 0, which no pass rewrites, as the published loop does after its first pass.
    void clipFirst() { m_iterate->clipFirst(m_changes); }

    /// Of the last pass, over tokens [begin, end) and the whole batch.
    double change(std::int64_t begin, std::int64_t end) const;
    std::int64_t replaced(std::int64_t begin, std::int64_t end) const;
    const kernels::TokenChange& changeOf(std::int64_t item, std::int64_t token) const
    {
        return m_changes[static_cast<std::size_t>(item * m_tokens + token)];
    }

    std::int64_t forwardNs() const { return m_iterate->forwardNs(); } ///< of the last pass
    std::int64_t rows() const { return m_rows; }                      ///< tokens it read

private:
    FlowBlock(const FlowBlockPlan& plan, const at::Tensor& z);

    FlowStop m_stop;
    std::int64_t m_batch = 0;
    std::int64_t m_tokens = 0;
    std::int64_t m_channels = 0;
    std::int64_t m_rows = 0;
    std::unique_ptr<FlowIterate> m_iterate;
    FlowIterate::Changes m_changes;  ///< largest < 0: not read
    FlowIterate::Changes m_received; ///< of token 0 of each picture, by receive(), until the next pass
};

/// What one pass of a method did.
struct FlowPass {
    std::uint32_t segment = 0;
    std::int64_t begin = 0; ///< tokens rewritten: [begin, end)
    std::int64_t end = 0;
    std::int64_t committedEnd = 0; ///< tokens [0, committedEnd) are final
    std::int64_t windowEnd = 0;    ///< one past the last token of the next pass
};

/// A method at work on one block, pulled pass by pass.
class BlockInverse {
public:
    virtual ~BlockInverse() = default;
    virtual bool done() const = 0;
    /// One pass. An error names the token that left the finite numbers. Must not be called once done().
    virtual Result<FlowPass> pass(FlowBlock& block) = 0;
    /// The reports of this block so far.
    virtual const std::vector<FlowSegmentReport>& reports() const = 0;
};

std::unique_ptr<BlockInverse> makeSequentialInverse(const FlowBlockPlan& plan, std::int64_t tokens);
std::unique_ptr<BlockInverse> makeSegmentInverse(const FlowBlockPlan& plan, std::int64_t tokens, double clip);
std::unique_ptr<BlockInverse> makeFrontInverse(const FlowBlockPlan& plan, std::int64_t tokens);

/// Most tokens one pass of the plan reads.
std::int64_t widestPass(const FlowBlockPlan& plan, std::int64_t tokens);

/// The sentence for a token whose exact value is not finite.
tl::unexpected<Error> flowOverflow(std::uint32_t block, std::int64_t token);

} // namespace jacobi
