// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "models/scenes/scenesweights.h"
#include "models/training/scenejudged.h"

#include <vector>

namespace jacobi {

// The judge as functions of its weights: a small convolutional classifier that reads from a picture what a caption can
// say of it. Patches of 8 x 8 pixels every 4, three stages down to an 8 x 8 map, that map averaged to 4 x 4. One feature
// vector is made of the whole map; one of its left and one of its right half, by the same weights, which also answer for
// both sides. Differentiable. Any thread.

inline constexpr std::int64_t kJudgeSide = 128;         ///< pixels of a picture it can read, in each direction
inline constexpr std::int64_t kJudgeWholeFeatures = 48; ///< what it says of the whole picture
inline constexpr std::int64_t kJudgeSideFeatures = 40;  ///< what it says of each side
inline constexpr std::int64_t kJudgeFeatures = kJudgeWholeFeatures + 2 * kJudgeSideFeatures;

/// Every tensor of the judge; the only source of names and shapes.
std::vector<TensorSpec> judgeTensors();

/// pictures [items, 3, 128, 128] float32 in 0..1 -> features [items, kJudgeFeatures]: whole, left, right.
at::Tensor judgeFeatures(const TensorMap& weights, const at::Tensor& pictures);

/// features -> logits of each attribute in the order of Judged: [items, classesOf(attribute)].
std::vector<at::Tensor> judgeLogits(const TensorMap& weights, const at::Tensor& features);

/// Cross-entropy in nats: of each attribute the mean over the items it applies to, summed over the attributes. labels
/// [items, kJudgedCount] int64; an entry of kNotJudged carries no loss and no gradient.
at::Tensor judgeLoss(const std::vector<at::Tensor>& logits, const at::Tensor& labels);

} // namespace jacobi
