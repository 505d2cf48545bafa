// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/training/drawscene.h"

namespace jacobi {
namespace {

/// Bright dashes below the sun, wider and further apart towards the viewer; the same below every sun.
void drawReflection(Canvas& canvas, const Scene& scene, const Palette& palette)
{
    constexpr std::array<float, 8> halves = {7, 10, 6, 11, 8, 13, 7, 10};
    const SceneLayout& layout = scene.layout;
    const float strength = scene.weather == Weather::Fog ? 0.5F : 0.85F;
    float y = layout.horizon + px(4);
    for (std::size_t k = 0; k < halves.size() && y < 1; ++k, y += px(8)) {
        const float half = px(halves[k]);
        const float fade = 1 - 0.06F * static_cast<float>(k);
        canvas.capsule({layout.sunX - half, y}, {layout.sunX + half, y}, px(1.3F), palette.disc, strength * fade,
                       px(1.2F));
    }
}

/// Far land on the horizon, on one side.
void drawShore(Canvas& canvas, const Scene& scene, const Palette& palette)
{
    if (scene.layout.shore == 0)
        return;
    const float horizon = scene.layout.horizon;
    const bool left = scene.layout.shore == 1;
    const Colour land = mix(hexColour(0x5F8F6E) * palette.light, palette.skyLow, 0.5F * palette.haze + 0.15F);
    const auto hill = [&](float x, float half, float height) {
        const Point centre{left ? px(x) : 1 - px(x), horizon};
        const auto distance = [&](Point p) {
            const float dx = (p.x - centre.x) / px(half);
            const float dy = (p.y - centre.y) / px(height);
            return std::max((std::sqrt(dx * dx + dy * dy) - 1) * px(height), p.y - horizon);
        };
        canvas.paint({centre.x - px(half), horizon - px(height), centre.x + px(half), horizon}, distance,
                     [&](Point) { return land; });
    };
    hill(4, 32, 8);
    hill(36, 20, 5);
}

} // namespace

void drawWater(Canvas& canvas, const Scene& scene)
{
    const Palette& palette = paletteOf(scene);
    const float horizon = scene.layout.horizon;
    drawShore(canvas, scene, palette);
    const Colour far = mix(hexColour(0x5CB6DC) * palette.light, palette.skyLow, 0.40F);
    const Colour middle = mix(hexColour(0x3390C6) * palette.light, palette.skyMiddle, 0.18F);
    const Colour near = hexColour(0x1D68A4) * palette.light;
    const std::vector<float> skyline(static_cast<std::size_t>(canvas.size()), horizon);
    canvas.below(skyline, [&](Point p, std::size_t) {
        const float depth = (p.y - horizon) / px(56);
        return depth < 0.35F ? mix(far, middle, depth / 0.35F)
                             : mix(middle, near, std::min((depth - 0.35F) / 0.65F, 1.0F));
    });
    // Ripples in every second patch of a row, the rows in turn.
    for (int row = 0; row < 8; ++row) {
        const float y = horizon + px(8) * static_cast<float>(row) + px(4);
        for (int column = row % 2; column < 4; column += 1) {
            const float x = px(32) * static_cast<float>(column) + px(row % 2 == 0 ? 20.0F : 4.0F);
            canvas.capsule({x - px(5), y}, {x + px(5), y}, px(1.1F), far, 0.45F, px(1.2F));
        }
    }
    drawFogBank(canvas, scene, horizon);
    drawFogBank(canvas, scene, horizon + px(16));
    if (scene.hasSun())
        drawReflection(canvas, scene, palette);
}

} // namespace jacobi
