// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "models/training/scene.h"

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace jacobi {

enum class SceneTime { Day, Sunset, Dawn, Night };
enum class SunSide { Left, Middle, Right };
enum class SunHeight { Low, High };
enum class Terrain { Sea, Hills, Mountains, Desert };
enum class Weather { Clear, Clouds, Rain, Fog, Snowfall };
enum class Season { Spring, Summer, Autumn, Winter };
enum class SubjectKind {
    None,
    House,
    Tree,
    Pine,
    Boat,
    Lighthouse,
    Cactus,
    Windmill,
    Tower,
    Bridge,
    Balloon,
    Flowers,
    Deer,
    Horse,
    Birds
};
enum class SubjectColour { Red, Yellow, Blue, White, Green, Orange, Pink, Purple, Brown, Grey, Black };

struct Subject {
    SubjectKind kind = SubjectKind::None;
    SubjectColour colour = SubjectColour::Red;
    int count = 1; ///< 1..3

    bool operator==(const Subject&) const = default;
};

/// A smooth skyline: one of a few shapes, shifted. Unit square, y grows downward.
struct Ridge {
    float base = 1;
    float amplitude = 0;
    float shift = 0;
    int shape = 0; ///< 0 or 1

    float at(float x) const;
};

/// One mountain. All have the same slopes, so that a patch of one is a patch of every other.
struct Peak {
    float x = 0;
    float top = 0;
    int shape = 0; ///< 0 or 1: how its inner ridge line swings
};

/// Where a subject stands and how large it is; a group stands around it.
struct SubjectPlace {
    float x = 0.25F;
    float y = 0.8F; ///< the foot; in the sky, the middle
    float scale = 1;
    int variant = 0; ///< 0 or 1: which of two silhouettes
};

/// Where things stand. All lengths in units of the picture's side, so that a scene is the same at any size; all of them
/// lie on lattices of 4 or 8 pixels of 128, so that pictures share their patches.
struct SceneLayout {
    float sunX = 0.5F;
    float sunY = 0.2F;
    float sunRadius = 0.08F;
    float horizon = 0.5625F;       ///< the sea's
    std::array<Ridge, 3> ridges{}; ///< far, middle, near
    std::array<Peak, 4> farPeaks{};
    std::array<Peak, 3> peaks{}; ///< tallest first, which is back to front
    SubjectPlace left;
    SubjectPlace right;
    int stars = 0;  ///< 0..3, which constellation
    int clouds = 0; ///< 0..3, which arrangement; also shifts rain and snow
    int shore = 0;  ///< far land at sea: 0 none, 1 on the left, 2 on the right
};

struct Scene {
    std::uint64_t seed = 0;
    std::uint64_t index = 0;
    SceneTime time = SceneTime::Day;
    SunSide sunSide = SunSide::Left;
    SunHeight sunHeight = SunHeight::High; ///< always Low at sunset and dawn
    Terrain terrain = Terrain::Sea;
    Season season = Season::Summer; ///< Summer at sea and in the desert, where none is to be seen
    Weather weather = Weather::Clear;
    Subject left;
    Subject right;
    SceneLayout layout;

    bool isNight() const { return time == SceneTime::Night; }
    bool hasStars() const { return isNight() && weather == Weather::Clear; }
    bool hasSun() const { return weather != Weather::Rain; } ///< or moon
    bool hasSeason() const { return terrain == Terrain::Hills || terrain == Terrain::Mountains; }
    bool hasSnow() const { return hasSeason() && season == Season::Winter; }
};

/// Draws the attributes and the layout of one example.
Scene planScene(std::uint64_t seed, std::uint64_t index, SceneSet set = SceneSet::Training,
                Placing placing = Placing::Composed);

/// Whether the combination of terrain, time, left subject with colour and right subject with colour is one of those
/// that are kept from training: 4 in 100 by a fixed hash, of the scenes with a subject. Counts, weather, season and
/// sun do not matter.
bool isHeldOut(const Scene& scene);

/// Whether it shows what is learnt late: a tower, a windmill, a horse or a deer, which are rare and have fine parts, or anything
/// behind rain, fog or falling snow, or in snow.
bool isHard(const Scene& scene);

/// Places what the attributes name, from the scene's own random stream (scenelayout.cpp).
void planLayout(Scene& scene, Placing placing = Placing::Composed);

/// Where each one of a side's subjects stands: as many as its count, back to front.
std::vector<SubjectPlace> placesOf(const Subject& subject, const SubjectPlace& place);

/// Whether it hangs in the sky rather than standing on something.
bool isInSky(SubjectKind kind);

/// What may stand in a terrain, and the colours a subject can have at all (none for None).
std::span<const SubjectKind> subjectsOf(Terrain terrain);
std::span<const SubjectColour> coloursOf(SubjectKind kind);
int mostOf(SubjectKind kind); ///< the largest count

/// The colours a subject has in this very scene: trees follow the season, and nothing vanishes before its ground.
std::span<const SubjectColour> coloursIn(const Scene& scene, SubjectKind kind);

std::string_view nameOf(SceneTime time);
std::string_view nameOf(SunSide side);
std::string_view nameOf(SunHeight height);
std::string_view nameOf(Terrain terrain);
std::string_view nameOf(Weather weather);
std::string_view nameOf(Season season);
std::string_view nameOf(SubjectKind kind);
std::string_view nameOf(SubjectColour colour);

} // namespace jacobi
