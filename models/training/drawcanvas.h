// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <vector>

namespace jacobi {

/// sRGB, 0..1; mixed and multiplied as it is, as poster paint would be.
struct Colour {
    float r = 0;
    float g = 0;
    float b = 0;
};

constexpr Colour hexColour(std::uint32_t rgb)
{
    return {static_cast<float>(rgb >> 16) / 255.0F, static_cast<float>((rgb >> 8) & 0xFF) / 255.0F,
            static_cast<float>(rgb & 0xFF) / 255.0F};
}
constexpr Colour operator*(Colour a, float k)
{
    return {a.r * k, a.g * k, a.b * k};
}
constexpr Colour operator*(Colour a, Colour b)
{
    return {a.r * b.r, a.g * b.g, a.b * b.b};
}
constexpr Colour operator+(Colour a, Colour b)
{
    return {a.r + b.r, a.g + b.g, a.b + b.b};
}
constexpr Colour mix(Colour a, Colour b, float t)
{
    return a * (1 - t) + b * t;
}

/// 0 below from, 1 above to, smooth between.
constexpr float smoothStep(float from, float to, float x)
{
    const float t = std::clamp((x - from) / (to - from), 0.0F, 1.0F);
    return t * t * (3 - 2 * t);
}

/// Lengths are shares of the picture's side; the model's pictures are 128 pixels wide, and what is drawn is laid out in
/// these.
constexpr float px(float pixels)
{
    return pixels / 128.0F;
}

/// In the unit square, y downward.
struct Point {
    float x = 0;
    float y = 0;
};

struct Box {
    float left = 0;
    float top = 0;
    float right = 1;
    float bottom = 1;
};

/// Signed distances, negative inside. A polygon's winding does not matter.
float distanceToCapsule(Point p, Point a, Point b, float radius);
float distanceToPolygon(Point p, std::span<const Point> corners);
Box boundsOf(std::span<const Point> corners);

/// A square picture of planes [3, size, size] that shapes are composited on, back to front. Edges are smoothed over
/// one pixel by signed distance, at any size.
class Canvas {
public:
    explicit Canvas(int size)
        : m_size(size),
          m_pixel(1.0F / static_cast<float>(size)),
          m_planes(3 * static_cast<std::size_t>(size) * static_cast<std::size_t>(size))
    {
    }

    int size() const { return m_size; }
    float pixel() const { return m_pixel; }
    float centreOf(int i) const { return (static_cast<float>(i) + 0.5F) * m_pixel; }
    std::vector<float>& planes() { return m_planes; }

    void blend(int x, int y, Colour colour, float alpha)
    {
        const std::size_t plane = static_cast<std::size_t>(m_size) * static_cast<std::size_t>(m_size);
        float* at = m_planes.data() + static_cast<std::size_t>(y) * static_cast<std::size_t>(m_size) +
                    static_cast<std::size_t>(x);
        at[0] += (colour.r - at[0]) * alpha;
        at[plane] += (colour.g - at[plane]) * alpha;
        at[2 * plane] += (colour.b - at[2 * plane]) * alpha;
    }

    void fillRow(int y, Colour colour)
    {
        const auto side = static_cast<std::size_t>(m_size);
        float* at = m_planes.data() + static_cast<std::size_t>(y) * side;
        for (const float value : {colour.r, colour.g, colour.b}) {
            std::fill_n(at, side, value);
            at += side * side;
        }
    }

    /// Composites shade(Point) -> Colour where distance(Point) -> float is negative. box: holds the shape.
    /// softness: width of the edge, one pixel at least.
    template <class Distance, class Shade>
    void paint(Box box, Distance distance, Shade shade, float opacity = 1, float softness = 0)
    {
        const float width = std::max(softness, m_pixel);
        const int x0 = firstPixel(box.left - width);
        const int x1 = lastPixel(box.right + width);
        const int y0 = firstPixel(box.top - width);
        const int y1 = lastPixel(box.bottom + width);
        for (int y = y0; y < y1; ++y) {
            for (int x = x0; x < x1; ++x) {
                const Point p{centreOf(x), centreOf(y)};
                const float coverage = std::min(0.5F - distance(p) / width, 1.0F);
                if (coverage > 0) {
                    blend(x, y, shade(p), coverage * opacity);
                }
            }
        }
    }

    void circle(Point centre, float radius, Colour colour, float opacity = 1, float softness = 0);
    void ellipse(Point centre, float halfWidth, float halfHeight, Colour colour, float opacity = 1, float softness = 0);
    void capsule(Point a, Point b, float radius, Colour colour, float opacity = 1, float softness = 0);
    void rectangle(Box box, Colour colour, float opacity = 1);
    void polygon(std::span<const Point> corners, Colour colour, float opacity = 1);
    void polygon(std::initializer_list<Point> corners, Colour colour, float opacity = 1);

    /// Composites shade(Point, column) -> Colour below a skyline given at the centre of each column.
    template <class Shade>
    void below(std::span<const float> skyline, Shade shade)
    {
        const std::vector<float> sharpness = edgeSharpness(skyline);
        const int first = firstPixel(*std::ranges::min_element(skyline) - 2 * m_pixel);
        for (int y = first; y < m_size; ++y) {
            for (int x = 0; x < m_size; ++x) {
                const Point p{centreOf(x), centreOf(y)};
                const auto column = static_cast<std::size_t>(x);
                const float coverage = std::min(0.5F + (p.y - skyline[column]) * sharpness[column], 1.0F);
                if (coverage > 0) {
                    blend(x, y, shade(p, column), coverage);
                }
            }
        }
    }

private:
    int firstPixel(float edge) const { return std::clamp(static_cast<int>(std::floor(edge / m_pixel)), 0, m_size); }
    int lastPixel(float edge) const { return std::clamp(static_cast<int>(std::ceil(edge / m_pixel)), 0, m_size); }
    std::vector<float> edgeSharpness(std::span<const float> skyline) const;

    int m_size;
    float m_pixel;
    std::vector<float> m_planes;
};

} // namespace jacobi
