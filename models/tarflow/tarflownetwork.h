// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "models/tarflow/startguess.h"
#include "models/tarflow/tarflowconfig.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace jacobi {

using TarFlowTensors = std::map<std::string, at::Tensor>;

/// A linear layer or a layer norm.
struct WeightBias {
    at::Tensor weight; ///< [outputs, inputs], or [width]
    at::Tensor bias;
};

struct TarFlowLayer {
    WeightBias attentionNorm;
    WeightBias qkv;  ///< [3 * width, width]: queries, keys, values
    WeightBias proj; ///< [width, width]
    WeightBias feedNorm;
    WeightBias up;   ///< [4 * width, width]
    WeightBias down; ///< [width, 4 * width]
};

struct TarFlowBlock {
    WeightBias in;        ///< [width, channels]
    at::Tensor positions; ///< [tokens, width], raster order
    at::Tensor classes;   ///< [classes, width]; undefined: without labels
    at::Tensor dropped;   ///< [1, width] of a dropped label; undefined: the mean of the classes
    std::vector<TarFlowLayer> layers;
    WeightBias out; ///< [outputs, width]
    StartGuess start; ///< undefined where the model holds no fit
};

/// All of one real type, float32 or float64, on the CPU.
struct TarFlowWeights {
    TarFlowConfig config;
    at::Tensor variance; ///< [tokens, channels]: of the latents a shift-only model was trained to; else ones
    at::Tensor basis;    ///< [channels, channels], rows orthonormal; undefined: a token's numbers are its pixels
    std::vector<TarFlowBlock> blocks;
};

/// Views of the tensors of a checkpoint that inferTarFlowConfig has accepted.
TarFlowWeights tarflowWeights(const TarFlowConfig& config, const TarFlowTensors& tensors);

// The network as functions of its weights, image to latent (TarFlow, section 2). Differentiable; any thread. Labels:
// one a picture, negative where the label was dropped, or none at all; a picture without label gets the row that was
// trained for that, or the mean of the classes where there is none.

/// Whether a block reads the tokens from the last to the first.
inline bool isReversed(std::int64_t block)
{
    return block % 2 == 1;
}

/// [batch, colours, side, side] <-> [batch, tokens, channels]; a token is (colour, row, column) of its patch, or, with a
/// basis, what these numbers are in it.
at::Tensor tokensOfImages(const TarFlowWeights& weights, const at::Tensor& images);
at::Tensor imagesOfTokens(const TarFlowWeights& weights, const at::Tensor& tokens);

/// [batch or 1, width]; undefined for a model without labels.
at::Tensor classTerm(const TarFlowBlock& block, const std::vector<std::int64_t>& labels);

/// The output projection for tokens u [batch, tokens, channels] in block order -> [batch, tokens, outputs]: row t
/// holds log-scales and shifts of token t + 1.
at::Tensor blockParameters(const TarFlowWeights& weights, std::int64_t block, const at::Tensor& u,
                           const std::vector<std::int64_t>& labels);

/// Log-scales and shifts of each token itself, [batch, tokens, channels]: the rows moved on by one, zeros for token 0.
struct ScaleShift {
    at::Tensor logScale;
    at::Tensor shift;
};
ScaleShift shiftedParameters(const TarFlowConfig& config, const at::Tensor& parameters);

struct BlockForward {
    at::Tensor parameters;     ///< [batch, tokens, outputs], block order, before they are moved on
    at::Tensor z;              ///< [batch, tokens, channels], raster order
    at::Tensor logDeterminant; ///< [batch]: minus the mean log-scale
};
BlockForward blockForward(const TarFlowWeights& weights, std::int64_t block, const at::Tensor& tokens,
                          const std::vector<std::int64_t>& labels);

struct TarFlowForward {
    at::Tensor tokens; ///< of the images
    std::vector<BlockForward> blocks;
    at::Tensor z;               ///< of the last block
    at::Tensor logDeterminants; ///< [batch], summed over the blocks
    at::Tensor loss;            ///< [] mean(z^2) / 2 - mean(logDeterminants)
};
TarFlowForward tarflowForward(const TarFlowWeights& weights, const at::Tensor& images,
                              const std::vector<std::int64_t>& labels);

/// One step along the score of the learned density (TarFlow, section 2.5): images [batch, colours, side, side] as
/// sampled, from a model trained on images with noise of that standard deviation.
struct Denoised {
    at::Tensor images;
    at::Tensor loss;     ///< []
    at::Tensor gradient; ///< of the loss
    double step = 0.0;   ///< multiplier * numbers of the batch * noise^2
};
Denoised denoise(const TarFlowWeights& weights, const at::Tensor& images, const std::vector<std::int64_t>& labels,
                 double noise, double multiplier);

} // namespace jacobi
