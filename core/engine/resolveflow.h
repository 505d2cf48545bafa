// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/engine/modelfamily.h"
#include "core/trace/flowstrategy.h"

#include <cstdint>
#include <string>

namespace jacobi {

/// The same plan for each of so many blocks.
FlowStrategy everyBlock(std::uint32_t blocks, FlowBlockPlan plan);

/// resolveRequest for a flow: checks method, class and numbers, clears what means nothing for a flow or for this method,
/// and makes the plan, unless it is there or its strategy is a measured one. Reads a file where the strategy names one.
/// model: usable, and a flow.
Result<ResolvedRequest> resolveFlowRequest(const RunRequest& request, const ModelInfo& model, const ModelFamily& family,
                                           const DeviceInfo& device);

} // namespace jacobi
