// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/training/drawscene.h"

namespace jacobi {
namespace {

struct MountainColours {
    Colour light, dark, snowLight, snowDark, mist;
    float mistStrength;
};

/// A mountain: a bright face, a face in shadow beyond a zigzag ridge line, and in winter caps of snow on both. Corners
/// are pixels from the summit, size 1 for the near ones.
void drawMountain(Canvas& canvas, const Peak& peak, float size, const MountainColours& colours, bool sunFromLeft,
                  bool snow)
{
    const float side = sunFromLeft ? 1.0F : -1.0F; // where the shadow is
    const float swing = peak.shape == 0 ? 1.0F : -1.0F;
    const auto paint = [&](std::initializer_list<Point> corners, Colour colour) {
        std::vector<Point> placed;
        for (const Point p : corners)
            placed.push_back({peak.x + px(p.x * side) * size, peak.top + px(p.y) * size});
        canvas.paint(
            boundsOf(placed), [&](Point p) { return distanceToPolygon(p, placed); },
            [&](Point p) { return mix(colour, colours.mist, colours.mistStrength * smoothStep(px(58), px(92), p.y)); });
    };
    const Point bend1{3 * swing, 14};
    const Point bend2{-3 * swing, 26};
    const Point bend3{5 * swing, 42};
    paint({{0, 0}, {51, 60}, {-51, 60}}, colours.light);
    paint({{0, 0}, {51, 60}, {0, 60}, bend3, bend2, bend1}, colours.dark);
    if (snow) {
        paint({{0, 0}, {15.3F, 18}, {9, 24}, {5, 18}, {-2, 26}, {-8, 19}, {-13, 24}, {-17, 20}}, colours.snowLight);
        paint({{0, 0}, {15.3F, 18}, {9, 24}, {5, 18}, {-1.5F * swing, 23}, bend1}, colours.snowDark);
    }
}

} // namespace

void drawMountains(Canvas& canvas, const Scene& scene)
{
    const SceneLayout& layout = scene.layout;
    const Palette& palette = paletteOf(scene);
    const Colour rock = hexColour(0x9A97AE);
    const Colour snow = hexColour(0xFFFFFF);
    const Colour dim = palette.light * palette.shadow;
    MountainColours colours;
    colours.mist = palette.skyLow;
    const auto faces = [&](float haze) {
        colours.light = mix(rock * palette.light, palette.skyLow, haze);
        colours.dark = mix(rock * dim * 0.80F, palette.skyLow, haze);
        colours.snowLight = mix(snow * mix(palette.light, {1, 1, 1}, 0.45F), palette.skyLow, 0.7F * haze);
        colours.snowDark = mix(snow * mix(dim, {1, 1, 1}, 0.25F), palette.skyLow, 0.7F * haze);
    };
    faces(0.55F * palette.haze + 0.25F);
    colours.mistStrength = 0.6F;
    for (const Peak& peak : layout.farPeaks)
        drawMountain(canvas, peak, 0.75F, colours, layout.sunX < peak.x, scene.hasSnow());
    drawFogBank(canvas, scene, px(68));
    faces(scene.weather == Weather::Fog ? 0.30F : 0.04F);
    colours.mistStrength = 0.45F;
    for (const Peak& peak : layout.peaks)
        drawMountain(canvas, peak, 1, colours, layout.sunX < peak.x, scene.hasSnow());
    drawFogBank(canvas, scene, px(80));
    drawRidges(canvas, scene, 1);
}

} // namespace jacobi
