// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "models/scenes/scenesnoise.h"

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>

namespace jacobi {

/// Settings of `jacobi train scenes --objective sjd2`; the JSON keys are the member names, those of ScenesNoise among
/// them. Training ends after `steps` where these are above 0 (exactly reproducible), else after `minutes` of it.
struct TrainDenoisingOptions {
    std::string out;      ///< folder that receives the difference
    std::string work;     ///< folder of checkpoint, curve, sheet and figures
    std::string initFrom; ///< folder of the model to tune
    bool resume = true;   ///< go on from a checkpoint in the work folder
    std::uint64_t seed = 1;
    int threads = 1;
    std::string device = "cpu"; ///< or "cuda:0": where networks and gradients are; pictures are drawn on the CPU always
    std::int64_t drawAhead = 0; ///< batches drawn ahead, a thread each; changes speed, not results
    double minutes = 20.0;
    std::int64_t steps = 0;
    std::int64_t batch = 16;     ///< pictures an optimiser step sees
    std::int64_t microBatch = 4; ///< pictures of a forward pass; these share where their noise lies
    std::int64_t window = 64;    ///< positions of noise in a row, at most
    std::int64_t block = 16;     ///< of one level below the highest, at most
    std::string data = "drawn";  ///< drawn: fresh drawings; own: what the model to tune samples, so that its law stays
    double ownGuesses = 0.0;     ///< share of segments that denoise the model's own guesses, not the truth
    double rate = 2e-3;          ///< of AdamW
    ScenesNoise noise;
    std::int64_t validationPictures = 64;
    std::int64_t validateEvery = 50; ///< steps
    double checkpointSeconds = 120.0;
    double sheetSeconds = 240.0; ///< and at the end; 0: none at all
};

/// Missing keys keep their default; an unknown key or a value out of range is an error that names it.
Result<TrainDenoisingOptions> trainDenoisingOptionsFromJson(const nlohmann::json& json);

nlohmann::json toJson(const TrainDenoisingOptions& options);

} // namespace jacobi
