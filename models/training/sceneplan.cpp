// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/training/sceneplan.h"

#include "models/training/scenerandom.h"

#include <algorithm>
#include <cmath>

namespace jacobi {
namespace {

using enum SubjectKind;
using enum SubjectColour;

constexpr std::array kSeaSubjects = {House, Tree, Boat, Lighthouse};
constexpr std::array kHillSubjects = {House, Tree, Lighthouse};
constexpr std::array kMountainSubjects = {House, Tree};
constexpr std::array kDesertSubjects = {House, Cactus};

constexpr std::array kHouseColours = {Red, Yellow, Blue, White};
constexpr std::array kTreeColours = {Green, Orange, Red, Pink};
constexpr std::array kBoatColours = {Red, White, Blue, Yellow};
constexpr std::array kLighthouseColours = {Red, Blue};
constexpr std::array kCactusColours = {Green, Purple};

constexpr float kPi = 3.14159265F;

Subject planSubject(SceneRandom& random, Terrain terrain)
{
    Subject subject;
    if (random.chance(0.28F))
        return subject;
    const auto kinds = subjectsOf(terrain);
    subject.kind = kinds[static_cast<std::size_t>(random.pick(static_cast<int>(kinds.size())))];
    const auto colours = coloursOf(subject.kind);
    subject.colour = colours[static_cast<std::size_t>(random.pick(static_cast<int>(colours.size())))];
    return subject;
}

void planAttributes(Scene& scene)
{
    SceneRandom random(scene.seed, scene.index, ScenePart::Attributes);
    scene.time = static_cast<SceneTime>(random.pick(4));
    scene.sunSide = static_cast<SunSide>(random.pick(3));
    scene.sunHeight = random.chance(0.5F) ? SunHeight::High : SunHeight::Low;
    if (scene.time == SceneTime::Sunset || scene.time == SceneTime::Dawn)
        scene.sunHeight = SunHeight::Low;
    scene.terrain = static_cast<Terrain>(random.pick(4));
    const bool snow = random.chance(0.5F);
    scene.snow = snow && (scene.terrain == Terrain::Hills || scene.terrain == Terrain::Mountains);
    scene.sky = random.chance(0.5F) ? SkyKind::Clouds : SkyKind::Clear;
    scene.left = planSubject(random, scene.terrain);
    scene.right = planSubject(random, scene.terrain);
}

void planRidges(SceneLayout& layout, Terrain terrain, SceneRandom& random)
{
    struct Shape {
        float base;
        float amplitude;
    };
    std::array<Shape, 3> shapes = {{{0.56F, 0.050F}, {0.67F, 0.040F}, {0.79F, 0.025F}}};
    if (terrain == Terrain::Desert)
        shapes = {{{0.60F, 0.030F}, {0.69F, 0.030F}, {0.80F, 0.022F}}};
    if (terrain == Terrain::Mountains)
        shapes = {{{0.62F, 0.015F}, {0.70F, 0.020F}, {0.80F, 0.020F}}};
    for (std::size_t i = 0; i < shapes.size(); ++i)
        layout.ridges[i] = {shapes[i].base + random.between(-0.012F, 0.012F), shapes[i].amplitude,
                            random.between(0, 2 * kPi), random.between(0.8F, 1.3F)};
}

void planPeaks(SceneLayout& layout, SceneRandom& random)
{
    for (std::size_t i = 0; i < layout.farPeaks.size(); ++i) {
        const float slot = 0.05F + 0.225F * static_cast<float>(i);
        layout.farPeaks[i] = {slot + random.between(-0.05F, 0.05F), random.between(0.46F, 0.54F),
                              random.between(0.17F, 0.23F), random.between(-1, 1)};
    }
    const float shift = random.between(-0.08F, 0.08F);
    for (std::size_t i = 0; i < layout.peaks.size(); ++i) {
        const float slot = 0.14F + 0.36F * static_cast<float>(i);
        layout.peaks[i] = {slot + shift + random.between(-0.04F, 0.04F), random.between(0.37F, 0.47F),
                           random.between(0.25F, 0.31F), random.between(-1, 1)};
    }
    std::ranges::sort(layout.peaks, {}, &Peak::top);
}

/// The highest rock between two x.
float summitBetween(const SceneLayout& layout, float from, float to)
{
    constexpr float foot = 0.74F;
    float top = 1;
    for (const Peak& peak : layout.peaks) {
        const float x = std::clamp(peak.x, from, to);
        top = std::min(top, peak.top + std::abs(x - peak.x) * (foot - peak.top) / peak.halfWidth);
    }
    return top;
}

void planSun(Scene& scene, SceneRandom& random)
{
    SceneLayout& layout = scene.layout;
    const bool low = scene.sunHeight == SunHeight::Low;
    const bool glowing = scene.time == SceneTime::Sunset || scene.time == SceneTime::Dawn;
    layout.sunRadius = scene.isNight() ? 0.072F : glowing ? 0.080F : 0.070F;
    constexpr std::array centres = {0.19F, 0.5F, 0.81F};
    layout.sunX = centres[static_cast<std::size_t>(scene.sunSide)] + random.between(-0.04F, 0.04F);
    layout.sunY = low ? random.between(0.39F, 0.45F) : random.between(0.13F, 0.18F);
    if (low && scene.terrain == Terrain::Sea)
        layout.sunY = layout.horizon - random.between(0.03F, 0.15F); // may be half set
    if (low && scene.terrain == Terrain::Mountains) {
        // At least half of the disc shows above the rock.
        const float reach = 0.8F * layout.sunRadius;
        const float summit = summitBetween(layout, layout.sunX - reach, layout.sunX + reach);
        layout.sunY = std::min(random.between(0.34F, 0.42F), summit + 0.15F * layout.sunRadius);
    }
}

/// A low sun must not stand behind a mast or a tower: the two step aside, outward the sun, inward the subject.
void keepApart(Scene& scene, SceneRandom& random)
{
    const bool low = scene.sunHeight == SunHeight::Low;
    const auto tall = [](const Subject& s) { return s.kind == Boat || s.kind == Lighthouse; };
    SceneLayout& layout = scene.layout;
    if (low && scene.sunSide == SunSide::Left && tall(scene.left)) {
        layout.sunX = random.between(0.10F, 0.13F);
        layout.leftX = random.between(0.30F, 0.33F);
    }
    if (low && scene.sunSide == SunSide::Right && tall(scene.right)) {
        layout.sunX = random.between(0.87F, 0.90F);
        layout.rightX = random.between(0.67F, 0.70F);
    }
}

} // namespace

float Ridge::at(float x) const
{
    return base + amplitude * (0.7F * std::sin(2 * kPi * frequency * x + phase) +
                               0.3F * std::sin(4.4F * kPi * frequency * x + 1.7F * phase));
}

Scene planScene(std::uint64_t seed, std::uint64_t index)
{
    Scene scene;
    scene.seed = seed;
    scene.index = index;
    planAttributes(scene);
    SceneRandom random(seed, index, ScenePart::Layout);
    SceneLayout& layout = scene.layout;
    layout.horizon = random.between(0.57F, 0.61F);
    layout.leftX = random.between(0.22F, 0.29F);
    layout.rightX = random.between(0.71F, 0.78F);
    layout.leftScale = random.between(0.95F, 1.10F);
    layout.rightScale = random.between(0.95F, 1.10F);
    planRidges(layout, scene.terrain, random);
    planPeaks(layout, random);
    planSun(scene, random);
    keepApart(scene, random);
    return scene;
}

std::span<const SubjectKind> subjectsOf(Terrain terrain)
{
    switch (terrain) {
    case Terrain::Sea: return kSeaSubjects;
    case Terrain::Hills: return kHillSubjects;
    case Terrain::Mountains: return kMountainSubjects;
    case Terrain::Desert: break;
    }
    return kDesertSubjects;
}

std::span<const SubjectColour> coloursOf(SubjectKind kind)
{
    switch (kind) {
    case House: return kHouseColours;
    case Tree: return kTreeColours;
    case Boat: return kBoatColours;
    case Lighthouse: return kLighthouseColours;
    case Cactus: return kCactusColours;
    case None: break;
    }
    return {};
}

std::string_view nameOf(SceneTime time)
{
    constexpr std::array<std::string_view, 4> names = {"day", "sunset", "dawn", "night"};
    return names[static_cast<std::size_t>(time)];
}

std::string_view nameOf(SunSide side)
{
    constexpr std::array<std::string_view, 3> names = {"left", "middle", "right"};
    return names[static_cast<std::size_t>(side)];
}

std::string_view nameOf(SunHeight height)
{
    return height == SunHeight::Low ? "low" : "high";
}

std::string_view nameOf(Terrain terrain)
{
    constexpr std::array<std::string_view, 4> names = {"sea", "hills", "mountains", "desert"};
    return names[static_cast<std::size_t>(terrain)];
}

std::string_view nameOf(SubjectKind kind)
{
    constexpr std::array<std::string_view, 6> names = {"none", "house", "tree", "boat", "lighthouse", "cactus"};
    return names[static_cast<std::size_t>(kind)];
}

std::string_view nameOf(SubjectColour colour)
{
    constexpr std::array<std::string_view, 8> names = {"red",   "yellow", "blue", "white",
                                                       "green", "orange", "pink", "purple"};
    return names[static_cast<std::size_t>(colour)];
}

} // namespace jacobi
