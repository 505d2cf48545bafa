// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/engine/backend.h"
#include "models/scenes/scenesweights.h"
#include "models/training/scene.h"

#include <cstdint>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <stop_token>
#include <string>

namespace jacobi {

/// Something that is trained step by step. Step n of a phase reads the same data whenever it is run.
class TrainingPhase {
public:
    virtual ~TrainingPhase() = default;
    virtual std::string name() const = 0;
    virtual std::int64_t batch() const = 0; ///< pictures a step sees

    /// One optimiser step with the base learning rates times `rate`; returns the loss before it; on a GPU it may be
    /// that of the step before (DelayedLoss).
    virtual double step(std::int64_t index, double rate) = 0;
    virtual double validate() = 0;

    /// Everything a later step depends on. restore() takes what state() gave.
    virtual TensorMap state() const = 0;
    virtual Result<void> restore(const TensorMap& state) = 0;

    /// Pictures that show what has been learnt so far: [count, height, width, 3] uint8, and how many lie side by side.
    virtual at::Tensor sheet(std::int64_t& columns) = 0;
};

struct PhaseSettings {
    std::filesystem::path work;
    bool resume = true;
    std::int64_t steps = 0; ///< length in steps, or 0: in minutes of training time
    double minutes = 0.0;
    std::int64_t warmup = 30;   ///< steps
    double constantUntil = 0.4; ///< fraction of the phase; then linear
    double finalRate = 0.03;    ///< fraction of the base learning rate at the end
    std::int64_t validateEvery = 100;
    double checkpointSeconds = 120.0;
    double sheetSeconds = 240.0; ///< and at the end; 0: none at all
    std::string
        recipe; ///< what decides the result (recipeOf): a checkpoint of another is not gone on from; empty: not asked
    double jobBegin = 0.0; ///< this phase's part of the whole job, as fractions
    double jobEnd = 1.0;
};

/// Options less those that say how long, how fast, where or how often something is written: what is left decides what the steps
/// so far have learnt. With them goes how the pictures that it learns from are placed; a recipe that does not say so is one of
/// free placing, as all were once.
std::string recipeOf(const nlohmann::json& options, Placing placing = Placing::Free);

/// What the options of every kind of training say about a phase, its length as well; the rest as above.
template <class Options>
PhaseSettings phaseSettingsOf(const Options& options, Placing placing = Placing::Free)
{
    PhaseSettings settings;
    settings.work = options.work;
    settings.resume = options.resume;
    settings.steps = options.steps;
    settings.minutes = options.minutes;
    settings.validateEvery = options.validateEvery;
    settings.checkpointSeconds = options.checkpointSeconds;
    settings.sheetSeconds = options.sheetSeconds;
    settings.recipe = recipeOf(toJson(options), placing);
    return settings;
}

/// Learning rate factor: linear warm-up, constant, linear decay. fraction: of the phase, 0..1.
double rateAt(const PhaseSettings& settings, std::int64_t step, double fraction);

struct PhaseResult {
    std::int64_t steps = 0;
    double seconds = 0.0;
    double validationLoss = 0.0;
};

/// Runs a phase to its end, from its checkpoint where there is one. Writes into the work folder, with the phase's
/// name: NAME.safetensors (checkpoint, atomically replaced), NAME.csv (curve), NAME.png (sheet). A stop request
/// saves a checkpoint and returns ErrorCode::Cancelled. Error: also a checkpoint of another recipe.
Result<PhaseResult> runPhase(TrainingPhase& phase, const PhaseSettings& settings, ProgressSink& sink,
                             const std::stop_token& stop);

/// Scales the gradients down to a global norm of at most `limit`.
void clipGradients(const TensorMap& parameters, double limit);

/// Keeps freed memory in the process: a step allocates and frees the same few megabytes hundreds of times, and handing
/// them back to the system each time costs a third of the run.
void keepFreedMemory();

} // namespace jacobi
