// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/training/drawpalette.h"
#include "models/training/drawscene.h"
#include "models/training/scenerandom.h"

namespace jacobi {
namespace {

/// A layer of land: colour at its crest and below, before light and haze.
struct Ground {
    Colour crest;
    Colour foot;
    float haze;   ///< share of the horizon's colour
    float relief; ///< how much slopes facing the sun are brighter
};

std::array<Ground, 3> groundsOf(const Scene& scene, const Palette& palette)
{
    const float haze = palette.haze;
    if (scene.snow) {
        return {{{hexColour(0xEAF1FA), hexColour(0xD3DEEE), 0.7F * haze, 0.5F},
                 {hexColour(0xF0F5FC), hexColour(0xCFDCEE), 0.35F * haze, 0.5F},
                 {hexColour(0xFAFCFF), hexColour(0xD5E0F0), 0, 0.4F}}};
    }
    if (scene.terrain == Terrain::Desert) {
        return {{{hexColour(0xE9BE7C), hexColour(0xDDA968), haze, 0.9F},
                 {hexColour(0xE6B26A), hexColour(0xD09452), 0.4F * haze, 0.9F},
                 {hexColour(0xDFA85C), hexColour(0xBE8140), 0, 0.8F}}};
    }
    return {{{hexColour(0x8FB673), hexColour(0x7DA468), haze, 0.6F},
             {hexColour(0x79AE57), hexColour(0x5C9148), 0.4F * haze, 0.6F},
             {hexColour(0x62A04C), hexColour(0x3F7A3C), 0, 0.5F}}};
}

/// Skyline of a ridge at the centre of each column.
std::vector<float> skylineOf(const Canvas& canvas, const Ridge& ridge)
{
    std::vector<float> skyline(static_cast<std::size_t>(canvas.size()));
    for (int x = 0; x < canvas.size(); ++x) {
        skyline[static_cast<std::size_t>(x)] = ridge.at(canvas.centreOf(x));
    }
    return skyline;
}

/// How bright each column is: slopes that face the sun are lighter.
std::vector<float> reliefOf(const Canvas& canvas, const std::vector<float>& skyline, float sunX, float relief)
{
    std::vector<float> bright(skyline.size());
    for (std::size_t x = 0; x < skyline.size(); ++x) {
        const std::size_t before = x == 0 ? 0 : x - 1;
        const std::size_t after = std::min(x + 1, skyline.size() - 1);
        const float run = static_cast<float>(std::max<std::size_t>(after - before, 1)) * canvas.pixel();
        const float rise = (skyline[before] - skyline[after]) / run; // positive: uphill to the right
        const float toSun = std::clamp((sunX - canvas.centreOf(static_cast<int>(x))) * 3, -1.0F, 1.0F);
        bright[x] = 1 - std::clamp(relief * rise * toSun, -0.16F, 0.16F);
    }
    return bright;
}

void drawLayer(Canvas& canvas, const Scene& scene, const Palette& palette, const Ground& ground, const Ridge& ridge)
{
    const std::vector<float> skyline = skylineOf(canvas, ridge);
    const std::vector<float> bright = reliefOf(canvas, skyline, scene.layout.sunX, ground.relief);
    const Colour crest = mix(ground.crest * palette.light, palette.skyLow, ground.haze);
    const Colour foot = mix(ground.foot * palette.light, palette.skyLow, 0.8F * ground.haze);
    canvas.below(skyline, [&](Point p, std::size_t x) {
        const float depth = std::min((p.y - skyline[x]) * 5, 1.0F);
        return mix(crest, foot, depth) * bright[x];
    });
}

void drawDunes(Canvas& canvas, const Scene& scene, const Palette& palette)
{
    const auto grounds = groundsOf(scene, palette);
    for (std::size_t i = 0; i < grounds.size(); ++i) {
        drawLayer(canvas, scene, palette, grounds[i], scene.layout.ridges[i]);
    }
}

/// What a facet of rock or snow looks like at a height: its colour, fading into mist towards the foot.
struct Facet {
    Colour colour;
    Colour mist;
    float from, to, strength;

    Colour operator()(Point p) const { return mix(colour, mist, strength * smoothStep(from, to, p.y)); }
};

struct MountainColours {
    Colour light, dark, snowLight, snowDark, mist;
    float mistStrength;
    float snowShare; ///< of the height; 0: bare
};

/// A mountain: a bright face, a face in shadow beyond a zigzag ridge line, and caps of snow on both.
void drawMountain(Canvas& canvas, const Peak& peak, const MountainColours& colours, bool sunFromLeft)
{
    constexpr float foot = 0.74F;
    const float height = foot - peak.top;
    const float side = sunFromLeft ? 1.0F : -1.0F; // where the shadow is
    const auto inner = [&](float share, float swing) {
        return Point{peak.x + peak.bend * 0.25F * peak.halfWidth * share + swing * peak.halfWidth,
                     peak.top + height * share};
    };
    const auto edge = [&](float share, float direction) {
        return Point{peak.x + direction * peak.halfWidth * share, peak.top + height * share};
    };
    const Point summit{peak.x, peak.top};
    const auto paint = [&](std::initializer_list<Point> corners, Colour colour) {
        const std::span<const Point> span(corners.begin(), corners.size());
        canvas.paint(
            boundsOf(span), [&](Point p) { return distanceToPolygon(p, span); },
            Facet{colour, colours.mist, peak.top + 0.35F * height, foot, colours.mistStrength});
    };
    const Point bend1 = inner(0.25F, -0.05F * side);
    const Point bend2 = inner(0.45F, 0.09F * side);
    paint({summit, edge(1, 1), edge(1, -1)}, colours.light);
    // A lesser facet breaks the bright face.
    paint({inner(0.45F, 0.02F * side), inner(0.62F, -0.20F * side), inner(1, -0.34F * side), inner(1, 0.2F * side)},
          mix(colours.light, colours.dark, 0.35F));
    paint({summit, edge(1, side), inner(1, 0.06F * side), inner(0.7F, -0.04F * side), bend2, bend1}, colours.dark);
    if (colours.snowShare <= 0) {
        return;
    }
    const float s = colours.snowShare;
    const Point middle = inner(1.05F * s, 0.0F);
    const Point tooth = inner(0.72F * s, 0.36F * s * side);
    paint({summit, edge(s, side), tooth, middle, inner(0.70F * s, -0.38F * s * side), edge(0.95F * s, -side)},
          colours.snowLight);
    paint({summit, edge(s, side), tooth, middle, inner(0.5F * s, 0.04F * side), inner(0.25F * s, -0.03F * side)},
          colours.snowDark);
}

void drawMountains(Canvas& canvas, const Scene& scene, const Palette& palette)
{
    const SceneLayout& layout = scene.layout;
    const Colour rock = hexColour(0x8C8FA3);
    const Colour snow = hexColour(0xF8FAFF);
    MountainColours colours;
    colours.mist = palette.skyLow;
    const auto faces = [&](float haze) {
        const Colour lit = palette.light;
        const Colour dim = palette.light * palette.shadow;
        colours.light = mix(rock * lit, palette.skyLow, haze);
        colours.dark = mix(rock * dim * 0.82F, palette.skyLow, haze);
        colours.snowLight = mix(snow * mix(lit, {1, 1, 1}, 0.15F), palette.skyLow, haze);
        colours.snowDark = mix(snow * mix(dim, {1, 1, 1}, 0.05F), palette.skyLow, haze);
    };
    faces(0.62F * palette.haze + 0.25F);
    colours.mistStrength = 0.6F;
    colours.snowShare = scene.snow ? 0.45F : 0;
    for (const Peak& peak : layout.farPeaks) {
        drawMountain(canvas, peak, colours, layout.sunX < peak.x);
    }
    faces(0.05F);
    colours.mistStrength = 0.45F;
    colours.snowShare = scene.snow ? 0.52F : 0;
    for (const Peak& peak : layout.peaks) {
        drawMountain(canvas, peak, colours, layout.sunX < peak.x);
    }
    const auto grounds = groundsOf(scene, palette);
    for (std::size_t i = 1; i < grounds.size(); ++i) {
        drawLayer(canvas, scene, palette, grounds[i], layout.ridges[i]);
    }
}

/// Bright dashes below the sun, wider and further apart towards the viewer.
void drawReflection(Canvas& canvas, const Scene& scene, const Palette& palette, SceneRandom& random)
{
    const SceneLayout& layout = scene.layout;
    constexpr int dashes = 11;
    const float strength = scene.time == SceneTime::Day ? 0.75F : 0.9F;
    for (int k = 0; k < dashes; ++k) {
        const float t = (static_cast<float>(k) + 0.4F) / dashes;
        const float y = layout.horizon + (0.99F - layout.horizon) * std::pow(t, 1.25F);
        const float half = (0.030F + 0.055F * t) * random.between(0.65F, 1.15F);
        const float x = layout.sunX + random.between(-0.012F, 0.012F) * (1 + t);
        const float radius = 0.0042F + 0.0035F * t;
        canvas.capsule({x - half, y}, {x + half, y}, radius, palette.disc, strength * (1 - 0.45F * t), 0.008F);
    }
}

void drawWater(Canvas& canvas, const Scene& scene, const Palette& palette)
{
    SceneRandom random(scene.seed, scene.index, ScenePart::Water);
    const float horizon = scene.layout.horizon;
    const Colour far = mix(hexColour(0x4FA6D0) * palette.light, palette.skyLow, 0.42F);
    const Colour middle = mix(hexColour(0x2F83BB) * palette.light, palette.skyMiddle, 0.18F);
    const Colour near = hexColour(0x1C5F98) * palette.light;
    const std::vector<float> skyline(static_cast<std::size_t>(canvas.size()), horizon);
    canvas.below(skyline, [&](Point p, std::size_t) {
        const float depth = (p.y - horizon) / (1 - horizon);
        return depth < 0.35F ? mix(far, middle, depth / 0.35F) : mix(middle, near, (depth - 0.35F) / 0.65F);
    });
    constexpr int ripples = 12;
    for (int i = 0; i < ripples; ++i) {
        const float t = (static_cast<float>(i) + random.uniform()) / ripples;
        const float y = horizon + 0.02F + (0.97F - horizon) * t;
        const float x = random.uniform();
        const float half = 0.03F + 0.06F * t;
        canvas.capsule({x - half, y}, {x + half, y}, 0.0038F, far, 0.38F, 0.008F);
    }
    drawReflection(canvas, scene, palette, random);
}

bool standsOnHeadland(const Subject& subject)
{
    return subject.kind != SubjectKind::None && subject.kind != SubjectKind::Boat;
}

float headlandAt(float x, float centre, float outward)
{
    // Falls off towards the middle of the picture, runs on beyond its edge.
    const float along = (x - centre) * outward;
    const float t = along > 0 ? along / 0.60F : -along / 0.26F;
    return t >= 1.2F ? 2.0F : 0.785F + 0.25F * std::pow(t, 2.4F);
}

void drawHeadland(Canvas& canvas, const Scene& scene, const Palette& palette, const Subject& subject, bool left)
{
    const float centre = left ? scene.layout.leftX : scene.layout.rightX;
    std::vector<float> skyline(static_cast<std::size_t>(canvas.size()));
    for (int x = 0; x < canvas.size(); ++x) {
        skyline[static_cast<std::size_t>(x)] = headlandAt(canvas.centreOf(x), centre, left ? -1.0F : 1.0F);
    }
    const bool rock = subject.kind == SubjectKind::Lighthouse;
    const Colour crest = (rock ? hexColour(0xA3978C) : hexColour(0x79AE57)) * palette.light;
    const Colour foot = (rock ? hexColour(0x6C6462) : hexColour(0x447F41)) * palette.light;
    canvas.below(skyline, [&](Point p, std::size_t x) {
        return mix(crest, foot, std::min((p.y - skyline[x]) * 4.5F, 1.0F));
    });
}

} // namespace

void drawTerrain(Canvas& canvas, const Scene& scene)
{
    const Palette& palette = paletteOf(scene.time);
    switch (scene.terrain) {
    case Terrain::Sea:
        drawWater(canvas, scene, palette);
        if (standsOnHeadland(scene.left)) {
            drawHeadland(canvas, scene, palette, scene.left, true);
        }
        if (standsOnHeadland(scene.right)) {
            drawHeadland(canvas, scene, palette, scene.right, false);
        }
        return;
    case Terrain::Mountains: drawMountains(canvas, scene, palette); return;
    case Terrain::Hills:
    case Terrain::Desert: drawDunes(canvas, scene, palette); return;
    }
}

float groundAt(const Scene& scene, float x)
{
    if (scene.terrain != Terrain::Sea) {
        return scene.layout.ridges[2].at(x);
    }
    float ground = 2;
    if (standsOnHeadland(scene.left)) {
        ground = std::min(ground, headlandAt(x, scene.layout.leftX, -1));
    }
    if (standsOnHeadland(scene.right)) {
        ground = std::min(ground, headlandAt(x, scene.layout.rightX, 1));
    }
    return ground;
}

Point footOf(const Scene& scene, bool left)
{
    const SceneLayout& layout = scene.layout;
    const Subject& subject = left ? scene.left : scene.right;
    const float x = left ? layout.leftX : layout.rightX;
    if (subject.kind == SubjectKind::Boat) {
        return {x, layout.horizon + 0.20F};
    }
    const float inside = scene.terrain == Terrain::Sea ? 0.025F : 0.05F;
    return {x, std::min(groundAt(scene, x) + inside, 0.88F)};
}

} // namespace jacobi
