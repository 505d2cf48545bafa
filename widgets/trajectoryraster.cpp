// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "widgets/trajectoryraster.h"

#include "widgets/scalarmap.h"
#include "widgets/theme.h"
#include "widgets/tracemodel.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

namespace jacobi {
namespace {

constexpr int kStates = 7;

QRgb blend(const QColor& under, const QColor& over, double share)
{
    const auto channel = [share](int a, int b) { return static_cast<int>(std::lround(a + (b - a) * share)); };
    return qRgb(channel(under.red(), over.red()), channel(under.green(), over.green()),
                channel(under.blue(), over.blue()));
}

struct Colour {
    float r = 0.0F, g = 0.0F, b = 0.0F;
    void add(const Colour& other, float weight)
    {
        r += other.r * weight;
        g += other.g * weight;
        b += other.b * weight;
    }
};

// Where the pixels of one axis fall: pixel i covers cells [at(i), at(i + 1)).
struct Axis {
    double begin;
    double perPixel;
    double at(int pixel) const { return begin + perPixel * pixel; }
    // Cells a pixel takes its colour from: its middle's where cells are larger than pixels, else all it touches.
    std::pair<int, int> cells(int pixel) const
    {
        if (perPixel <= 1.0) {
            const int cell = static_cast<int>(std::floor(at(pixel) + perPixel / 2.0));
            return {cell, cell + 1};
        }
        const int first = static_cast<int>(std::floor(at(pixel)));
        return {first, std::max(first + 1, static_cast<int>(std::ceil(at(pixel + 1) - 1e-9)))};
    }
    float weight(int pixel, int cell) const
    {
        if (perPixel <= 1.0) {
            return 1.0F;
        }
        const double overlap = std::min(at(pixel + 1), cell + 1.0) - std::max(at(pixel), static_cast<double>(cell));
        return static_cast<float>(std::max(overlap, 0.0));
    }
};

class Raster {
public:
    Raster(const TraceModel& model, const QRectF& part, const QSize& size, const Palette& palette)
        : m_model(model), m_x{part.left(), part.width() / size.width()}, m_y{part.top(), part.height() / size.height()},
          m_size(size), m_row(static_cast<std::size_t>(size.width()))
    {
        for (int state = 0; state < kStates; ++state) {
            const QRgb colour = cellColour(state, palette);
            m_colours[static_cast<std::size_t>(state)] = {static_cast<float>(qRed(colour)),
                                                          static_cast<float>(qGreen(colour)),
                                                          static_cast<float>(qBlue(colour))};
        }
    }

    QImage paint()
    {
        QImage image(m_size, QImage::Format_RGB32);
        std::pair<int, int> painted{-1, -1};
        for (int y = 0; y < m_size.height(); ++y) {
            auto* line = reinterpret_cast<QRgb*>(image.scanLine(y));
            const auto passes = m_y.cells(y);
            if (m_y.perPixel <= 1.0 && passes == painted && y > 0) { // the same pass once more
                std::copy_n(reinterpret_cast<const QRgb*>(image.constScanLine(y - 1)), m_size.width(), line);
                continue;
            }
            painted = passes;
            paintRow(y, passes, line);
        }
        return image;
    }

private:
    void paintRow(int y, const std::pair<int, int>& passes, QRgb* line)
    {
        std::fill(m_row.begin(), m_row.end(), Colour{});
        float total = 0.0F;
        for (int pass = passes.first; pass < passes.second; ++pass) {
            const float weight = m_y.weight(y, pass);
            addPass(pass, weight);
            total += weight;
        }
        const float scale = total > 0.0F ? 1.0F / total : 0.0F;
        for (int x = 0; x < m_size.width(); ++x) {
            const Colour& c = m_row[static_cast<std::size_t>(x)];
            line[x] = qRgb(static_cast<int>(c.r * scale + 0.5F), static_cast<int>(c.g * scale + 0.5F),
                           static_cast<int>(c.b * scale + 0.5F));
        }
    }

    const Colour& colour(CellState state) const { return m_colours[static_cast<std::size_t>(state)]; }

    void addPass(int pass, float weight)
    {
        const bool known = pass >= 0 && pass < m_model.passes();
        const int before = known ? m_model.committedBefore(pass) : 0;
        const int end = known ? std::max(before, m_model.windowEnd(pass)) : 0;
        for (int x = 0; x < m_size.width(); ++x) {
            const auto cells = m_x.cells(x);
            Colour& target = m_row[static_cast<std::size_t>(x)];
            if (cells.first >= end) {
                target.add(colour(CellState::Outside), weight);
            } else if (cells.second <= before && cells.first >= 0) {
                target.add(colour(CellState::AcceptedBefore), weight);
            } else {
                addCells(pass, x, cells, weight, target);
            }
        }
    }

    void addCells(int pass, int x, const std::pair<int, int>& cells, float weight, Colour& target) const
    {
        float total = 0.0F;
        for (int cell = cells.first; cell < cells.second; ++cell) {
            total += m_x.weight(x, cell);
        }
        for (int cell = cells.first; cell < cells.second && total > 0.0F; ++cell) {
            target.add(colourOf(pass, cell), weight * m_x.weight(x, cell) / total);
        }
    }

    /// Noise is painted by its level, everything else by its state.
    Colour colourOf(int pass, int cell) const
    {
        const CellState state = m_model.stateAt(pass, cell);
        const float noise = state == CellState::Noisy ? m_model.noiseAt(pass, cell) : std::nanf("");
        if (std::isnan(noise)) {
            return colour(state);
        }
        const QColor scaled = scalarColour(static_cast<double>(noise));
        return {static_cast<float>(scaled.red()), static_cast<float>(scaled.green()), static_cast<float>(scaled.blue())};
    }

    const TraceModel& m_model;
    Axis m_x;
    Axis m_y;
    QSize m_size;
    std::vector<Colour> m_row;
    std::array<Colour, kStates> m_colours;
};

} // namespace

QRgb cellColour(int cellState, const Palette& p)
{
    switch (static_cast<CellState>(cellState)) {
    case CellState::New: return p.fresh.rgb();
    case CellState::Kept: return p.kept.rgb();
    case CellState::Redrawn: return p.redrawn.rgb();
    case CellState::AcceptedNow: return p.accepted.rgb();
    case CellState::AcceptedBefore: return blend(p.plotGround, p.accepted, 0.24);
    case CellState::Noisy: return scalarColour(1.0).rgb(); // as it is where nothing was denoised yet
    case CellState::Outside: break;
    }
    return p.plotGround.rgb();
}

QImage renderTrajectory(const TraceModel& model, const QRectF& part, const QSize& size, const Palette& palette)
{
    if (size.isEmpty() || !(part.width() > 0.0) || !(part.height() > 0.0)) {
        return {};
    }
    return Raster(model, part, size, palette).paint();
}

} // namespace jacobi
