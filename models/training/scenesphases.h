// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "models/training/trainingphase.h"
#include "models/training/trainscenesoptions.h"

namespace jacobi {

PhaseSettings tokenizerPhase(const TrainScenesOptions& options);
PhaseSettings transformerPhase(const TrainScenesOptions& options);

} // namespace jacobi
