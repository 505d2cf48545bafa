// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/decode/sjd.h"

#include "core/decode/coupleddecoder.h"
#include "core/decode/draftwindow.h"
#include "core/decode/draws.h"
#include "core/decode/passclock.h"
#include "core/decode/passdecoder.h"
#include "core/decode/rowlaws.h"
#include "core/decode/warp.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <limits>

namespace jacobi {

namespace {

/// Speculative Jacobi decoding of several pictures at once: one window each, one pass of the network for all of them,
/// and every picture commits as much as it can. Picture i is the one that seed + i gives alone.
template <class Coupling, class Real>
class SjdDecoder final : public PassDecoder {
public:
    SjdDecoder(const DecodeSettings& settings, Initialisation initialisation, TokenModel& model)
        : m_settings(settings),
          m_initialisation(initialisation),
          m_model(model),
          m_warp({settings.guidance, settings.temperature, settings.topK, settings.topP, settings.minP})
    {
    }

    Result<void> start(const std::vector<std::vector<std::int64_t>>& prompts) override
    {
        m_model.begin(prompts, m_settings.guidance == 1.0 ? 1 : 2, m_settings.window);
        m_windows.clear();
        forgetSteps();
        m_pass = 0;
        for (std::size_t i = 0; i < prompts.size(); ++i) {
            m_windows.emplace_back(m_model.layout(), m_settings.window, PhiloxDraws<Real>(m_settings.seed + i),
                                   m_initialisation);
        }
        m_input.resize(prompts.size() * m_settings.window);
        return {};
    }

    const std::vector<std::int64_t>& tokens(std::size_t item) const override { return m_windows[item].tokens(); }

    std::uint64_t nearTies() const override
    {
        std::uint64_t ties = 0;
        for (const Window& window : m_windows) {
            ties += window.nearTies();
        }
        return ties;
    }

private:
    using Window = DraftWindow<Real, Coupling, PhiloxDraws<Real>>;

    bool allDone() const override
    {
        return std::ranges::all_of(m_windows, [](const Window& window) { return window.done(); });
    }

    /// One pass of the network over every window; a step for each picture that was not done.
    Result<void> pass() override
    {
        PassClock clock;
        std::uint32_t rows = 1;
        std::int64_t active = 0;
        for (const Window& window : m_windows) {
            rows = window.done() ? rows : std::max(rows, window.rows());
            active += window.done() ? 0 : 1;
        }
        const at::Tensor logits = m_model.forward(input(rows)); // [items, branches, rows, codes]
        const std::int64_t forwardNs = clock.lap() / active;
        for (std::size_t item = 0; item < m_windows.size(); ++item) {
            if (m_windows[item].done()) {
                continue;
            }
            auto step = std::make_shared<Step>();
            step->item = static_cast<std::uint32_t>(item);
            step->pass = m_pass;
            step->forwardNs = forwardNs;
            if (const Result<void> advanced = advance(item, logits, *step); !advanced) {
                return advanced; // Pictures that went on before it keep their steps.
            }
            m_model.commit(static_cast<std::int64_t>(item), step->committedEnd - step->begin);
            step->samplingNs = clock.lap();
            give(std::move(step));
        }
        ++m_pass;
        return {};
    }

    /// [items, rows] of the buffer; a shorter window repeats its last row, which nobody looks at.
    at::Tensor input(std::uint32_t rows)
    {
        std::int64_t* out = m_input.data();
        for (const Window& window : m_windows) {
            const std::uint32_t last = window.done() ? 0 : window.rows() - 1;
            for (std::uint32_t k = 0; k < rows; ++k) {
                *out++ = window.done() ? 0 : window.input(std::min(k, last));
            }
        }
        return at::from_blob(m_input.data(), {static_cast<std::int64_t>(m_windows.size()), rows}, at::kLong);
    }

    /// p[k] = F(logits of row k), then verify, redraw, slide.
    Result<void> advance(std::size_t item, const at::Tensor& logits, Step& step)
    {
        Window& window = m_windows[item];
        if (auto laws = writeLaws<Real>(logits, item, m_model.layout(), m_warp, window, step); !laws) {
            return laws;
        }
        window.advance(step);
        step.entropy.resize(step.token.size(), std::numeric_limits<float>::quiet_NaN());
        return {};
    }

    DecodeSettings m_settings;
    Initialisation m_initialisation;
    TokenModel& m_model;
    Warp<Real> m_warp;
    std::vector<Window> m_windows;     ///< [items]
    std::vector<std::int64_t> m_input; ///< [items, window]
    std::uint32_t m_pass = 0;
};

} // namespace

std::unique_ptr<Decoder> makeSjdDecoder(const DecodeSettings& settings, TokenModel& model)
{
    return makeCoupledDecoder<SjdDecoder>(settings, model);
}

} // namespace jacobi
