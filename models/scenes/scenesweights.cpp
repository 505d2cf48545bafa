// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/scenes/scenesweights.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>

#include <cmath>

namespace jacobi {
namespace {

using Start = TensorSpec::Start;

/// Standard deviation of fresh embeddings: five of them are added up in a row.
constexpr double kEmbeddingScale = 0.1;

void addConvolution(std::vector<TensorSpec>& specs, const std::string& name, std::int64_t out, std::int64_t in,
                    std::int64_t kernel, Start start = Start::Convolution)
{
    specs.push_back({name + ".weight", {out, in, kernel, kernel}, start});
    specs.push_back({name + ".bias", {out}, Start::Zero});
}

void addGroupNorm(std::vector<TensorSpec>& specs, const std::string& name, std::int64_t channels)
{
    specs.push_back({name + ".weight", {channels}, Start::One});
    specs.push_back({name + ".bias", {channels}, Start::Zero});
}

void addResidual(std::vector<TensorSpec>& specs, const std::string& name, std::int64_t channels)
{
    addGroupNorm(specs, name + ".norm", channels);
    addConvolution(specs, name + ".first", channels, channels, 3);
    addConvolution(specs, name + ".second", channels, channels, 3, Start::Zero);
}

} // namespace

std::vector<TensorSpec> transformerTensors(const ScenesConfig& config)
{
    const std::int64_t width = config.width;
    const std::int64_t codes = config.codes();
    std::vector<TensorSpec> specs{
        {"embed.code", {codes, width}, Start::Normal},
        {"embed.text", {config.textTokens(), width}, Start::Normal},
        {"embed.above", {codes + 1, width}, Start::Normal},
        {"embed.above_left", {codes + 1, width}, Start::Normal},
        {"embed.above_right", {codes + 1, width}, Start::Normal},
        {"embed.row", {config.gridRows, width}, Start::Normal},
        {"embed.column", {config.gridColumns, width}, Start::Normal},
    };
    for (std::int64_t layer = 0; layer < config.layers; ++layer) {
        const std::string block = "blocks." + std::to_string(layer) + ".";
        specs.push_back({block + "attention.norm", {width}, Start::One});
        specs.push_back({block + "attention.qkv", {3 * width, width}, Start::Projection});
        specs.push_back({block + "attention.query_scale", {config.headSize}, Start::One});
        specs.push_back({block + "attention.key_scale", {config.headSize}, Start::One});
        specs.push_back({block + "attention.out", {width, width}, Start::Zero});
        specs.push_back({block + "feed.norm", {width}, Start::One});
        specs.push_back({block + "feed.gate_up", {2 * config.feed, width}, Start::Projection});
        specs.push_back({block + "feed.down", {width, config.feed}, Start::Zero});
    }
    specs.push_back({"norm", {width}, Start::One});
    specs.push_back({"head", {codes, width}, Start::Zero});
    return specs;
}

std::vector<TensorSpec> tokenizerTensors(const ScenesConfig& config)
{
    const auto scalars = static_cast<std::int64_t>(config.levels.size());
    const std::int64_t pixels = 3 * 4 * 4; // a 4x4 patch unfolded into channels
    std::vector<TensorSpec> specs;
    addConvolution(specs, "encoder.in", config.fine, pixels, 3);
    addConvolution(specs, "encoder.down", config.coarse, config.fine, 4);
    addResidual(specs, "encoder.residual", config.coarse);
    addGroupNorm(specs, "encoder.norm", config.coarse);
    addConvolution(specs, "encoder.out", scalars, config.coarse, 1);
    addConvolution(specs, "decoder.in", config.coarse, scalars, 3);
    addResidual(specs, "decoder.coarse", config.coarse);
    for (std::int64_t block = 0; block < config.decoderMore; ++block) {
        addResidual(specs, moreDecoderName(block), config.coarse);
    }
    addConvolution(specs, "decoder.up", 4 * config.fine, config.coarse, 3);
    addResidual(specs, "decoder.fine", config.fine);
    addConvolution(specs, "decoder.out", pixels, config.fine, 3);
    return specs;
}

std::string moreDecoderName(std::int64_t block)
{
    return "decoder.more." + std::to_string(block);
}

TransformerWeights transformerWeights(const ScenesConfig& config, const TensorMap& tensors)
{
    TransformerWeights weights;
    weights.code = tensors.at("embed.code");
    weights.text = tensors.at("embed.text");
    weights.above = tensors.at("embed.above");
    weights.aboveLeft = tensors.at("embed.above_left");
    weights.aboveRight = tensors.at("embed.above_right");
    weights.row = tensors.at("embed.row");
    weights.column = tensors.at("embed.column");
    for (std::int64_t layer = 0; layer < config.layers; ++layer) {
        const std::string block = "blocks." + std::to_string(layer) + ".";
        weights.blocks.push_back({tensors.at(block + "attention.norm"), tensors.at(block + "attention.qkv"),
                                  tensors.at(block + "attention.query_scale"),
                                  tensors.at(block + "attention.key_scale"), tensors.at(block + "attention.out"),
                                  tensors.at(block + "feed.norm"), tensors.at(block + "feed.gate_up"),
                                  tensors.at(block + "feed.down")});
    }
    weights.norm = tensors.at("norm");
    weights.head = tensors.at("head");
    return weights;
}

TensorMap startTensors(const std::vector<TensorSpec>& specs, std::uint64_t seed)
{
    at::Generator generator = at::detail::createCPUGenerator(seed);
    TensorMap tensors;
    for (const TensorSpec& spec : specs) {
        at::Tensor tensor = at::zeros(spec.shape, at::kFloat);
        switch (spec.start) {
        case Start::Zero: break;
        case Start::One: tensor.fill_(1.0); break;
        case Start::Normal: tensor.normal_(0.0, kEmbeddingScale, generator); break;
        case Start::Projection:
            tensor.normal_(0.0, 1.0 / std::sqrt(static_cast<double>(spec.shape.back())), generator);
            break;
        case Start::Convolution:
            tensor.normal_(0.0, std::sqrt(2.0 / static_cast<double>(spec.shape[1] * spec.shape[2] * spec.shape[3])),
                           generator);
            break;
        }
        tensors[spec.name] = tensor;
    }
    return tensors;
}

std::uint64_t parameterCount(const std::vector<TensorSpec>& specs)
{
    std::uint64_t count = 0;
    for (const TensorSpec& spec : specs) {
        std::uint64_t size = 1;
        for (const std::int64_t extent : spec.shape) {
            size *= static_cast<std::uint64_t>(extent);
        }
        count += size;
    }
    return count;
}

} // namespace jacobi
