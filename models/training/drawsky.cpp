// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/training/drawpalette.h"
#include "models/training/drawscene.h"
#include "models/training/scenerandom.h"

namespace jacobi {
namespace {

/// Three stops from the top to the horizon, and the glow around the sun or moon.
void drawAir(Canvas& canvas, const Scene& scene, const Palette& palette)
{
    const SceneLayout& layout = scene.layout;
    constexpr float middle = 0.32F;
    constexpr float low = 0.62F;
    for (int y = 0; y < canvas.size(); ++y) {
        const float height = canvas.centreOf(y);
        const Colour row = height < middle ? mix(palette.skyTop, palette.skyMiddle, height / middle)
                                           : mix(palette.skyMiddle, palette.skyLow,
                                                 std::min((height - middle) / (low - middle), 1.0F));
        for (int x = 0; x < canvas.size(); ++x) {
            const float dx = canvas.centreOf(x) - layout.sunX;
            const float dy = height - layout.sunY;
            const float beyond = std::max(std::sqrt(dx * dx + dy * dy) - layout.sunRadius, 0.0F);
            const float glow = palette.glowStrength * std::exp(-beyond / palette.glowWidth);
            canvas.blend(x, y, mix(row, palette.glow, glow), 1);
        }
    }
}

/// Soft dots three to four pixels wide at 128, on a shaken grid: large enough for a tokenizer of 8 x 8 patches.
void drawStars(Canvas& canvas, const Scene& scene)
{
    SceneRandom random(scene.seed, scene.index, ScenePart::Stars);
    constexpr int columns = 7;
    constexpr int rows = 4;
    for (int i = 0; i < columns * rows; ++i) {
        const float x = (static_cast<float>(i % columns) + random.between(0.18F, 0.82F)) / columns;
        const float y = 0.02F + 0.105F * (static_cast<float>(i / columns) + random.between(0.15F, 0.85F));
        const float radius = random.between(0.0085F, 0.0125F);
        const bool shines = random.chance(0.75F);
        const float dx = x - scene.layout.sunX;
        const float dy = y - scene.layout.sunY;
        const float clear = scene.layout.sunRadius + 0.045F;
        if (shines && dx * dx + dy * dy > clear * clear) {
            canvas.circle({x, y}, radius, hexColour(0xFFFBEA), 1, 0.010F);
        }
    }
}

/// The sun's disc, or the moon: a disc with another cut out of its upper right.
void drawDisc(Canvas& canvas, const Scene& scene, const Palette& palette)
{
    const SceneLayout& layout = scene.layout;
    const Point centre{layout.sunX, layout.sunY};
    if (!scene.isNight()) {
        canvas.circle(centre, layout.sunRadius, palette.disc);
        return;
    }
    const float radius = layout.sunRadius;
    const Point bite{centre.x + 0.48F * radius, centre.y - 0.28F * radius};
    const auto distance = [&](Point p) {
        const float whole = distanceToCapsule(p, centre, centre, radius);
        const float cut = distanceToCapsule(p, bite, bite, 0.80F * radius);
        return std::max(whole, -cut);
    };
    const Box box{centre.x - radius, centre.y - radius, centre.x + radius, centre.y + radius};
    canvas.paint(box, distance, [&](Point) { return palette.disc; });
}

/// Puffs on a flat base, lit from above.
void drawCloud(Canvas& canvas, const Palette& palette, Point at, float width, float lean)
{
    struct Puff {
        float x, y, radius;
    };
    const std::array<Puff, 4> puffs = {{{-0.34F, -0.10F, 0.15F},
                                        {-0.10F + 0.06F * lean, -0.22F, 0.22F},
                                        {0.15F + 0.06F * lean, -0.15F, 0.18F},
                                        {0.36F, -0.08F, 0.13F}}};
    const auto distance = [&](Point p) {
        const Point q{(p.x - at.x) / width, (p.y - at.y) / width};
        float nearest = distanceToCapsule(q, {-0.38F, -0.09F}, {0.38F, -0.09F}, 0.09F);
        for (const Puff& puff : puffs) {
            const float dx = q.x - puff.x;
            const float dy = q.y - puff.y;
            nearest = std::min(nearest, std::sqrt(dx * dx + dy * dy) - puff.radius);
        }
        return std::max(nearest, q.y) * width;
    };
    const auto shade = [&](Point p) {
        const float depth = (p.y - at.y) / width;
        return mix(palette.cloud, palette.cloudShade, smoothStep(-0.22F, 0.0F, depth));
    };
    const Box box{at.x - 0.55F * width, at.y - 0.48F * width, at.x + 0.55F * width, at.y};
    canvas.paint(box, distance, shade, 0.93F);
}

/// One cloud in each of four places, moved up or down where it would hide the sun or moon.
void drawClouds(Canvas& canvas, const Scene& scene, const Palette& palette)
{
    SceneRandom random(scene.seed, scene.index, ScenePart::Clouds);
    const SceneLayout& layout = scene.layout;
    const std::array<Point, 4> places = {{{0.10F, 0.15F}, {0.38F, 0.27F}, {0.64F, 0.12F}, {0.92F, 0.25F}}};
    const bool mirrored = random.chance(0.5F);
    for (const Point place : places) {
        const float width = random.between(0.22F, 0.31F);
        const float x = place.x + random.between(-0.05F, 0.05F);
        Point at{mirrored ? 1 - x : x, place.y + random.between(-0.02F, 0.03F)};
        const float lean = random.between(-1, 1);
        const float reachX = 0.5F * width + layout.sunRadius + 0.01F;
        const bool beside = std::abs(at.x - layout.sunX) > reachX;
        const float above = layout.sunY - layout.sunRadius - 0.015F;
        const float under = layout.sunY + layout.sunRadius + 0.42F * width + 0.015F;
        if (!beside && at.y > above && at.y < under) {
            at.y = above > 0.12F ? above : under;
        }
        drawCloud(canvas, palette, at, width, lean);
    }
}

} // namespace

void drawSky(Canvas& canvas, const Scene& scene)
{
    const Palette& palette = paletteOf(scene.time);
    drawAir(canvas, scene, palette);
    if (scene.hasStars()) {
        drawStars(canvas, scene);
    }
    drawDisc(canvas, scene, palette);
    if (scene.sky == SkyKind::Clouds) {
        drawClouds(canvas, scene, palette);
    }
}

} // namespace jacobi
