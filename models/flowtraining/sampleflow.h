// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "models/tarflow/tarflownetwork.h"

#include <cstdint>
#include <vector>

namespace jacobi {

/// One picture a label by the sequential inverse, without guidance, then one step along the score where noise is above
/// 0 (denoise): [labels, colours, side, side] float32 in 0..1. Picture i is drawn from seed + i, whatever the others
/// are. Numeric error where the inverse leaves the finite numbers.
Result<at::Tensor> sampleFlow(const TarFlowWeights& weights, const std::vector<std::int64_t>& labels,
                              std::uint64_t seed, double noise);

} // namespace jacobi
