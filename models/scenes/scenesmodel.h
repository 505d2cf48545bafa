// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/decode/kvcache.h"
#include "core/decode/noisytokenmodel.h"
#include "core/decode/tokenmodel.h"
#include "models/scenes/scenesnoise.h"
#include "models/scenes/scenestransformer.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace jacobi {

/// The transformer of the family `scenes` as a TokenModel, and as a NoisyTokenModel where it was tuned to be one. A prompt is exactly config.prefix text tokens (promptOf).
/// Thread rule and the meaning of each call: TokenModel.
class ScenesModel final : public TokenModel, private NoisyTokenModel {
public:
    /// weights: every tensor of transformerTensors(config), all of one real type (float32 or float64).
    ScenesModel(ScenesConfig config, const TensorMap& weights, std::optional<ScenesNoisePart> noise = {});

    const ScenesConfig& config() const { return m_config; }

    /// Word ids (positions in config.words) -> the prompt: words, padding, <boi>. More words than fit are cut.
    std::vector<std::int64_t> promptOf(const std::vector<std::int64_t>& wordIds) const;

    const TokenLayout& layout() const override { return m_layout; }
    at::ScalarType realType() const override { return m_type; }
    std::vector<std::int64_t> unconditionalPrompt() const override;
    void begin(const std::vector<std::vector<std::int64_t>>& prompts, std::int64_t branches,
               std::int64_t maxWindow) override;
    at::Tensor forward(const at::Tensor& tokens) override;
    void commit(std::int64_t item, std::int64_t count) override;
    std::int64_t committed(std::int64_t item) const override { return m_committed[static_cast<std::size_t>(item)]; }
    NoisyTokenModel* noisy() override { return m_noise ? this : nullptr; }

private:
    const NoiseKind& noise() const override { return m_noise->settings.kind; }
    const at::Tensor& codeEmbeddings(bool normalised) const override
    {
        return normalised ? m_normalCodes : m_plainCodes;
    }
    at::Tensor forwardNoisy(const at::Tensor& tokens, const NoisyRows& noisy) override;

    void makeRoomForNoise(std::int64_t rows);
    RotaryTable windowRotary(std::int64_t window) const;
    void writeInputs(const std::int64_t* tokens, std::int64_t window);

    ScenesConfig m_config;
    TokenLayout m_layout;
    TransformerWeights m_weights;
    at::Tensor m_table; ///< [InputOffsets::total, width], then the parts of a pass's noisy embeddings
    std::optional<ScenesNoisePart> m_noise;
    at::Tensor m_normalCodes, m_plainCodes; ///< [codes, kCodeParts * width]
    InputOffsets m_offsets;
    at::ScalarType m_type;
    KvCache m_cache;
    RotaryTable m_rotary; ///< [1, every row a cache can hold, headSize / 2]
    at::Tensor m_inputs;  ///< [items, branches, maxWindow, kRowInputs] int64, the first rows of it used
    std::int64_t m_items = 0;
    std::int64_t m_branches = 1;
    std::vector<std::int64_t> m_committed; ///< [items]
    std::vector<std::int64_t> m_begin;     ///< [items] last token of each prompt
    std::vector<std::int64_t> m_history;   ///< [items, positions + maxWindow] codes as last fed
    std::int64_t m_historyStride = 0;
};

/// The tokenizer's decoder as a Detokenizer, on the device of its weights.
class ScenesDetokenizer final : public Detokenizer {
public:
    /// weights: every tensor of tokenizerTensors(config) whose name starts with "decoder.", float32.
    ScenesDetokenizer(ScenesConfig config, TensorMap weights);

    at::Tensor decode(const at::Tensor& codes) override;
    std::vector<CodeColours> codeColours() override;

    /// The same there. Pictures differ by rounding: a level at most.
    std::unique_ptr<ScenesDetokenizer> on(at::Device device) const;

private:
    /// Pictures of codes [items, gridRows * gridColumns] of that size, before they are bytes; on the device.
    at::Tensor picturesOf(const ScenesConfig& config, const at::Tensor& codes) const;

    ScenesConfig m_config;
    TensorMap m_weights;
};

} // namespace jacobi
