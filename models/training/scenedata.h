// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "models/scenes/scenesconfig.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

namespace jacobi {

/// Streams of examples that never meet: what the tokenizer and the transformer learn from, and what measures them; the
/// same for the judge; what a bench asks for, and what it compares with; what the flow learns from, and what measures it; what a
/// tuning to noise learns from.
enum class SceneStream : std::uint64_t {
    Tokenizer = 0,
    Transformer = 1,
    Validation = 2,
    Judge = 3,
    JudgeValidation = 4,
    Bench = 5,
    BenchReference = 6,
    Flow = 7,
    FlowValidation = 8,
    Denoising = 12
};

/// A fresh seed for each stream of a training seed.
std::uint64_t streamSeed(std::uint64_t seed, SceneStream stream);

/// Examples of a stream that follow each other.
struct ExampleRun {
    std::uint64_t first = 0;
    std::int64_t count = 0;
};
/// What a batch that has the numbers first .. first + count - 1 to itself is drawn of: a share `hard` of it examples that
/// show what is learnt late (isHard in sceneplan.h; one that is not where none of 64 is), the rest as chance brings them.
/// Batches of other numbers share none.
std::vector<ExampleRun> examplesOfBatch(std::uint64_t seed, SceneStream stream, std::uint64_t first, std::int64_t count,
                                        double hard);

/// Examples index .. index + count - 1 of a stream as pictures [count, 3, size, size] float32 in 0..1.
at::Tensor drawPictures(std::uint64_t seed, SceneStream stream, std::uint64_t index, std::int64_t count, int size);

/// Prompts of the same examples: word ids, padded to config.prefix - 1 [count, prefix - 1] int64. drop: the share
/// of prompts replaced by the empty one (the unconditional branch of guidance learns from these); which ones
/// depends on seed, index and variant alone. variant: of the caption (captionOf); another one says the same scene in
/// other words, and other things about it.
at::Tensor drawPrompts(const ScenesConfig& config, std::uint64_t seed, SceneStream stream, std::uint64_t index,
                       std::int64_t count, double drop, std::uint64_t variant = 0);

/// Whether drawPrompts leaves the prompt of an example of a stream (seed: streamSeed) empty.
bool isPromptDropped(std::uint64_t seed, std::uint64_t example, double drop, std::uint64_t variant = 0);

/// The same pictures, and what stands in the patch of each of their codes (scenemap.h): maps [count, kMappedCount,
/// positions] int64.
struct MappedPictures {
    at::Tensor pictures;
    at::Tensor maps;
};
MappedPictures drawMapped(const ScenesConfig& config, std::uint64_t seed, SceneStream stream, std::uint64_t index,
                          std::int64_t count);

/// One caption as a row of drawPrompts; words the model does not know are left out.
std::vector<std::int64_t> promptWordsOf(const ScenesConfig& config, const std::string& caption);

} // namespace jacobi
