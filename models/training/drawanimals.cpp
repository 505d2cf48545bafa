// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/training/draweasel.h"

namespace jacobi {
namespace {

/// Four legs, the far ones darker.
void drawLegs(Easel& e, float hip, float rear, float fore, float radius, Colour colour)
{
    const float f = e.flip;
    const Colour far = e.shaded(colour, 1) * 0.9F;
    e.stroke({f * (rear + 4), hip}, {f * (rear + 4.5F), 1}, radius, far);
    e.stroke({f * (fore - 3), hip}, {f * (fore - 3.5F), 1}, radius, far);
    e.stroke({f * rear, hip}, {f * (rear - 1), 1}, radius, colour);
    e.stroke({f * fore, hip}, {f * (fore + 1), 1}, radius, colour);
}

} // namespace

void drawDeer(Easel& e)
{
    const Colour coat = e.lit(0xA5673A);
    const Colour antler = e.lit(0x6E4A30);
    const float f = e.flip;
    e.groundShadow(14);
    drawLegs(e, 13, -10, 7, 1.35F, coat);
    e.stroke({f * -8, 16}, {f * 6, 17}, 5, coat);
    e.stroke({f * -7, 13.5F}, {f * 5, 14.5F}, 2, e.lit(0xD9A878));
    e.disc(f * -13, 18.5F, 2.2F, e.lit(0xFFF6E6));
    e.stroke({f * 7, 18}, {f * 11.5F, 28}, 2.7F, coat);
    e.stroke({f * 11.5F, 29}, {f * 16, 27.5F}, 2.3F, coat);
    e.stroke({f * 10, 31}, {f * 7, 32.5F}, 1.1F, coat); // ear
    for (const float lean : {-1.0F, 1.0F}) {
        const float x = 11.5F + 1.5F * lean;
        e.stroke({f * x, 30}, {f * (x + 3.5F * lean), 38}, 1.05F, antler);
        e.stroke({f * (x + 3.5F * lean), 38}, {f * (x + 2.5F * lean), 43}, 1.05F, antler);
        e.stroke({f * (x + 2.2F * lean), 35}, {f * (x + 6.5F * lean), 39}, 1.05F, antler);
    }
}

void drawHorse(Easel& e)
{
    const bool white = e.colour == SubjectColour::White;
    const Colour coat = e.lit(white ? 0xFBF6EE : 0x8B4E2B);
    const Colour mane = e.lit(white ? 0xB9A48E : 0x3F2A22);
    const float f = e.flip;
    e.groundShadow(17);
    e.stroke({f * -14, 20}, {f * -18, 9}, 2, mane); // tail
    drawLegs(e, 13, -10, 9, 1.7F, coat);
    e.oval(f * -1, 18, 14, 6.2F, coat);
    e.polygon({{f * 3, 20}, {f * 12, 16}, {f * 18.5F, 32}, {f * 13, 34}}, coat);
    e.stroke({f * 16, 32}, {f * 22, 26}, 2.9F, coat);
    e.stroke({f * 4, 23.5F}, {f * 13, 34.5F}, 1.9F, mane);
    e.stroke({f * 14.5F, 34}, {f * 14.5F, 37}, 1.2F, coat); // ear
}

void drawBird(Easel& e)
{
    const Colour ink = e.colour == SubjectColour::White ? hexColour(0xFFFFFF) : hexColour(0x2B2B3C);
    constexpr std::array<Point, 5> wings = {{{-9, 3}, {-5, 4.6F}, {0, 0}, {5, 4.6F}, {9, 3}}};
    for (std::size_t i = 0; i + 1 < wings.size(); ++i)
        e.stroke(wings[i], wings[i + 1], 1.35F, ink);
    e.stroke({0, 0}, {0, -1.5F}, 1.5F, ink);
}

} // namespace jacobi
