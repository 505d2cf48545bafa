// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/decode/decoder.h"
#include "core/io/modelfile.h"

#include <cstdint>
#include <optional>
#include <nlohmann/json_fwd.hpp>
#include <string>

namespace jacobi {

/// What benchAdherence is told.
inline constexpr std::int64_t kSheetPictures = 64; ///< eight in a row

struct AdherenceOptions {
    std::string model; ///< what to call it
    std::string modelFolder;
    std::string baseFolder;     ///< of the model it is a difference to; empty: beside it
    std::string judge;          ///< folder
    std::string tokenisedSheet; ///< PNG of the drawings of the same captions after the tokenizer, or empty
    std::string sheet;          ///< PNG that receives the first kSheetPictures pictures, or empty
    std::int64_t captions = 500;
    std::int64_t reference = 2000; ///< drawings that features are compared with
    std::optional<bool> completesPrompt; ///< captions; missing: as the model's maker recommends
    std::int64_t batch = 16;       ///< pictures generated together; changes speed, not pictures
    std::uint64_t seed = 0;        ///< of the captions; picture i is drawn with seed + i
};

/// A missing key keeps its default; one that is unknown or out of range is an error that names it.
Result<AdherenceOptions> adherenceOptionsFromJson(const nlohmann::json& json);

/// The same options' settings of decoding, from the model's own where they do not say.
Result<DecodeSettings> adherenceSettings(const nlohmann::json& json, const ModelDefaults& defaults);

} // namespace jacobi
