// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/judge/benchpictures.h"

#include "models/judge/judge.h"
#include "models/scenes/scenestokenizer.h"
#include "models/training/completecaption.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <string>

namespace jacobi {

BenchBatch drawBenchBatch(std::uint64_t seed, SceneStream stream, std::int64_t first, std::int64_t count,
                          std::int64_t side)
{
    BenchBatch batch;
    batch.drawn = at::empty({count, 3, side, side}, at::kFloat);
    float* out = batch.drawn.data_ptr<float>();
    for (std::int64_t i = 0; i < count; ++i) {
        batch.examples.push_back(drawScene(streamSeed(seed, stream), static_cast<std::uint64_t>(first + i),
                                           static_cast<int>(side), SceneSet::HeldOut));
        out = std::copy(batch.examples.back().rgb.begin(), batch.examples.back().rgb.end(), out);
    }
    return batch;
}

Result<void> checkJudgeReads(const ScenesConfig& config)
{
    if (judgeReads(config.pictureColumns(), config.pictureRows())) {
        return {};
    }
    return fail(ErrorCode::Unsupported,
                "The judge reads square pictures of 128 x 128 pixels or a multiple, and this model "
                "makes others. Choose another model.");
}

Result<void> checkBenchWindow(std::uint32_t window, const ScenesConfig& config)
{
    if (window >= 1 && window <= config.positions()) {
        return {};
    }
    return fail(ErrorCode::InvalidRequest, "The window is " + std::to_string(window) + ", but must be between 1 and " +
                                               std::to_string(config.positions()) +
                                               ", the number of tokens of a picture.");
}

Result<BenchGenerator::Made> BenchGenerator::make(const DecodeSettings& settings, const BenchBatch& batch,
                                                  const std::stop_token& stop, bool completes)
{
    const c10::InferenceMode inference;
    auto decoder = makeDecoder(settings, m_model);
    if (!decoder) {
        return tl::unexpected(decoder.error());
    }
    std::vector<std::vector<std::int64_t>> prompts;
    for (const SceneExample& example : batch.examples) {
        const std::string prompt =
            completes ? completeCaption(example.caption, settings.seed + prompts.size()) : example.caption;
        prompts.push_back(m_model.promptOf(m_words.encode(prompt).ids));
    }
    if (auto started = (*decoder)->start(prompts); !started) {
        return tl::unexpected(started.error());
    }
    Made made;
    made.passes.assign(prompts.size(), 0);
    while (!(*decoder)->done()) {
        if (stop.stop_requested()) {
            return fail(ErrorCode::Cancelled, "The bench was stopped.");
        }
        const auto step = (*decoder)->step();
        if (!step) {
            return tl::unexpected(step.error());
        }
        ++made.passes[(*step)->item];
    }
    at::Tensor codes = at::empty({static_cast<std::int64_t>(prompts.size()), m_files.config.positions()}, at::kLong);
    std::int64_t* out = codes.data_ptr<std::int64_t>();
    for (std::size_t item = 0; item < prompts.size(); ++item) {
        const std::vector<std::int64_t>& tokens = (*decoder)->tokens(item);
        out = std::copy(tokens.begin(), tokens.end(), out);
    }
    const at::Tensor scalars = scalarsOfCodes(m_files.config, codes, at::kFloat);
    made.pictures = bytesOfPictures(decodeScalars(m_files.config, m_files.tokenizer, scalars));
    return made;
}

} // namespace jacobi
