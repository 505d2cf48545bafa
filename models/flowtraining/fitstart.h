// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "models/tarflow/tarflownetwork.h"

#include <cstdint>
#include <vector>

namespace jacobi {

/// Adds to a flow what Jacobi iteration starts best from (FlowStart::Fitted): for each number of each token of each block,
/// the line that tells the block's input from its output with the least squared error over these images [batch, colours,
/// side, side], with their labels. The network is not changed. Replaces a fit that was there; config.fittedStart is then set.
void fitStarts(TarFlowConfig& config, TarFlowTensors& tensors, const at::Tensor& images,
               const std::vector<std::int64_t>& labels);

} // namespace jacobi
