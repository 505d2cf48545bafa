// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/decode/flowblock.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace jacobi {

// What the decoders of flows share.

/// A decoder that makes a pass's steps at once and hands them out one by one.
class PassByPass : public FlowDecoder {
public:
    Result<std::shared_ptr<Step>> step() final;
    std::size_t waiting() const final { return m_queue.size(); }

protected:
    /// The next pass: its steps into m_queue, the first to be handed out last.
    virtual Result<void> pass() = 0;

    std::vector<std::shared_ptr<Step>> m_queue;
};

/// InvalidRequest where the latent, the labels or the strategy do not fit the model.
Result<void> checkFlowRun(const FlowSettings& settings, const FlowLayout& layout, const at::Tensor& latent,
                          const std::vector<std::int64_t>& labels);

FlowCondition conditionOf(const FlowSettings& settings, const std::vector<std::int64_t>& labels);

/// What a pass over a block was for one picture of the batch, but for its number and times. committed: tokens that were
/// final before it.
std::shared_ptr<Step> flowStep(const FlowBlock& block, const FlowBlockPlan& plan, const FlowPass& done,
                               std::int64_t item, std::int64_t committed, std::int64_t channels);

} // namespace jacobi
