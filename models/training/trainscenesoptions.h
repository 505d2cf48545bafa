// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace jacobi {

/// Settings of `jacobi train scenes`; the JSON keys are the member names. A phase ends after its steps where these
/// are above 0 (exactly reproducible), else after its minutes of training time.
struct TrainScenesOptions {
    std::string out;              ///< folder that receives the model
    std::string work;             ///< folder of checkpoints, curves and sample sheets
    std::string initFrom;         ///< folder of a finished model to start from, or empty
    std::int64_t moreLayers = 0;  ///< layers that the model to start from gets beside its own (deepen.h)
    std::int64_t moreDecoder = 0; ///< residual blocks that its decoder gets beside its own; of the objective "decoder"
    bool resume = true;           ///< go on from a checkpoint in the work folder
    std::uint64_t seed = 1;
    int threads = 1;
    std::string device = "cpu"; ///< or "cuda:0": where networks and gradients are; pictures are drawn on the CPU always
    std::int64_t drawAhead = 0; ///< batches drawn ahead for the transformer, a thread each; changes speed, not results
    std::int64_t views =
        1; ///< how often it learns from each drawn batch, every time under other captions (batchviews.h)
    double hard =
        0.0; ///< share of the pictures chosen for showing what is learnt late (examplesOfBatch in scenedata.h)
    double ownCodes = 0.0; ///< share of the codes it reads that are replaced by guesses of its own (owncodes.h)
    /// How many times as much a code counts in whose patch a subject stands. Subjects have a seventh of the codes, and most
    /// of what a viewer sees go wrong. Curves and figures count all alike.
    double subjectWeight = 1.0;
    double tokenizerMinutes = 13.0;
    std::int64_t tokenizerSteps = 0;
    std::int64_t tokenizerBatch = 8;
    double minutes = 50.0; ///< of the transformer
    std::int64_t steps = 0;
    std::int64_t batch = 16;     ///< pictures an optimiser step sees
    std::int64_t microBatch = 4; ///< pictures a forward pass sees; changes speed, not results
    std::int64_t width = 192;
    std::int64_t layers = 6;
    std::int64_t headSize = 32;
    std::int64_t feed = 512;
    std::int64_t coarse = 96; ///< tokenizer channels
    std::int64_t fine = 48;
    std::int64_t gridRows = 16;
    std::int64_t gridColumns = 16;
    /// How much the loss of reading the caption's claims half way up counts beside that of the codes (claimhead.h); 0: not
    /// at all. Curves and figures leave it out.
    double claims = 0.2;
    /// The same of telling what stands in a code's patch and what is still to come, two thirds of the way up (maphead.h).
    double map = 0.2;
    double muonRate = 0.02;
    double adamRate = 3e-3;
    std::int64_t validationPictures = 96;
    std::int64_t validateEvery = 100; ///< steps
    double checkpointSeconds = 120.0;
    double sheetSeconds = 240.0; ///< and at the end; 0: none at all
};

/// The sizes of a recipe: "cpu", which is the defaults, or "gpu", larger pictures of more tokens for a card's minutes.
std::optional<TrainScenesOptions> trainScenesPreset(std::string_view name);

/// Missing keys keep their default, or the value of the recipe that the key "preset" names; an unknown key or a value out of
/// range is an error that names it.
Result<TrainScenesOptions> trainScenesOptionsFromJson(const nlohmann::json& json);

nlohmann::json toJson(const TrainScenesOptions& options);

} // namespace jacobi
