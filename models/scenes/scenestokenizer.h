// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "models/scenes/scenesweights.h"

namespace jacobi {

// The picture tokenizer of the family `scenes`: a small convolutional autoencoder with finite scalar quantisation
// (Mentzer et al. 2023, "Finite scalar quantization: VQ-VAE made simple"). A code is a few scalars in [-1, 1], each
// rounded to one of `levels` values; its number has the first scalar as the fastest digit. Differentiable. Any thread.

/// pictures [items, 3, height, width] in 0..1 -> bounded scalars before rounding [items, scalars, rows, columns].
at::Tensor encodePictures(const ScenesConfig& config, const TensorMap& weights, const at::Tensor& pictures);

/// Rounds each scalar to its level; the gradient passes straight through.
at::Tensor quantise(const ScenesConfig& config, const at::Tensor& scalars);

/// Quantised scalars [items, scalars, rows, columns] <-> codes [items, rows * columns] int64.
at::Tensor codesOfScalars(const ScenesConfig& config, const at::Tensor& scalars);
at::Tensor scalarsOfCodes(const ScenesConfig& config, const at::Tensor& codes, at::ScalarType type);

/// Scalars [items, scalars, rows, columns] -> pictures [items, 3, height, width], about 0..1, not clamped.
at::Tensor decodeScalars(const ScenesConfig& config, const TensorMap& weights, const at::Tensor& scalars);

/// Bytes of the decoder's weights in float32, and of what one picture takes beside them while it is made, at most: rows of
/// the largest step, the workspace of a convolution, and the picture on its way to bytes.
std::uint64_t decoderWeightBytes(const ScenesConfig& config);
std::uint64_t decoderPeakBytes(const ScenesConfig& config);

} // namespace jacobi
