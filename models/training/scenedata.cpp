// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/training/scenedata.h"

#include "core/base/philox.h"
#include "core/text/wordtokenizer.h"
#include "models/training/drawscene.h"
#include "models/training/scene.h"
#include "models/training/scenemap.h"
#include "models/training/sceneplan.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

namespace jacobi {

std::uint64_t streamSeed(std::uint64_t seed, SceneStream stream)
{
    return seed * 16 + static_cast<std::uint64_t>(stream);
}

std::vector<ExampleRun> examplesOfBatch(std::uint64_t seed, SceneStream stream, std::uint64_t first, std::int64_t count,
                                        double hard)
{
    constexpr std::uint64_t kCandidates = 64;
    constexpr std::uint64_t kBeyond = std::uint64_t{1} << 40; // every number that chance is left to
    const auto hardCount = static_cast<std::int64_t>(std::llround(hard * static_cast<double>(count)));
    std::vector<ExampleRun> runs;
    if (hardCount < count) {
        runs.push_back({first + static_cast<std::uint64_t>(hardCount), count - hardCount});
    }
    for (std::int64_t i = 0; i < hardCount; ++i) {
        const std::uint64_t least = kBeyond + (first + static_cast<std::uint64_t>(i)) * kCandidates;
        std::uint64_t candidate = least;
        while (candidate < least + kCandidates - 1 && !isHard(planScene(streamSeed(seed, stream), candidate))) {
            ++candidate;
        }
        runs.push_back({candidate, 1});
    }
    return runs;
}

at::Tensor drawPictures(std::uint64_t seed, SceneStream stream, std::uint64_t index, std::int64_t count, int size)
{
    at::Tensor pictures = at::empty({count, 3, size, size}, at::kFloat);
    float* out = pictures.data_ptr<float>();
    for (std::int64_t i = 0; i < count; ++i) {
        const SceneExample example = drawScene(streamSeed(seed, stream), index + static_cast<std::uint64_t>(i), size);
        out = std::copy(example.rgb.begin(), example.rgb.end(), out);
    }
    return pictures;
}

MappedPictures drawMapped(const ScenesConfig& config, std::uint64_t seed, SceneStream stream, std::uint64_t index,
                          std::int64_t count)
{
    const auto size = static_cast<int>(config.pictureRows());
    MappedPictures made{
        at::empty({count, 3, size, size}, at::kFloat),
        at::empty({count, static_cast<std::int64_t>(kMappedCount), config.positions()}, at::kLong),
    };
    float* out = made.pictures.mutable_data_ptr<float>();
    std::int64_t* classes = made.maps.mutable_data_ptr<std::int64_t>();
    SceneMap map;
    for (std::int64_t i = 0; i < count; ++i) {
        const Scene scene = planScene(streamSeed(seed, stream), index + static_cast<std::uint64_t>(i));
        const std::vector<float> picture = drawPicture(scene, size, static_cast<int>(config.patch()), map);
        out = std::copy(picture.begin(), picture.end(), out);
        classes = std::copy(map.classes.begin(), map.classes.end(), classes);
    }
    return made;
}

std::vector<std::int64_t> promptWordsOf(const ScenesConfig& config, const std::string& caption)
{
    std::vector<std::int64_t> ids(static_cast<std::size_t>(config.promptWords()), config.padToken());
    const WordTokenizer::Encoded encoded = WordTokenizer(config.words).encode(caption);
    std::copy_n(encoded.ids.begin(), std::min(encoded.ids.size(), ids.size()), ids.begin());
    return ids;
}

bool isPromptDropped(std::uint64_t seed, std::uint64_t example, double drop, std::uint64_t variant)
{
    return CounterRandom{seed}.uniform(static_cast<std::uint32_t>(example), static_cast<std::uint32_t>(example >> 32),
                                       Purpose::Draw, static_cast<std::uint32_t>(variant)) < drop;
}

at::Tensor drawPrompts(const ScenesConfig& config, std::uint64_t seed, SceneStream stream, std::uint64_t index,
                       std::int64_t count, double drop, std::uint64_t variant)
{
    const std::uint64_t ownSeed = streamSeed(seed, stream);
    at::Tensor prompts = at::full({count, config.promptWords()}, config.nullToken(), at::kLong);
    std::int64_t* out = prompts.data_ptr<std::int64_t>();
    for (std::int64_t i = 0; i < count; ++i, out += config.promptWords()) {
        const std::uint64_t example = index + static_cast<std::uint64_t>(i);
        if (!isPromptDropped(ownSeed, example, drop, variant)) {
            const std::vector<std::int64_t> ids =
                promptWordsOf(config, drawSceneCaption(ownSeed, example, variant).text);
            std::copy(ids.begin(), ids.end(), out);
        }
    }
    return prompts;
}

} // namespace jacobi
