// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "models/tarflow/tarflownetwork.h"

#include <cstdint>
#include <vector>

namespace jacobi {

/// The guess of x from z, both [pictures, tokens, channels] in the order of a block that is `reversed` or not, with the least
/// squared error over these pictures with their labels, as far as they are enough to tell. config: of the flow.
StartGuess fitStart(const at::Tensor& z, const at::Tensor& x, bool reversed, const std::vector<std::int64_t>& labels,
                    const TarFlowConfig& config);

/// Adds to a flow what Jacobi iteration starts best from (FlowStart::Fitted): for each block the guess of its input from
/// its output that fitStart() finds on these images [batch, colours, side, side] with their labels. The network is not
/// changed. Replaces a fit that was there; config.fittedStart is then set.
void fitStarts(TarFlowConfig& config, TarFlowTensors& tensors, const at::Tensor& images,
               const std::vector<std::int64_t>& labels);

} // namespace jacobi
