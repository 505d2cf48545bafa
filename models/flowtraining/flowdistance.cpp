// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/flowtraining/flowdistance.h"

#include "models/judge/judgestatistics.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>

namespace jacobi {
namespace {

struct Seen {
    at::Tensor features; ///< [count, kJudgeFeatures]
    double rightTime = 0.0;
    double rightTerrain = 0.0;
};

Seen look(const Judge& judge, const FlowPictures& set)
{
    constexpr std::int64_t kAtOnce = 32;
    constexpr int kTerrains = 4;
    const at::NoGradGuard noGradients;
    const std::int64_t count = set.pictures.size(0);
    const double share = 1.0 / static_cast<double>(count);
    Seen seen;
    std::vector<at::Tensor> features;
    for (std::int64_t from = 0; from < count; from += kAtOnce) {
        const at::Tensor large = at::upsample_bilinear2d(set.pictures.narrow(0, from, std::min(kAtOnce, count - from)),
                                                         {kJudgeSide, kJudgeSide}, false)
                                     .permute({0, 2, 3, 1});
        features.push_back(judge.features(large));
        auto label = set.labels.begin() + from;
        for (const JudgedValues& values : judge.values(large)) {
            seen.rightTime += valueOf(values, Judged::Time) == *label / kTerrains ? share : 0.0;
            seen.rightTerrain += valueOf(values, Judged::Terrain) == *label % kTerrains ? share : 0.0;
            ++label;
        }
    }
    seen.features = at::cat(features);
    return seen;
}

} // namespace

FlowDistance flowDistance(const Judge& judge, const FlowPictures& sampled, const FlowPictures& renders,
                          const FlowPictures& otherRenders)
{
    const at::Tensor reference = look(judge, renders).features;
    const at::Tensor scale = reference.var(0).mean().sqrt().clamp_min(1e-12);
    const Seen samples = look(judge, sampled);
    const Seen others = look(judge, otherRenders);
    FlowDistance distance;
    distance.sampled = frechetDistance(samples.features / scale, reference / scale);
    distance.floor = frechetDistance(others.features / scale, reference / scale);
    distance.rightTime = samples.rightTime;
    distance.rightTerrain = samples.rightTerrain;
    distance.rendersRightTime = others.rightTime;
    distance.rendersRightTerrain = others.rightTerrain;
    return distance;
}

} // namespace jacobi
