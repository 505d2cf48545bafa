// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "models/training/scene.h"
#include "models/training/sceneplan.h"

#include <cstdint>
#include <string>

namespace jacobi {

/// A sentence about a scene and what it says. Whatever it says is true of the scene; it names every subject, and snow
/// wherever there is snow.
SceneCaption captionOf(const Scene& scene, std::uint64_t variant);

/// Words of a caption, commas aside.
int wordsIn(const std::string& caption);

} // namespace jacobi
