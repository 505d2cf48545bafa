// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/training/drawcanvas.h"
#include "models/training/sceneplan.h"
#include "models/training/scenerandom.h"

namespace jacobi {
namespace {

using enum SubjectKind;

constexpr float kPi = 3.14159265F;

float oneOf(SceneRandom& random, std::initializer_list<float> list)
{
    return *(list.begin() + random.pick(static_cast<int>(list.size())));
}

void planRidges(SceneLayout& layout, Terrain terrain, SceneRandom& random)
{
    struct Level {
        float base;
        float amplitude;
    };
    std::array<Level, 3> levels = {{{px(70), px(7)}, {px(82), px(5.5F)}, {px(95), px(3)}}};
    if (terrain == Terrain::Desert)
        levels = {{{px(74), px(5)}, {px(84), px(5)}, {px(95), px(3)}}};
    if (terrain == Terrain::Mountains)
        levels = {{{px(80), 0}, {px(86), px(3.5F)}, {px(96), px(2.5F)}}};
    for (std::size_t i = 0; i < levels.size(); ++i) {
        layout.ridges[i] = {levels[i].base, levels[i].amplitude, px(16) * static_cast<float>(random.pick(8)),
                            random.pick(2)};
    }
}

void planPeaks(SceneLayout& layout, SceneRandom& random)
{
    for (std::size_t i = 0; i < layout.farPeaks.size(); ++i) {
        const float slot = px(12) + px(32) * static_cast<float>(i);
        layout.farPeaks[i] = {slot + oneOf(random, {px(-4), px(4)}), oneOf(random, {px(52), px(60)}), random.pick(2)};
    }
    const float shift = oneOf(random, {px(-8), 0, px(8)});
    for (std::size_t i = 0; i < layout.peaks.size(); ++i) {
        const float slot = px(16) + px(48) * static_cast<float>(i);
        layout.peaks[i] = {slot + shift, oneOf(random, {px(40), px(48), px(56)}), random.pick(2)};
    }
    std::ranges::sort(layout.peaks, {}, &Peak::top);
}

/// The highest rock above x.
float summitAt(const SceneLayout& layout, float x)
{
    float top = 1;
    for (const Peak& peak : layout.peaks)
        top = std::min(top, peak.top + std::abs(x - peak.x) / 0.85F);
    return top;
}

void planSunSide(Scene& scene, SceneRandom& random)
{
    SceneLayout& layout = scene.layout;
    layout.sunRadius = px(10);
    switch (scene.sunSide) {
    case SunSide::Left: layout.sunX = oneOf(random, {px(20), px(28)}); break;
    case SunSide::Middle: layout.sunX = oneOf(random, {px(60), px(68)}); break;
    case SunSide::Right: layout.sunX = oneOf(random, {px(100), px(108)}); break;
    }
}

void planSunHeight(Scene& scene, SceneRandom& random)
{
    SceneLayout& layout = scene.layout;
    if (scene.sunHeight == SunHeight::High) {
        layout.sunY = px(20);
        return;
    }
    layout.sunY = px(52);
    if (scene.terrain == Terrain::Sea)
        layout.sunY = layout.horizon - oneOf(random, {px(4), px(12)}); // may be half set
    // Nothing but water hides a part of it.
    if (scene.terrain == Terrain::Sea && layout.shore != 0 && scene.sunSide != SunSide::Middle)
        layout.shore = scene.sunSide == SunSide::Left ? 2 : 1;
    if (scene.terrain == Terrain::Mountains) {
        // At least two thirds of the disc show above the rock.
        const float summit = std::min({summitAt(layout, layout.sunX - px(7)), summitAt(layout, layout.sunX),
                                       summitAt(layout, layout.sunX + px(7))});
        layout.sunY = summit > px(54) ? px(52) : summit > px(46) ? px(44) : px(36);
    }
}

/// What is drawn of a place: the distance from the edge, heights on the ground and in the sky, size and silhouette.
struct PlaceChoice {
    float step = 0;
    float y = 0;
    float skyY = 0;
    float scale = 1;
    int variant = 0;
};

PlaceChoice freeChoice(const Subject& subject, SceneRandom& random)
{
    PlaceChoice choice;
    choice.variant = random.pick(2);
    choice.step = oneOf(random, {px(24), px(32), px(40)});
    choice.y = oneOf(random, {px(104), px(112)});
    choice.scale = oneOf(random, {1.0F, 1.25F});
    if (isInSky(subject.kind))
        choice.skyY = oneOf(random, {px(36), px(44)});
    return choice;
}

PlaceChoice composedChoice(const Subject& subject, SceneRandom& random)
{
    const PlaceChoice front{px(32), px(112), px(44), 1.25F, 0};
    const PlaceChoice outer{px(24), px(104), px(36), 1.0F, 0};
    const PlaceChoice inner{px(40), px(104), px(36), 1.0F, 1};
    const std::array<PlaceChoice, 3> choices = {front, inner, outer};
    return choices[static_cast<std::size_t>(random.pick(subject.count > 1 ? 2 : 3))]; // a group fills its side
}

void planSubjectPlace(const Scene& scene, const Subject& subject, bool left, SubjectPlace& place,
                      const PlaceChoice& choice)
{
    const float inward = left ? 1.0F : -1.0F;
    const float edge = left ? 0.0F : 1.0F;
    const float step = choice.step;
    place.variant = choice.variant;
    place.y = choice.y;
    place.scale = choice.scale;
    if (scene.terrain == Terrain::Sea) {
        place.y = subject.kind == Boat ? place.y - px(4) : px(104);
        if (subject.kind == Bridge) {
            place.scale = 1;
            place.y = px(100);
        }
    }
    // A large one keeps clear of the picture's edge.
    place.x = edge + inward * (subject.kind == Bridge ? px(32) : place.scale > 1 ? std::max(step, px(32)) : step);
    if (isInSky(subject.kind))
        place.y = choice.skyY;
    if (subject.kind == Flowers)
        place.x = edge + inward * px(32);
    if (subject.count > 1) {
        place.x = edge + inward * px(32);
        place.scale = subject.count == 2 && subject.kind != Horse ? 0.75F : 0.625F;
        if (subject.kind == Birds)
            place.scale = 1;
    }
    // A sun in the middle is not for a crown or a sail to cover.
    if (scene.hasSun() && scene.sunSide == SunSide::Middle && step > px(32) && subject.count == 1)
        place.x = edge + inward * px(28);
}

/// The sun or moon must not stand behind a roof or a balloon: the two step aside, outward the sun, inward the subject.
void keepApart(Scene& scene, bool left)
{
    const Subject& subject = left ? scene.left : scene.right;
    const SunSide side = left ? SunSide::Left : SunSide::Right;
    if (subject.kind == None || !scene.hasSun() || scene.sunSide != side)
        return;
    SceneLayout& layout = scene.layout;
    SubjectPlace& place = left ? layout.left : layout.right;
    const bool low = scene.sunHeight == SunHeight::Low;
    if (subject.kind == Bridge || subject.kind == Flowers)
        return; // too low to reach it
    if (isInSky(subject.kind) || (low && subject.count == 1)) {
        layout.sunX = left ? px(16) : px(112);
        const float inward = subject.kind == Birds ? px(48) : px(44);
        place.x = left ? inward : 1 - inward;
        place.scale = std::min(place.scale, 1.0F);
    }
}

} // namespace

float Ridge::at(float x) const
{
    const float t = 2 * kPi * (x + shift);
    return base + amplitude * (shape == 0 ? 0.75F * std::sin(t) + 0.25F * std::sin(3 * t + 0.6F)
                                          : 0.65F * std::sin(t) + 0.40F * std::sin(2 * t + 0.9F));
}

void planLayout(Scene& scene, Placing placing)
{
    SceneRandom random(scene.seed, scene.index, ScenePart::Layout);
    SceneLayout& layout = scene.layout;
    layout.horizon = oneOf(random, {px(64), px(72)});
    layout.stars = random.pick(4);
    layout.clouds = random.pick(4);
    layout.shore = random.pick(3);
    planRidges(layout, scene.terrain, random);
    planPeaks(layout, random);
    planSunSide(scene, random);
    const auto choose = placing == Placing::Free ? freeChoice : composedChoice;
    planSubjectPlace(scene, scene.left, true, layout.left, choose(scene.left, random));
    planSubjectPlace(scene, scene.right, false, layout.right, choose(scene.right, random));
    keepApart(scene, true);
    keepApart(scene, false);
    planSunHeight(scene, random);
}

std::vector<SubjectPlace> placesOf(const Subject& subject, const SubjectPlace& place)
{
    struct Offset {
        float x, y;
    };
    std::vector<Offset> offsets{{0, 0}};
    const bool sky = isInSky(subject.kind);
    const float flip = place.variant == 0 ? 1.0F : -1.0F;
    if (subject.count == 2)
        offsets = sky ? std::vector<Offset>{{-12, -8}, {12, 8}} : std::vector<Offset>{{14, -4}, {-14, 4}};
    if (subject.count == 3 && subject.kind == Birds)
        offsets = {{-14, -4}, {14, -12}, {2, 10}};
    else if (subject.count == 3)
        offsets =
            sky ? std::vector<Offset>{{-19, -4}, {19, -12}, {1, 12}} : std::vector<Offset>{{-20, -4}, {20, -4}, {0, 4}};
    std::vector<SubjectPlace> places;
    for (const Offset& offset : offsets) {
        SubjectPlace one = place;
        one.x += px(offset.x) * flip;
        one.y += px(offset.y);
        places.push_back(one);
    }
    return places;
}

} // namespace jacobi
