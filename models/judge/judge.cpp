// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/judge/judge.h"

#include "models/training/sceneplan.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cassert>

namespace jacobi {
namespace {

constexpr std::int64_t kAtOnce = 32;

/// Takes away what does not apply to what is seen, as judgedValuesOf leaves it out.
void dropWhatDoesNotApply(JudgedValues& values)
{
    Scene scene;
    scene.weather = static_cast<Weather>(valueOf(values, Judged::Weather));
    scene.terrain = static_cast<Terrain>(valueOf(values, Judged::Terrain));
    scene.left.kind = static_cast<SubjectKind>(valueOf(values, Judged::LeftKind));
    scene.right.kind = static_cast<SubjectKind>(valueOf(values, Judged::RightKind));
    const JudgedValues applying = judgedValuesOf(scene);
    for (std::size_t i = 0; i < kJudgedCount; ++i) {
        if (applying[i] == kNotJudged) {
            values[i] = kNotJudged;
        }
    }
}

at::Tensor planesOf(const at::Tensor& pictures)
{
    assert(pictures.dim() == 4 && judgeReads(pictures.size(2), pictures.size(1)));
    const at::Tensor planes = pictures.permute({0, 3, 1, 2});
    const at::Tensor real = pictures.scalar_type() == at::kByte ? planes.to(at::kFloat) / 255.0 : planes.to(at::kFloat);
    const std::int64_t times = pictures.size(1) / kJudgeSide;
    return times == 1 ? real : at::avg_pool2d(real, times);
}

} // namespace

Judge::Judge(TensorMap weights, std::string hash) : m_weights(std::move(weights)), m_hash(std::move(hash)) {}

at::Tensor Judge::features(const at::Tensor& pictures) const
{
    const at::NoGradGuard noGradients;
    std::vector<at::Tensor> parts;
    for (std::int64_t from = 0; from < pictures.size(0); from += kAtOnce) {
        const at::Tensor some = pictures.narrow(0, from, std::min(kAtOnce, pictures.size(0) - from));
        parts.push_back(judgeFeatures(m_weights, planesOf(some)));
    }
    return parts.empty() ? at::empty({0, kJudgeFeatures}, at::kFloat) : at::cat(parts);
}

std::vector<at::Tensor> Judge::judge(const at::Tensor& pictures) const
{
    const at::NoGradGuard noGradients;
    return judgeLogits(m_weights, features(pictures));
}

std::vector<JudgedValues> Judge::values(const at::Tensor& pictures) const
{
    const std::vector<at::Tensor> logits = judge(pictures);
    std::vector<JudgedValues> seen(static_cast<std::size_t>(pictures.size(0)), kNothingJudged);
    for (std::size_t attribute = 0; attribute < kJudgedCount; ++attribute) {
        const at::Tensor answers = logits[attribute].argmax(1).contiguous();
        const std::int64_t* answer = answers.const_data_ptr<std::int64_t>();
        for (JudgedValues& values : seen) {
            values[attribute] = static_cast<int>(*answer++);
        }
    }
    std::for_each(seen.begin(), seen.end(), dropWhatDoesNotApply);
    return seen;
}

bool judgeReads(std::int64_t width, std::int64_t height)
{
    return width == height && height >= kJudgeSide && height % kJudgeSide == 0;
}

at::Tensor bytesOfPictures(const at::Tensor& pictures)
{
    return (pictures.clamp(0.0, 1.0) * 255.0).round().to(at::kByte).permute({0, 2, 3, 1}).contiguous();
}

} // namespace jacobi
