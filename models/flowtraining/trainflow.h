// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/engine/backend.h"

#include <nlohmann/json_fwd.hpp>
#include <stop_token>

namespace jacobi {

/// `jacobi train flow`: trains the built-in TarFlow of small pictures and writes it. options: see TrainFlowOptions.
/// Blocks; sets libtorch's thread count. A stop request saves a checkpoint and returns ErrorCode::Cancelled; the same
/// options go on from there. Returns the figures of the model card, measured on the weights as written, which are also
/// in the work folder as figures.json.
Result<nlohmann::json> trainFlow(const nlohmann::json& options, ProgressSink& sink, std::stop_token stop);

} // namespace jacobi
