// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/training/deepen.h"

#include <ATen/ATen.h>

#include <string>

namespace jacobi {
namespace {

std::string blockName(std::int64_t layer)
{
    return "blocks." + std::to_string(layer) + ".";
}

} // namespace

TensorMap deepened(ScenesConfig& config, const TensorMap& tensors, std::int64_t moreLayers, std::uint64_t seed)
{
    const std::int64_t before = config.layers;
    config.layers += moreLayers;
    // A fresh block ends with zeros already (TensorSpec::Start::Zero); everything old goes over it.
    TensorMap deeper = startTensors(transformerTensors(config), seed);
    for (const auto& [name, value] : tensors) {
        if (!name.starts_with("blocks.")) {
            deeper[name] = value;
        }
    }
    for (std::int64_t layer = 0; layer < before; ++layer) {
        const std::int64_t fresh = (layer + 1) * moreLayers / (before + 1); // new layers below this one
        const std::string from = blockName(layer);
        for (auto at = tensors.lower_bound(from); at != tensors.end() && at->first.starts_with(from); ++at) {
            deeper[blockName(layer + fresh) + at->first.substr(from.size())] = at->second;
        }
    }
    return deeper;
}

TensorMap withMoreDecoder(ScenesConfig& config, const TensorMap& tensors, std::int64_t moreBlocks, std::uint64_t seed)
{
    config.decoderMore += moreBlocks;
    TensorMap deeper = startTensors(tokenizerTensors(config), seed);
    for (const auto& [name, value] : tensors) {
        deeper[name] = value;
    }
    return deeper;
}

} // namespace jacobi
