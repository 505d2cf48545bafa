// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "models/training/drawscene.h"

namespace jacobi {

/// Draws one subject in its own coordinates: the foot (of one in the sky, the middle) at 0, 0, y upward, in pixels of
/// 128 times the place's scale. A mirror image in water is drawn by the same strokes, upside down and pale.
class Easel {
public:
    Easel(Canvas& canvas, const Scene& scene, const Subject& subject, const SubjectPlace& place)
        : canvas(canvas),
          scene(scene),
          palette(paletteOf(scene)),
          colour(subject.colour),
          place(place),
          sunSide(scene.layout.sunX < place.x ? -1.0F : 1.0F),
          flip(place.variant == 0 ? 1.0F : -1.0F)
    {
    }

    /// From now on draws the mirror image.
    void mirror()
    {
        m_upward = -0.55F;
        m_strength = 0.32F;
    }
    bool mirrored() const { return m_upward < 0; }

    Point at(float x, float y) const
    {
        return {place.x + px(x) * place.scale, place.y - px(y) * place.scale * m_upward};
    }
    float length(float pixels) const { return px(pixels) * place.scale; }
    Colour lit(std::uint32_t rgb) const { return hexColour(rgb) * palette.subjectLight; }
    Colour lit() const { return lit(paintOf(colour)); } ///< in the subject's own colour
    Colour shaded(Colour c, float amount) const { return mix(c, c * palette.shadow, amount); }

    void box(float x0, float y0, float x1, float y1, Colour c, float opacity = 1)
    {
        const Point a = at(x0, y0);
        const Point b = at(x1, y1);
        canvas.rectangle({std::min(a.x, b.x), std::min(a.y, b.y), std::max(a.x, b.x), std::max(a.y, b.y)}, c,
                         opacity * m_strength);
    }
    void polygon(std::initializer_list<Point> corners, Colour c, float opacity = 1)
    {
        std::array<Point, 16> placed;
        std::size_t count = 0;
        for (const Point p : corners)
            placed[count++] = at(p.x, p.y);
        canvas.polygon(std::span(placed.data(), count), c, opacity * m_strength);
    }
    void disc(float x, float y, float radius, Colour c, float opacity = 1, float softness = 0)
    {
        canvas.circle(at(x, y), length(radius), c, opacity * m_strength, length(softness));
    }
    void oval(float x, float y, float halfWidth, float halfHeight, Colour c, float opacity = 1, float softness = 0)
    {
        canvas.ellipse(at(x, y), length(halfWidth), length(halfHeight), c, opacity * m_strength, length(softness));
    }
    void stroke(Point a, Point b, float radius, Colour c, float opacity = 1)
    {
        canvas.capsule(at(a.x, a.y), at(b.x, b.y), length(radius), c, opacity * m_strength);
    }
    /// Soft shadow on the ground, away from the sun.
    void groundShadow(float halfWidth)
    {
        const float lean = scene.hasSun() ? -2 * sunSide : 0;
        oval(lean, -0.5F, halfWidth, 2.2F, hexColour(0x101528), 0.26F, 2);
    }
    /// A lit pane with its gleam, or a dark one by day.
    void pane(float x, float y, float half, Colour frame)
    {
        if (palette.lamps)
            disc(x, y, half + 3.5F, palette.window, 0.30F, 5);
        box(x - half - 1, y - half - 1, x + half + 1, y + half + 1, frame);
        box(x - half, y - half, x + half, y + half, palette.window);
    }

    static std::uint32_t paintOf(SubjectColour colour);

    Canvas& canvas;
    const Scene& scene;
    const Palette& palette;
    SubjectColour colour;
    SubjectPlace place;
    float sunSide; ///< -1: the sun is to the left of it
    float flip;    ///< -1: the second of two silhouettes, often the first mirrored

private:
    float m_upward = 1;
    float m_strength = 1;
};

// drawbuildings.cpp
void drawHouse(Easel& easel);
void drawLighthouse(Easel& easel);
void drawWindmill(Easel& easel);
void drawTower(Easel& easel);
void drawBridge(Easel& easel, bool left);
// drawplants.cpp
void drawTree(Easel& easel);
void drawPine(Easel& easel);
void drawCactus(Easel& easel);
void drawFlowers(Easel& easel);
// drawcraft.cpp
void drawBoat(Easel& easel);
void drawBalloon(Easel& easel);
// drawanimals.cpp
void drawDeer(Easel& easel);
void drawHorse(Easel& easel);
void drawBird(Easel& easel);

} // namespace jacobi
