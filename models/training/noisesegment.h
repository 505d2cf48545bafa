// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/decode/noiseschedule.h"
#include "models/scenes/scenestransformer.h"
#include "models/training/traindenoisingoptions.h"

#include <cstdint>
#include <vector>

namespace jacobi {

/// A stretch of noise in a sequence, as a decoder's window meets it: tokens before it, then levels that rise, then
/// nothing (SJD2, 2510.08994, section 3.2: random segments noised at rising levels).
struct NoiseSegment {
    std::vector<NoiseLevel> schedule;  ///< [steps + 1]
    std::int64_t begin = 0;            ///< first noisy position
    std::vector<std::uint32_t> levels; ///< of the positions from begin on
    bool ownGuesses = false;           ///< what is noised is the model's guess where it is the truth otherwise

    std::int64_t end() const { return begin + static_cast<std::int64_t>(levels.size()); }
    /// One past the last position that is predicted: the one behind the noise too, where there is one.
    std::int64_t predictedEnd(std::int64_t positions) const { return end() < positions ? end() + 1 : positions; }
};

/// The index-th segment of a seed: a schedule of 1 to mostSteps levels, trained directly; where it begins; and how long.
NoiseSegment drawSegment(std::uint64_t seed, std::int64_t index, std::int64_t positions,
                         const TrainDenoisingOptions& options);

/// Standard normal noise [pictures, positions of the segment, size] float32 that belongs to seed and index.
at::Tensor drawSegmentNoise(std::uint64_t seed, std::int64_t index, std::int64_t pictures, std::int64_t positions,
                            std::int64_t size);

/// Logits [batch, predictedEnd, codes] of sequences that hold a segment of noise. weights: of the network, with the part
/// that reads noise (in a ScenesNoisePart, whose weights may want gradients). prompts [batch, prefix - 1]; codes
/// [batch, positions]; noised [batch, levels.size()]: the codes whose embeddings are noised with noise
/// [batch, levels.size(), kCodeParts * width]. Prompts, codes and noised are on the CPU, noise is anywhere; part and
/// rotary are where the weights are, and so are the logits.
at::Tensor segmentLogits(const ScenesConfig& config, const TransformerWeights& weights, const ScenesNoisePart& part,
                         const RotaryTable& rotary, const NoiseSegment& segment, const at::Tensor& prompts,
                         const at::Tensor& codes, const at::Tensor& noised, const at::Tensor& noise);

} // namespace jacobi
