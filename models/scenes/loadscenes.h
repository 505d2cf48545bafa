// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "models/scenes/scenesmodel.h"

#include <filesystem>
#include <memory>

namespace jacobi {

/// File names inside a model folder.
inline constexpr const char* kScenesWeightsFile = "scenes.safetensors";

/// What a model folder holds, checked: every tensor of both networks, and no other.
struct ScenesFiles {
    ScenesConfig config;
    TensorMap tokenizer;
    TensorMap transformer;
};

/// Reads model.json and the weights beside it and converts them to `type`. Errors are sentences for the user: a
/// missing, cut or altered file, a tensor that is missing or has another shape or type, a number that is not finite.
Result<ScenesFiles> loadScenesFiles(const std::filesystem::path& folder, at::ScalarType type);

/// A model ready to generate.
struct Scenes {
    std::unique_ptr<ScenesModel> model;
    std::unique_ptr<ScenesDetokenizer> detokenizer;
};

/// precision: "float32" or "float64" (of the transformer; pictures are always decoded in float32).
Result<Scenes> loadScenes(const std::filesystem::path& folder, const std::string& precision);

} // namespace jacobi
