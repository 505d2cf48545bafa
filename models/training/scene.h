// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "models/training/scenejudged.h"

#include <cstdint>
#include <string>
#include <vector>

namespace jacobi {

/// Which examples of a stream: those that are trained on, those whose combination of attributes is kept from training
/// (isHeldOut in sceneplan.h), or both. The stream of a set holds nothing else.
enum class SceneSet { Training, HeldOut, All };

/// How freely what a caption names is placed on its side. Free: distance, height, size and silhouette each by themselves, in twenty
/// ways. Composed: in three, as a picture is composed: large and near, or smaller and further off on either side of that. A
/// transformer that writes a picture row by row decides at every step whether a subject begins there; where each of many places
/// is improbable, sampling that leaves out what is improbable (top-p, min-p) leaves out all of them but the last. What
/// classifies pictures learns from free ones, which show more.
enum class Placing { Free, Composed };

/// One example: a procedural landscape.
struct SceneExample {
    std::vector<float> rgb; ///< [3, size, size], 0..1, sRGB
    std::string caption;    ///< lower case words, no punctuation but commas; variant 0
    JudgedValues values{};  ///< what is to be seen
    SceneClaims claims;     ///< what the caption says of it
};

/// Draws example number index of the endless stream that seed names. Pure: same arguments, same example, any thread.
/// size is the picture's side in pixels, at least 1; meant for 128.
SceneExample drawScene(std::uint64_t seed, std::uint64_t index, int size, SceneSet set = SceneSet::Training,
                       Placing placing = Placing::Composed);

/// A caption and what it says.
struct SceneCaption {
    std::string text;
    SceneClaims claims;
};

/// Another caption of the same example: captions are redrawn each time an example is shown. Variant 0 is drawScene's.
/// Draws no picture.
SceneCaption drawSceneCaption(std::uint64_t seed, std::uint64_t index, std::uint64_t variant,
                              SceneSet set = SceneSet::Training);

/// Every word a caption can hold, sorted; the model's vocabulary.
const std::vector<std::string>& sceneWords();

/// The most words a caption has.
int longestSceneCaption();

} // namespace jacobi
