// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "models/scenes/scenesmodel.h"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

namespace jacobi {

/// File names inside a model folder.
inline constexpr const char* kScenesWeightsFile = "scenes.safetensors";
inline constexpr const char* kScenesDifferenceFile = "difference.safetensors"; ///< of a model tuned from another

/// What a model folder holds, checked: every tensor of both networks, and no other.
struct ScenesFiles {
    ScenesConfig config;
    TensorMap tokenizer;
    TensorMap transformer;
    std::optional<ScenesNoisePart> noise; ///< of a model that was tuned to read noise
    std::string hash;                     ///< of its model.json
};

/// Reads model.json and the weights beside it and converts them to `type`. Errors are sentences for the user: a
/// missing, cut or altered file, a tensor that is missing or has another shape or type, a number that is not finite.
/// A model that is a difference is joined with its base: the one in `base`, else the one beside it that has its name; an
/// error where that is not there, or not the model it was tuned from.
Result<ScenesFiles> loadScenesFiles(const std::filesystem::path& folder, at::ScalarType type,
                                    const std::filesystem::path& base = {});

/// What a model folder says of its networks, without its weights.
struct ScenesSizes {
    ScenesConfig config;
    bool readsNoise = false;
};
/// Reads model.json alone. Errors as of loadScenesFiles.
Result<ScenesSizes> loadScenesSizes(const std::filesystem::path& folder);

/// A model ready to generate.
struct Scenes {
    std::unique_ptr<ScenesModel> model;
    std::unique_ptr<ScenesDetokenizer> detokenizer;
};

/// precision: "float32" or "float64" (of the transformer; pictures are always decoded in float32).
Result<Scenes> loadScenes(const std::filesystem::path& folder, const std::string& precision,
                          const std::filesystem::path& base = {});

} // namespace jacobi
