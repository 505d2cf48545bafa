// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/widgets/madetrace.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

namespace jacobi::test {
namespace {

struct Rgb {
    double r, g, b;
};

Rgb mix(const Rgb& a, const Rgb& b, double t)
{
    return {a.r + (b.r - a.r) * t, a.g + (b.g - a.g) * t, a.b + (b.b - a.b) * t};
}

// A sky, a sun, two ridges, a meadow; x and y in [0, 1].
Rgb landscape(double x, double y)
{
    const double far = 0.56 + 0.05 * std::sin(x * 9.0) + 0.03 * std::sin(x * 23.0 + 1.0);
    const double near = 0.68 + 0.06 * std::sin(x * 6.0 + 2.0);
    if (y > 0.86 + 0.02 * std::sin(x * 11.0)) {
        return mix({70, 92, 80}, {44, 60, 62}, (y - 0.84) / 0.16);
    }
    if (y > near) {
        return {92, 66, 104};
    }
    if (y > far) {
        return {122, 86, 118};
    }
    if (std::hypot(x - 0.67, y - 0.42) < 0.075) {
        return {255, 232, 176};
    }
    return y < 0.3 ? mix({58, 62, 112}, {150, 92, 118}, y / 0.3) : mix({150, 92, 118}, {240, 140, 106}, (y - 0.3) / 0.3);
}

class Run {
public:
    explicit Run(const MadeTrace& made) : m_made(made), m_random(made.seed), m_positions(made.rows * made.columns)
    {
        auto header = std::make_shared<RunHeader>();
        header->layout = {made.rows, made.columns, made.codes, made.patchPixels};
        header->request.prompt = "a red house below violet mountains";
        header->request.window = static_cast<int>(made.window);
        header->request.seed = made.seed;
        header->modelName = "Scenes";
        header->deviceName = "CPU";
        header->codeColours.resize(made.codes);
        for (std::uint32_t code = 0; code < made.codes; ++code) {
            const Rgb colour = landscape(0.31 + 0.4 * uniform(), (code + 0.5) / made.codes);
            for (std::size_t i = 0; i < 48; i += 3) {
                const double shade = 0.92 + 0.16 * uniform();
                header->codeColours[code][i] = byte(colour.r * shade);
                header->codeColours[code][i + 1] = byte(colour.g * shade);
                header->codeColours[code][i + 2] = byte(colour.b * shade);
            }
        }
        m_trace.header = header;
        m_tokens.assign(m_positions, -1);
    }

    Trace whole()
    {
        std::uint32_t committed = 0;
        for (std::uint32_t pass = 0; committed < m_positions && static_cast<int>(pass) < m_made.maxPasses; ++pass) {
            committed = addStep(pass, committed);
            if (m_made.previewEvery > 0 &&
                (pass % static_cast<std::uint32_t>(m_made.previewEvery) == 0 || committed == m_positions)) {
                addPreview(pass, committed);
            }
        }
        if (committed == m_positions) {
            RunSummary summary;
            summary.tokens = committed;
            summary.passes = m_trace.steps.size();
            summary.seconds = 0.016 * static_cast<double>(summary.passes);
            m_trace.summary = summary;
        }
        return std::move(m_trace);
    }

private:
    double uniform() { return std::uniform_real_distribution<double>(0.0, 1.0)(m_random); }
    static std::uint8_t byte(double value) { return static_cast<std::uint8_t>(std::clamp(value, 0.0, 255.0)); }

    std::int32_t draw(std::uint32_t position)
    {
        const double y = (position / m_made.columns + 0.5) / m_made.rows;
        const double at = (y + 0.12 * (uniform() - 0.5)) * m_made.codes;
        return static_cast<std::int32_t>(std::clamp(at, 0.0, m_made.codes - 1.0));
    }

    std::uint32_t addStep(std::uint32_t pass, std::uint32_t begin)
    {
        const float nan = std::numeric_limits<float>::quiet_NaN();
        auto step = std::make_shared<Step>();
        step->pass = pass;
        step->begin = begin;
        const std::uint32_t readEnd = std::min(begin + m_made.window, m_positions);
        std::uint32_t accepted = begin;
        bool open = true; // all before it were accepted
        for (std::uint32_t position = begin; position < readEnd; ++position) {
            const bool hadDraft = m_tokens[position] >= 0;
            const std::int32_t draft = m_tokens[position];
            const auto p = static_cast<float>(0.05 + 0.9 * uniform());
            const auto q = static_cast<float>(0.05 + 0.9 * uniform());
            const bool holds = hadDraft && uniform() < m_made.acceptance;
            TokenState state = TokenState::Kept;
            if (open && holds) {
                state = TokenState::Accepted;
                accepted = position + 1;
            } else if (open) {
                state = hadDraft ? TokenState::Resampled : TokenState::Bonus;
                m_tokens[position] = draw(position);
                accepted = position + 1;
                open = false;
            } else if (!hadDraft) {
                state = TokenState::New;
                m_tokens[position] = draw(position);
            } else if (uniform() < 0.45) {
                state = TokenState::Redrawn;
                m_tokens[position] = draw(position);
            }
            push(*step, position, state, draft, hadDraft ? p : nan, hadDraft ? q : nan, nan);
        }
        step->committedEnd = accepted;
        const std::uint32_t end = std::min(accepted + m_made.window, m_positions);
        for (std::uint32_t position = readEnd; position < end; ++position) {
            m_tokens[position] = draw(position);
            push(*step, position, TokenState::New, -1, nan, nan, nan);
        }
        step->end = std::max(end, readEnd);
        step->forwardNs = 13'000'000 + static_cast<std::int64_t>(uniform() * 2e6);
        step->samplingNs = 2'000'000;
        m_trace.steps.push_back(step);
        return accepted;
    }

    void push(Step& step, std::uint32_t position, TokenState state, std::int32_t draft, float p, float q, float u)
    {
        step.token.push_back(m_tokens[position]);
        step.state.push_back(state);
        step.draft.push_back(draft);
        step.p.push_back(p);
        step.q.push_back(q);
        const bool tested = state == TokenState::Accepted || state == TokenState::Resampled;
        step.u.push_back(tested && draft >= 0 ? static_cast<float>(uniform()) : u);
        if (m_made.withEntropy) {
            step.entropy.push_back(static_cast<float>(3.0 * uniform()));
        }
        if (m_made.withTopK) {
            Candidates candidates;
            for (std::size_t i = 0; i < 5 && state != TokenState::New; ++i) {
                candidates[i] = {i == 0 && draft >= 0 ? draft : draw(position), i == 0 && draft >= 0 ? p : p / (static_cast<float>(i) + 2.0F),
                                 std::isfinite(q) ? q / (static_cast<float>(i) + 1.0F) : q};
            }
            step.topK.push_back(candidates);
        }
    }

    void addPreview(std::uint32_t pass, std::uint32_t committed)
    {
        auto preview = std::make_shared<Preview>();
        preview->pass = pass;
        preview->committedEnd = committed;
        preview->isFinal = committed == m_positions;
        preview->width = m_made.columns * m_made.patchPixels;
        preview->height = m_made.rows * m_made.patchPixels;
        preview->rgb.reserve(std::size_t{3} * preview->width * preview->height);
        for (std::uint32_t y = 0; y < preview->height; ++y) {
            for (std::uint32_t x = 0; x < preview->width; ++x) {
                const Rgb c = landscape((x + 0.5) / preview->width, (y + 0.5) / preview->height);
                preview->rgb.push_back(byte(c.r));
                preview->rgb.push_back(byte(c.g));
                preview->rgb.push_back(byte(c.b));
            }
        }
        m_trace.previews.push_back(preview);
    }

    MadeTrace m_made;
    std::mt19937 m_random;
    std::uint32_t m_positions;
    std::vector<std::int32_t> m_tokens;
    Trace m_trace;
};

} // namespace

Trace makeTrace(const MadeTrace& made)
{
    return Run(made).whole();
}

} // namespace jacobi::test
