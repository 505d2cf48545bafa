// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "models/flowtraining/flowpictures.h"
#include "models/flowtraining/flowstart.h"
#include "models/flowtraining/trainflowoptions.h"

namespace jacobi::test {

/// A flow that trains in seconds: pictures of 8 x 8 as 4 tokens, two blocks of one layer.
inline TarFlowConfig tinyFlow()
{
    TarFlowConfig config;
    config.blocks = 2;
    config.layers = 1;
    config.width = 64;
    config.grid = 2;
    config.patch = 4;
    config.classes = kFlowClasses;
    config.droppedRow = config.basis = true;
    return config;
}

inline TrainFlowOptions tinyFlowOptions()
{
    TrainFlowOptions options;
    options.side = 8;
    options.batch = 8;
    options.validationPictures = 16;
    return options;
}

} // namespace jacobi::test
