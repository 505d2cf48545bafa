// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "models/tarflow/tarflownetwork.h"

#include <filesystem>

namespace jacobi {

inline constexpr const char* kFlowWeightsFile = "flow.safetensors";

/// Every trained tensor rounded to float16 and back, the basis as it is: what a model on disk really holds.
TarFlowTensors roundedFlow(const TarFlowTensors& tensors);

/// Writes flow.safetensors (float16; the basis float32, or it would be none) and model.json into a folder. noise: what
/// the model was trained with, which denoising needs. The classes are flowClassNames().
///
/// model.json's "config": {"blocks", "layers", "width", "grid", "patch", "colours", "noise", "classes": [names by label]}
Result<void> exportFlow(const std::filesystem::path& folder, const TarFlowConfig& config, const TarFlowTensors& tensors,
                        double noise);

} // namespace jacobi
