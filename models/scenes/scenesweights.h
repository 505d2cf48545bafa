// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/decode/layers.h"
#include "models/scenes/scenesconfig.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace jacobi {

/// Tensors by their name in the checkpoint.
using TensorMap = std::map<std::string, at::Tensor>;

/// One tensor of the architecture: what it is called, how large it is, and how training starts it.
struct TensorSpec {
    enum class Start { Zero, One, Normal, Projection, Convolution };
    std::string name;
    std::vector<std::int64_t> shape;
    Start start = Start::Normal;
};

/// Every tensor of the transformer and of the tokenizer; the only source of names and shapes, for writing,
/// loading and training alike.
std::vector<TensorSpec> transformerTensors(const ScenesConfig& config);
std::vector<TensorSpec> tokenizerTensors(const ScenesConfig& config);

/// What the residual blocks of the decoder that config.decoderMore counts are called.
std::string moreDecoderName(std::int64_t block);

/// The transformer's weights as its layers want them. Tensors are shared with the map they were taken from.
struct TransformerWeights {
    at::Tensor code;       ///< [codes, width] the token at this row
    at::Tensor text;       ///< [words + 3, width]
    at::Tensor above;      ///< [codes + 1, width] the code above the target position; last row: off the grid
    at::Tensor aboveLeft;  ///< the same for the code above and left of it
    at::Tensor aboveRight; ///< the same for above and right
    at::Tensor row;        ///< [gridRows, width] of the target position
    at::Tensor column;     ///< [gridColumns, width]
    std::vector<BlockWeights> blocks;
    at::Tensor norm;           ///< [width]
    at::Tensor head;           ///< [codes, width]
    PackedMatrix packedHead{}; ///< the same for decoding: taken where it is there
};

/// The map must hold every tensor of transformerTensors(config).
TransformerWeights transformerWeights(const ScenesConfig& config, const TensorMap& tensors);

/// Fresh weights for training: same seed, same weights.
TensorMap startTensors(const std::vector<TensorSpec>& specs, std::uint64_t seed);

std::uint64_t parameterCount(const std::vector<TensorSpec>& specs);

} // namespace jacobi
