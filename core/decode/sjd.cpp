// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/decode/sjd.h"

#include "core/decode/draftwindow.h"
#include "core/decode/draws.h"
#include "core/decode/passclock.h"
#include "core/decode/warp.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

namespace jacobi {

namespace {

template <class Coupling>
class SjdDecoder : public Decoder {
public:
    SjdDecoder(const DecodeSettings& settings, TokenModel& model)
        : m_settings(settings), m_model(model), m_warpSettings{settings.guidance, settings.temperature, settings.topK, settings.topP}
    {
    }

    Result<void> start(const std::vector<std::vector<std::int64_t>>& prompts) override
    {
        if (prompts.size() != 1) {
            return fail(ErrorCode::InvalidRequest, "Speculative Jacobi decoding makes one picture at a time; ask for one.");
        }
        m_model.begin(prompts, m_settings.guidance == 1.0 ? 1 : 2, m_settings.window);
        m_float.emplace(m_model.layout(), m_settings.window, PhiloxDraws<float>(m_settings.seed));
        m_double.emplace(m_model.layout(), m_settings.window, PhiloxDraws<double>(m_settings.seed));
        m_isDouble = false;
        m_pass = 0;
        return {};
    }

    bool done() const override { return m_isDouble ? m_double->done() : m_float->done(); }
    const std::vector<std::int64_t>& tokens(std::size_t) const override
    {
        return m_isDouble ? m_double->tokens() : m_float->tokens();
    }

    Result<std::shared_ptr<Step>> step() override
    {
        PassClock clock;
        // The first drafts are drawn alike for both real types, so the first pass can be read from either window.
        const at::Tensor logits = m_model.forward(m_isDouble ? input(*m_double) : input(*m_float));
        m_isDouble = logits.scalar_type() == at::kDouble;
        auto step = std::make_shared<Step>();
        step->pass = m_pass++;
        step->forwardNs = clock.lap();
        const Result<void> advanced = m_isDouble ? advance(*m_double, logits, *step) : advance(*m_float, logits, *step);
        if (!advanced) {
            return tl::unexpected(advanced.error());
        }
        m_model.commit(0, step->committedEnd - step->begin);
        step->samplingNs = clock.lap();
        return step;
    }

private:
    template <class Real>
    using Window = DraftWindow<Real, Coupling, PhiloxDraws<Real>>;

    template <class Real>
    static at::Tensor input(const Window<Real>& window)
    {
        at::Tensor tokens = at::empty({1, window.rows()}, at::kLong);
        for (std::uint32_t k = 0; k < window.rows(); ++k) {
            tokens.mutable_data_ptr<std::int64_t>()[k] = window.input(k);
        }
        return tokens;
    }

    /// p[k] = F(logits of row k), then verify, redraw, slide.
    template <class Real>
    Result<void> advance(Window<Real>& window, const at::Tensor& logits, Step& step)
    {
        const TokenLayout& layout = m_model.layout();
        const std::uint32_t rows = window.rows();
        const std::size_t codes = layout.codes;
        const Real* conditional = logits.const_data_ptr<Real>(); // [1, branches, rows, codes]
        const Real* unconditional = logits.size(1) == 2 ? conditional + rows * codes : nullptr;
        Warp<Real> warp(m_warpSettings);
        std::vector<float> entropy;
        for (std::uint32_t k = 0; k < rows; ++k) {
            const std::uint32_t position = window.committed() + k;
            const PositionRule* rule = layout.rules.empty() ? nullptr : &layout.rules[position];
            const std::span<const Real> u = unconditional != nullptr
                                                ? std::span<const Real>(unconditional + k * codes, codes)
                                                : std::span<const Real>();
            const double h = warp(std::span<const Real>(conditional + k * codes, codes), u, rule, window.row(k));
            if (std::isnan(h)) {
                return fail(ErrorCode::Numeric,
                            "The model produced a value that is not a number; its weights may be damaged. Choose another "
                            "model or install it again.",
                            "position " + std::to_string(position));
            }
            entropy.push_back(static_cast<float>(h));
        }
        window.advance(step);
        entropy.resize(step.token.size(), std::numeric_limits<float>::quiet_NaN());
        step.entropy = std::move(entropy);
        return {};
    }

    DecodeSettings m_settings;
    TokenModel& m_model;
    WarpSettings m_warpSettings;
    std::optional<Window<float>> m_float;
    std::optional<Window<double>> m_double;
    bool m_isDouble = false; ///< the model's real type, known after the first pass
    std::uint32_t m_pass = 0;
};

} // namespace

std::unique_ptr<Decoder> makeSjdDecoder(const DecodeSettings& settings, TokenModel& model)
{
    if (settings.initialisation != "uniform" || settings.coupling != IndependentCoupling::kName) {
        return nullptr;
    }
    return std::make_unique<SjdDecoder<IndependentCoupling>>(settings, model);
}

} // namespace jacobi
