// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/engine/backend.h"

#include <nlohmann/json_fwd.hpp>
#include <stop_token>

namespace jacobi {

class GpuHost;

/// The job "bench-flow": runs strategies of a flow over the same latents and compares them with the sequential inverse.
/// No trace and no pictures on the way: the sampling alone is timed, batch after batch, all rows in turn, so that a drift
/// of the machine's speed meets them alike.
///
/// Options: {"modelId", "modelFolder" (the model is `family` tarflow in it), "judge": folder, empty for no distances,
/// "device": "cpu" or, where there is a `gpu`, "cuda:N", "pictures": of each row, a multiple of the batches, "seed", "denoise", "rows": [{"method", "strategy", "plan", "batch",
/// "guidance", "clip"}]}. Rows of one batch and guidance need one of method "sequential", which comes first.
///
/// Result: {"records": [{"method", "strategy", "batch", "guidance", "clip", "pictures", "serial_passes",
/// "token_evaluations" (of one picture), "pass_ratio", "seconds" (median of a batch), "wall_ratio" (of the medians),
/// "max_difference" (from sequential, in the picture in [-1, 1] before the last step), "mean_difference", "fallbacks",
/// "frechet" (null without a judge), "frechet_ratio" (over sequential's), "block_passes"}],
/// "pass_cost": [{"batch", "guidance", "width", "milliseconds"}]}. Labels go round the classes.
Result<nlohmann::json> benchFlow(const nlohmann::json& options, ProgressSink& sink, std::stop_token stop,
                                 GpuHost* gpu = nullptr);

} // namespace jacobi
