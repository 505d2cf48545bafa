// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/training/drawscene.h"

#include <array>

namespace jacobi {
namespace {

/// Puffs on a flat base, lit from above; mirrored where flip is -1.
void drawCloud(Canvas& canvas, const Palette& palette, Point base, float width, float flip)
{
    struct Puff {
        float x, y, radius;
    };
    constexpr std::array<Puff, 4> puffs = {
        {{-0.34F, -0.10F, 0.13F}, {-0.10F, -0.20F, 0.21F}, {0.16F, -0.14F, 0.17F}, {0.36F, -0.08F, 0.11F}}};
    const auto distance = [&](Point p) {
        const Point q{flip * (p.x - base.x) / width, (p.y - base.y) / width};
        float nearest = distanceToCapsule(q, {-0.40F, -0.08F}, {0.40F, -0.08F}, 0.08F);
        for (const Puff& puff : puffs) {
            const float dx = q.x - puff.x;
            const float dy = q.y - puff.y;
            nearest = std::min(nearest, std::sqrt(dx * dx + dy * dy) - puff.radius);
        }
        return std::max(nearest, q.y) * width;
    };
    const auto shade = [&](Point p) {
        const float depth = (p.y - base.y) / width;
        return mix(palette.cloud, palette.cloudShade, smoothStep(-0.20F, -0.02F, depth));
    };
    const Box box{base.x - 0.55F * width, base.y - 0.44F * width, base.x + 0.55F * width, base.y};
    canvas.paint(box, distance, shade);
}

/// Up to four clouds of an arrangement; one that would hide the sun or moon is left out.
void drawFairClouds(Canvas& canvas, const Scene& scene, const Palette& palette)
{
    struct Place {
        float x, y, width, flip;
    };
    constexpr std::array<std::array<Place, 4>, 4> arrangements = {
        {{{{16, 24, 40, 1}, {60, 40, 32, -1}, {104, 32, 40, 1}, {72, 16, 24, 1}}},
         {{{24, 40, 40, -1}, {64, 24, 40, 1}, {112, 24, 40, -1}, {100, 48, 24, 1}}},
         {{{12, 32, 32, 1}, {48, 16, 32, 1}, {84, 40, 40, -1}, {116, 16, 32, 1}}},
         {{{32, 24, 40, 1}, {8, 48, 32, -1}, {80, 24, 32, -1}, {108, 40, 40, 1}}}}};
    const SceneLayout& layout = scene.layout;
    for (const Place& place : arrangements[static_cast<std::size_t>(layout.clouds)]) {
        const float width = px(place.width);
        const Point base{px(place.x), px(place.y)};
        const float dx = std::abs(base.x - layout.sunX) - 0.5F * width;
        const float dy = std::abs(base.y - 0.2F * width - layout.sunY) - 0.2F * width;
        if (std::max(dx, dy) > layout.sunRadius + px(1))
            drawCloud(canvas, palette, base, width, place.flip);
    }
}

/// A ceiling of cloud with a scalloped lower edge.
void drawRainClouds(Canvas& canvas, const Scene& scene, const Palette& palette)
{
    const float shift = px(8) * static_cast<float>(scene.layout.clouds);
    const auto deck = [&](float bottom, float radius, float spacing, Colour colour) {
        canvas.rectangle({-1, -1, 2, bottom}, colour);
        const float offset = std::fmod(shift + (colour.r == palette.cloud.r ? px(12) : 0), spacing);
        for (float x = -spacing; x < 1 + spacing; x += spacing)
            canvas.ellipse({x + offset, bottom}, radius, 0.75F * radius, colour);
    };
    deck(px(16), px(15), px(24), palette.cloudShade);
    deck(px(6), px(13), px(24), palette.cloud);
}

} // namespace

void drawClouds(Canvas& canvas, const Scene& scene)
{
    const Palette& palette = paletteOf(scene);
    if (scene.weather == Weather::Clouds)
        drawFairClouds(canvas, scene, palette);
    if (scene.weather == Weather::Rain)
        drawRainClouds(canvas, scene, palette);
}

void drawFogBank(Canvas& canvas, const Scene& scene, float y)
{
    if (scene.weather != Weather::Fog)
        return;
    const Colour fog = paletteOf(scene).fog;
    canvas.capsule({-0.2F, y}, {1.2F, y}, px(5), fog, 0.85F, px(5));
}

void drawFalling(Canvas& canvas, const Scene& scene)
{
    if (scene.weather != Weather::Rain && scene.weather != Weather::Snowfall)
        return;
    const bool rain = scene.weather == Weather::Rain;
    const Colour drop = scene.isNight() ? hexColour(0xB9C8EE) : hexColour(0xF4F9FF);
    // Two to a cell of two patches, so that the same patches come everywhere.
    for (int row = rain ? 1 : 0; row < 8; ++row) {
        for (int column = 0; column < 8; ++column) {
            const float x = px(16) * static_cast<float>(column) + px(4);
            const float y = px(16) * static_cast<float>(row) + px(4);
            if (rain) {
                canvas.capsule({x + px(1.5F), y - px(3)}, {x - px(1.5F), y + px(3)}, px(1), drop, 0.50F, px(1.2F));
                canvas.capsule({x + px(9.5F), y + px(5)}, {x + px(6.5F), y + px(11)}, px(1), drop, 0.50F, px(1.2F));
            } else {
                canvas.circle({x, y}, px(1.9F), hexColour(0xFFFFFF), 0.95F, px(1.5F));
                canvas.circle({x + px(8), y + px(8)}, px(1.5F), hexColour(0xFFFFFF), 0.95F, px(1.5F));
            }
        }
    }
}

} // namespace jacobi
