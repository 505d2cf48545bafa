// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace jacobi {

/// One procedural landscape, as attributes; the picture and the caption are drawn from it (sceneplan.h).
struct Scene; // sceneplan.h

/// A flat list of attributes of a scene (name, value) such as ("time", "sunset"); what a judge must recover.
/// Names: time, sun, height, terrain, snow (hills and mountains only), sky, left, leftColour, right, rightColour
/// (colours only where there is a subject).
struct SceneAttribute {
    std::string name;
    std::string value;
    /// Whether the caption settles it. A caption names every subject and every snow there is, so where it also says
    /// their sides, an empty side and bare ground count as stated.
    bool stated = false;
};

/// One training example.
struct SceneExample {
    std::vector<float> rgb;                 ///< [3, size, size], 0..1, sRGB
    std::string caption;                    ///< lower case words, no punctuation but commas; variant 0
    std::vector<SceneAttribute> attributes; ///< all true of the picture; `stated` refers to `caption`
};

/// Draws example number index of the endless stream that seed names. Pure: same arguments, same example, any thread.
/// size is the picture's side in pixels, at least 1; meant for 128.
SceneExample drawScene(std::uint64_t seed, std::uint64_t index, int size);

/// Another caption of the same example: captions are redrawn each time an example is shown. Variant 0 is drawScene's.
std::string drawSceneCaption(std::uint64_t seed, std::uint64_t index, std::uint64_t variant);

/// The attributes of the same example, `stated` referring to that variant's caption. Draws no picture.
std::vector<SceneAttribute> drawSceneAttributes(std::uint64_t seed, std::uint64_t index, std::uint64_t variant);

/// Every word a caption can hold, sorted; the model's vocabulary.
const std::vector<std::string>& sceneWords();

/// The most words a caption has.
int longestSceneCaption();

} // namespace jacobi
