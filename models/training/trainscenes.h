// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/engine/backend.h"
#include "models/training/trainingjob.h"

#include <nlohmann/json_fwd.hpp>
#include <stop_token>

namespace jacobi {

/// `jacobi train scenes`: trains the picture tokenizer, then the transformer, and writes the finished model.
/// options: see TrainScenesOptions; with "objective": "sjd2" it is trainDenoising(), whose options are others, with
/// "decoder" trainDecoder(). stepsOf:
/// nothing, or what a device has. Blocks; sets libtorch's thread count. A stop request saves a checkpoint and returns
/// ErrorCode::Cancelled; the same options go on from there. Returns the figures of the model card.
Result<nlohmann::json> trainScenes(const nlohmann::json& options, ProgressSink& sink, std::stop_token stop,
                                   const StepsOf& stepsOf = {});

} // namespace jacobi
