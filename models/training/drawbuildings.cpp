// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/training/draweasel.h"

namespace jacobi {

void drawHouse(Easel& e)
{
    const Colour wall = e.lit();
    const bool white = e.colour == SubjectColour::White;
    const Colour roof = e.lit(e.scene.hasSnow() ? 0xF6FAFF : e.colour == SubjectColour::Red ? 0x554A5C : 0x8F4A3E);
    const Colour eaves = e.scene.hasSnow() ? e.lit(0xB9C9E2) : e.shaded(roof, 1);
    const Colour trim = e.lit(white ? 0x8D6A55 : 0xFFF6E6);
    const bool gable = e.place.variant == 1;
    e.groundShadow(19);
    e.box(6, 20, 11, 31, e.lit(0x7D5148));
    e.box(5, 29, 12, 32, e.lit(e.scene.hasSnow() ? 0xF6FAFF : 0x5C3B36));
    e.box(-15, 0, 15, 16, wall);
    const float shadow = -e.sunSide;
    e.box(shadow > 0 ? 11 : -15, 0, shadow > 0 ? 15 : -11, 16, e.shaded(wall, 0.7F));
    if (gable) {
        e.polygon({{-15, 15}, {15, 15}, {0, 28}}, wall);
        e.polygon({{-19, 13}, {-15.5F, 13}, {0, 26.5F}, {15.5F, 13}, {19, 13}, {0, 31}}, roof);
    } else {
        e.polygon({{-19, 15}, {19, 15}, {13, 28}, {-13, 28}}, roof);
        e.polygon({{-19, 15}, {19, 15}, {18.2F, 17}, {-18.2F, 17}}, eaves);
    }
    e.box(-3, 0, 3, 10.5F, e.lit(white ? 0xA9473C : 0x6A4336));
    e.pane(-9, 8, 2.4F, trim);
    e.pane(9, 8, 2.4F, trim);
    if (gable)
        e.pane(0, 18.5F, 1.8F, trim);
}

namespace {

/// The lamp's two beams.
void drawBeam(Easel& e, float lampY)
{
    const Point lamp = e.at(0, lampY);
    for (const float direction : {-1.0F, 1.0F}) {
        const std::array<Point, 3> wedge = {lamp, Point{lamp.x + direction * px(76), lamp.y - px(14)},
                                            Point{lamp.x + direction * px(76), lamp.y + px(9)}};
        e.canvas.polygon(wedge, hexColour(0xFFEFA8), 0.30F);
    }
}

} // namespace

void drawLighthouse(Easel& e)
{
    const Colour band = e.lit();
    const Colour white = e.lit(0xFDF9F0);
    constexpr float height = 38;
    constexpr int stripes = 5;
    const auto half = [](float y) { return 8 - 3 * y / height; };
    constexpr float lampY = height + 5;
    e.groundShadow(11);
    if (e.scene.isNight())
        drawBeam(e, lampY);
    for (int i = 0; i < stripes; ++i) {
        const float y0 = height * static_cast<float>(i) / stripes;
        const float y1 = height * static_cast<float>(i + 1) / stripes;
        e.polygon({{-half(y0), y0}, {half(y0), y0}, {half(y1), y1}, {-half(y1), y1}}, i % 2 == 0 ? band : white);
    }
    const float dark = -e.sunSide;
    e.polygon({{dark * half(0), 0}, {dark * 3, 0}, {dark * 2, height}, {dark * half(height), height}},
              e.palette.shadow * 0.35F, 0.22F);
    e.box(-7, height, 7, height + 2.4F, e.lit(0x4B4650));
    if (e.palette.lamps)
        e.disc(0, lampY, 10, hexColour(0xFFE98A), 0.45F, 10);
    e.box(-3.5F, height + 2.4F, 3.5F, height + 8, e.palette.lamps ? hexColour(0xFFE98A) : e.lit(0xFFF0B0));
    e.polygon({{-5.5F, height + 7.5F}, {5.5F, height + 7.5F}, {0, height + 14}}, band);
}

void drawWindmill(Easel& e)
{
    const Colour body = e.lit();
    const Colour cap = e.lit(e.colour == SubjectColour::Red ? 0x4A4550 : 0x8F4A3E);
    const Colour spar = e.lit(0x5A4036);
    const Colour sail = e.lit(0xFFF4DC);
    e.groundShadow(13);
    e.polygon({{-10, 0}, {10, 0}, {6.5F, 28}, {-6.5F, 28}}, body);
    const float dark = -e.sunSide;
    e.polygon({{dark * 10, 0}, {dark * 4.5F, 0}, {dark * 3, 28}, {dark * 6.5F, 28}}, e.shaded(body, 0.8F));
    e.polygon({{-8.5F, 27}, {8.5F, 27}, {5, 34}, {-5, 34}}, cap);
    e.box(-2.8F, 0, 2.8F, 9, e.lit(0x6A4336));
    e.pane(0, 17, 1.8F, spar);
    constexpr Point hub{0, 29};
    // Four sails, each a spar with cloth on one side; the second silhouette is turned an eighth.
    const float turn = e.place.variant == 0 ? 0.42F : 1.00F;
    for (int i = 0; i < 4; ++i) {
        const float angle = turn + 1.5707963F * static_cast<float>(i);
        const float c = std::cos(angle);
        const float s = std::sin(angle);
        const auto on = [&](float along, float aside) {
            return Point{hub.x + c * along - s * aside, hub.y + s * along + c * aside};
        };
        e.polygon({on(5, -0.5F), on(20, -0.5F), on(20, 5), on(5, 4)}, sail);
        e.stroke(hub, on(20.5F, -0.5F), 1.15F, spar);
    }
    e.disc(hub.x, hub.y, 2.4F, spar);
}

void drawTower(Easel& e)
{
    const Colour stone = e.lit();
    const Colour dark = e.shaded(stone, 0.9F);
    const bool winter = e.scene.hasSnow();
    e.groundShadow(13);
    e.stroke({0, 40}, {0, 53}, 1.1F, e.lit(0x5A4036));
    const Colour flag = e.lit(e.colour == SubjectColour::Red ? 0xFFD24A : 0xD8403A);
    e.polygon({{0, 53.5F}, {0, 46}, {e.flip * 11, 49.7F}}, flag);
    e.box(-8, 0, 8, 32, stone);
    e.box(e.sunSide > 0 ? -8 : 3, 0, e.sunSide > 0 ? -3 : 8, 32, dark);
    e.box(-11, 31, 11, 37, stone);
    e.box(-11, 31, 11, 33, dark);
    for (const float x : {-11.0F, -2.5F, 6.0F}) {
        e.box(x, 36.5F, x + 5, 41, stone);
        if (winter)
            e.box(x, 40, x + 5, 42.5F, e.lit(0xF6FAFF));
    }
    const Colour door = e.lit(0x4F3A38);
    e.box(-3, 0, 3, 8, door);
    e.disc(0, 8, 3, door);
    e.pane(0, 22, 2, e.shaded(dark, 0.6F));
}

void drawBridge(Easel& e, bool left)
{
    // Drawn for the left: from the picture's edge over two arches to a small island towards the middle.
    const float outward = left ? -1.0F : 1.0F;
    const auto x = [&](float along) { return -outward * along; };
    const Colour stone = e.lit();
    const Colour rail = e.shaded(stone, 1) * 0.92F;
    constexpr float deck = 22;
    const auto arches = [&](float top, float upward, Colour colour, float opacity) {
        const Box body{std::min(e.at(x(-40), 0).x, e.at(x(22), 0).x), e.place.y - px(top),
                       std::max(e.at(x(-40), 0).x, e.at(x(22), 0).x), e.place.y};
        const auto distance = [&](Point p) {
            const float up = (e.place.y - p.y) * upward;
            const float block =
                std::max({body.left - p.x, p.x - body.right, up - px(top), -up - px(upward > 0 ? 2.0F : 0.0F)});
            float hole = 1;
            for (const float centre : {-15.0F, 9.0F}) {
                const Point foot{e.at(x(centre), 0).x, -px(4)};
                const Point crown{foot.x, px(4)};
                hole = std::min(hole, distanceToCapsule({p.x, -up}, {foot.x, -crown.y}, {foot.x, px(20)}, px(9)));
            }
            return std::max(block, -hole);
        };
        const Box around{body.left, e.place.y - px(24), body.right, e.place.y + px(16)};
        e.canvas.paint(
            around, distance, [&](Point) { return colour; }, opacity);
    };
    arches(deck * 0.6F, -1.6F, e.shaded(stone, 1), 0.35F); // in the water
    arches(deck, 1, stone, 1);
    e.box(x(-40), deck - 5, x(22), deck - 3, e.shaded(stone, 0.8F));
    e.box(x(-40), deck, x(24), deck + 2.5F, rail);
    for (const float post : {-27.0F, -3.0F, 21.0F}) {
        e.box(x(post - 2), deck, x(post + 2), deck + 6, stone);
        e.box(x(post - 3), deck + 5, x(post + 3), deck + 7.5F, rail);
    }
    // Where it comes ashore.
    const Colour grass = hexColour(0x5FA24C) * e.palette.light;
    const Point shore = e.at(x(27), 0);
    const auto mound = [&](Point p) {
        const float dx = (p.x - shore.x) / px(13);
        const float dy = (p.y - shore.y - px(2)) / px(20);
        return std::max((std::sqrt(dx * dx + dy * dy) - 1) * px(13), p.y - shore.y - px(2));
    };
    const Box around{shore.x - px(13), shore.y - px(20), shore.x + px(13), shore.y + px(2)};
    e.canvas.paint(around, mound, [&](Point p) {
        return mix(hexColour(0x8CC85F) * e.palette.light, grass, smoothStep(-px(20), -px(8), p.y - shore.y));
    });
}

} // namespace jacobi
