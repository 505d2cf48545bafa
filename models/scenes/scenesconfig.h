// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace jacobi {

/// Sizes of a model of the family `scenes`: a causal transformer over a grid of codes and the network that turns
/// codes into pictures. Read from the "config" object of model.json; every tensor's shape follows from it.
struct ScenesConfig {
    std::int64_t width = 192; ///< d, numbers a row carries; heads * 32
    std::int64_t layers = 6;
    std::int64_t headSize = 32;
    std::int64_t feed = 512;  ///< inner width of the SwiGLU layer
    std::int64_t prefix = 28; ///< rows of a prompt: its words, padded, then <boi>
    std::int64_t gridRows = 16;
    std::int64_t gridColumns = 16;
    std::vector<std::int64_t> levels = {8, 8, 8}; ///< finite scalar quantisation; codes = their product
    std::int64_t coarse = 96;                     ///< channels of the tokenizer at the grid's resolution
    std::int64_t fine = 48;                       ///< channels at twice the grid's resolution
    std::int64_t decoderMore =
        0; ///< residual blocks of the tokenizer's decoder at the grid's resolution, beside the first
    double rotaryBase = 100.0;
    std::vector<std::string> words; ///< what a prompt can say; word ids are positions in this list

    std::int64_t heads() const { return width / headSize; }
    std::int64_t codes() const;
    std::int64_t positions() const { return gridRows * gridColumns; }
    std::int64_t promptWords() const { return prefix - 1; }
    std::int64_t patch() const { return 8; } ///< pixels a code covers in each direction
    std::int64_t pictureRows() const { return gridRows * patch(); }
    std::int64_t pictureColumns() const { return gridColumns * patch(); }

    // The model's own text tokens follow the words.
    std::int64_t textTokens() const { return static_cast<std::int64_t>(words.size()) + 3; }
    std::int64_t padToken() const { return static_cast<std::int64_t>(words.size()); }
    std::int64_t beginToken() const { return padToken() + 1; } ///< <boi>: the picture begins
    std::int64_t nullToken() const { return padToken() + 2; }  ///< stands for "no prompt"

    bool operator==(const ScenesConfig&) const = default;
};

/// Everything but the words, which stand in model.json's "vocabulary".
nlohmann::json toJson(const ScenesConfig& config);

/// Checks every size against limits, so that a hostile file cannot ask for terabytes; an error names the entry.
Result<ScenesConfig> scenesConfigFromJson(const nlohmann::json& json, std::vector<std::string> words);

} // namespace jacobi
