// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/decode/noiseschedule.h"
#include "models/scenes/scenesweights.h"

#include <nlohmann/json_fwd.hpp>

namespace jacobi {

// The part of `scenes` that reads noise (SJD2, 2510.08994). What stands for a code inside the network is its four rows of
// the tables that a row adds up (scenestransformer.h): as the token read, and as the code above, above left and above
// right of the one predicted. Side by side they are the code's embedding [kCodeParts * width], and that is noised.

inline constexpr std::int64_t kCodeParts = 4;

/// Statistics an embedding is normalised with; the paper leaves it open.
enum class Normalisation {
    Channel, ///< mean and standard deviation of every number over the codes
    Scalar,  ///< one mean and one standard deviation for all
    None,    ///< as it is: the paper's ablation
};

/// The "noise" object in config of model.json.
struct ScenesNoise {
    NoiseKind kind;
    Normalisation normalisation = Normalisation::Channel;
    std::int64_t features = 32; ///< sinusoids of a level's time
    std::int64_t hidden = 64;   ///< of the network that makes them an encoding
    std::int64_t rank = 32;     ///< of a block matrix' difference; 0: whole differences
    bool operator==(const ScenesNoise&) const = default;
};

nlohmann::json toJson(const ScenesNoise& noise);
/// Checks every entry; an error names it.
Result<ScenesNoise> scenesNoiseFromJson(const nlohmann::json& json);

/// The encoding's tensors; its last layer starts at zero, so that it starts as no encoding at all.
std::vector<TensorSpec> noiseTensors(const ScenesConfig& config, const ScenesNoise& noise);

/// times [n] in the weights' type -> [n, kCodeParts * width], what is added to an embedding of that noise.
at::Tensor encodeTimes(const ScenesNoise& noise, const TensorMap& weights, const at::Tensor& times);

/// [codes, kCodeParts * width], as the network reads them.
at::Tensor codeEmbeddings(const ScenesConfig& config, const TransformerWeights& weights);

/// What embeddings are normalised with: e = (embedding - mean) / deviation; both [kCodeParts * width].
struct EmbeddingScale {
    at::Tensor mean;
    at::Tensor deviation;
};
EmbeddingScale embeddingScale(Normalisation normalisation, const at::Tensor& embeddings);

/// Everything a ScenesModel needs to read noise.
struct ScenesNoisePart {
    ScenesNoise settings;
    TensorMap weights;    ///< of noiseTensors
    EmbeddingScale scale; ///< of the base model: training does not move it
};

// The tuned weights as a difference to those of the base model: block matrices as a product of two thin ones
// ("NAME.left" [out, rank], "NAME.right" [rank, in]), everything else whole ("NAME.difference").

std::vector<TensorSpec> differenceTensors(const ScenesConfig& config, const ScenesNoise& noise);

/// base + difference: every tensor of transformerTensors(config). Differentiable in the difference. Where that is zero,
/// the base's numbers bit for bit.
TensorMap joinDifference(const ScenesConfig& config, const TensorMap& base, const TensorMap& difference);

} // namespace jacobi
