// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/training/scenemap.h"

#include "models/training/drawscene.h"

#include <algorithm>
#include <cmath>

namespace jacobi {
namespace {

constexpr float kSeen = 0.04F; ///< a change of a channel that an eye notices
constexpr int kKinds = 1 + static_cast<int>(SubjectKind::Birds);
constexpr int kColours = 1 + static_cast<int>(SubjectColour::Black);
constexpr int kMostSubjects = 3;
constexpr std::int64_t kSun = 1;

/// Follows a picture while it is painted.
class Cartographer {
public:
    Cartographer(int size, int patchPixels) : m_size(size), m_patchPixels(patchPixels), m_columns(size / patchPixels)
    {
        m_map.rows = m_columns;
        m_map.columns = m_columns;
        m_map.classes.assign(kMappedCount * patches(), 0);
        for (int i = 0; i < size; ++i)
            m_patchOfLine.push_back(static_cast<std::size_t>(std::min(i / patchPixels, m_columns - 1)));
    }

    /// The patches that show more than a tenth of what changed since the picture that was given before.
    std::vector<bool> changed(const std::vector<float>& planes)
    {
        std::vector<int> pixels(patches(), 0);
        const auto side = static_cast<std::size_t>(m_size);
        const std::size_t plane = side * side;
        std::vector<int> seen(
            side); // a row at a time and without branches: this looks at every pixel, for every subject
        for (std::size_t y = 0; y < side; ++y) {
            const float* now = planes.data() + y * side;
            const float* before = m_before.data() + y * side;
            for (std::size_t x = 0; x < side; ++x) {
                const float red = std::abs(now[x] - before[x]);
                const float green = std::abs(now[plane + x] - before[plane + x]);
                const float blue = std::abs(now[2 * plane + x] - before[2 * plane + x]);
                seen[x] = std::max(std::max(red, green), blue) > kSeen ? 1 : 0;
            }
            for (std::size_t x = 0; x < side; ++x) {
                pixels[patchOf(static_cast<int>(y * side + x))] += seen[x];
            }
        }
        m_before = planes;
        return patchesWith(pixels, 10);
    }
    void start(const std::vector<float>& planes) { m_before = planes; }

    void paint(const std::vector<bool>& where, std::int64_t thing, std::int64_t colour)
    {
        for (std::size_t i = 0; i < patches(); ++i) {
            if (where[i]) {
                at(Mapped::Thing, i) = thing;
                at(Mapped::Colour, i) = colour;
            }
        }
    }

    /// One more of what a question counts begins in the first of these patches.
    void begin(Mapped question, const std::vector<bool>& where)
    {
        const auto first = static_cast<std::size_t>(std::ranges::find(where, true) - where.begin());
        for (std::size_t i = 0; first < patches() && i <= first; ++i)
            ++at(question, i);
    }

    /// Patches with more than a fifth of their pixels within radius of the centre.
    std::vector<bool> disc(float x, float y, float radius) const
    {
        std::vector<int> pixels(patches(), 0);
        const auto size = static_cast<float>(m_size);
        for (int i = 0; i < m_size * m_size; ++i) {
            const float dx = (static_cast<float>(i % m_size) + 0.5F) / size - x;
            const float dy = (static_cast<float>(i / m_size) + 0.5F) / size - y;
            pixels[patchOf(i)] += dx * dx + dy * dy < radius * radius ? 1 : 0;
        }
        return patchesWith(pixels, 5);
    }

    SceneMap finish()
    {
        const auto columns = static_cast<std::size_t>(m_columns);
        for (std::size_t i = 0; i + columns < patches(); ++i)
            at(Mapped::Below, i) = at(Mapped::Thing, i + columns);
        return std::move(m_map);
    }

private:
    /// Those of whose pixels more than one in `share` count.
    std::vector<bool> patchesWith(const std::vector<int>& pixels, int share) const
    {
        std::vector<bool> some(patches());
        for (std::size_t i = 0; i < some.size(); ++i)
            some[i] = pixels[i] * share > m_patchPixels * m_patchPixels;
        return some;
    }
    std::size_t patches() const { return static_cast<std::size_t>(m_columns) * static_cast<std::size_t>(m_columns); }
    std::size_t patchOf(int pixel) const
    {
        return m_patchOfLine[static_cast<std::size_t>(pixel / m_size)] * static_cast<std::size_t>(m_columns) +
               m_patchOfLine[static_cast<std::size_t>(pixel % m_size)];
    }
    std::int64_t& at(Mapped question, std::size_t patch)
    {
        return m_map.classes[static_cast<std::size_t>(question) * patches() + patch];
    }

    int m_size;
    int m_patchPixels;
    int m_columns;
    SceneMap m_map;
    std::vector<std::size_t> m_patchOfLine; ///< of each pixel row or column
    std::vector<float> m_before;
};

} // namespace

int classesOf(Mapped question)
{
    switch (question) {
    case Mapped::Thing:
    case Mapped::Below: return 1 + kKinds;
    case Mapped::Colour: return 1 + kColours;
    case Mapped::SunAhead: return 2;
    case Mapped::LeftAhead:
    case Mapped::RightAhead: return 1 + kMostSubjects;
    }
    return 0;
}

std::vector<float> drawPicture(const Scene& scene, int size, int patchPixels, SceneMap& map)
{
    Cartographer cartographer(size, patchPixels);
    Canvas canvas(size);
    drawSky(canvas, scene);
    cartographer.start(canvas.planes());
    drawTerrain(canvas, scene);
    if (scene.hasSun()) {
        std::vector<bool> shows = cartographer.disc(scene.layout.sunX, scene.layout.sunY, scene.layout.sunRadius);
        const std::vector<bool> hidden = cartographer.changed(canvas.planes());
        for (std::size_t i = 0; i < shows.size(); ++i)
            shows[i] = shows[i] && !hidden[i];
        cartographer.paint(shows, kSun, 0);
        cartographer.begin(Mapped::SunAhead, shows);
    }
    drawFalling(canvas, scene);
    cartographer.start(canvas.planes());
    drawSubjects(canvas, scene, [&](const Subject& subject, bool left, bool isReflection) {
        const std::vector<bool> where = cartographer.changed(canvas.planes());
        cartographer.paint(where, 1 + static_cast<std::int64_t>(subject.kind),
                           1 + static_cast<std::int64_t>(subject.colour));
        if (!isReflection)
            cartographer.begin(left ? Mapped::LeftAhead : Mapped::RightAhead, where);
    });
    map = cartographer.finish();
    std::vector<float> picture = std::move(canvas.planes());
    for (float& value : picture)
        value = std::clamp(value, 0.0F, 1.0F);
    return picture;
}

} // namespace jacobi
