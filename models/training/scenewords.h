// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "models/training/sceneplan.h"

#include <span>
#include <string_view>

namespace jacobi {

/// What a caption may say, one list a meaning: every phrase of a list is true of the scenes it is given for. The
/// model's vocabulary is what stands in these lists.
using Phrases = std::span<const std::string_view>;

Phrases timePhrases(const Scene& scene);       ///< "at dusk"
Phrases timeNames(const Scene& scene);         ///< "dusk"
Phrases timeNouns(SceneTime time);             ///< "evening": what an adjective of weather goes before
Phrases placeNames(const Scene& scene);        ///< "the hills"; of the seasons it may tell winter only
Phrases snowyPlaceNames(const Scene& scene);   ///< "snowy hills"
Phrases placeLinks(const Scene& scene);        ///< "a house BY the sea"
Phrases weatherPhrases(const Scene& scene);    ///< "in the rain"
Phrases weatherAdjectives(const Scene& scene); ///< "a rainy"
Phrases seasonPhrases(Season season);          ///< "in autumn"
Phrases sunSidePhrases(SunSide side);          ///< "on the left"
Phrases subjectSidePhrases(bool left);         ///< the same, of a subject
Phrases subjectNames(SubjectKind kind, bool several);
Phrases colourNames(SubjectColour colour);
std::string_view numberName(int count); ///< "two"

/// All of the above and the words that join them.
std::span<const Phrases> allPhrases();

} // namespace jacobi
