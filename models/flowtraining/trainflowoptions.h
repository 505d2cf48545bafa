// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>

namespace jacobi {

/// Settings of `jacobi train flow`; the JSON keys are the member names. Training ends after `steps` where these are
/// above 0 (exactly reproducible), else after `minutes` of training time.
struct TrainFlowOptions {
    std::string out;      ///< folder that receives the model
    std::string work;     ///< folder of checkpoint, curve, sheet and figures
    std::string initFrom; ///< folder or file of a flow to start from, whose sizes are then taken, or empty
    std::string judge;    ///< folder of the judge that the sampled pictures are measured with, or empty
    bool resume = true;   ///< go on from a checkpoint in the work folder
    std::uint64_t seed = 1;
    int threads = 1;
    double minutes = 150.0;
    std::int64_t steps = 0;
    std::int64_t batch = 32; ///< pictures a step sees
    std::int64_t side = 32;  ///< pixels; a power of two up to 128
    std::int64_t patch = 4;  ///< pixels along a side of a patch; divides the side and is smaller
    std::int64_t blocks = 6;
    std::int64_t layers = 2; ///< of a block
    std::int64_t width = 128;
    bool basis = true;   ///< turn patches into cosines and luma before the first block
    double noise = 0.07; ///< standard deviation of what is added to pictures in [-1, 1]
    double drop = 0.15;  ///< share of labels that are dropped, which trains the row for none
    bool muon = true;    ///< on the matrices of the attention layers; otherwise AdamW on everything
    double muonRate = 0.02;
    double adamRate = 2e-3;
    std::int64_t validationPictures = 256;
    std::int64_t validateEvery = 100;     ///< steps
    std::int64_t measuredPictures = 1024; ///< at the end, as many held out as sampled
    double checkpointSeconds = 120.0;
    double sheetSeconds = 240.0;
};

/// Missing keys keep their default; an unknown key or a value out of range is an error that names it.
Result<TrainFlowOptions> trainFlowOptionsFromJson(const nlohmann::json& json);

nlohmann::json toJson(const TrainFlowOptions& options);

} // namespace jacobi
