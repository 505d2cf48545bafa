// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "models/scenes/scenesweights.h"

#include <cstdint>

namespace jacobi {

/// A transformer with more layers that says at first exactly what the given one says: new layers stand evenly among the old
/// ones, fresh but for the matrices they end with, which are zero, so that each adds nothing until it has learnt something.
/// tensors: all of transformerTensors(config). config becomes that of the result.
TensorMap deepened(ScenesConfig& config, const TensorMap& tensors, std::int64_t moreLayers, std::uint64_t seed);

/// A tokenizer whose decoder has more residual blocks and makes at first exactly the same pictures: the new ones follow the
/// old ones and end with zeros. tensors: all of tokenizerTensors(config). config becomes that of the result.
TensorMap withMoreDecoder(ScenesConfig& config, const TensorMap& tensors, std::int64_t moreBlocks, std::uint64_t seed);

} // namespace jacobi
