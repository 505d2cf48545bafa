// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/scenes/scenesmodel.h"

#include "core/decode/wholeconvolutions.h"
#include "models/scenes/scenestokenizer.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cassert>

namespace jacobi {
ScenesModel::ScenesModel(ScenesConfig config, const TensorMap& weights, std::optional<ScenesNoisePart> noise)
    : m_config(std::move(config)),
      m_weights(transformerWeights(m_config, weights)),
      m_table(inputTable(m_config, m_weights).contiguous()),
      m_noise(std::move(noise)),
      m_offsets(inputOffsets(m_config)),
      m_type(m_table.scalar_type())
{
    if (m_noise) {
        m_plainCodes = jacobi::codeEmbeddings(m_config, m_weights).contiguous();
        m_normalCodes = ((m_plainCodes - m_noise->scale.mean) / m_noise->scale.deviation).contiguous();
    }
    for (BlockWeights& block : m_weights.blocks) {
        block = packedForDecoding(block);
    }
    m_weights.packedHead = PackedMatrix(m_weights.head);
    m_weights.head = at::Tensor();
    m_layout.rows = static_cast<std::uint32_t>(m_config.gridRows);
    m_layout.columns = static_cast<std::uint32_t>(m_config.gridColumns);
    m_layout.codes = static_cast<std::uint32_t>(m_config.codes());
}

std::vector<std::int64_t> ScenesModel::promptOf(const std::vector<std::int64_t>& wordIds) const
{
    std::vector<std::int64_t> prompt(static_cast<std::size_t>(m_config.prefix), m_config.padToken());
    const std::size_t count = std::min(wordIds.size(), prompt.size() - 1);
    std::copy_n(wordIds.begin(), count, prompt.begin());
    prompt.back() = m_config.beginToken();
    return prompt;
}

std::vector<std::int64_t> ScenesModel::unconditionalPrompt() const
{
    std::vector<std::int64_t> prompt(static_cast<std::size_t>(m_config.prefix), m_config.nullToken());
    prompt.back() = m_config.beginToken();
    return prompt;
}

void ScenesModel::begin(const std::vector<std::vector<std::int64_t>>& prompts, std::int64_t branches,
                        std::int64_t maxWindow)
{
    assert(branches == 1 || branches == 2);
    m_items = static_cast<std::int64_t>(prompts.size());
    m_branches = branches;
    const std::int64_t words = m_config.promptWords();
    const std::int64_t widest = std::max(maxWindow, words);
    const KvCache::Shape shape{m_config.layers,
                               m_items,
                               branches,
                               m_config.heads(),
                               m_config.headSize,
                               m_config.prefix + m_config.positions() + maxWindow,
                               widest};
    if (!m_cache.fits(shape, m_type)) {
        m_cache = KvCache(shape, m_type);
        m_rotary = rowsRotary(m_config, shape.capacity, m_type);
        m_inputs = at::empty({m_items * branches * widest * kRowInputs}, at::kLong);
    }
    if (m_noise) {
        makeRoomForNoise(m_items * maxWindow);
    }
    m_cache.reset();
    m_committed.assign(prompts.size(), 0);
    m_historyStride = m_config.positions() + maxWindow;
    m_history.assign(prompts.size() * static_cast<std::size_t>(m_historyStride), 0);
    m_begin.clear();

    // Prefill: all tokens of the prompts but the last go into the cache in one pass.
    const std::vector<std::int64_t> empty = unconditionalPrompt();
    std::int64_t* out = m_inputs.data_ptr<std::int64_t>();
    for (const std::vector<std::int64_t>& prompt : prompts) {
        assert(static_cast<std::int64_t>(prompt.size()) == m_config.prefix);
        m_begin.push_back(prompt.back());
        for (std::int64_t branch = 0; branch < branches; ++branch) {
            const std::vector<std::int64_t>& tokens = branch == 0 ? prompt : empty;
            for (std::int64_t i = 0; i < words; ++i, out += kRowInputs) {
                rowInputs(m_config, m_offsets, tokens[static_cast<std::size_t>(i)], -1, nullptr, out);
            }
        }
    }
    const at::Tensor inputs =
        m_inputs.narrow(0, 0, m_items * branches * words * kRowInputs).view({m_items * branches, words, kRowInputs});
    transformRows(m_config, m_weights, m_table, inputs, windowRotary(words),
                  [this](std::int64_t layer, const Heads& heads) { return m_cache.attend(layer, heads); });
    for (std::int64_t item = 0; item < m_items; ++item) {
        m_cache.advance(item, words);
    }
}

RotaryTable ScenesModel::windowRotary(std::int64_t window) const
{
    const std::int64_t first = m_cache.length(0);
    bool together = true;
    for (std::int64_t item = 1; item < m_items; ++item) {
        together = together && m_cache.length(item) == first;
    }
    if (together) {
        return {m_rotary.cosine.narrow(1, first, window), m_rotary.sine.narrow(1, first, window)};
    }
    at::Tensor rows = at::empty({m_items * m_branches * window}, at::kLong);
    std::int64_t* out = rows.data_ptr<std::int64_t>();
    for (std::int64_t item = 0; item < m_items; ++item) {
        for (std::int64_t i = 0; i < m_branches * window; ++i) {
            *out++ = m_cache.length(item) + i % window;
        }
    }
    const auto gather = [&](const at::Tensor& table) {
        return table.select(0, 0).index_select(0, rows).view({m_items * m_branches, window, table.size(2)});
    };
    return {gather(m_rotary.cosine), gather(m_rotary.sine)};
}

void ScenesModel::writeInputs(const std::int64_t* tokens, std::int64_t window)
{
    const std::int64_t last = m_config.positions() - 1;
    std::int64_t* out = m_inputs.data_ptr<std::int64_t>();
    for (std::int64_t item = 0; item < m_items; ++item, tokens += window) {
        const std::int64_t begin = committed(item);
        std::int64_t* history = m_history.data() + item * m_historyStride;
        for (std::int64_t row = begin == 0 ? 1 : 0; row < window; ++row) {
            history[begin + row - 1] = tokens[row]; // row k feeds the token of position begin + k - 1
        }
        const std::int64_t* first = out;
        for (std::int64_t row = 0; row < window; ++row, out += kRowInputs) {
            // Rows past the last position (a window may stick out at the end) repeat it; nobody looks at them.
            rowInputs(m_config, m_offsets, m_begin[static_cast<std::size_t>(item)], std::min(begin + row, last),
                      history, out);
        }
        for (std::int64_t branch = 1; branch < m_branches; ++branch) {
            out = std::copy_n(first, window * kRowInputs, out);
        }
    }
}

at::Tensor ScenesModel::forward(const at::Tensor& tokens)
{
    const std::int64_t window = tokens.size(1);
    const at::Tensor plain = tokens.contiguous();
    writeInputs(plain.const_data_ptr<std::int64_t>(), window);
    const std::int64_t lanes = m_items * m_branches;
    const at::Tensor inputs = m_inputs.narrow(0, 0, lanes * window * kRowInputs).view({lanes, window, kRowInputs});
    const at::Tensor hidden =
        transformRows(m_config, m_weights, m_table, inputs, windowRotary(window),
                      [this](std::int64_t layer, const Heads& heads) { return m_cache.attend(layer, heads); });
    return predictCodes(m_weights, hidden).view({m_items, m_branches, window, m_config.codes()});
}

void ScenesModel::makeRoomForNoise(std::int64_t rows)
{
    const std::int64_t wanted = m_offsets.total + kCodeParts * rows;
    if (m_table.size(0) < wanted) {
        at::Tensor larger = at::zeros({wanted, m_config.width}, m_table.options());
        larger.narrow(0, 0, m_offsets.total).copy_(m_table.narrow(0, 0, m_offsets.total));
        m_table = larger;
    }
}

at::Tensor ScenesModel::forwardNoisy(const at::Tensor& tokens, const NoisyRows& noisy)
{
    const auto count = static_cast<std::int64_t>(noisy.rows.size());
    at::Tensor mixed = tokens.clone();
    at::Tensor times = at::empty({count}, at::kDouble);
    for (std::int64_t i = 0; i < count; ++i) {
        const NoisyRows::Row& row = noisy.rows[static_cast<std::size_t>(i)];
        mixed.mutable_data_ptr<std::int64_t>()[row.item * tokens.size(1) + row.row] = -1 - i;
        times.mutable_data_ptr<double>()[i] = row.time;
    }
    const at::Tensor embeddings =
        noisy.normalised ? noisy.embeddings * m_noise->scale.deviation + m_noise->scale.mean : noisy.embeddings;
    m_table.narrow(0, m_offsets.total, kCodeParts * count)
        .copy_((embeddings + encodeTimes(m_noise->settings, m_noise->weights, times.to(m_type)))
                   .view({kCodeParts * count, m_config.width}));
    return forward(mixed);
}

void ScenesModel::commit(std::int64_t item, std::int64_t count)
{
    m_committed[static_cast<std::size_t>(item)] += count;
    m_cache.advance(item, count);
}

ScenesDetokenizer::ScenesDetokenizer(ScenesConfig config, TensorMap weights)
    : m_config(std::move(config)), m_weights(std::move(weights))
{
}

std::unique_ptr<ScenesDetokenizer> ScenesDetokenizer::on(at::Device device) const
{
    TensorMap placed;
    for (const auto& [name, tensor] : m_weights) {
        placed[name] = tensor.to(device);
    }
    return std::make_unique<ScenesDetokenizer>(m_config, std::move(placed));
}

at::Tensor ScenesDetokenizer::picturesOf(const ScenesConfig& config, const at::Tensor& codes) const
{
    const WholeConvolutions whole;
    const at::Tensor there = codes.to(m_weights.begin()->second.device());
    return decodeScalars(config, m_weights, scalarsOfCodes(config, there, at::kFloat));
}

at::Tensor ScenesDetokenizer::decode(const at::Tensor& codes)
{
    const at::Tensor pictures = picturesOf(m_config, codes);
    return (pictures.clamp(0.0, 1.0) * 255.0).round().to(at::kByte).permute({0, 2, 3, 1}).contiguous().cpu();
}

std::vector<CodeColours> ScenesDetokenizer::codeColours()
{
    // A small picture of nothing but the code; its middle tile is free of the border's influence.
    ScenesConfig small = m_config;
    small.gridRows = 5;
    small.gridColumns = 5;
    const std::int64_t count = m_config.codes();
    const at::Tensor codes = at::arange(count, at::kLong).unsqueeze(1).expand({count, small.positions()}).contiguous();
    std::vector<CodeColours> colours(static_cast<std::size_t>(count));
    constexpr std::int64_t kAtOnce = 64;
    for (std::int64_t from = 0; from < count; from += kAtOnce) {
        const at::Tensor some = codes.narrow(0, from, std::min(kAtOnce, count - from));
        const at::Tensor pictures = picturesOf(small, some);
        const at::Tensor tile = pictures.narrow(2, 16, 8).narrow(3, 16, 8).clamp(0.0, 1.0);
        const at::Tensor bytes =
            (at::avg_pool2d(tile, 2) * 255.0).round().to(at::kByte).permute({0, 2, 3, 1}).contiguous().cpu();
        const std::uint8_t* data = bytes.const_data_ptr<std::uint8_t>();
        for (std::int64_t i = 0; i < some.size(0); ++i) {
            CodeColours& to = colours[static_cast<std::size_t>(from + i)];
            std::copy_n(data + i * static_cast<std::int64_t>(to.size()), to.size(), to.begin());
        }
    }
    return colours;
}

} // namespace jacobi
