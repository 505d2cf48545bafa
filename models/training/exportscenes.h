// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "models/scenes/scenesweights.h"
#include "models/training/trainscenesoptions.h"

#include <filesystem>
#include <nlohmann/json_fwd.hpp>

namespace jacobi {

/// Every tensor rounded to float16 and back: what a model on disk really holds.
TensorMap roundedToHalf(const TensorMap& tensors);

/// Validation loss with and without prompts and the tokenizer's figures, on the weights as given.
nlohmann::json measureScenes(const ScenesConfig& config, const TensorMap& tokenizer, const TensorMap& transformer,
                             const TrainScenesOptions& options);

/// The peak signal-to-noise ratio in dB that measureScenes() finds.
double measuredPsnr(const ScenesConfig& config, const TensorMap& tokenizer, const TrainScenesOptions& options);

/// Writes scenes.safetensors (float16) and model.json into a folder.
Result<void> exportScenes(const std::filesystem::path& folder, const ScenesConfig& config, const TensorMap& tokenizer,
                          const TensorMap& transformer);

} // namespace jacobi
