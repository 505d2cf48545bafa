// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/training/claimhead.h"

#include "core/decode/layers.h"
#include "models/training/scene.h"

#include <ATen/ATen.h>
#include <ATen/core/Reduction.h>

#include <algorithm>

namespace jacobi {
namespace {

std::int64_t classesAt(std::size_t attribute)
{
    return classesOf(static_cast<Judged>(attribute));
}

at::Tensor meanOverClaims(const at::Tensor& scores, const at::Tensor& claims)
{
    const std::int64_t rows = scores.size(1);
    at::Tensor total = at::zeros({}, scores.options());
    std::int64_t from = 0;
    for (std::size_t i = 0; i < kJudgedCount; ++i) {
        const std::int64_t classes = classesAt(i);
        const at::Tensor part = scores.narrow(2, from, classes).reshape({-1, classes});
        const at::Tensor target =
            claims.select(1, static_cast<std::int64_t>(i)).unsqueeze(1).expand({claims.size(0), rows}).reshape({-1});
        total = total + at::cross_entropy_loss(part, target, {}, at::Reduction::Sum, kNotJudged);
        from += classes;
    }
    return total / (claims.ne(kNotJudged).sum() * rows).clamp_min(1);
}

} // namespace

std::int64_t claimScores()
{
    std::int64_t scores = 0;
    for (std::size_t i = 0; i < kJudgedCount; ++i) {
        scores += classesAt(i);
    }
    return scores;
}

at::Tensor drawClaims(std::uint64_t seed, SceneStream stream, std::uint64_t index, std::int64_t count, double drop)
{
    const std::uint64_t ownSeed = streamSeed(seed, stream);
    at::Tensor claims =
        at::full({count, static_cast<std::int64_t>(kJudgedCount)}, static_cast<std::int64_t>(kNotJudged), at::kLong);
    std::int64_t* out = claims.mutable_data_ptr<std::int64_t>();
    for (std::int64_t i = 0; i < count; ++i, out += kJudgedCount) {
        const std::uint64_t example = index + static_cast<std::uint64_t>(i);
        if (isPromptDropped(ownSeed, example, drop)) {
            continue;
        }
        SceneClaims made = drawSceneCaption(ownSeed, example, 0).claims;
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
    const at::Tensor normal = rmsNorm(hidden, at::ones({hidden.size(2)}, hidden.options()));
    const at::Tensor scores = at::linear(normal, head);
    return 0.5 * (meanOverClaims(scores.narrow(1, 0, 1), claims) + meanOverClaims(scores, claims));
}

} // namespace jacobi
