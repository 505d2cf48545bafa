// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/tarflow/tarflowconfig.h"

#include "core/base/printable.h"
#include "models/tarflow/startguess.h"

#include <algorithm>
#include <cmath>
#include <optional>

namespace jacobi {
namespace {

constexpr std::int64_t kMost = 1 << 16; ///< of any size; keeps products within 64 bits

std::string blockName(std::int64_t block)
{
    return "blocks." + std::to_string(block) + ".";
}

std::string layerName(std::int64_t block, std::int64_t layer)
{
    return blockName(block) + "attn_blocks." + std::to_string(layer) + ".";
}

std::string text(const std::vector<std::int64_t>& shape)
{
    std::string out = "[";
    for (std::size_t i = 0; i < shape.size(); ++i) {
        out += (i == 0 ? "" : ", ") + std::to_string(shape[i]);
    }
    return out + "]";
}

std::optional<std::int64_t> squareRoot(std::int64_t number)
{
    const auto root = static_cast<std::int64_t>(std::llround(std::sqrt(static_cast<double>(number))));
    return root > 0 && root * root == number ? std::optional(root) : std::nullopt;
}

tl::unexpected<Error> refuse(const std::string& shown, const std::string& why)
{
    return fail(ErrorCode::Unsupported,
                "\"" + shown + "\" cannot be used as a TarFlow: " + why + ". Choose another checkpoint.");
}

/// The shape of a tensor that must have this rank and sizes from 1 on.
const std::vector<std::int64_t>* shapeOf(const TensorShapes& shapes, const std::string& name, std::size_t rank)
{
    const auto found = shapes.find(name);
    const bool fits = found != shapes.end() && found->second.size() == rank &&
                      std::all_of(found->second.begin(), found->second.end(),
                                  [](std::int64_t size) { return size > 0 && size <= kMost; });
    return fits ? &found->second : nullptr;
}

/// Each tensor that there must be, and none that is not known.
Result<void> checkShapes(const TensorShapes& shapes, const TensorShapes& expected, const std::string& shown)
{
    for (const auto& [name, shape] : expected) {
        const auto found = shapes.find(name);
        if (found == shapes.end()) {
            return refuse(shown, "the tensor " + name + " is missing");
        }
        if (found->second != shape) {
            return refuse(shown, "the tensor " + name + " has the shape " + text(found->second) + " instead of " +
                                     text(shape));
        }
    }
    for (const auto& [name, shape] : shapes) {
        if (!expected.contains(name) && !name.ends_with(".attn_mask")) {
            return refuse(shown, "the tensor " + printable(name, 200) + " does not belong to one");
        }
    }
    return {};
}

} // namespace

TensorShapes tarflowTensors(const TarFlowConfig& config)
{
    const std::int64_t d = config.width;
    TensorShapes shapes;
    shapes["var"] = {config.tokens(), config.channels()};
    if (config.basis) {
        shapes["basis"] = {config.channels(), config.channels()};
    }
    const auto linear = [&](const std::string& name, std::int64_t outputs, std::int64_t inputs) {
        shapes[name + ".weight"] = {outputs, inputs};
        shapes[name + ".bias"] = {outputs};
    };
    const auto norm = [&](const std::string& name) { shapes[name + ".weight"] = shapes[name + ".bias"] = {d}; };
    for (std::int64_t i = 0; i < config.blocks; ++i) {
        linear(blockName(i) + "proj_in", d, config.channels());
        linear(blockName(i) + "proj_out", config.outputs(), d);
        shapes[blockName(i) + "pos_embed"] = {config.tokens(), d};
        if (config.classes > 0) {
            shapes[blockName(i) + "class_embed"] = {config.classes, 1, d};
        }
        if (config.droppedRow) {
            shapes[blockName(i) + "class_embed_dropped"] = {1, d};
        }
        if (config.fittedStart) {
            const std::int64_t c = config.channels();
            shapes[blockName(i) + "start_scale"] = shapes[blockName(i) + "start_shift"] = shapes["var"];
            shapes[blockName(i) + "start_near"] = {StartGuess::kNear, c, c};
            if (config.classes > 0) {
                shapes[blockName(i) + "start_class"] = {config.classes, config.grid, c};
            }
        }
        for (std::int64_t j = 0; j < config.layers; ++j) {
            norm(layerName(i, j) + "attention.norm");
            linear(layerName(i, j) + "attention.qkv", 3 * d, d);
            linear(layerName(i, j) + "attention.proj", d, d);
            norm(layerName(i, j) + "mlp.norm");
            linear(layerName(i, j) + "mlp.main.0", 4 * d, d);
            linear(layerName(i, j) + "mlp.main.2", d, 4 * d);
        }
    }
    return shapes;
}

Result<TarFlowConfig> inferTarFlowConfig(const TensorShapes& shapes, const std::string& shown)
{
    const auto* in = shapeOf(shapes, "blocks.0.proj_in.weight", 2);
    const auto* positions = shapeOf(shapes, "blocks.0.pos_embed", 2);
    const auto* out = shapeOf(shapes, "blocks.0.proj_out.weight", 2);
    if (in == nullptr || positions == nullptr || out == nullptr) {
        return refuse(shown, "it has no blocks.0.proj_in.weight, blocks.0.pos_embed or blocks.0.proj_out.weight of two "
                             "dimensions");
    }
    TarFlowConfig config;
    config.width = in->at(0);
    if (config.width % TarFlowConfig::kHeadSize != 0) {
        return refuse(shown, "its width of " + std::to_string(config.width) + " is not made of heads of 64");
    }
    const auto grid = squareRoot(positions->at(0));
    if (!grid) {
        return refuse(shown, "its " + std::to_string(positions->at(0)) +
                                 " tokens form no square, and only square pictures are supported");
    }
    config.grid = *grid;
    // 3 p^2 is never a square, so the colours are never in doubt.
    const std::int64_t channels = in->at(1);
    const auto coloured = channels % 3 == 0 ? squareRoot(channels / 3) : std::nullopt;
    const auto grey = squareRoot(channels);
    if (!coloured && !grey) {
        return refuse(shown, "tokens of " + std::to_string(channels) + " numbers are no square patches");
    }
    config.colours = coloured ? 3 : 1;
    config.patch = coloured ? *coloured : *grey;
    config.affine = out->at(0) != channels;
    while (config.blocks < kMost && shapes.contains(blockName(config.blocks) + "proj_in.weight")) {
        ++config.blocks;
    }
    while (config.layers < kMost && shapes.contains(layerName(0, config.layers) + "attention.norm.weight")) {
        ++config.layers;
    }
    if (const auto* classes = shapeOf(shapes, "blocks.0.class_embed", 3)) {
        config.classes = classes->at(0);
        config.droppedRow = shapes.contains(blockName(0) + "class_embed_dropped");
    }
    config.basis = shapes.contains("basis");
    config.fittedStart = shapes.contains(blockName(0) + "start_scale");
    if (auto checked = checkShapes(shapes, tarflowTensors(config), shown); !checked) {
        return tl::unexpected(checked.error());
    }
    return config;
}

} // namespace jacobi
