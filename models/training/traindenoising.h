// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/engine/backend.h"
#include "models/scenes/loadscenes.h"
#include "models/training/trainingjob.h"

#include <nlohmann/json_fwd.hpp>
#include <stop_token>

namespace jacobi {

/// `jacobi train scenes --objective sjd2`: tunes a finished model to read noise and writes a folder that holds the
/// difference. options: see TrainDenoisingOptions. Blocks, stops and goes on as trainScenes does. Returns the figures of
/// the model card.
Result<nlohmann::json> trainDenoising(const nlohmann::json& options, ProgressSink& sink, std::stop_token stop,
                                      const StepsOf& stepsOf = {});

/// Writes difference.safetensors (float16) and model.json. base: folder of the model it is a difference to.
/// weights: of differenceTensors and noiseTensors.
Result<void> exportDenoising(const std::filesystem::path& folder, const std::filesystem::path& base,
                             const ScenesNoise& noise, const TensorMap& weights);

} // namespace jacobi
