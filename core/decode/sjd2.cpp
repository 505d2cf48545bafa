// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/decode/sjd2.h"

#include "core/decode/coupleddecoder.h"
#include "core/decode/draftwindow.h"
#include "core/decode/draws.h"
#include "core/decode/noisydrafts.h"
#include "core/decode/noisytokenmodel.h"
#include "core/decode/passclock.h"
#include "core/decode/passdecoder.h"
#include "core/decode/rowlaws.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <limits>
#include <utility>

namespace jacobi {

namespace {

/// Several pictures at once: one window and its noise each, one pass of the network for all of them. Picture i is the one
/// that seed + i gives alone.
template <class Coupling, class Real>
class Sjd2Decoder final : public PassDecoder {
public:
    Sjd2Decoder(const DecodeSettings& settings, Initialisation initialisation, TokenModel& model)
        : m_settings(settings),
          m_initialisation(initialisation),
          m_model(model),
          m_noisyModel(*model.noisy()),
          m_codes(m_noisyModel.codeEmbeddings(settings.variant.normalises)),
          m_warp({settings.guidance, settings.temperature, settings.topK, settings.topP, settings.minP})
    {
    }

    Result<void> start(const std::vector<std::vector<std::int64_t>>& prompts) override
    {
        m_model.begin(prompts, m_settings.guidance == 1.0 ? 1 : 2, m_settings.window);
        m_pictures.clear();
        forgetSteps();
        m_pass = 0;
        const std::vector<NoiseLevel> levels = noiseLevels(m_noisyModel.noise(), m_settings.noiseSteps);
        const std::span codes(m_codes.const_data_ptr<Real>(), static_cast<std::size_t>(m_codes.numel()));
        const auto size = static_cast<std::size_t>(m_codes.size(1));
        for (std::size_t i = 0; i < prompts.size(); ++i) {
            const std::uint64_t seed = m_settings.seed + i;
            m_pictures.push_back({Window(m_model.layout(), m_settings.window, PhiloxDraws<Real>(seed), m_initialisation,
                                         {m_settings.noiseSteps, m_settings.variant.refines}),
                                  NoisyDrafts<Real>(seed, levels, m_settings.window, codes, size), 0});
            denoise(m_pictures.back());
        }
        return {};
    }

    const std::vector<std::int64_t>& tokens(std::size_t item) const override
    {
        return m_pictures[item].window.tokens();
    }

    std::uint64_t nearTies() const override
    {
        std::uint64_t ties = 0;
        for (const Picture& picture : m_pictures) {
            ties += picture.window.nearTies();
        }
        return ties;
    }

private:
    using Window = DraftWindow<Real, Coupling, PhiloxDraws<Real>>;
    struct Picture {
        Window window;
        NoisyDrafts<Real> noise;
        std::uint32_t begun = 0; ///< positions from here on have not been in the window
    };

    bool allDone() const override
    {
        return std::ranges::all_of(m_pictures, [](const Picture& p) { return p.window.done(); });
    }

    /// One pass of the network over every window; a step for each picture that was not done.
    Result<void> pass() override
    {
        PassClock clock;
        std::uint32_t rows = 1;
        std::int64_t active = 0;
        for (const Picture& picture : m_pictures) {
            rows = picture.window.done() ? rows : std::max(rows, picture.window.rows());
            active += picture.window.done() ? 0 : 1;
        }
        const at::Tensor logits = forward(rows); // [items, branches, rows, codes]
        const std::int64_t forwardNs = clock.lap() / active;
        for (std::size_t item = 0; item < m_pictures.size(); ++item) {
            Picture& picture = m_pictures[item];
            if (picture.window.done()) {
                continue;
            }
            auto step = std::make_shared<Step>();
            step->item = static_cast<std::uint32_t>(item);
            step->pass = m_pass;
            step->forwardNs = forwardNs;
            if (auto laws = writeLaws<Real>(logits, item, m_model.layout(), m_warp, picture.window, *step); !laws) {
                return laws; // Pictures that went on before it keep their steps.
            }
            picture.window.advance(*step); // (1) verify, (2) redraw or guess, (3) slide
            step->entropy.resize(step->token.size(), std::numeric_limits<float>::quiet_NaN());
            m_model.commit(static_cast<std::int64_t>(item), step->committedEnd - step->begin);
            denoise(picture);
            if (m_settings.noiseSteps > 0) {
                recordNoise(picture, *step);
            }
            step->samplingNs = clock.lap();
            give(std::move(step));
        }
        ++m_pass;
        return {};
    }

    /// The mixed rows: tokens where a draft is one, embeddings where it is noise.
    at::Tensor forward(std::uint32_t rows)
    {
        const auto items = static_cast<std::int64_t>(m_pictures.size());
        at::Tensor tokens = at::zeros({items, rows}, at::kLong); // a shorter window ends in padding nobody looks at
        NoisyRows noisy;
        noisy.normalised = m_settings.variant.normalises;
        std::vector<Real> embeddings;
        for (std::int64_t item = 0; item < items; ++item) {
            const Window& window = m_pictures[static_cast<std::size_t>(item)].window;
            const NoisyDrafts<Real>& noise = m_pictures[static_cast<std::size_t>(item)].noise;
            std::int64_t* out = tokens.mutable_data_ptr<std::int64_t>() + item * rows;
            for (std::uint32_t k = 0; !window.done() && k < window.rows(); ++k) {
                const std::uint32_t level = k == 0 ? 0 : window.level(k - 1); // row k reads draft k - 1
                if (level == 0) {
                    out[k] = window.input(k);
                } else {
                    const std::span<const Real> e = noise.at(window.committed() + k - 1);
                    noisy.rows.push_back({item, k, noise.level(level).time()});
                    embeddings.insert(embeddings.end(), e.begin(), e.end());
                }
            }
        }
        if (noisy.rows.empty()) {
            return m_model.forward(tokens);
        }
        noisy.embeddings = at::from_blob(
            embeddings.data(), {static_cast<std::int64_t>(noisy.rows.size()), m_codes.size(1)}, m_codes.options());
        return m_noisyModel.forwardNoisy(tokens, noisy);
    }

    /// The noisy rows of the next pass: one DDIM step for those with a guess, fresh noise for those without.
    void denoise(Picture& picture)
    {
        Window& window = picture.window;
        const std::uint32_t begun = std::exchange(picture.begun, window.committed() + window.drafts());
        for (std::uint32_t k = 0; k < window.drafts(); ++k) {
            const std::uint32_t position = window.committed() + k;
            if (window.level(k) == 0) {
                continue;
            }
            if (position >= begun) {
                picture.noise.enter(position);
            }
            if (window.guess(k) >= 0) {
                picture.noise.step(position, window.guess(k), window.level(k));
            } else {
                window.show(k, nearestCode(picture.noise.at(position)));
            }
        }
    }

    /// What fresh noise decodes to: the code whose embedding is nearest.
    std::int32_t nearestCode(std::span<const Real> e)
    {
        if (!m_halfSquares.defined()) {
            m_halfSquares = m_codes.square().sum(1) / 2;
        }
        const at::Tensor row = at::from_blob(const_cast<Real*>(e.data()), {m_codes.size(1)}, m_codes.options());
        return static_cast<std::int32_t>((at::mv(m_codes, row) - m_halfSquares).argmax().template item<std::int64_t>());
    }

    /// How noisy each position is after the pass, and what fresh noise is shown as.
    void recordNoise(const Picture& picture, Step& step) const
    {
        const Window& window = picture.window;
        step.noiseLevel.assign(step.token.size(), 0.0F);
        // The picture's last position is predicted and never read: what was drawn there is a token, whatever its level.
        const std::size_t behind = window.committed() + window.drafts() - step.begin;
        std::replace(step.state.begin() + static_cast<std::ptrdiff_t>(behind), step.state.end(), TokenState::Noisy,
                     TokenState::New);
        for (std::uint32_t k = 0; k < window.drafts(); ++k) {
            const std::size_t index = window.committed() + k - step.begin;
            step.noiseLevel[index] = static_cast<float>(picture.noise.level(window.level(k)).sigma);
            step.token[index] = static_cast<std::int32_t>(window.tokens()[window.committed() + k]);
        }
    }

    DecodeSettings m_settings;
    Initialisation m_initialisation;
    TokenModel& m_model;
    NoisyTokenModel& m_noisyModel;
    at::Tensor m_codes;       ///< [codes, size of an embedding]
    at::Tensor m_halfSquares; ///< [codes] of their lengths, when first needed
    Warp<Real> m_warp;
    std::vector<Picture> m_pictures; ///< [items]
    std::uint32_t m_pass = 0;
};

} // namespace

std::unique_ptr<Decoder> makeSjd2Decoder(const DecodeSettings& settings, TokenModel& model)
{
    return makeCoupledDecoder<Sjd2Decoder>(settings, model);
}

Result<void> checkNoise(const DecodeSettings& settings, TokenModel& model)
{
    NoisyTokenModel* noisy = model.noisy();
    if (noisy == nullptr) {
        return fail(ErrorCode::InvalidRequest, "This model was not trained to read noise, which the method sjd2 needs. "
                                               "Choose a model that was, or the method sjd.");
    }
    if (settings.noiseSteps > static_cast<std::uint32_t>(noisy->noise().mostSteps)) {
        return fail(ErrorCode::InvalidRequest, "This model was trained for at most " +
                                                   std::to_string(noisy->noise().mostSteps) +
                                                   " noise steps. Choose no more than these.");
    }
    return {};
}

} // namespace jacobi
