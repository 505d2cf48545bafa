// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/training/draweasel.h"

namespace jacobi {
namespace {

struct Puff {
    float x, y, radius;
};

/// A crown of puffs: dark below, its own colour, a gleam towards the sun.
void drawCrown(Easel& e, std::span<const Puff> puffs)
{
    const Colour leaves = e.lit();
    const Colour dark = e.shaded(leaves * 0.90F, 0.85F);
    const bool snow = e.scene.hasSnow();
    const Colour bright = snow ? e.lit(0xFAFCFF) : mix(leaves, e.lit(0xFFF6D0), 0.28F);
    for (const Puff& puff : puffs)
        e.disc(puff.x, puff.y, puff.radius, dark);
    for (const Puff& puff : puffs)
        e.disc(puff.x + 1.2F * e.sunSide, puff.y + 1.8F, 0.86F * puff.radius, leaves);
    for (const Puff& puff : puffs)
        e.disc(puff.x + 2.6F * e.sunSide, puff.y + (snow ? 4.5F : 3), (snow ? 0.55F : 0.42F) * puff.radius, bright,
               0.85F, 1.6F);
}

} // namespace

void drawTree(Easel& e)
{
    const Colour bark = e.lit(0x7A4E35);
    e.groundShadow(14);
    e.polygon({{-3.4F, -0.5F}, {3.4F, -0.5F}, {2, 20}, {-2, 20}}, bark);
    e.stroke({0, 11}, {5 * e.flip, 18}, 1.3F, bark);
    if (e.place.variant == 0) {
        constexpr std::array<Puff, 4> broad = {{{-9, 20, 8}, {9, 20, 8}, {0, 23, 10}, {1, 30, 8}}};
        drawCrown(e, broad);
    } else {
        constexpr std::array<Puff, 3> tall = {{{0, 20, 10}, {0, 27, 10.5F}, {0, 34, 7.5F}}};
        drawCrown(e, tall);
    }
}

void drawPine(Easel& e)
{
    const Colour green = e.lit(0x2E7D4F);
    const Colour dark = e.lit(0x1F5E46);
    const bool snow = e.scene.hasSnow();
    const float shadow = -e.sunSide;
    e.groundShadow(11);
    e.box(-2.2F, -0.5F, 2.2F, 7, e.lit(0x6B4432));
    struct Tier {
        float foot, top, half;
    };
    constexpr std::array<Tier, 3> tiers = {{{5, 20, 13}, {14, 30, 10.5F}, {24, 40, 8}}};
    for (const Tier& tier : tiers) {
        e.polygon({{-tier.half, tier.foot}, {tier.half, tier.foot}, {0, tier.top}}, green);
        e.polygon({{0, tier.foot}, {shadow * tier.half, tier.foot}, {0, tier.top}}, dark);
        if (snow) {
            const float share = 0.55F;
            const float y = tier.top + (tier.foot - tier.top) * share;
            e.polygon({{-tier.half * share, y},
                       {-2, y + 1.5F},
                       {0, y - 1.5F},
                       {3, y + 1},
                       {tier.half * share, y},
                       {0, tier.top}},
                      e.lit(0xF6FAFF));
        }
    }
}

void drawCactus(Easel& e)
{
    const Colour green = e.lit(e.colour == SubjectColour::Green ? 0x359653 : 0x9A52C4);
    const Colour dark = e.shaded(green * 0.90F, 0.8F);
    const Colour bright = mix(green, e.lit(0xFFF6D0), 0.35F);
    const float f = e.flip;
    struct Limb {
        Point a, b;
        float radius;
    };
    const std::array<Limb, 5> limbs = {{{{0, 0}, {0, 33}, 5},
                                        {{0, 12}, {-12 * f, 12}, 3.4F},
                                        {{-12 * f, 12}, {-12 * f, 24}, 3.4F},
                                        {{0, 18}, {11 * f, 18}, 3.2F},
                                        {{11 * f, 18}, {11 * f, 28}, 3.2F}}};
    e.groundShadow(13);
    for (const Limb& limb : limbs)
        e.stroke(limb.a, limb.b, limb.radius, dark);
    for (const Limb& limb : limbs)
        e.stroke({limb.a.x + e.sunSide, limb.a.y}, {limb.b.x + e.sunSide, limb.b.y}, limb.radius - 1, green);
    for (const std::size_t i : {0U, 2U, 4U}) {
        const Limb& limb = limbs[i];
        const float x = limb.a.x + 1.6F * e.sunSide;
        e.stroke({x, limb.a.y + 3}, {x, limb.b.y - 1}, 0.9F, bright, 0.85F);
    }
}

void drawFlowers(Easel& e)
{
    const Colour stem = e.lit(0x2F7A3A);
    const Colour petal = e.lit();
    const Colour heart = e.lit(e.colour == SubjectColour::Yellow ? 0xB8622A : 0xFFC93C);
    struct Flower {
        float x, y;
    };
    const float f = e.flip;
    const std::array<Flower, 5> bunch = {{{-19 * f, 14}, {-9 * f, 22}, {1 * f, 15}, {11 * f, 24}, {20 * f, 14}}};
    for (const Flower& flower : bunch) {
        e.stroke({flower.x, -6}, {flower.x, flower.y}, 1.2F, stem);
        e.polygon({{flower.x, 0}, {flower.x + 6, 6}, {flower.x + 1.5F, 5.5F}}, stem);
        e.polygon({{flower.x, -2}, {flower.x - 6, 4}, {flower.x - 1.5F, 3.5F}}, stem);
    }
    for (const Flower& flower : bunch) {
        for (int i = 0; i < 5; ++i) {
            const float angle = 1.5708F + 1.2566F * static_cast<float>(i);
            e.disc(flower.x + 3.3F * std::cos(angle), flower.y + 3.3F * std::sin(angle), 2.9F,
                   i < 2 ? petal : e.shaded(petal, 0.35F));
        }
        e.disc(flower.x, flower.y, 2.2F, heart);
    }
}

} // namespace jacobi
