// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/cuda/deviceops.h"
#include "core/decode/layers.h"
#include "core/decode/noiseschedule.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

namespace jacobi {

/// Sizes of a pre-norm transformer with RMS norms, rotary positions and SwiGLU, which all models here are.
struct TransformerShape {
    std::int64_t layers = 1;
    std::int64_t width = 1;
    std::int64_t heads = 1;
    std::int64_t keyHeads = 1; ///< divides heads (grouped queries, Ainslie et al. 2023)
    std::int64_t headSize = 2;
    std::int64_t feed = 1;  ///< width of the inner layer
    std::int64_t codes = 1; ///< rows of the head: the legal tokens only
    RotaryPairs pairs = RotaryPairs::Halves;
    double epsilon = 1e-6;

    std::int64_t projections() const { return (heads + 2 * keyHeads) * headSize; } ///< rows of qkv

    bool operator==(const TransformerShape&) const = default;
};

/// Numbers a pass reads once, however many rows it has: the blocks' and the head's matrices.
std::uint64_t numbersOfPass(const TransformerShape& shape);
/// Numbers of keys and values that a lane's row in the cache has, over all layers.
std::uint64_t cacheNumbers(const TransformerShape& shape);

/// How a network reads drafts that are noise still (SJD2; NoisyTokenModel): a part of a row reads, from EmbedPart::noise on, as many
/// numbers of scale * e + mean + encode(time) as the network is wide. Tensors in the network's type, on the CPU.
struct NoiseDescription {
    NoiseKind kind;
    at::Tensor codes;           ///< [codes, size] what stands for each code, not normalised
    at::Tensor mean, deviation; ///< [size] that normalised embeddings are made with
    std::function<at::Tensor(const at::Tensor& times)> encode; ///< NoiseLevel::time() [n] -> [n, size]
};

/// A network as its family hands it over to be run on a device: sizes, and weights in float32 or float64 on the CPU.
///
/// A query row reads the sum of the table's rows that `parts` name (deviceops.h). Token t of a prompt reads row
/// promptTable + t and every row of promptAlways; the last token of a prompt is the first part of the row that predicts
/// position 0, whose other parts are as anywhere.
struct NetworkDescription {
    TransformerShape shape;
    at::Tensor table; ///< [any, width]
    std::vector<EmbedPart> parts;
    std::int64_t promptTable = 0;
    std::vector<std::int64_t> promptAlways;
    std::vector<BlockWeights> blocks; ///< qkv [projections, width]; scales undefined where heads are not normalised
    at::Tensor norm;                  ///< [width]
    at::Tensor head;                  ///< [codes, width]
    /// Cosines and sines of the first places of a cache, [1, places, headSize / 2] float32.
    std::function<RotaryTable(std::int64_t places)> rotary;
    std::vector<std::int64_t> unconditionalPrompt;
    std::optional<NoiseDescription> noise; ///< of a network that was tuned to read it
};

/// What the memory that a network takes follows from; known of a model before its weights are read.
struct NetworkSizes {
    TransformerShape shape;
    std::int64_t tableRows = 0;
    std::int64_t promptTokens = 1;
    std::int64_t noiseSize = 0; ///< numbers that stand for a code where drafts may be noise; 0: they may not

    bool operator==(const NetworkSizes&) const = default;
};
/// Of a description that has its weights.
NetworkSizes sizesOf(const NetworkDescription& network);

} // namespace jacobi
