// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "models/training/scene.h"

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace jacobi {

enum class SceneTime { Day, Sunset, Dawn, Night };
enum class SunSide { Left, Middle, Right };
enum class SunHeight { Low, High };
enum class Terrain { Sea, Hills, Mountains, Desert };
enum class SkyKind { Clear, Clouds };
enum class SubjectKind { None, House, Tree, Boat, Lighthouse, Cactus };
enum class SubjectColour { Red, Yellow, Blue, White, Green, Orange, Pink, Purple };

struct Subject {
    SubjectKind kind = SubjectKind::None;
    SubjectColour colour = SubjectColour::Red;

    bool operator==(const Subject&) const = default;
};

/// A smooth skyline: height of the ground above each x, as a sum of two waves. Unit square, y grows downward.
struct Ridge {
    float base = 1;
    float amplitude = 0;
    float phase = 0;
    float frequency = 1;

    float at(float x) const;
};

/// One mountain: a triangle whose inner ridge line wiggles from the summit to the foot.
struct Peak {
    float x = 0;
    float top = 0;
    float halfWidth = 0;
    float bend = 0; ///< -1..1, how the inner ridge line swings
};

/// Where things stand. All lengths in units of the picture's side, so that a scene is the same at any size.
struct SceneLayout {
    float sunX = 0.5F;
    float sunY = 0.2F;
    float sunRadius = 0.07F;
    float horizon = 0.6F;          ///< the sea's
    std::array<Ridge, 3> ridges{}; ///< far, middle, near
    std::array<Peak, 5> farPeaks{};
    std::array<Peak, 3> peaks{}; ///< tallest first, which is back to front
    float leftX = 0.25F;
    float rightX = 0.75F;
    float leftScale = 1;
    float rightScale = 1;
};

struct Scene {
    std::uint64_t seed = 0;
    std::uint64_t index = 0;
    SceneTime time = SceneTime::Day;
    SunSide sunSide = SunSide::Left;
    SunHeight sunHeight = SunHeight::High; ///< always Low at sunset and dawn
    Terrain terrain = Terrain::Sea;
    bool snow = false; ///< hills and mountains only
    SkyKind sky = SkyKind::Clear;
    Subject left;
    Subject right;
    SceneLayout layout;

    bool isNight() const { return time == SceneTime::Night; }
    bool hasStars() const { return isNight() && sky == SkyKind::Clear; }
};

/// Draws the attributes and the layout of one example.
Scene planScene(std::uint64_t seed, std::uint64_t index);

/// What may stand in a terrain, and the colours a subject comes in (none for None).
std::span<const SubjectKind> subjectsOf(Terrain terrain);
std::span<const SubjectColour> coloursOf(SubjectKind kind);

std::string_view nameOf(SceneTime time);
std::string_view nameOf(SunSide side);
std::string_view nameOf(SunHeight height);
std::string_view nameOf(Terrain terrain);
std::string_view nameOf(SubjectKind kind);
std::string_view nameOf(SubjectColour colour);

} // namespace jacobi
