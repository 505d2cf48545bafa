// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace jacobi {

// Learning to go on from codes of its own. A transformer that only ever reads the codes of drawings knows nothing of the
// slips that sampling makes, and draws on from one worse and worse: subjects smear. So a share of the codes that it reads
// are replaced by what it would have sampled in their places, as in scheduled sampling (Bengio et al., "Scheduled Sampling for
// Sequence Prediction with Recurrent Neural Networks", 2015), all of them at once from one pass over the drawing's codes; what
// it is to say stays what was drawn.

/// Chance for a batch, drawn on the CPU: a pure function of seed and step.
struct OwnCodesChance {
    at::Tensor sample;  ///< [batch, positions] float32 in 0..1
    at::Tensor replace; ///< [batch, positions] bool: which codes are replaced
};

/// share: of the codes, on average, at most a half; each picture has a share of its own, between 0 and twice that, so that
/// contexts of all kinds are met, nearly clean ones among them.
OwnCodesChance drawOwnCodesChance(std::int64_t batch, std::int64_t positions, double share, std::uint64_t seed,
                                  std::uint64_t step);

/// codes [batch, positions] int64, where `replace` says so replaced by samples of logits [batch, positions, codes] (of the rows
/// that predict them), without codes less than a tenth as probable as the most probable one: what min-p 0.1 keeps, with which
/// the model is meant to be sampled.
at::Tensor withOwnCodes(const at::Tensor& codes, const at::Tensor& logits, const OwnCodesChance& chance);

} // namespace jacobi
