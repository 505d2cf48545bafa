// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/decode/flowblock.h"

#include <cstdint>
#include <memory>
#include <vector>

namespace jacobi {

// What the decoders of flows share.

/// InvalidRequest where the latent, the labels or the strategy do not fit the model.
Result<void> checkFlowRun(const FlowSettings& settings, const FlowLayout& layout, const at::Tensor& latent,
                          const std::vector<std::int64_t>& labels);

FlowCondition conditionOf(const FlowSettings& settings, const std::vector<std::int64_t>& labels);

/// What a pass over a block was for one picture of the batch, but for its number and times. committed: tokens that were
/// final before it.
std::shared_ptr<Step> flowStep(const FlowBlock& block, const FlowBlockPlan& plan, const FlowPass& done,
                               std::int64_t item, std::int64_t committed, std::int64_t channels);

} // namespace jacobi
