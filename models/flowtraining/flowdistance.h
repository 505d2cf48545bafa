// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "models/flowtraining/flowpictures.h"
#include "models/judge/judge.h"

namespace jacobi {

/// What a judge says of small pictures.
struct FlowDistance {
    double sampled = 0.0;   ///< Fréchet distance of the samples from renders
    double floor = 0.0;     ///< of as many other renders from those: what no flow comes below, but by chance
    double rightTime = 0.0; ///< share of the samples that are seen at the time of day of their label
    double rightTerrain = 0.0;
    double rendersRightTime = 0.0; ///< the same of the other renders: what the judge reads at this size
    double rendersRightTerrain = 0.0;
};

/// Compares samples with two sets of renders of as many pictures and the same size, all of them [count, 3, side, side]
/// in 0..1 and enlarged to what the judge reads. Distances are in units in which a feature of the renders varies by 1 on
/// average, and depend on the count.
FlowDistance flowDistance(const Judge& judge, const FlowPictures& sampled, const FlowPictures& renders,
                          const FlowPictures& otherRenders);

} // namespace jacobi
