// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/training/scenesphases.h"

namespace jacobi {

// The trainers draw by the default of drawScene.

PhaseSettings tokenizerPhase(const TrainScenesOptions& options)
{
    PhaseSettings settings = phaseSettingsOf(options, Placing::Composed);
    settings.steps = options.tokenizerSteps;
    settings.minutes = options.tokenizerMinutes;
    settings.warmup = 50;
    settings.constantUntil = 0.5;
    settings.finalRate = 0.02;
    return settings;
}

PhaseSettings transformerPhase(const TrainScenesOptions& options)
{
    return phaseSettingsOf(options, Placing::Composed);
}

} // namespace jacobi
