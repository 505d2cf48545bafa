// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/training/drawcanvas.h"

namespace jacobi {

float distanceToCapsule(Point p, Point a, Point b, float radius)
{
    const float abx = b.x - a.x;
    const float aby = b.y - a.y;
    const float length2 = abx * abx + aby * aby;
    const float along = length2 > 0 ? ((p.x - a.x) * abx + (p.y - a.y) * aby) / length2 : 0;
    const float t = std::clamp(along, 0.0F, 1.0F);
    const float dx = p.x - a.x - t * abx;
    const float dy = p.y - a.y - t * aby;
    return std::sqrt(dx * dx + dy * dy) - radius;
}

float distanceToPolygon(Point p, std::span<const Point> corners)
{
    // Distance to the nearest edge; the sign by counting the edges that a ray to the right crosses.
    float nearest2 = 1e30F;
    bool inside = false;
    Point a = corners.back();
    for (const Point b : corners) {
        const float abx = b.x - a.x;
        const float aby = b.y - a.y;
        const float apx = p.x - a.x;
        const float apy = p.y - a.y;
        const float length2 = abx * abx + aby * aby;
        const float t = length2 > 0 ? std::clamp((apx * abx + apy * aby) / length2, 0.0F, 1.0F) : 0.0F;
        const float dx = apx - t * abx;
        const float dy = apy - t * aby;
        nearest2 = std::min(nearest2, dx * dx + dy * dy);
        if ((a.y > p.y) != (b.y > p.y) && apx < apy * abx / aby) {
            inside = !inside;
        }
        a = b;
    }
    const float nearest = std::sqrt(nearest2);
    return inside ? -nearest : nearest;
}

Box boundsOf(std::span<const Point> corners)
{
    Box box{corners[0].x, corners[0].y, corners[0].x, corners[0].y};
    for (const Point p : corners) {
        box = {std::min(box.left, p.x), std::min(box.top, p.y), std::max(box.right, p.x), std::max(box.bottom, p.y)};
    }
    return box;
}

void Canvas::circle(Point centre, float radius, Colour colour, float opacity, float softness)
{
    ellipse(centre, radius, radius, colour, opacity, softness);
}

void Canvas::ellipse(Point centre, float halfWidth, float halfHeight, Colour colour, float opacity, float softness)
{
    const float smaller = std::min(halfWidth, halfHeight);
    const auto distance = [&](Point p) {
        const float x = (p.x - centre.x) / halfWidth;
        const float y = (p.y - centre.y) / halfHeight;
        return (std::sqrt(x * x + y * y) - 1) * smaller;
    };
    // Where the edge is soft along the short axis it is softer still along the long one.
    const float spread = (std::max(softness, m_pixel)) / smaller;
    const Box box{centre.x - halfWidth * (1 + spread), centre.y - halfHeight * (1 + spread),
                  centre.x + halfWidth * (1 + spread), centre.y + halfHeight * (1 + spread)};
    paint(
        box, distance, [&](Point) { return colour; }, opacity, softness);
}

void Canvas::capsule(Point a, Point b, float radius, Colour colour, float opacity, float softness)
{
    const Box box{std::min(a.x, b.x) - radius, std::min(a.y, b.y) - radius, std::max(a.x, b.x) + radius,
                  std::max(a.y, b.y) + radius};
    paint(
        box, [&](Point p) { return distanceToCapsule(p, a, b, radius); }, [&](Point) { return colour; }, opacity,
        softness);
}

void Canvas::rectangle(Box box, Colour colour, float opacity)
{
    const auto distance = [&](Point p) {
        return std::max({box.left - p.x, p.x - box.right, box.top - p.y, p.y - box.bottom});
    };
    paint(
        box, distance, [&](Point) { return colour; }, opacity);
}

void Canvas::polygon(std::span<const Point> corners, Colour colour, float opacity)
{
    paint(
        boundsOf(corners), [&](Point p) { return distanceToPolygon(p, corners); }, [&](Point) { return colour; },
        opacity);
}

void Canvas::polygon(std::initializer_list<Point> corners, Colour colour, float opacity)
{
    polygon(std::span<const Point>(corners.begin(), corners.size()), colour, opacity);
}

std::vector<float> Canvas::edgeSharpness(std::span<const float> skyline) const
{
    // Distances measured upright are longer than across the edge by the slope's secant.
    std::vector<float> sharpness(skyline.size());
    for (std::size_t x = 0; x < skyline.size(); ++x) {
        const std::size_t before = x == 0 ? 0 : x - 1;
        const std::size_t after = x + 1 == skyline.size() ? x : x + 1;
        const float run = static_cast<float>(std::max<std::size_t>(after - before, 1)) * m_pixel;
        const float slope = (skyline[after] - skyline[before]) / run;
        sharpness[x] = 1 / (m_pixel * std::sqrt(1 + slope * slope));
    }
    return sharpness;
}

} // namespace jacobi
