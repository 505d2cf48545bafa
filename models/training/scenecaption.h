// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "models/training/sceneplan.h"

#include <cstdint>
#include <string>
#include <vector>

namespace jacobi {

/// A sentence about a scene and what it settles. Whatever it says is true of the scene; it names every subject, and
/// snow wherever there is snow.
struct SceneCaption {
    std::string text;
    std::vector<SceneAttribute> attributes;
};

SceneCaption captionOf(const Scene& scene, std::uint64_t variant);

/// Words of a caption, commas aside.
int wordsIn(const std::string& caption);

} // namespace jacobi
