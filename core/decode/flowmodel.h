// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/decode/flowiterate.h"

#include <ATen/core/Tensor.h>

#include <c10/core/Device.h>
#include <c10/core/ScalarType.h>

#include <cstdint>
#include <memory>
#include <vector>

namespace jacobi {

/// How a flow's tokens lie and in which order its blocks read them.
struct FlowLayout {
    std::uint32_t blocks = 0;
    std::uint32_t rows = 0;
    std::uint32_t columns = 0;  ///< tokens lie in raster order
    std::uint32_t channels = 0; ///< numbers of one token
    std::uint32_t classes = 0;  ///< labels go from 0 to below it; 0: without labels
    bool affine = true;         ///< a block scales and shifts; otherwise it only shifts
    bool fittedStart = false;   ///< FlowModel::fittedStart gives something
    std::vector<bool> reversed; ///< [blocks]; whether a block reads the tokens from the last to the first

    std::uint32_t tokens() const { return rows * columns; }
};

class FlowChain;

/// What a picture is asked to be.
struct FlowCondition {
    std::vector<std::int64_t> labels;  ///< one a picture, or empty: no label
    bool guided = false;               ///< a second branch without label beside the first
    double attentionTemperature = 1.0; ///< of the second branch only
};

/// An autoregressive normalizing flow (Zhai et al. 2024, "Normalizing flows are capable generative models"): blocks of
/// a causal network that gives, for each token, scale and shift of the next one. Decoders solve
///
///     x[t] = z[t] * exp(a[t - 1]) + b[t - 1],   (a, b)[t - 1] = network(x[0 .. t - 1]),   x[0] = z[0]
///
/// for one block after the other, from the last to the first; all they need of the network is one pass over a run of
/// tokens. "Block order" is the order in which a block reads its tokens: raster order, or from the last to the first.
///
/// Thread rule: one thread at a time. The caller holds a c10::InferenceMode guard around begin, enterBlock and pass.
class FlowModel {
public:
    virtual ~FlowModel() = default;

    virtual const FlowLayout& layout() const = 0;

    /// Of every tensor here: at::kFloat or at::kDouble.
    virtual at::ScalarType realType() const = 0;

    /// Where passes read and leave numbers: every tensor that goes in or comes out is there, a latent apart.
    virtual at::Device device() const { return at::kCPU; }

    /// A sample of the standard normal law [batch, tokens, channels], raster order, on the CPU or the model's device -> what
    /// the last block inverts.
    virtual at::Tensor scaledLatent(const at::Tensor& latent) const = 0;

    /// Another model of the same weights, which are shared, with a cache of its own; null where there can be none. It may be at
    /// work on another thread.
    virtual std::unique_ptr<FlowModel> twin() const;

    /// All blocks at once, for decoders whose blocks overlap: kept with its memory by a model on a device, otherwise made anew;
    /// null where that cannot be. One decoder at a time works with it, and with the model itself meanwhile none.
    virtual std::shared_ptr<FlowChain> chain();
    virtual bool hasChain() const; ///< whether there is one

    /// Makes room for `batch` pictures and passes over up to maxRows tokens.
    virtual void begin(std::int64_t batch, const FlowCondition& condition, std::int64_t maxRows) = 0;

    /// The following passes are this block's; its cache starts empty.
    virtual void enterBlock(std::int64_t block) = 0;

    /// A guess of what the inverse of a block makes of z [batch, tokens, channels] (block order, as the result), from a fit
    /// that the model holds and the labels of begin(); undefined where it holds none.
    virtual at::Tensor fittedStart(std::int64_t block, const at::Tensor& z) const;

    /// The block just entered, with its numbers, for passes that rewrite them (FlowBlock); one at a time. z, start:
    /// makeHostIterate(), which is what this is unless the model is on a device.
    virtual std::unique_ptr<FlowIterate> iterate(const FlowUpdate& update, const at::Tensor& z,
                                                 const at::Tensor& start);

    /// Reads tokens [first, first + count) of x [batch, tokens, channels] (block order, on device(), contiguous; all
    /// finite) and keeps their keys and values, in place of those that earlier passes kept for the same tokens. Tokens
    /// before `first` are seen through what the last pass over them kept, so each must have been read since
    /// enterBlock. Returns [branches, batch, count, outputs]: row j belongs to token first + 1 + j; outputs is
    /// 2 * channels (log-scales, then shifts), or channels (shifts) where the layout is not affine. Contiguous, on
    /// device(), which may still be at it; valid until the next call.
    virtual at::Tensor pass(const at::Tensor& x, std::int64_t first, std::int64_t count) = 0;
};

/// Raster order to a block's order and back: the same move both ways. x [batch, tokens, channels].
at::Tensor inBlockOrder(const FlowLayout& layout, std::int64_t block, const at::Tensor& x);

} // namespace jacobi
