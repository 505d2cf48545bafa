// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "models/training/sceneplan.h"

#include <cstdint>
#include <span>
#include <vector>

namespace jacobi {

/// What stands in each patch of a picture, and what is still to come there: questions, one class each for every patch.
enum class Mapped {
    Thing,     ///< of the patch: 0 the landscape, 1 the sun or moon, 1 + SubjectKind a subject
    Colour,    ///< of the patch's subject: 1 + SubjectColour, or 0
    Below,     ///< the thing of the patch straight below; 0 in the last row
    SunAhead,  ///< 1: the sun or moon begins in this patch or a later one, in raster order
    LeftAhead, ///< how many of the left subjects do
    RightAhead
};
inline constexpr std::size_t kMappedCount = 6;

int classesOf(Mapped question);

struct SceneMap {
    int columns = 0;
    int rows = 0;
    /// Classes of all patches of the first question, then of the next, ...: [kMappedCount, rows * columns].
    std::vector<std::int64_t> classes;

    std::span<const std::int64_t> of(Mapped question) const
    {
        const auto patches = static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns);
        return std::span(classes).subspan(static_cast<std::size_t>(question) * patches, patches);
    }
};

/// drawPicture, and the map of its patches of patchPixels x patchPixels. patchPixels divides size. What shows in a patch is
/// what was painted there last over a tenth of it; reflections in water count as what they show.
std::vector<float> drawPicture(const Scene& scene, int size, int patchPixels, SceneMap& map);

} // namespace jacobi
