// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/training/drawscene.h"

#include <array>

namespace jacobi {
namespace {

/// A layer of land before light and haze: a crest line, and the colour at two heights of the picture. As the colour
/// follows the height and not the skyline, all the ground below a crest is the same in every picture.
struct Ground {
    Colour crest;
    Colour upper;
    Colour lower;
    float haze; ///< share of the horizon's colour
};

std::array<Ground, 3> groundsOf(const Scene& scene, float haze)
{
    const auto grounds = [&](std::array<std::uint32_t, 9> c) {
        return std::array<Ground, 3>{{{hexColour(c[0]), hexColour(c[1]), hexColour(c[2]), haze},
                                      {hexColour(c[3]), hexColour(c[4]), hexColour(c[5]), 0.4F * haze},
                                      {hexColour(c[6]), hexColour(c[7]), hexColour(c[8]), 0}}};
    };
    if (scene.terrain == Terrain::Desert)
        return grounds({0xF6D090, 0xEBBB78, 0xDDA766, 0xF3C67C, 0xE3AC62, 0xCF9250, 0xEFBC6C, 0xDDA156, 0xB97A3C});
    switch (scene.season) {
    case Season::Spring:
        return grounds({0xC8E08C, 0xA9CF78, 0x97C26C, 0xBFE07A, 0x97CB5E, 0x7FBA50, 0xB4E06C, 0x86C653, 0x5FA742});
    case Season::Summer: break;
    case Season::Autumn:
        return grounds({0xD0C684, 0xB9AE6C, 0xA89C5E, 0xE6A550, 0xCB8238, 0xB06A33, 0xE2833C, 0xC0602E, 0x86402A});
    case Season::Winter:
        return grounds({0xFAFCFF, 0xE3EBF6, 0xD4DFEF, 0xFCFDFF, 0xE6EEF8, 0xD0DCEE, 0xFFFFFF, 0xECF2FB, 0xCBD9EC});
    }
    return grounds({0x9CC480, 0x7FAE6A, 0x719F60, 0x8ABC62, 0x629B4C, 0x4F8744, 0x79B656, 0x4C9044, 0x2F6C38});
}

void drawLayer(Canvas& canvas, const Palette& palette, const Ground& ground, const Ridge& ridge)
{
    std::vector<float> skyline(static_cast<std::size_t>(canvas.size()));
    for (int x = 0; x < canvas.size(); ++x)
        skyline[static_cast<std::size_t>(x)] = ridge.at(canvas.centreOf(x));
    const auto lit = [&](Colour c, float haze) { return mix(c * palette.light, palette.skyLow, haze); };
    const Colour crest = lit(ground.crest, ground.haze);
    const Colour upper = lit(ground.upper, ground.haze);
    const Colour lower = lit(ground.lower, 0.8F * ground.haze);
    const float from = ridge.base - ridge.amplitude;
    canvas.below(skyline, [&](Point p, std::size_t x) {
        const Colour flat = mix(upper, lower, std::min((p.y - from) / px(30), 1.0F));
        return mix(crest, flat, smoothStep(px(2), px(4), p.y - skyline[x]));
    });
}

/// Flowers all over a meadow in spring, fallen leaves in autumn: soft dots, one in the middle of some patches.
void drawGroundDots(Canvas& canvas, const Scene& scene, const Palette& palette)
{
    if (scene.season != Season::Spring && scene.season != Season::Autumn)
        return;
    const bool spring = scene.season == Season::Spring;
    const Colour one = hexColour(spring ? 0xFFF4F8 : 0xE0452E) * palette.subjectLight;
    const Colour two = hexColour(spring ? 0xFF9CC4 : 0xFFD24A) * palette.subjectLight;
    for (int row = 13; row < 16; ++row) {
        for (int column = (row * 2) % 3; column < 16; column += 3) {
            const Point at{px(8) * static_cast<float>(column) + px(4), px(8) * static_cast<float>(row) + px(4)};
            canvas.circle(at, px(1.9F), (row + column) % 2 == 0 ? one : two, 1, px(1.4F));
        }
    }
}

float headlandAt(float x, float centre, float outward, float half)
{
    // Level about the centre, falls into the water towards the middle of the picture, runs on beyond its edge.
    const float along = (x - centre) * outward + half;
    return along >= 0 ? px(98) : px(98) + px(30) * std::pow(-along / px(20), 1.8F);
}

} // namespace

void drawRidges(Canvas& canvas, const Scene& scene, std::size_t first)
{
    const Palette& palette = paletteOf(scene);
    const auto grounds = groundsOf(scene, palette.haze);
    for (std::size_t i = first; i < grounds.size(); ++i) {
        drawLayer(canvas, palette, grounds[i], scene.layout.ridges[i]);
        drawFogBank(canvas, scene, px(76) + px(14) * static_cast<float>(i));
    }
    if (scene.hasSeason())
        drawGroundDots(canvas, scene, palette);
}

bool standsOnHeadland(const Subject& subject)
{
    return subject.kind != SubjectKind::None && subject.kind != SubjectKind::Boat &&
           subject.kind != SubjectKind::Bridge && !isInSky(subject.kind);
}

void drawHeadland(Canvas& canvas, const Scene& scene, bool left)
{
    const Subject& subject = left ? scene.left : scene.right;
    const Palette& palette = paletteOf(scene);
    const float centre = left ? scene.layout.left.x : scene.layout.right.x;
    const float half = subject.count > 1 ? px(28) : px(20);
    std::vector<float> skyline(static_cast<std::size_t>(canvas.size()));
    for (int x = 0; x < canvas.size(); ++x)
        skyline[static_cast<std::size_t>(x)] = headlandAt(canvas.centreOf(x), centre, left ? -1.0F : 1.0F, half);
    const bool rock = subject.kind == SubjectKind::Lighthouse;
    const Colour crest = (rock ? hexColour(0xCBBFB0) : hexColour(0x8CC85F)) * palette.light;
    const Colour upper = (rock ? hexColour(0xA89A8C) : hexColour(0x5FA24C)) * palette.light;
    const Colour lower = (rock ? hexColour(0x6F6562) : hexColour(0x347540)) * palette.light;
    canvas.below(skyline, [&](Point p, std::size_t x) {
        const Colour flat = mix(upper, lower, std::clamp((p.y - px(98)) / px(26), 0.0F, 1.0F));
        return mix(crest, flat, smoothStep(px(2), px(4), p.y - skyline[x]));
    });
}

void drawTerrain(Canvas& canvas, const Scene& scene)
{
    switch (scene.terrain) {
    case Terrain::Sea:
        drawWater(canvas, scene);
        if (standsOnHeadland(scene.left))
            drawHeadland(canvas, scene, true);
        if (standsOnHeadland(scene.right))
            drawHeadland(canvas, scene, false);
        return;
    case Terrain::Mountains: drawMountains(canvas, scene); return;
    case Terrain::Hills:
    case Terrain::Desert: drawRidges(canvas, scene, 0); return;
    }
}

} // namespace jacobi
