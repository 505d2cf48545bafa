// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/decode/decoder.h"
#include "core/text/wordtokenizer.h"
#include "models/scenes/loadscenes.h"
#include "models/training/scene.h"
#include "models/training/scenedata.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <stop_token>
#include <vector>

namespace jacobi {

/// Captions with their drawings.
struct BenchBatch {
    std::vector<SceneExample> examples;
    at::Tensor drawn; ///< [count, 3, side, side] float32
};

/// Examples first .. first + count - 1 of a stream, of combinations that no model is trained on.
BenchBatch drawBenchBatch(std::uint64_t seed, SceneStream stream, std::int64_t first, std::int64_t count,
                          std::int64_t side);

/// Unsupported where the judge cannot read what a model makes.
Result<void> checkJudgeReads(const ScenesConfig& config);

/// InvalidRequest where a window holds more than all tokens of a picture.
Result<void> checkBenchWindow(std::uint32_t window, const ScenesConfig& config);

/// Generates pictures for captions, a batch at a time. One thread at a time.
class BenchGenerator {
public:
    explicit BenchGenerator(const ScenesFiles& files)
        : m_files(files), m_model(files.config, files.transformer, files.noise), m_words(files.config.words)
    {
    }

    const ScenesConfig& config() const { return m_files.config; }

    struct Made {
        at::Tensor pictures;               ///< [count, height, width, 3] uint8
        std::vector<std::uint32_t> passes; ///< of each picture, as it would have taken alone
    };
    /// settings.seed: of the first picture. completes: captions are completed (models/training/completecaption.h), as the engine
    /// does it with the picture's seed. Cancelled on a stop request.
    Result<Made> make(const DecodeSettings& settings, const BenchBatch& batch, const std::stop_token& stop,
                      bool completes = false);

private:
    const ScenesFiles& m_files;
    ScenesModel m_model;
    WordTokenizer m_words;
};

} // namespace jacobi
