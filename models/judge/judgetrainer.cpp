// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/judge/judgetrainer.h"

#include "models/judge/judge.h"
#include "models/training/scene.h"
#include "models/training/trainingjob.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>

namespace jacobi {
namespace {

constexpr double kClip = 5.0;
constexpr std::int64_t kAtOnce = 32;

TensorMap leaves(const TensorMap& start)
{
    TensorMap weights;
    for (const auto& [name, value] : start) {
        at::Tensor copy = value.detach().to(at::kFloat).clone();
        if (copy.dim() == 4) {
            copy = copy.contiguous(at::MemoryFormat::ChannelsLast);
        }
        weights[name] = copy.requires_grad_();
    }
    return weights;
}

/// Kernels and matrices between the first kernel and the heads.
bool isInner(const std::string& name, const at::Tensor& value)
{
    return value.dim() >= 2 && !name.starts_with("in.") && !name.starts_with("head.");
}

std::vector<Muon::Matrix> muonMatrices(const TensorMap& weights)
{
    std::vector<Muon::Matrix> list;
    for (const auto& [name, value] : weights) {
        if (isInner(name, value)) {
            list.push_back({{name, value}, 1});
        }
    }
    return list;
}

std::vector<Parameter> adamParameters(const TensorMap& weights)
{
    std::vector<Parameter> list;
    for (const auto& [name, value] : weights) {
        if (!isInner(name, value)) {
            list.push_back({name, value});
        }
    }
    return list;
}

/// [items, kJudgedCount] int64: the likeliest class of every attribute.
at::Tensor answersOf(const TensorMap& weights, const at::Tensor& pictures)
{
    std::vector<at::Tensor> answers;
    for (const at::Tensor& logits : judgeLogits(weights, judgeFeatures(weights, pictures))) {
        answers.push_back(logits.argmax(1));
    }
    return at::stack(answers, 1);
}

} // namespace

JudgedPictures drawJudged(std::uint64_t seed, SceneStream stream, std::uint64_t index, std::int64_t count)
{
    JudgedPictures batch{at::empty({count, 3, kJudgeSide, kJudgeSide}, at::kFloat),
                         at::empty({count, static_cast<std::int64_t>(kJudgedCount)}, at::kLong)};
    float* pictures = batch.pictures.data_ptr<float>();
    std::int64_t* labels = batch.labels.data_ptr<std::int64_t>();
    constexpr std::int64_t kPixels = 3 * kJudgeSide * kJudgeSide;
    at::parallel_for(0, count, 1, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = begin; i < end; ++i) {
            const SceneExample example = drawScene(streamSeed(seed, stream), index + static_cast<std::uint64_t>(i),
                                                   static_cast<int>(kJudgeSide), SceneSet::All, Placing::Free);
            std::copy(example.rgb.begin(), example.rgb.end(), pictures + i * kPixels);
            std::copy(example.values.begin(), example.values.end(),
                      labels + i * static_cast<std::int64_t>(kJudgedCount));
        }
    });
    return batch;
}

at::Tensor disturbed(const at::Tensor& pictures, std::uint64_t seed)
{
    constexpr double kMostSoft = 0.8;
    constexpr double kMostGrain = 0.03;
    constexpr double kMostShift = 0.03;
    at::Generator generator = at::detail::createCPUGenerator(seed);
    const std::vector<std::int64_t> each{pictures.size(0), 1, 1, 1};
    // Half of the pictures stay sharp, half without grain, and so on.
    const auto amount = [&](double most) {
        return (at::rand(each, generator, at::kFloat) * 2.0 - 1.0).clamp_min(0.0) * most;
    };
    const at::Tensor soft = at::avg_pool2d(pictures, 3, 1, 1, false, false);
    at::Tensor result = pictures + (soft - pictures) * amount(kMostSoft);
    result += at::randn(pictures.sizes(), generator, at::kFloat) * amount(kMostGrain);
    result += amount(kMostShift) - amount(kMostShift);
    return result.clamp_(0.0, 1.0);
}

JudgeFigures measureJudge(const TensorMap& weights, std::uint64_t seed, std::uint64_t first, std::int64_t pictures)
{
    at::NoGradGuard noGradients;
    JudgeFigures figures;
    for (std::int64_t from = 0; from < pictures; from += kAtOnce) {
        const std::int64_t count = std::min(kAtOnce, pictures - from);
        const JudgedPictures batch =
            drawJudged(seed, SceneStream::JudgeValidation, first + static_cast<std::uint64_t>(from), count);
        const at::Tensor applies = batch.labels != kNotJudged;
        const at::Tensor right = (answersOf(weights, batch.pictures) == batch.labels).logical_and(applies);
        for (std::size_t i = 0; i < kJudgedCount; ++i) {
            const auto column = static_cast<std::int64_t>(i);
            figures[i].asked += applies.select(1, column).sum().item<std::int64_t>();
            figures[i].right += right.select(1, column).sum().item<std::int64_t>();
        }
    }
    return figures;
}

JudgeTrainer::JudgeTrainer(const TrainJudgeOptions& options, const TensorMap& start)
    : m_options(options),
      m_weights(leaves(start)),
      m_muon(muonMatrices(m_weights)),
      m_adamw(adamParameters(m_weights), {.beta1 = 0.9, .beta2 = 0.95, .epsilon = 1e-8, .weightDecay = 1e-4})
{
}

double JudgeTrainer::step(std::int64_t index, double rate)
{
    JudgedPictures batch = drawJudged(m_options.seed, SceneStream::Judge,
                                      static_cast<std::uint64_t>(index * m_options.batch), m_options.batch);
    batch.pictures = disturbed(batch.pictures, m_options.seed * 1'000'003 + static_cast<std::uint64_t>(index));
    return trainOn(batch, rate);
}

double JudgeTrainer::trainOn(const JudgedPictures& batch, double rate)
{
    const at::Tensor loss = judgeLoss(judgeLogits(m_weights, judgeFeatures(m_weights, batch.pictures)), batch.labels);
    loss.backward();
    clipGradients(m_weights, kClip);
    m_muon.step(m_options.muonRate * rate);
    m_adamw.step(m_options.adamRate * rate);
    for (auto& [name, value] : m_weights) {
        value.mutable_grad() = at::Tensor();
    }
    return loss.item<double>();
}

double JudgeTrainer::validate()
{
    double worst = 0.0;
    for (const JudgeAnswers& answers : measureJudge(m_weights, m_options.seed, 0, m_options.validationPictures)) {
        if (answers.asked > 0) {
            worst = std::max(worst, 1.0 - static_cast<double>(answers.right) / static_cast<double>(answers.asked));
        }
    }
    return worst;
}

TensorMap JudgeTrainer::state() const
{
    TensorMap state = m_adamw.state();
    state.merge(m_muon.state());
    addWeights(m_weights, state);
    return state;
}

Result<void> JudgeTrainer::restore(const TensorMap& state)
{
    if (auto restored = restoreWeights(m_weights, state); !restored) {
        return restored;
    }
    if (auto restored = m_muon.restore(state); !restored) {
        return restored;
    }
    return m_adamw.restore(state);
}

at::Tensor JudgeTrainer::sheet(std::int64_t& columns)
{
    at::NoGradGuard noGradients;
    constexpr std::size_t kMost = 32;
    columns = 8;
    std::vector<at::Tensor> wrong;
    at::Tensor any;
    for (std::int64_t from = 0; from < m_options.validationPictures && wrong.size() < kMost; from += kAtOnce) {
        const JudgedPictures batch =
            drawJudged(m_options.seed, SceneStream::JudgeValidation, static_cast<std::uint64_t>(from),
                       std::min(kAtOnce, m_options.validationPictures - from));
        const at::Tensor misread =
            (answersOf(m_weights, batch.pictures) != batch.labels).logical_and(batch.labels != kNotJudged).any(1);
        for (std::int64_t i = 0; i < misread.size(0) && wrong.size() < kMost; ++i) {
            if (misread[i].item<bool>()) {
                wrong.push_back(batch.pictures[i]);
            }
        }
        any = batch.pictures.narrow(0, 0, 1);
    }
    return bytesOfPictures(wrong.empty() ? any : at::stack(wrong));
}

} // namespace jacobi
