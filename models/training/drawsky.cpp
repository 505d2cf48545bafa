// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/training/drawscene.h"

namespace jacobi {
namespace {

/// Three stops from the top to the horizon, the same in every picture of a time and weather.
void drawAir(Canvas& canvas, const Palette& palette)
{
    constexpr float middle = px(40);
    constexpr float low = px(76);
    for (int y = 0; y < canvas.size(); ++y) {
        const float height = canvas.centreOf(y);
        const Colour row = height < middle ? mix(palette.skyTop, palette.skyMiddle, height / middle)
                                           : mix(palette.skyMiddle, palette.skyLow,
                                                 std::min((height - middle) / (low - middle), 1.0F));
        canvas.fillRow(y, row);
    }
}

/// Soft dots four pixels wide, each in the middle of a patch: a few, large enough for a tokenizer of 8 x 8 patches.
void drawStars(Canvas& canvas, const Scene& scene)
{
    // Rows of a constellation: the columns of patches that shine, a bit each.
    constexpr std::array<std::array<unsigned, 6>, 4> skies = {{{0x1048, 0x4201, 0x0810, 0x2084, 0x0200, 0x8010},
                                                               {0x8112, 0x0840, 0x2008, 0x0421, 0x4080, 0x0204},
                                                               {0x0422, 0x9008, 0x0240, 0x4011, 0x0804, 0x2100},
                                                               {0x2208, 0x0081, 0x4810, 0x0102, 0x9020, 0x0408}}};
    const auto& sky = skies[static_cast<std::size_t>(scene.layout.stars)];
    for (std::size_t row = 0; row < sky.size(); ++row) {
        for (unsigned column = 0; column < 16; ++column) {
            if ((sky[row] >> column & 1U) == 0)
                continue;
            const Point at{px(8) * static_cast<float>(column) + px(4), px(8) * static_cast<float>(row) + px(4)};
            const float dx = at.x - scene.layout.sunX;
            const float dy = at.y - scene.layout.sunY;
            const float clear = scene.layout.sunRadius + px(6);
            if (dx * dx + dy * dy > clear * clear)
                canvas.circle(at, px(1.9F), hexColour(0xFFFBE6), 1, px(1.6F));
        }
    }
}

/// The sun's disc in two halos, or the moon: a disc with another cut out of its upper right.
void drawDisc(Canvas& canvas, const Scene& scene, const Palette& palette)
{
    const SceneLayout& layout = scene.layout;
    const Point centre{layout.sunX, layout.sunY};
    const float radius = layout.sunRadius;
    canvas.circle(centre, 2.5F * radius, palette.halo, 0.55F * palette.haloStrength, px(3));
    canvas.circle(centre, 1.65F * radius, palette.halo, palette.haloStrength, px(3));
    const float strength = scene.weather == Weather::Fog ? 0.85F : 1.0F;
    if (!scene.isNight()) {
        canvas.circle(centre, radius, palette.disc, strength);
        return;
    }
    const Point bite{centre.x + 0.50F * radius, centre.y - 0.30F * radius};
    const auto distance = [&](Point p) {
        const float whole = distanceToCapsule(p, centre, centre, radius);
        const float cut = distanceToCapsule(p, bite, bite, 0.78F * radius);
        return std::max(whole, -cut);
    };
    const Box box{centre.x - radius, centre.y - radius, centre.x + radius, centre.y + radius};
    canvas.paint(
        box, distance, [&](Point) { return palette.disc; }, strength);
}

} // namespace

void drawSky(Canvas& canvas, const Scene& scene)
{
    const Palette& palette = paletteOf(scene);
    drawAir(canvas, palette);
    if (scene.hasStars())
        drawStars(canvas, scene);
    if (scene.hasSun())
        drawDisc(canvas, scene, palette);
    drawClouds(canvas, scene);
}

} // namespace jacobi
