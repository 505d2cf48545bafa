// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/decode/decoder.h"
#include "core/engine/engine.h"
#include "core/engine/enginebackend.h"
#include "core/engine/modelfamily.h"

#include <ATen/ATen.h>

#include <atomic>
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace jacobi::test {

/// What the fakes of one test share: a clock that only moves when told, faults to inject, counts.
struct Fakes {
    std::atomic<std::int64_t> nowNs{0};
    std::int64_t forwardCostNs = 1'000'000;
    std::int64_t decodeCostNs = 1'000;
    std::function<void(int forward)> onForward; ///< called before each pass; may throw
    int nanFrom = -1;                           ///< forward number from which on logits are NaN
    std::int64_t nanItem = -1;                  ///< of this picture of a batch only; -1: of all
    std::function<std::int64_t(std::int64_t items, std::int64_t rows)> forwardCost; ///< instead of forwardCostNs
    std::function<double(std::int64_t position, std::int64_t before, std::int64_t code)> logit; ///< another chain
    int forwards = 0;
    int decodes = 0;
    int loads = 0;
    bool completes = false;             ///< prompts, by adding the seed
    std::vector<std::string> encoded{}; ///< prompts as they were read
};

/// A Markov chain as a network: the logits of a row depend on its position and on the token before it.
class TableModel : public TokenModel {
public:
    TableModel(Fakes& fakes, std::uint32_t rows, std::uint32_t columns, std::uint32_t codes) : m_fakes(fakes)
    {
        m_layout.rows = rows;
        m_layout.columns = columns;
        m_layout.codes = codes;
    }

    const TokenLayout& layout() const override { return m_layout; }
    at::ScalarType realType() const override { return at::kFloat; }
    std::vector<std::int64_t> unconditionalPrompt() const override { return {0}; }

    void begin(const std::vector<std::vector<std::int64_t>>& prompts, std::int64_t branches, std::int64_t) override
    {
        m_prompts = prompts;
        m_branches = branches;
        m_committed.assign(prompts.size(), 0);
    }

    at::Tensor forward(const at::Tensor& tokens) override
    {
        const int number = m_fakes.forwards++;
        const std::int64_t items = tokens.size(0);
        const std::int64_t window = tokens.size(1);
        m_fakes.nowNs += m_fakes.forwardCost ? m_fakes.forwardCost(items, window) : m_fakes.forwardCostNs;
        if (m_fakes.onForward) {
            m_fakes.onForward(number);
        }
        const std::int64_t codes = m_layout.codes;
        at::Tensor logits = at::empty({items, m_branches, window, codes}, at::kFloat);
        float* out = logits.mutable_data_ptr<float>();
        const auto* fed = tokens.const_data_ptr<std::int64_t>();
        for (std::int64_t item = 0; item < items; ++item) {
            const bool poisoned =
                m_fakes.nanFrom >= 0 && number >= m_fakes.nanFrom && (m_fakes.nanItem < 0 || m_fakes.nanItem == item);
            for (std::int64_t branch = 0; branch < m_branches; ++branch) {
                for (std::int64_t row = 0; row < window; ++row) {
                    const std::int64_t position = m_committed[static_cast<std::size_t>(item)] + row;
                    const std::int64_t before = position == 0 ? -1 : fed[item * window + row];
                    for (std::int64_t v = 0; v < codes; ++v) {
                        *out++ =
                            poisoned ? std::numeric_limits<float>::quiet_NaN() : logit(position, before, v, branch);
                    }
                }
            }
        }
        return logits;
    }

    void commit(std::int64_t item, std::int64_t count) override
    {
        m_committed[static_cast<std::size_t>(item)] += count;
    }
    std::int64_t committed(std::int64_t item) const override { return m_committed[static_cast<std::size_t>(item)]; }

private:
    float logit(std::int64_t position, std::int64_t before, std::int64_t v, std::int64_t branch) const
    {
        if (m_fakes.logit) {
            return static_cast<float>(m_fakes.logit(position, before, v));
        }
        const double x = static_cast<double>(position * 7 + before * 3 + v * 5 + branch);
        return static_cast<float>(2.0 * std::sin(x));
    }

    Fakes& m_fakes;
    TokenLayout m_layout;
    std::vector<std::vector<std::int64_t>> m_prompts;
    std::int64_t m_branches = 1;
    std::vector<std::int64_t> m_committed;
};

/// A code is a 2x2 patch in one grey.
class PatchPictures : public Detokenizer {
public:
    PatchPictures(Fakes& fakes, const TraceLayout& layout) : m_fakes(fakes), m_layout(layout) {}

    at::Tensor decode(const at::Tensor& codes) override
    {
        ++m_fakes.decodes;
        m_fakes.nowNs += m_fakes.decodeCostNs;
        const at::Tensor grid = codes.view({codes.size(0), m_layout.rows, m_layout.columns});
        return grid.repeat_interleave(2, 1).repeat_interleave(2, 2).unsqueeze(3).repeat({1, 1, 1, 3}).to(at::kByte);
    }
    std::vector<CodeColours> codeColours() override
    {
        std::vector<CodeColours> colours(m_layout.codes);
        for (std::size_t code = 0; code < colours.size(); ++code) {
            colours[code].fill(static_cast<std::uint8_t>(code));
        }
        return colours;
    }

private:
    Fakes& m_fakes;
    TraceLayout m_layout;
};

/// Commits `perPass` tokens a pass, each the largest logit of its row. Fails on NaN as the real decoders do.
class PlainDecoder : public Decoder {
public:
    PlainDecoder(Fakes& fakes, const DecodeSettings& settings, TokenModel& model, std::uint32_t perPass)
        : m_fakes(fakes), m_settings(settings), m_model(model), m_perPass(perPass)
    {
    }

    Result<void> start(const std::vector<std::vector<std::int64_t>>& prompts) override
    {
        m_model.begin(prompts, 1, m_perPass);
        m_tokens.clear();
        return {};
    }

    Result<std::shared_ptr<Step>> step() override
    {
        const std::uint32_t positions = m_model.layout().positions();
        const auto begin = static_cast<std::uint32_t>(m_tokens.size());
        const std::uint32_t count = std::min(m_perPass, positions - begin);
        at::Tensor window = at::zeros({1, count}, at::kLong);
        if (begin > 0) {
            window.index_put_({0, 0}, m_tokens.back());
        }
        const std::int64_t before = m_fakes.nowNs;
        const at::Tensor logits = m_model.forward(window);
        if (!at::isfinite(logits).all().item<bool>()) {
            return fail(ErrorCode::Numeric, "The model returned numbers that are not finite.");
        }
        m_model.commit(0, count);
        auto step = std::make_shared<Step>();
        step->pass = m_passes++;
        step->begin = begin;
        step->end = step->committedEnd = begin + count;
        step->forwardNs = m_fakes.nowNs - before;
        step->samplingNs = 10;
        m_fakes.nowNs += 10 + 5; // and 5 of something else
        for (std::uint32_t row = 0; row < count; ++row) {
            const auto code = logits[0][0][row].argmax().item<std::int64_t>();
            m_tokens.push_back(code);
            step->token.push_back(static_cast<std::int32_t>(code));
            step->state.push_back(TokenState::Bonus);
        }
        return step;
    }

    bool done() const override { return m_tokens.size() == m_model.layout().positions(); }
    const std::vector<std::int64_t>& tokens(std::size_t) const override { return m_tokens; }

private:
    Fakes& m_fakes;
    DecodeSettings m_settings;
    TokenModel& m_model;
    std::uint32_t m_perPass;
    std::uint32_t m_passes = 0;
    std::vector<std::int64_t> m_tokens;
};

/// Keeps everything a run sends and checks its order as it comes.
class RecordingSink : public TraceSink {
public:
    void header(const std::shared_ptr<const RunHeader>& header) override
    {
        trace.header = header;
        order += 'h';
    }
    void step(const std::shared_ptr<const Step>& step) override
    {
        trace.steps.push_back(step);
        order += 's';
        if (onStep) {
            onStep(*step);
        }
    }
    void preview(const std::shared_ptr<const Preview>& preview) override
    {
        trace.previews.push_back(preview);
        order += preview->isFinal ? 'f' : 'p';
        if (onPreview) {
            onPreview(*preview);
        }
    }
    void summary(const RunSummary& summary) override
    {
        trace.summary = summary;
        order += '.';
    }

    std::int64_t previewNs(std::uint32_t width, std::uint32_t height) const override
    {
        return tellPreviewNs ? tellPreviewNs(width, height) : 0;
    }

    Trace trace;
    std::string order; ///< h s p f . as they came
    std::function<void(const Step&)> onStep;
    std::function<void(const Preview&)> onPreview;
    std::function<std::int64_t(std::uint32_t width, std::uint32_t height)> tellPreviewNs;
};

inline TraceLayout smallLayout()
{
    return {4, 5, 7, 2};
}

/// Knows the words "red", "green" and "blue".
class FakeFamily : public ModelFamily {
public:
    explicit FakeFamily(Fakes& fakes) : m_fakes(fakes) {}

    std::string name() const override { return "fake"; }
    Result<PromptReading> readPrompt(const ModelInfo& model, std::string_view prompt) const override
    {
        PromptReading reading;
        std::size_t count = 0;
        std::istringstream words{std::string(prompt)};
        const std::set<std::string> known(model.vocabulary.begin(), model.vocabulary.end());
        for (std::string word; words >> word;) {
            ++count;
            if (!known.contains(word)) {
                reading.unknownWords.push_back(word);
                reading.nearestWords.push_back(word == "gren" ? "green" : "");
            }
        }
        if (count > model.maxPromptWords) {
            return fail(ErrorCode::InvalidRequest, "The prompt has " + std::to_string(count) + " words.");
        }
        return reading;
    }
    bool completesPrompts(const ModelInfo&) const override { return m_fakes.completes; }
    std::uint64_t memoryBytes(const ModelInfo&, const RunRequest&) const override { return needed; }
    Result<DeviceSizes> deviceSizes(const ModelInfo& model) const override
    {
        return sizes ? *sizes : ModelFamily::deviceSizes(model);
    }
    Result<LoadedModel> load(const ModelInfo& model, at::ScalarType type) const override
    {
        ++m_fakes.loads;
        lastType = type;
        if (onLoad) {
            if (auto loaded = onLoad(); !loaded) {
                return tl::unexpected(loaded.error());
            }
        }
        LoadedModel loaded;
        loaded.tokens =
            std::make_unique<TableModel>(m_fakes, model.layout.rows, model.layout.columns, model.layout.codes);
        loaded.pictures = std::make_unique<PatchPictures>(m_fakes, model.layout);
        loaded.encodePrompt = [&fakes = m_fakes](std::string_view prompt) {
            fakes.encoded.emplace_back(prompt);
            return std::vector<std::int64_t>{1, 2};
        };
        if (m_fakes.completes) {
            loaded.completePrompt = [](std::string_view prompt, std::uint64_t seed) {
                return std::string(prompt) + " " + std::to_string(seed);
            };
        }
        return loaded;
    }

    std::uint64_t needed = 1000;
    std::optional<DeviceSizes> sizes; ///< on a GPU
    std::function<Result<void>()> onLoad;
    mutable at::ScalarType lastType = at::kFloat;

private:
    Fakes& m_fakes;
};

inline ModelInfo fakeModel()
{
    ModelInfo model;
    model.id = "tiny";
    model.name = "Tiny";
    model.family = "fake";
    model.hash = "00ff";
    model.folder = "/nowhere/tiny";
    model.layout = smallLayout();
    model.width = 10;
    model.height = 8;
    model.maxPromptWords = 4;
    model.vocabulary = {"blue", "green", "red"};
    return model;
}

inline RunRequest fakeRequest()
{
    RunRequest request;
    request.modelId = "tiny";
    request.prompt = "red green";
    request.window = 4;
    request.seed = 7;
    request.device = "auto";
    return request;
}

inline Engine::MakeDecoder plainDecoders(Fakes& fakes, std::uint32_t perPass)
{
    return [&fakes, perPass](const DecodeSettings& settings, TokenModel& model) -> Result<std::unique_ptr<Decoder>> {
        return std::make_unique<PlainDecoder>(fakes, settings, model, perPass);
    };
}

inline Engine::Clock fakeClock(Fakes& fakes)
{
    return [&fakes] { return fakes.nowNs.load(); };
}

} // namespace jacobi::test
