// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/decode/sequential.h"

#include "core/decode/draws.h"
#include "core/decode/passclock.h"
#include "core/decode/passdecoder.h"
#include "core/decode/warp.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace jacobi {

namespace {

class SequentialDecoder final : public PassDecoder {
public:
    SequentialDecoder(const DecodeSettings& settings, TokenModel& model) : m_settings(settings), m_model(model) {}

    Result<void> start(const std::vector<std::vector<std::int64_t>>& prompts) override
    {
        m_model.begin(prompts, m_settings.guidance == 1.0 ? 1 : 2, 1);
        m_tokens.assign(prompts.size(), std::vector<std::int64_t>(m_model.layout().positions(), 0));
        m_ended.assign(prompts.size(), false);
        m_n = 0;
        forgetSteps();
        return {};
    }

    const std::vector<std::int64_t>& tokens(std::size_t item) const override { return m_tokens[item]; }

private:
    bool allDone() const override
    {
        return m_n >= m_model.layout().positions() ||
               std::all_of(m_ended.begin(), m_ended.end(), [](bool ended) { return ended; });
    }

    Result<void> pass() override
    {
        PassClock clock;
        const auto items = static_cast<std::int64_t>(m_tokens.size());
        at::Tensor input = at::full({items, 1}, -1, at::kLong);
        for (std::int64_t i = 0; i < items && m_n > 0; ++i) {
            input.mutable_data_ptr<std::int64_t>()[i] = m_tokens[static_cast<std::size_t>(i)][m_n - 1];
        }
        const at::Tensor logits = m_model.forward(input); // [items, branches, 1, codes]
        const std::int64_t forwardNs = clock.lap();
        return logits.scalar_type() == at::kDouble ? sample<double>(logits, forwardNs, clock)
                                                   : sample<float>(logits, forwardNs, clock);
    }

    template <class Real>
    Result<void> sample(const at::Tensor& logits, std::int64_t forwardNs, PassClock& clock)
    {
        const TokenLayout& layout = m_model.layout();
        const std::int64_t branches = logits.size(1);
        Warp<Real> warp(
            {m_settings.guidance, m_settings.temperature, m_settings.topK, m_settings.topP, m_settings.minP});
        std::vector<Real> p(layout.codes);
        const PositionRule* rule = layout.rules.empty() ? nullptr : &layout.rules[m_n];
        const std::int64_t active = std::ranges::count(m_ended, false);
        for (std::size_t i = 0; i < m_tokens.size(); ++i) {
            m_model.commit(static_cast<std::int64_t>(i), 1);
            if (m_ended[i]) {
                continue;
            }
            const Real* c = logits.const_data_ptr<Real>() + static_cast<std::int64_t>(i) * branches * layout.codes;
            const std::span<const Real> conditional(c, layout.codes);
            const std::span<const Real> unconditional =
                branches == 2 ? std::span<const Real>(c + layout.codes, layout.codes) : std::span<const Real>();
            const double entropy = warp(conditional, unconditional, rule, p);
            if (std::isnan(entropy)) {
                return fail(
                    ErrorCode::Numeric,
                    "The model produced a value that is not a number; its weights may be damaged. Choose another "
                    "model or install it again.",
                    "position " + std::to_string(m_n));
            }
            const std::int32_t code = PhiloxDraws<Real>(m_settings.seed + i).draw(m_n, std::span<const Real>(p));
            m_tokens[i][m_n] = code;
            m_ended[i] = std::find(layout.terminals.begin(), layout.terminals.end(), code) != layout.terminals.end();

            auto step = std::make_shared<Step>();
            step->item = static_cast<std::uint32_t>(i);
            step->pass = m_n;
            step->begin = m_n;
            step->end = step->committedEnd = m_n + 1;
            step->forwardNs = forwardNs / active;
            step->token = {code};
            step->state = {rule != nullptr && rule->forced >= 0 ? TokenState::Forced : TokenState::Bonus};
            step->draft = {-1};
            step->p = {static_cast<float>(p[static_cast<std::size_t>(code)])};
            step->q = {std::numeric_limits<float>::quiet_NaN()};
            step->u = {std::numeric_limits<float>::quiet_NaN()};
            step->entropy = {static_cast<float>(entropy)};
            step->samplingNs = clock.lap();
            give(std::move(step));
        }
        ++m_n;
        return {};
    }

    DecodeSettings m_settings;
    TokenModel& m_model;
    std::vector<std::vector<std::int64_t>> m_tokens; ///< [items][positions]
    std::vector<bool> m_ended;
    std::uint32_t m_n = 0;
};

} // namespace

std::unique_ptr<Decoder> makeSequentialDecoder(const DecodeSettings& settings, TokenModel& model)
{
    return std::make_unique<SequentialDecoder>(settings, model);
}

} // namespace jacobi
