// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/scenes/scenesnetwork.h"

#include <ATen/ATen.h>

namespace jacobi {
namespace {

/// The same inputs as rowInputs() writes.
std::vector<EmbedPart> partsOf(const InputOffsets& offsets)
{
    using enum EmbedPart::Source;
    const auto table = [](std::int64_t offset) { return static_cast<std::uint32_t>(offset); };
    return {{Previous, table(offsets.code), 0, 0},
            {Neighbour, table(offsets.above), -1, 0},
            {Neighbour, table(offsets.aboveLeft), -1, -1},
            {Neighbour, table(offsets.aboveRight), -1, 1},
            {Position, table(offsets.target), 0, 0}};
}

} // namespace

NetworkDescription scenesNetwork(const ScenesConfig& config, const TensorMap& transformer)
{
    const TransformerWeights weights = transformerWeights(config, transformer);
    const InputOffsets offsets = inputOffsets(config);
    NetworkDescription network;
    network.shape = {config.layers,   config.width, config.heads(), config.heads(),
                     config.headSize, config.feed,  config.codes(), RotaryPairs::Halves};
    network.table = inputTable(config, weights);
    network.parts = partsOf(offsets);
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
    return network;
}

} // namespace jacobi
