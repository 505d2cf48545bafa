// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/decode/draftwindow.h"
#include "tests/core/decode/tokentable.h"
#include "tests/core/decode/windowrun.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <numeric>
#include <span>
#include <vector>

namespace jacobi::test {

/// A walk through the tree of all outcomes: run something that takes() its decisions here, weigh it by probability(),
/// call next(), run it again, until next() says that every path was gone.
class Choices {
public:
    /// One of the outcomes with these probabilities; those of probability 0 are never taken.
    std::uint32_t take(std::vector<double> probabilities)
    {
        if (m_depth == m_path.size()) {
            m_path.push_back({std::move(probabilities), 0});
            seek(m_path.back());
        }
        const Choice& choice = m_path[m_depth++];
        m_probability *= choice.probabilities[choice.outcome];
        return choice.outcome;
    }
    double probability() const { return m_probability; }

    bool next()
    {
        m_depth = 0;
        m_probability = 1.0;
        for (; !m_path.empty(); m_path.pop_back()) {
            ++m_path.back().outcome;
            if (seek(m_path.back())) {
                return true;
            }
        }
        return false;
    }

private:
    struct Choice {
        std::vector<double> probabilities;
        std::uint32_t outcome = 0;
    };
    /// To the next outcome that can happen, from the present one on.
    static bool seek(Choice& choice)
    {
        while (choice.outcome < choice.probabilities.size() && !(choice.probabilities[choice.outcome] > 0.0)) {
            ++choice.outcome;
        }
        return choice.outcome < choice.probabilities.size();
    }

    std::vector<Choice> m_path;
    std::size_t m_depth = 0;
    double m_probability = 1.0;
};

/// A uniform number of which is known only in what interval it lies.
struct UnknownUniform {
    double low = 0.0;
    double high = 1.0;

    /// Which of the intervals [0, w0), [w0, w0 + w1), ... it lies in; it is known to lie there from then on.
    std::uint32_t find(std::span<const double> widths, Choices& choices)
    {
        std::vector<double> probabilities;
        double begin = 0.0;
        for (const double width : widths) {
            const double inside = std::min(high, begin + width) - std::max(low, begin);
            probabilities.push_back(std::max(0.0, inside) / (high - low));
            begin += width;
        }
        const std::uint32_t found = choices.take(std::move(probabilities));
        const double first = std::accumulate(widths.begin(), widths.begin() + found, 0.0);
        low = std::max(low, first);
        high = std::min(high, first + widths[found]);
        return found;
    }
};

/// Exponential noise E of up to three codes of which is known only who won the races so far: code c wins the race for p
/// iff E(c) p(v) <= E(v) p(c) for all v. E over its sum is uniform on a triangle, so that what is known is a convex part
/// of the triangle and probabilities are shares of its area.
class UnknownNoise {
public:
    std::int32_t draw(std::span<const double> p, Choices& choices)
    {
        assert(p.size() <= 3);
        std::array<double, 3> law{};
        std::copy(p.begin(), p.end(), law.begin());
        std::array<Polygon, 3> parts;
        std::vector<double> shares(3, 0.0);
        for (std::size_t c = 0; c < 3; ++c) {
            parts[c] = law[c] > 0.0 ? m_known : Polygon();
            for (std::size_t v = 0; v < 3; ++v) {
                parts[c] = v == c ? parts[c] : cut(parts[c], v, law[c], c, law[v]);
            }
            shares[c] = area(parts[c]);
        }
        const double whole = shares[0] + shares[1] + shares[2];
        for (double& share : shares) {
            share = share > 1e-14 * whole ? share / whole : 0.0; // less is rounding along an edge
        }
        const std::uint32_t winner = choices.take(std::move(shares));
        m_known = parts[winner];
        return static_cast<std::int32_t>(winner);
    }

private:
    using Point = std::array<double, 3>; ///< coordinates that sum to 1
    using Polygon = std::vector<Point>;

    /// The part where x(i) a - x(j) b >= 0.
    static Polygon cut(const Polygon& polygon, std::size_t i, double a, std::size_t j, double b)
    {
        Polygon part;
        for (std::size_t k = 0; k < polygon.size(); ++k) {
            const Point& from = polygon[k];
            const Point& to = polygon[(k + 1) % polygon.size()];
            const double here = from[i] * a - from[j] * b;
            const double there = to[i] * a - to[j] * b;
            if (here >= 0.0) {
                part.push_back(from);
            }
            if ((here > 0.0 && there < 0.0) || (here < 0.0 && there > 0.0)) {
                const double t = here / (here - there);
                part.push_back(
                    {std::lerp(from[0], to[0], t), std::lerp(from[1], to[1], t), std::lerp(from[2], to[2], t)});
            }
        }
        return part;
    }
    /// Relative to one corner, so that a small part far from the origin loses no digits.
    static double area(const Polygon& polygon)
    {
        double sum = 0.0;
        for (std::size_t k = 2; k < polygon.size(); ++k) {
            const Point& o = polygon[0];
            const Point& a = polygon[k - 1];
            const Point& b = polygon[k];
            sum += (a[0] - o[0]) * (b[1] - o[1]) - (a[1] - o[1]) * (b[0] - o[0]);
        }
        return std::abs(sum);
    }

    Polygon m_known = {{1.0, 0.0, 0.0}, {0.0, 1.0, 0.0}, {0.0, 0.0, 1.0}};
};

/// Stands where PhiloxDraws stands and takes every outcome in turn, with its exact probability.
class EnumeratedDraws {
public:
    explicit EnumeratedDraws(Choices& choices) : m_choices(&choices) {}

    bool accept(std::uint32_t, std::uint32_t, double p, double q, double& u)
    {
        u = std::numeric_limits<double>::quiet_NaN();
        const double a = chance(p, q);
        return m_choices->take({a, 1.0 - a}) == 0;
    }
    std::int32_t residual(std::uint32_t, std::uint32_t, std::span<const double> weights, double total)
    {
        std::vector<double> probabilities(weights.begin(), weights.end());
        for (double& x : probabilities) {
            x /= total;
        }
        return static_cast<std::int32_t>(m_choices->take(std::move(probabilities)));
    }
    std::int32_t redraw(std::uint32_t, std::uint32_t, std::span<const double> p)
    {
        return static_cast<std::int32_t>(m_choices->take({p.begin(), p.end()}));
    }
    std::uint32_t initialiseAmong(std::uint32_t, std::uint32_t, std::uint32_t count)
    {
        return m_choices->take(std::vector<double>(count, 1.0 / count));
    }
    std::int32_t initialise(std::uint32_t, std::uint32_t, std::span<const double> p)
    {
        return static_cast<std::int32_t>(m_choices->take({p.begin(), p.end()}));
    }
    /// The position's own noise, the same in every pass. Two or three codes.
    std::int32_t draw(std::uint32_t position, std::span<const double> p)
    {
        return m_noise[position].draw(p, *m_choices);
    }

protected:
    /// Of u q < p.
    static double chance(double p, double q) { return q > 0.0 ? std::min(1.0, p / q) : p > 0.0 ? 1.0 : 0.0; }
    Choices& choices() { return *m_choices; }

private:
    Choices* m_choices;
    std::map<std::uint32_t, UnknownNoise> m_noise;
};

/// [codes ^ positions] the law of what DraftWindow commits, by going through everything that can happen.
template <class Coupling, class Draws = EnumeratedDraws>
std::vector<double> enumeratedLaw(const TokenTable& laws, const TokenLayout& layout, std::uint32_t window,
                                  Initialisation initialisation = Initialisation::Uniform)
{
    std::vector<double> law(sequentialLaw(laws, layout).size(), 0.0);
    Choices choices;
    do {
        DraftWindow<double, Coupling, Draws> drafts(layout, window, Draws(choices), initialisation);
        for (std::uint32_t pass = 0; !drafts.done(); ++pass) {
            passOver(laws, drafts, pass);
        }
        law[sequenceNumber(drafts.tokens(), drafts.committed(), layout.codes)] += choices.probability();
    } while (choices.next());
    return law;
}

/// Total variation distance.
inline double distance(std::span<const double> a, std::span<const double> b)
{
    double sum = 0.0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        sum += std::abs(a[i] - b[i]);
    }
    return sum / 2.0;
}

} // namespace jacobi::test
