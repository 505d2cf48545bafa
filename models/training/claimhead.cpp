// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/training/claimhead.h"

#include "models/training/classscores.h"
#include "models/training/scene.h"

#include <ATen/ATen.h>

#include <algorithm>

namespace jacobi {
namespace {

const ClassScores& claimClasses()
{
    static const ClassScores classes([] {
        std::vector<std::int64_t> list;
        for (std::size_t i = 0; i < kJudgedCount; ++i) {
            list.push_back(classesOf(static_cast<Judged>(i)));
        }
        return list;
    }());
    return classes;
}

} // namespace

std::int64_t claimScores()
{
    return claimClasses().scores();
}

at::Tensor drawClaims(std::uint64_t seed, SceneStream stream, std::uint64_t index, std::int64_t count, double drop,
                      std::uint64_t variant)
{
    const std::uint64_t ownSeed = streamSeed(seed, stream);
    at::Tensor claims =
        at::full({count, static_cast<std::int64_t>(kJudgedCount)}, static_cast<std::int64_t>(kNotJudged), at::kLong);
    std::int64_t* out = claims.mutable_data_ptr<std::int64_t>();
    for (std::int64_t i = 0; i < count; ++i, out += kJudgedCount) {
        const std::uint64_t example = index + static_cast<std::uint64_t>(i);
        if (isPromptDropped(ownSeed, example, drop, variant)) {
            continue;
        }
        SceneClaims made = drawSceneCaption(ownSeed, example, variant).claims;
        if (!made.sides) {
            constexpr auto kFirstOfSubjects = static_cast<std::size_t>(Judged::LeftKind);
            std::fill(made.values.begin() + kFirstOfSubjects, made.values.end(), kNotJudged);
        }
        std::ranges::copy(made.values, out);
    }
    return claims;
}

at::Tensor claimLoss(const at::Tensor& head, const at::Tensor& hidden, const at::Tensor& claims)
{
    const std::int64_t rows = hidden.size(1);
    const at::Tensor targets = claims.unsqueeze(1).expand({claims.size(0), rows, claims.size(1)});
    const at::Tensor losses = claimClasses().losses(head, hidden, targets, kNotJudged);
    const at::Tensor made = claims.ne(kNotJudged).sum().clamp_min(1);
    return 0.5 * (losses.select(1, 0).sum() + losses.sum() / static_cast<double>(rows)) / made;
}

} // namespace jacobi
