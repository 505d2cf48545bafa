// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/training/drawpalette.h"
#include "models/training/drawscene.h"
#include "models/training/scenerandom.h"

namespace jacobi {
namespace {

/// Draws one subject in its own coordinates: the foot at 0, 0, y upward, in units of the picture's side times scale.
class Easel {
public:
    Easel(Canvas& canvas, const Scene& scene, bool left)
        : canvas(canvas)
        , scene(scene)
        , palette(paletteOf(scene.time))
        , colour((left ? scene.left : scene.right).colour)
        , random(scene.seed, scene.index, left ? ScenePart::Left : ScenePart::Right)
        , sunSide(scene.layout.sunX < (left ? scene.layout.leftX : scene.layout.rightX) ? -1.0F : 1.0F)
        , m_foot(footOf(scene, left))
        , m_scale(left ? scene.layout.leftScale : scene.layout.rightScale)
    {
    }

    Point at(float x, float y) const { return {m_foot.x + x * m_scale, m_foot.y - y * m_scale}; }
    float length(float a) const { return a * m_scale; }
    Colour lit(std::uint32_t rgb) const { return hexColour(rgb) * palette.subjectLight; }
    Colour shaded(Colour c, float amount) const { return mix(c, c * palette.shadow, amount); }

    void box(float x0, float y0, float x1, float y1, Colour c, float opacity = 1)
    {
        const Point a = at(x0, y1);
        const Point b = at(x1, y0);
        canvas.rectangle({a.x, a.y, b.x, b.y}, c, opacity);
    }
    void polygon(std::initializer_list<Point> corners, Colour c, float opacity = 1)
    {
        std::vector<Point> placed;
        for (const Point p : corners) {
            placed.push_back(at(p.x, p.y));
        }
        canvas.polygon(placed, c, opacity);
    }
    void disc(float x, float y, float radius, Colour c, float opacity = 1, float softness = 0)
    {
        canvas.circle(at(x, y), length(radius), c, opacity, softness);
    }
    void stroke(Point a, Point b, float radius, Colour c, float opacity = 1)
    {
        canvas.capsule(at(a.x, a.y), at(b.x, b.y), length(radius), c, opacity);
    }
    /// Soft shadow on the ground, away from the sun.
    void groundShadow(float halfWidth)
    {
        canvas.ellipse(at(-sunSide * 0.25F * halfWidth, -0.004F), length(halfWidth), length(0.016F),
                       hexColour(0x101528), 0.30F, 0.02F);
    }

    Canvas& canvas;
    const Scene& scene;
    const Palette& palette;
    SubjectColour colour;
    SceneRandom random;
    float sunSide; ///< -1: the sun is to the left of it

private:
    Point m_foot;
    float m_scale;
};

/// A lit pane with its gleam, or a dark one by day.
void drawWindow(Easel& e, float x, float y, Colour frame)
{
    constexpr float half = 0.019F;
    if (e.palette.lamps) {
        e.disc(x, y, 0.045F, e.palette.window, 0.28F, 0.05F);
    }
    e.box(x - half - 0.007F, y - half - 0.007F, x + half + 0.007F, y + half + 0.007F, frame);
    e.box(x - half, y - half, x + half, y + half, e.palette.window);
}

void drawHouse(Easel& e)
{
    const auto wallOf = [](SubjectColour colour) -> std::uint32_t {
        switch (colour) {
        case SubjectColour::Red: return 0xD8403A;
        case SubjectColour::Yellow: return 0xF6C93C;
        case SubjectColour::Blue: return 0x3F74D6;
        default: return 0xF7F3EA;
        }
    };
    const Colour wall = e.lit(wallOf(e.colour));
    const Colour roof = e.lit(e.scene.snow ? 0xF3F7FD : e.colour == SubjectColour::Red ? 0x5B4348 : 0x8A4B3C);
    const Colour trim = e.lit(e.colour == SubjectColour::White ? 0x8D6A55 : 0xFFF6E6);
    e.groundShadow(0.16F);
    e.box(0.045F, 0.17F, 0.078F, 0.245F, e.lit(0x7D5148));
    e.box(0.040F, 0.238F, 0.083F, 0.252F, e.scene.snow ? e.lit(0xF3F7FD) : e.lit(0x5C3B36));
    e.box(-0.115F, 0, 0.115F, 0.125F, wall);
    e.box(e.sunSide > 0 ? -0.115F : 0.075F, 0, e.sunSide > 0 ? -0.075F : 0.115F, 0.125F, e.shaded(wall, 0.55F));
    e.box(-0.115F, 0.105F, 0.115F, 0.125F, e.shaded(wall, 0.9F));
    e.polygon({{-0.148F, 0.118F}, {0.148F, 0.118F}, {0.092F, 0.215F}, {-0.092F, 0.215F}}, roof);
    e.polygon({{-0.148F, 0.118F}, {0.148F, 0.118F}, {0.141F, 0.132F}, {-0.141F, 0.132F}}, e.shaded(roof, 0.8F));
    const Colour door = e.lit(e.colour == SubjectColour::White ? 0x9A4A3C : 0x6A4336);
    e.box(-0.024F, 0, 0.024F, 0.082F, door);
    drawWindow(e, -0.068F, 0.062F, trim);
    drawWindow(e, 0.068F, 0.062F, trim);
}

void drawTree(Easel& e)
{
    const auto leavesOf = [](SubjectColour colour) -> std::uint32_t {
        switch (colour) {
        case SubjectColour::Red: return 0xCB2F35;
        case SubjectColour::Orange: return 0xF08A24;
        case SubjectColour::Pink: return 0xF49AC1;
        default: return 0x3E9447;
        }
    };
    const Colour leaves = e.lit(leavesOf(e.colour));
    const Colour dark = e.shaded(leaves * 0.90F, 0.8F);
    const Colour bright = mix(leaves, e.lit(0xFFF3C4), 0.22F);
    const Colour bark = e.lit(0x7A4E35);
    e.groundShadow(0.12F);
    e.polygon({{-0.020F, -0.004F}, {0.020F, -0.004F}, {0.012F, 0.17F}, {-0.012F, 0.17F}}, bark);
    e.stroke({0, 0.09F}, {0.045F, 0.15F}, 0.008F, bark);
    struct Puff {
        float x, y, radius;
    };
    const float lean = e.random.between(-0.012F, 0.012F);
    const std::array<Puff, 5> crown = {{{-0.068F, 0.165F, 0.056F},
                                        {0.068F, 0.165F, 0.056F},
                                        {0.0F, 0.170F, 0.070F},
                                        {-0.038F + lean, 0.225F, 0.058F},
                                        {0.036F + lean, 0.232F, 0.056F}}};
    for (const Puff& puff : crown) {
        e.disc(puff.x, puff.y, puff.radius, dark);
    }
    for (const Puff& puff : crown) {
        e.disc(puff.x + 0.012F * e.sunSide, puff.y + 0.014F, 0.84F * puff.radius, leaves);
    }
    for (const Puff& puff : crown) {
        e.disc(puff.x + 0.024F * e.sunSide, puff.y + 0.026F, 0.40F * puff.radius, bright, 0.9F, 0.014F);
    }
}

void drawBoat(Easel& e)
{
    const auto hullOf = [](SubjectColour colour) -> std::uint32_t {
        switch (colour) {
        case SubjectColour::Red: return 0xDB3B36;
        case SubjectColour::Blue: return 0x2F62D0;
        case SubjectColour::Yellow: return 0xF8CB37;
        default: return 0xFBFAF4;
        }
    };
    const Colour hull = e.lit(hullOf(e.colour));
    const Colour cloth = e.lit(0xFBF4E2);
    const float wind = e.random.chance(0.5F) ? 1.0F : -1.0F;
    e.canvas.ellipse(e.at(0, -0.018F), e.length(0.125F), e.length(0.020F), hexColour(0x0B1B36), 0.38F, 0.02F);
    e.stroke({0.006F * wind, 0.03F}, {0.006F * wind, 0.295F}, 0.0085F, e.lit(0x6B4A38)); // over 2 pixels at 128
    e.polygon({{0.020F * wind, 0.068F}, {0.115F * wind, 0.068F}, {0.020F * wind, 0.280F}}, hull);
    e.polygon({{0.020F * wind, 0.068F}, {0.115F * wind, 0.068F}, {0.094F * wind, 0.110F}, {0.020F * wind, 0.110F}},
              e.shaded(hull, 0.6F));
    e.polygon({{-0.010F * wind, 0.072F}, {-0.090F * wind, 0.072F}, {-0.010F * wind, 0.235F}},
              e.colour == SubjectColour::White ? e.shaded(cloth, 0.5F) : cloth);
    e.polygon({{-0.130F, 0.052F}, {0.130F, 0.052F}, {0.092F, -0.016F}, {-0.088F, -0.016F}}, hull);
    e.polygon({{-0.109F, 0.012F}, {0.109F, 0.012F}, {0.092F, -0.016F}, {-0.088F, -0.016F}}, e.shaded(hull, 0.9F));
    e.stroke({-0.126F, 0.052F}, {0.126F, 0.052F}, 0.007F, e.lit(0x7A5138));
}

/// The lamp's two beams, fading outward.
void drawBeam(Easel& e, float lampY)
{
    const Point lamp = e.at(0, lampY);
    const Colour beam = hexColour(0xFFEFA8);
    for (const float direction : {-1.0F, 1.0F}) {
        constexpr float reach = 0.60F;
        const std::array<Point, 3> wedge = {Point{lamp.x, lamp.y},
                                            Point{lamp.x + direction * reach, lamp.y - 0.020F - 0.09F},
                                            Point{lamp.x + direction * reach, lamp.y - 0.020F + 0.09F}};
        e.canvas.paint(
            boundsOf(wedge),
            [&](Point p) {
                // Fades with distance: the edge's coverage is reused as opacity by widening the wedge's inside.
                return distanceToPolygon(p, wedge);
            },
            [&](Point) { return beam; }, 0.30F, 0.012F);
    }
}

void drawLighthouse(Easel& e)
{
    const Colour band = e.lit(e.colour == SubjectColour::Blue ? 0x2F62D0 : 0xD93A35);
    const Colour white = e.lit(0xFBF7EE);
    constexpr float height = 0.30F;
    constexpr int stripes = 5;
    e.groundShadow(0.09F);
    const auto half = [](float y) { return 0.054F - 0.020F * y / height; };
    for (int i = 0; i < stripes; ++i) {
        const float y0 = height * static_cast<float>(i) / stripes;
        const float y1 = height * static_cast<float>(i + 1) / stripes;
        e.polygon({{-half(y0), y0}, {half(y0), y0}, {half(y1), y1}, {-half(y1), y1}}, i % 2 == 0 ? band : white);
    }
    const float dark = -e.sunSide;
    e.polygon({{dark * half(0), 0}, {dark * 0.35F * half(0), 0}, {dark * 0.35F * half(height), height},
               {dark * half(height), height}},
              e.palette.shadow * 0.35F, 0.28F);
    e.box(-0.050F, height, 0.050F, height + 0.016F, e.lit(0x4B4650));
    const Colour lamp = e.palette.lamps ? hexColour(0xFFE98A) : e.lit(0xFFF0B0);
    const float lampY = height + 0.038F;
    if (e.palette.lamps) {
        e.disc(0, lampY, 0.075F, hexColour(0xFFE98A), 0.45F, 0.10F);
    }
    if (e.scene.isNight()) {
        drawBeam(e, lampY);
    }
    e.box(-0.026F, height + 0.016F, 0.026F, height + 0.060F, lamp);
    e.polygon({{-0.040F, height + 0.058F}, {0.040F, height + 0.058F}, {0, height + 0.105F}}, band);
}

void drawCactus(Easel& e)
{
    const Colour green = e.lit(e.colour == SubjectColour::Purple ? 0x9A52C4 : 0x3B9151);
    const Colour dark = e.shaded(green * 0.92F, 0.7F);
    const Colour bright = mix(green, e.lit(0xFFF3C4), 0.30F);
    const float flip = e.random.chance(0.5F) ? 1.0F : -1.0F;
    e.groundShadow(0.10F);
    struct Limb {
        Point a, b;
        float radius;
    };
    const std::array<Limb, 5> limbs = {{{{0, 0}, {0, 0.255F}, 0.036F},
                                        {{0, 0.095F}, {-0.085F * flip, 0.095F}, 0.024F},
                                        {{-0.085F * flip, 0.095F}, {-0.085F * flip, 0.185F}, 0.025F},
                                        {{0, 0.130F}, {0.080F * flip, 0.130F}, 0.023F},
                                        {{0.080F * flip, 0.130F}, {0.080F * flip, 0.205F}, 0.024F}}};
    for (const Limb& limb : limbs) {
        e.stroke(limb.a, limb.b, limb.radius, dark);
    }
    const float toSun = 0.006F * e.sunSide;
    for (const Limb& limb : limbs) {
        e.stroke({limb.a.x + toSun, limb.a.y}, {limb.b.x + toSun, limb.b.y}, limb.radius - 0.007F, green);
    }
    for (const std::size_t i : {0U, 2U, 4U}) {
        const Limb& limb = limbs[i];
        const float x = limb.a.x + 2 * toSun;
        e.stroke({x, limb.a.y + 0.02F}, {x, limb.b.y - 0.005F}, 0.0055F, bright, 0.8F);
    }
}

void drawSubject(Canvas& canvas, const Scene& scene, bool left)
{
    Easel easel(canvas, scene, left);
    switch ((left ? scene.left : scene.right).kind) {
    case SubjectKind::House: drawHouse(easel); return;
    case SubjectKind::Tree: drawTree(easel); return;
    case SubjectKind::Boat: drawBoat(easel); return;
    case SubjectKind::Lighthouse: drawLighthouse(easel); return;
    case SubjectKind::Cactus: drawCactus(easel); return;
    case SubjectKind::None: return;
    }
}

} // namespace

void drawSubjects(Canvas& canvas, const Scene& scene)
{
    drawSubject(canvas, scene, true);
    drawSubject(canvas, scene, false);
}

} // namespace jacobi
