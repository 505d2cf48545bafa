// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/engine/backend.h"

#include <nlohmann/json_fwd.hpp>
#include <stop_token>

namespace jacobi {

/// `jacobi bench adherence`: generates pictures for captions of combinations that no model is trained on, and has the
/// judge say how much of each caption is to be seen. Beside them it judges the drawings those captions belong to, as they
/// are and after the model's tokenizer: nothing that is made of its codes can be expected to do better.
///
///     {"model": ID, "modelFolder": DIR, "judge": DIR, "captions": 500, "reference": 2000, "batch": 16, "seed": 0,
///      "method", "coupling", "initialisation", "window", "noiseSteps", "guidance", "temperature", "topK",
///      "topP", "minP", "completesPrompt"}
///
/// Settings that are missing are the model's own, but for the method: sequential, the fastest in batches. Returns one
/// record: what was asked for, and "generated", "tokenised" and "drawn", each as AdherenceTally::toJson with "frechet",
/// the distance of the judge's features from those of `reference` more drawings, where these vary by 1 on average. Blocks; Cancelled on a stop request.
Result<nlohmann::json> benchAdherence(const nlohmann::json& options, ProgressSink& sink, std::stop_token stop);

} // namespace jacobi
