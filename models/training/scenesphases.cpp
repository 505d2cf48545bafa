// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/training/scenesphases.h"

namespace jacobi {
namespace {

PhaseSettings common(const TrainScenesOptions& options)
{
    PhaseSettings settings;
    settings.work = options.work;
    settings.resume = options.resume;
    settings.validateEvery = options.validateEvery;
    settings.checkpointSeconds = options.checkpointSeconds;
    settings.sheetSeconds = options.sheetSeconds;
    return settings;
}

} // namespace

PhaseSettings tokenizerPhase(const TrainScenesOptions& options)
{
    PhaseSettings settings = common(options);
    settings.steps = options.tokenizerSteps;
    settings.minutes = options.tokenizerMinutes;
    settings.warmup = 50;
    settings.constantUntil = 0.5;
    settings.finalRate = 0.02;
    return settings;
}

PhaseSettings transformerPhase(const TrainScenesOptions& options)
{
    PhaseSettings settings = common(options);
    settings.steps = options.steps;
    settings.minutes = options.minutes;
    return settings;
}

} // namespace jacobi
