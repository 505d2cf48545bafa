// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "models/training/scenedata.h"

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>

namespace jacobi {

/// Settings of `jacobi train judge`; the JSON keys are the member names.
struct TrainJudgeOptions {
    std::string out;    ///< folder that receives the judge
    std::string work;   ///< folder of checkpoint, curve and sheet
    bool resume = true; ///< go on from a checkpoint in the work folder
    std::uint64_t seed = 1;
    int threads = 1;
    std::int64_t steps = 4500;
    std::int64_t batch = 32; ///< pictures a step sees
    double muonRate = 0.02;
    double adamRate = 2e-3;
    std::int64_t validationPictures = 500;
    std::int64_t validateEvery = 500; ///< steps
    std::int64_t measuredPictures = 4000;
    double checkpointSeconds = 60.0;
};

/// Missing keys keep their default; an unknown key or a value out of range is an error that names it.
Result<TrainJudgeOptions> trainJudgeOptionsFromJson(const nlohmann::json& json);

nlohmann::json toJson(const TrainJudgeOptions& options);

} // namespace jacobi
