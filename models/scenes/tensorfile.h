// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "models/scenes/scenesweights.h"

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace jacobi {

/// A safetensors file in memory: tensors as stored, on the CPU, contiguous.
struct TensorFile {
    TensorMap tensors;
    std::map<std::string, std::string> metadata;
};

/// Reads every tensor. float16, float32, float64 and int64 only; a number that is not finite is refused.
Result<TensorFile> readTensorFile(const std::filesystem::path& path);

/// Reads the tensors of an architecture and converts them to `type`. The file must hold each name with exactly that
/// shape, as float16 or float32, every number finite; more tensors than asked for are an error unless the file also
/// belongs to others (`exact` false).
Result<TensorMap> readTensors(const std::filesystem::path& path, const std::vector<TensorSpec>& specs,
                              at::ScalarType type, bool exact = true);

/// Writes all or nothing. Tensors are written in their own type.
Result<void> writeTensorFile(const std::filesystem::path& path, const TensorMap& tensors,
                             const std::map<std::string, std::string>& metadata = {});

} // namespace jacobi
