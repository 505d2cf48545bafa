// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/engine/backend.h"

#include <nlohmann/json_fwd.hpp>
#include <stop_token>

namespace jacobi {

/// `jacobi bench sjd2-ablation`: one tuned model, many ways of decoding the same captions with the same seeds: sequential,
/// SJD, and SJD2 by coupling, number of noise steps and window; without normalisation; without Jacobi refinement.
///
///     {"model": ID, "modelFolder": DIR, "baseFolder": DIR, "judge": DIR, "captions": 64, "batch": 8, "seed": 0,
///      "guidance": G, "window": 64, "windows": [16, 32], "noiseSteps": [1, 2, 3], "plainModelFolder": DIR}
///
/// window: of every row but those that compare windows. noiseSteps: what the model allows, where nothing is said.
/// plainModelFolder: a model tuned without normalisation, for the paper's ablation; without it that row takes the
/// normalisation from the decoder alone. Returns {"suite": "sjd2-ablation", ..., "rows": [{"name", "method",
/// "coupling", "window", "noise_steps", "normalises", "refines", "tokens_per_pass", "tokens_per_pass_se",
/// "to_sequential", "to_maximal", "to_maximal_se", "adherence", "all_right"}]}: to_maximal is the mean over pictures of
/// the ratio of tokens a pass to those of SJD with the maximal coupling and the same window. Blocks; Cancelled on a stop
/// request.
Result<nlohmann::json> benchSjd2(const nlohmann::json& options, ProgressSink& sink, std::stop_token stop);

} // namespace jacobi
