// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/scenes/scenestransformer.h"

#include "models/scenes/scenesnoise.h"

#include <ATen/ATen.h>

namespace jacobi {

InputOffsets inputOffsets(const ScenesConfig& config)
{
    InputOffsets offsets;
    offsets.text = config.codes();
    offsets.above = offsets.text + config.textTokens();
    offsets.aboveLeft = offsets.above + config.codes() + 1;
    offsets.aboveRight = offsets.aboveLeft + config.codes() + 1;
    offsets.target = offsets.aboveRight + config.codes() + 1;
    offsets.total = offsets.target + config.positions() + 1;
    return offsets;
}

at::Tensor inputTable(const ScenesConfig& config, const TransformerWeights& weights)
{
    const at::Tensor target = (weights.row.unsqueeze(1) + weights.column.unsqueeze(0)).view({config.positions(), -1});
    return at::cat({weights.code, weights.text, weights.above, weights.aboveLeft, weights.aboveRight, target,
                    at::zeros({1, config.width}, target.options())});
}

void rowInputs(const ScenesConfig& config, const InputOffsets& offsets, std::int64_t textToken, std::int64_t position,
               const std::int64_t* codes, std::int64_t* out)
{
    const std::int64_t columns = config.gridColumns;
    const std::int64_t column = position < 0 ? 0 : position % columns;
    const bool hasAbove = position >= columns;
    const std::int64_t none = config.codes();
    const auto partOf = [&](std::int64_t code, std::int64_t table, std::int64_t part) {
        return code >= 0 ? table + code : offsets.total + kCodeParts * (-1 - code) + part;
    };
    const std::int64_t above = hasAbove ? codes[position - columns] : none;
    const std::int64_t aboveLeft = hasAbove && column > 0 ? codes[position - columns - 1] : none;
    const std::int64_t aboveRight = hasAbove && column + 1 < columns ? codes[position - columns + 1] : none;
    out[0] = position <= 0 ? offsets.text + textToken : partOf(codes[position - 1], offsets.code, 0);
    out[1] = partOf(above, offsets.above, 1);
    out[2] = partOf(aboveLeft, offsets.aboveLeft, 2);
    out[3] = partOf(aboveRight, offsets.aboveRight, 3);
    out[4] = offsets.target + (position < 0 ? config.positions() : position);
}

std::pair<std::int64_t, std::int64_t> rowCoordinates(const ScenesConfig& config, std::int64_t sequenceRow)
{
    const std::int64_t code = sequenceRow - config.prefix;
    if (code < 0) {
        return {code, code};
    }
    return {code / config.gridColumns, code % config.gridColumns};
}

RotaryTable rowsRotary(const ScenesConfig& config, std::int64_t rows, at::ScalarType type)
{
    at::Tensor gridRows = at::empty({rows}, at::kLong);
    at::Tensor gridColumns = at::empty({rows}, at::kLong);
    for (std::int64_t i = 0; i < rows; ++i) {
        const auto [row, column] = rowCoordinates(config, i);
        gridRows.mutable_data_ptr<std::int64_t>()[i] = row;
        gridColumns.mutable_data_ptr<std::int64_t>()[i] = column;
    }
    return axialRotary(gridRows, gridColumns, config.headSize, config.rotaryBase, type);
}

RotaryTable sequenceRotary(const ScenesConfig& config, at::ScalarType type)
{
    return rowsRotary(config, config.prefix + config.positions() - 1, type);
}

at::Tensor embedRows(const ScenesConfig& config, const at::Tensor& table, const at::Tensor& inputs)
{
    if (!table.is_cpu()) { // where the gradient of a bag is sorted and summed in many steps
        return at::index_select(table, 0, inputs.view({-1}))
            .view({inputs.size(0), inputs.size(1), kRowInputs, config.width})
            .sum(2);
    }
    // Mode 0 of embedding_bag adds a bag's rows up: one operation for all of a row's inputs.
    return std::get<0>(at::embedding_bag(table, inputs.view({-1}),
                                         at::arange(0, inputs.numel(), kRowInputs, inputs.options()), false, 0))
        .view({inputs.size(0), inputs.size(1), config.width});
}

at::Tensor transformBlocks(const ScenesConfig& config, const TransformerWeights& weights, at::Tensor x,
                           const RotaryTable& rotary, const Attend& attend, std::int64_t from, std::int64_t to)
{
    for (std::int64_t layer = from; layer < to; ++layer) {
        x = transformerBlock(x, weights.blocks[static_cast<std::size_t>(layer)], rotary, config.heads(), layer, attend);
    }
    return x;
}

at::Tensor transformRows(const ScenesConfig& config, const TransformerWeights& weights, const at::Tensor& table,
                         const at::Tensor& inputs, const RotaryTable& rotary, const Attend& attend)
{
    return transformBlocks(config, weights, embedRows(config, table, inputs), rotary, attend, 0, config.layers);
}

at::Tensor predictCodes(const TransformerWeights& weights, const at::Tensor& hidden)
{
    const at::Tensor normal = rmsNorm(hidden, weights.norm);
    return weights.packedHead.defined() ? weights.packedHead.multiply(normal) : at::linear(normal, weights.head);
}

at::Tensor sequenceInputs(const ScenesConfig& config, const at::Tensor& prompts, const at::Tensor& codes)
{
    if (!codes.is_cpu()) {
        return sequenceInputsByOperations(config, prompts, codes);
    }
    const std::int64_t batch = codes.size(0);
    const std::int64_t words = config.promptWords();
    const std::int64_t length = config.prefix + config.positions() - 1;
    const InputOffsets offsets = inputOffsets(config);
    const at::Tensor promptIds = prompts.contiguous();
    const at::Tensor codeIds = codes.contiguous();
    at::Tensor inputs = at::empty({batch, length, kRowInputs}, at::kLong);
    std::int64_t* out = inputs.data_ptr<std::int64_t>();
    for (std::int64_t n = 0; n < batch; ++n) {
        const std::int64_t* text = promptIds.const_data_ptr<std::int64_t>() + n * words;
        const std::int64_t* picture = codeIds.const_data_ptr<std::int64_t>() + n * config.positions();
        for (std::int64_t i = 0; i < words; ++i, out += kRowInputs) {
            rowInputs(config, offsets, text[i], -1, picture, out);
        }
        for (std::int64_t position = 0; position < config.positions(); ++position, out += kRowInputs) {
            rowInputs(config, offsets, config.beginToken(), position, picture, out);
        }
    }
    return inputs;
}

at::Tensor sequenceInputsByOperations(const ScenesConfig& config, const at::Tensor& prompts, const at::Tensor& codes)
{
    const std::int64_t batch = codes.size(0);
    const std::int64_t words = config.promptWords();
    const std::int64_t none = config.codes();
    const InputOffsets offsets = inputOffsets(config);
    const auto all = [&](std::int64_t count, std::int64_t value) {
        return at::full({batch, count}, value, codes.options());
    };
    const at::Tensor text = prompts.to(codes.device(), true) + offsets.text;
    const at::Tensor wordRows =
        at::stack({text, all(words, offsets.above + none), all(words, offsets.aboveLeft + none),
                   all(words, offsets.aboveRight + none), all(words, offsets.target + config.positions())},
                  2);

    const auto partOf = [&](const at::Tensor& what, std::int64_t table, std::int64_t part) {
        return at::where(what.ge(0), what + table, (-1 - what) * kCodeParts + (offsets.total + part));
    };
    // A border of "none" above, left and right: every neighbour is then a piece of one tensor.
    const at::Tensor grid =
        at::constant_pad_nd(codes.view({batch, config.gridRows, config.gridColumns}), {1, 1, 1, 0}, none);
    const auto neighbour = [&](std::int64_t shift) {
        return grid.narrow(1, 0, config.gridRows).narrow(2, 1 + shift, config.gridColumns).reshape({batch, -1});
    };
    const at::Tensor previous = partOf(codes.narrow(1, 0, config.positions() - 1), offsets.code, 0);
    const at::Tensor target =
        at::arange(offsets.target, offsets.target + config.positions(), codes.options()).expand({batch, -1});
    const at::Tensor codeRows = at::stack(
        {at::cat({all(1, offsets.text + config.beginToken()), previous}, 1), partOf(neighbour(0), offsets.above, 1),
         partOf(neighbour(-1), offsets.aboveLeft, 2), partOf(neighbour(1), offsets.aboveRight, 3), target},
        2);
    return at::cat({wordRows, codeRows}, 1);
}

} // namespace jacobi
