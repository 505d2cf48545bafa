// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "models/scenes/scenesweights.h"

namespace jacobi {

// The transformer of the family `scenes`, as functions of its weights; training and decoding run the same code.
// A row of the sequence is: prefix - 1 words of the prompt, <boi>, then one row a code in raster order. Row prefix - 1
// + i predicts position i. Besides the token itself a row carries the position it is to predict and the codes above
// that position (left, straight, right): all of them lie earlier in raster order, so the network stays causal.

/// What goes into a row, as row numbers of the table that inputTable() makes; [rows..., kRowInputs] int64.
inline constexpr std::int64_t kRowInputs = 5;

/// Where each kind of row input starts in the table.
struct InputOffsets {
    std::int64_t code = 0;
    std::int64_t text = 0;
    std::int64_t above = 0;
    std::int64_t aboveLeft = 0;
    std::int64_t aboveRight = 0;
    std::int64_t target = 0; ///< positions rows, then one for rows that predict nothing
    std::int64_t total = 0;  ///< behind it come the parts of noisy embeddings, where a pass has any
};
InputOffsets inputOffsets(const ScenesConfig& config);

/// All embeddings under each other: [InputOffsets::total, width].
at::Tensor inputTable(const ScenesConfig& config, const TransformerWeights& weights);

/// Writes the kRowInputs table rows of a word of the prompt (position < 0), of <boi> (position 0, code -1) or of the
/// row that predicts `position`. codes: what stands at the positions before it (at least position entries); -1 - n is the
/// n-th noisy embedding (scenesnoise.h), whose parts are the table rows total + 4 n and after.
void rowInputs(const ScenesConfig& config, const InputOffsets& offsets, std::int64_t textToken, std::int64_t position,
               const std::int64_t* codes, std::int64_t* out);

/// Rotary coordinates of a row of the sequence (row, column): words lie on the diagonal before the grid.
std::pair<std::int64_t, std::int64_t> rowCoordinates(const ScenesConfig& config, std::int64_t sequenceRow);

/// Rotary table of the first rows of a sequence: [1, rows, headSize / 2].
RotaryTable rowsRotary(const ScenesConfig& config, std::int64_t rows, at::ScalarType type);

/// Rotary table of whole sequences: [1, prefix + positions - 1, headSize / 2].
RotaryTable sequenceRotary(const ScenesConfig& config, at::ScalarType type);

/// inputs [batch, rows, kRowInputs] -> rows before the first block [batch, rows, width].
at::Tensor embedRows(const ScenesConfig& config, const at::Tensor& table, const at::Tensor& inputs);

/// Takes rows [batch, rows, width] through the blocks from .. to - 1.
at::Tensor transformBlocks(const ScenesConfig& config, const TransformerWeights& weights, at::Tensor x,
                           const RotaryTable& rotary, const Attend& attend, std::int64_t from, std::int64_t to);

/// Both: inputs [batch, rows, kRowInputs] -> hidden rows after the last block [batch, rows, width], before the final norm.
at::Tensor transformRows(const ScenesConfig& config, const TransformerWeights& weights, const at::Tensor& table,
                         const at::Tensor& inputs, const RotaryTable& rotary, const Attend& attend);

/// Final norm and head: [..., width] -> logits [..., codes].
at::Tensor predictCodes(const TransformerWeights& weights, const at::Tensor& hidden);

/// Row inputs of whole sequences for a teacher-forced pass. prompts [batch, prefix - 1] word ids,
/// codes [batch, positions], on any device; -> [batch, prefix + positions - 1, kRowInputs] there. Logits of the last `positions` rows
/// predict the codes.
at::Tensor sequenceInputs(const ScenesConfig& config, const at::Tensor& prompts, const at::Tensor& codes);

/// The same with tensor operations, on the codes' device: what sequenceInputs() does where that is not the CPU.
at::Tensor sequenceInputsByOperations(const ScenesConfig& config, const at::Tensor& prompts, const at::Tensor& codes);

} // namespace jacobi
