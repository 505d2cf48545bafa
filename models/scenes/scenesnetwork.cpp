// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/scenes/scenesnetwork.h"

#include <ATen/ATen.h>

namespace jacobi {
namespace {

/// The same inputs as rowInputs() writes; a code's four parts lie side by side in its embedding (scenesnoise.h).
std::vector<EmbedPart> partsOf(const ScenesConfig& config, const InputOffsets& offsets)
{
    using enum EmbedPart::Source;
    const auto table = [](std::int64_t offset) { return static_cast<std::uint32_t>(offset); };
    const auto width = static_cast<std::uint32_t>(config.width);
    return {{Previous, table(offsets.code), 0, 0, 0},
            {Neighbour, table(offsets.above), -1, 0, width},
            {Neighbour, table(offsets.aboveLeft), -1, -1, 2 * width},
            {Neighbour, table(offsets.aboveRight), -1, 1, 3 * width},
            {Position, table(offsets.target), 0, 0, 0}};
}

NoiseDescription noiseOf(const ScenesConfig& config, const TransformerWeights& weights, const ScenesNoisePart& part)
{
    NoiseDescription noise;
    noise.kind = part.settings.kind;
    noise.codes = codeEmbeddings(config, weights);
    noise.mean = part.scale.mean;
    noise.deviation = part.scale.deviation;
    noise.encode = [settings = part.settings, encoding = part.weights](const at::Tensor& times) {
        return encodeTimes(settings, encoding, times);
    };
    return noise;
}

TransformerShape shapeOf(const ScenesConfig& config)
{
    return {config.layers,   config.width, config.heads(), config.heads(),
            config.headSize, config.feed,  config.codes(), RotaryPairs::Halves};
}

} // namespace

NetworkSizes scenesNetworkSizes(const ScenesConfig& config, bool readsNoise)
{
    return {shapeOf(config), inputOffsets(config).total, config.prefix, readsNoise ? kCodeParts * config.width : 0};
}

NetworkDescription scenesNetwork(const ScenesConfig& config, const TensorMap& transformer,
                                 const std::optional<ScenesNoisePart>& noise)
{
    const TransformerWeights weights = transformerWeights(config, transformer);
    const InputOffsets offsets = inputOffsets(config);
    NetworkDescription network;
    network.shape = shapeOf(config);
    network.table = inputTable(config, weights);
    network.parts = partsOf(config, offsets);
    network.promptTable = offsets.text;
    const std::int64_t none = config.codes();
    network.promptAlways = {offsets.above + none, offsets.aboveLeft + none, offsets.aboveRight + none,
                            offsets.target + config.positions()};
    network.blocks = weights.blocks;
    network.norm = weights.norm;
    network.head = weights.head;
    network.rotary = [config](std::int64_t places) { return rowsRotary(config, places, at::kFloat); };
    network.unconditionalPrompt.assign(static_cast<std::size_t>(config.prefix), config.nullToken());
    network.unconditionalPrompt.back() = config.beginToken();
    if (noise) {
        network.noise = noiseOf(config, weights, *noise);
    }
    return network;
}

} // namespace jacobi
