// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/training/draweasel.h"

namespace jacobi {

void drawBoat(Easel& e)
{
    const Colour hull = e.lit();
    const Colour cloth = e.lit(e.colour == SubjectColour::White ? 0xE9E4EE : 0xFFF7E4);
    const Colour wood = e.lit(0x6B4A38);
    const float f = e.flip;
    if (!e.mirrored())
        e.oval(0, -0.5F, 17, 2, hexColour(0x0B1B36), 0.35F, 2);
    e.stroke({f, 4}, {f, 38}, 1.4F, wood);
    e.polygon({{3 * f, 10}, {16 * f, 10}, {3 * f, 36}}, hull);
    e.polygon({{3 * f, 10}, {16 * f, 10}, {13.2F * f, 15}, {3 * f, 15}}, e.shaded(hull, 0.6F));
    e.polygon({{-1.5F * f, 10}, {-12 * f, 10}, {-1.5F * f, 30}}, cloth);
    e.polygon({{-17, 8}, {17, 8}, {12, 0}, {-11.5F, 0}}, hull);
    e.polygon({{-14.5F, 3.6F}, {14.3F, 3.6F}, {12, 0}, {-11.5F, 0}}, e.shaded(hull, 0.9F));
    e.stroke({-16, 8}, {16, 8}, 1.1F, wood);
}

void drawBalloon(Easel& e)
{
    const Colour cloth = e.lit();
    const Colour white = e.lit(0xFFF8EA);
    const Colour rope = e.lit(0x5A4036);
    constexpr float middle = 5; // of the envelope, above the place
    e.stroke({-6, -6}, {-2.6F, -17}, 0.9F, rope);
    e.stroke({6, -6}, {2.6F, -17}, 0.9F, rope);
    // Gores: the envelope, then narrower ones in turn upon it, each running down to the mouth.
    const auto gore = [&](float half, Colour c) {
        e.oval(0, middle, half, 14, c);
        const float shoulder = 0.93F * half;
        e.polygon({{-shoulder, middle - 5}, {shoulder, middle - 5}, {0.32F * half, -12}, {-0.32F * half, -12}}, c);
    };
    gore(14, cloth);
    gore(9.5F, white);
    gore(5, cloth);
    e.oval(-e.sunSide * 6, middle - 1, 8, 12, e.palette.shadow * 0.4F, 0.12F, 3);
    e.box(-4, -22, 4, -16, e.lit(0xA06A3C));
    e.box(-4, -17.6F, 4, -16, rope);
}

} // namespace jacobi
