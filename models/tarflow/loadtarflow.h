// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "models/tarflow/tarflownetwork.h"

#include <c10/core/ScalarType.h>

#include <filesystem>
#include <optional>

namespace jacobi {

/// The weights of a TarFlow, as the authors publish them (`.pth` of torch.save) or as safetensors, under the same
/// names; converted to `type` (at::kFloat or at::kDouble) tensor by tensor. In a .pth they may lie below "model",
/// "module" or "state_dict". Masks are not read. Errors are sentences that name the file and the tensor: what
/// inferTarFlowConfig refuses, a type that holds no real numbers, a number that is not finite.
/// May throw what libtorch throws.
Result<TarFlowWeights> loadTarFlow(const std::filesystem::path& file, at::ScalarType type);

/// The same from tensors in memory.
Result<TarFlowWeights> tarflowFromTensors(const TarFlowTensors& tensors, at::ScalarType type, const std::string& shown);

/// The file of a folder that holds a TarFlow: weights.safetensors or model.safetensors, or the only .safetensors, .pth
/// or .pt whose tensors are named as one's. A file is returned as it is.
Result<std::filesystem::path> findTarFlowFile(const std::filesystem::path& place);

/// The noise a published model was trained with, which its name ends with: "afhq_model_8_768_8_8_0.07.pth" -> 0.07.
std::optional<double> noiseOfFileName(const std::filesystem::path& file);

} // namespace jacobi
