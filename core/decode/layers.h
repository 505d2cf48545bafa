// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/decode/packedmatrix.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>

namespace jacobi {

// Layers as functions of their weights: training and decoding run this very code. Real type: whatever the tensors
// have (float32 or float64). Differentiable. Any thread; nothing is kept between calls. On the CPU the small layers
// are single fused loops (layerkernels.h), elsewhere the same formulas as tensor operations.

/// x / rms(x) * scale over the last dimension (Zhang & Sennrich 2019, "Root mean square layer normalization").
/// x [..., width], scale [width].
at::Tensor rmsNorm(const at::Tensor& x, const at::Tensor& scale);

/// silu(gate) * up (Shazeer 2020, "GLU variants improve transformer"). gateUp [..., 2 * width]: gate, then up.
at::Tensor swiglu(const at::Tensor& gateUp);

/// Cosine and sine of the rotation of each row; [1 or batch, rows, headSize / 2].
struct RotaryTable {
    at::Tensor cosine;
    at::Tensor sine;
};

/// Axial 2-D rotary embedding (Su et al. 2021, per axis): the first half of a head's pairs turns with the row
/// coordinate, the other with the column. Frequencies base^(-i / (headSize / 4)). Coordinates: [rows] or
/// [batch, rows], any real or integer type; the result has the given real type.
RotaryTable axialRotary(const at::Tensor& rowCoordinates, const at::Tensor& columnCoordinates, std::int64_t headSize,
                        double base, at::ScalarType type);

/// Queries, keys and values of one layer; each [batch, heads, rows, headSize].
struct Heads {
    at::Tensor q;
    at::Tensor k;
    at::Tensor v;
};

/// Splits the merged projection qkv [batch, rows, 3 * heads * headSize], normalises queries and keys over the head
/// (QK-norm, Dehghani et al. 2023, here RMS with a learned scale [headSize]) and rotates them.
Heads splitHeads(const at::Tensor& qkv, const at::Tensor& queryScale, const at::Tensor& keyScale,
                 const RotaryTable& rotary, std::int64_t heads);

/// The same with tensor operations: what other devices than the CPU use. The scales' type may be wider than qkv's, whose
/// type the heads have.
Heads splitHeadsByOperations(const at::Tensor& qkv, const at::Tensor& queryScale, const at::Tensor& keyScale,
                             const RotaryTable& rotary, std::int64_t heads);

/// How a layer's rows look at each other: full causal attention in training, a window against a cache in decoding.
/// Returns [batch, heads, rows, headSize].
using Attend = std::function<at::Tensor(std::int64_t layer, const Heads& heads)>;

/// Every row sees itself and the rows before it.
at::Tensor causalAttention(const Heads& heads);

/// The steps between a block's matrix products where a device has them as kernels of their own, with their gradients: what
/// training uses there. `type`, and that of delta, qkv and gateUp: what products are made in, float32 or bfloat16. x and
/// scales are float32, on the device. Thread rule: any, on the stream that libtorch uses there. Throws what libtorch throws,
/// and a std::exception for what the device reports.
class FusedSteps {
public:
    virtual ~FusedSteps() = default;
    /// Whether the kernels take rows of this width, and heads of this size.
    virtual bool take(std::int64_t width, std::int64_t headSize) const = 0;

    virtual at::Tensor rmsNorm(const at::Tensor& x, const at::Tensor& scale, at::ScalarType type) const = 0;
    struct SumAndNorm {
        at::Tensor sum;  ///< x + delta, float32
        at::Tensor norm; ///< rmsNorm(sum)
    };
    virtual SumAndNorm sumAndNorm(const at::Tensor& x, const at::Tensor& delta, const at::Tensor& scale) const = 0;
    virtual Heads splitHeads(const at::Tensor& qkv, const at::Tensor& queryScale, const at::Tensor& keyScale,
                             const RotaryTable& rotary, std::int64_t heads) const = 0;
    virtual at::Tensor swiglu(const at::Tensor& gateUp) const = 0;
};

/// Weights of one pre-norm transformer block; projections are [out, in] without bias.
struct BlockWeights {
    at::Tensor attentionNorm; ///< [width]
    at::Tensor qkv;           ///< [3 * width, width]: queries, keys, values
    at::Tensor queryScale;    ///< [headSize]
    at::Tensor keyScale;      ///< [headSize]
    at::Tensor attentionOut;  ///< [width, width]
    at::Tensor feedNorm;      ///< [width]
    at::Tensor gateUp;        ///< [2 * feed, width]: gate, then up
    at::Tensor down;          ///< [width, feed]

    /// The matrices again, packed: taken where they are there.
    PackedMatrix packedQkv{}, packedAttentionOut{}, packedGateUp{}, packedDown{};
    /// How a device takes the steps between the matrices, or null: by libtorch's operations. Must outlive the pass and its
    /// gradients.
    const FusedSteps* steps = nullptr;
};

/// The same weights for decoding on the CPU: their matrices are packed, and no longer there as tensors.
BlockWeights packedForDecoding(const BlockWeights& weights);

/// x [batch, rows, width] -> the same shape and type. The matrices' type may be narrower than that of x and of the other
/// weights, but on the CPU: their products are then of that type, everything else is of x's.
at::Tensor transformerBlock(const at::Tensor& x, const BlockWeights& weights, const RotaryTable& rotary,
                            std::int64_t heads, std::int64_t layer, const Attend& attend);

} // namespace jacobi
