// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/judge/judgenetwork.h"

#include <ATen/ATen.h>

#include <algorithm>

namespace jacobi {
namespace {

using Start = TensorSpec::Start;

constexpr std::int64_t kFine = 32;   ///< channels at 32 x 32
constexpr std::int64_t kMiddle = 64; ///< at 16 x 16
constexpr std::int64_t kCoarse = 96; ///< at 8 x 8
constexpr std::int64_t kCells = 4;   ///< of the averaged map, in each direction

bool isOfASide(Judged attribute)
{
    return attribute >= Judged::LeftKind;
}

/// "head.time", "head.side_kind": both sides have one.
std::string headName(Judged attribute)
{
    std::string name(nameOf(attribute));
    for (const std::string_view side : {"left ", "right "}) {
        if (name.starts_with(side)) {
            name = "side " + name.substr(side.size());
        }
    }
    std::replace(name.begin(), name.end(), ' ', '_');
    return "head." + name;
}

void addConvolution(std::vector<TensorSpec>& specs, const std::string& name, std::int64_t out, std::int64_t in,
                    std::int64_t kernel, Start start = Start::Convolution)
{
    specs.push_back({name + ".weight", {out, in, kernel, kernel}, start});
    specs.push_back({name + ".bias", {out}, Start::Zero});
}

void addLinear(std::vector<TensorSpec>& specs, const std::string& name, std::int64_t out, std::int64_t in)
{
    specs.push_back({name + ".weight", {out, in}, Start::Projection});
    specs.push_back({name + ".bias", {out}, Start::Zero});
}

void addNorm(std::vector<TensorSpec>& specs, const std::string& name, std::int64_t channels)
{
    specs.push_back({name + ".weight", {channels}, Start::One});
    specs.push_back({name + ".bias", {channels}, Start::Zero});
}

void addResidual(std::vector<TensorSpec>& specs, const std::string& name, std::int64_t channels)
{
    addNorm(specs, name + ".norm", channels);
    addConvolution(specs, name + ".first", channels, channels, 3);
    addConvolution(specs, name + ".second", channels, channels, 3, Start::Zero);
}

at::Tensor convolve(const TensorMap& weights, const std::string& name, const at::Tensor& x, std::int64_t stride)
{
    // 4 x 4 with stride 2 and 3 x 3 with stride 1 both pad 1.
    return at::conv2d(x, weights.at(name + ".weight"), weights.at(name + ".bias"), stride, 1);
}

at::Tensor norm(const TensorMap& weights, const std::string& name, const at::Tensor& x)
{
    return at::group_norm(x, 8, weights.at(name + ".weight"), weights.at(name + ".bias"), 1e-5);
}

at::Tensor linear(const TensorMap& weights, const std::string& name, const at::Tensor& x)
{
    return at::linear(x, weights.at(name + ".weight"), weights.at(name + ".bias"));
}

at::Tensor residual(const TensorMap& weights, const std::string& name, const at::Tensor& x)
{
    const at::Tensor inner = convolve(weights, name + ".first", at::relu(norm(weights, name + ".norm", x)), 1);
    return x + convolve(weights, name + ".second", at::relu(inner), 1);
}

} // namespace

std::vector<TensorSpec> judgeTensors()
{
    std::vector<TensorSpec> specs;
    addConvolution(specs, "in", kFine, 3 * 2 * 2, 4); // of pixels unfolded two by two
    addConvolution(specs, "middle.down", kMiddle, kFine, 4);
    addResidual(specs, "middle.residual", kMiddle);
    addConvolution(specs, "coarse.down", kCoarse, kMiddle, 4);
    addResidual(specs, "coarse.residual", kCoarse);
    addNorm(specs, "norm", kCoarse);
    addLinear(specs, "whole", kJudgeWholeFeatures, kCoarse * kCells * kCells);
    addLinear(specs, "side", kJudgeSideFeatures, kCoarse * kCells * kCells / 2);
    for (std::size_t i = 0; i < kJudgedCount; ++i) {
        const auto attribute = static_cast<Judged>(i);
        if (attribute < Judged::RightKind) {
            addLinear(specs, headName(attribute), classesOf(attribute),
                      isOfASide(attribute) ? kJudgeSideFeatures : kJudgeWholeFeatures);
        }
    }
    return specs;
}

at::Tensor judgeFeatures(const TensorMap& weights, const at::Tensor& pictures)
{
    at::Tensor x = at::pixel_unshuffle(pictures * 2.0 - 1.0, 2).contiguous(at::MemoryFormat::ChannelsLast);
    x = at::relu(convolve(weights, "in", x, 2));
    x = convolve(weights, "middle.down", x, 2);
    x = at::relu(residual(weights, "middle.residual", x));
    x = convolve(weights, "coarse.down", x, 2);
    x = at::relu(norm(weights, "norm", residual(weights, "coarse.residual", x)));
    x = at::avg_pool2d(x, x.size(2) / kCells);
    const auto side = [&](std::int64_t from) {
        return at::relu(linear(weights, "side", x.narrow(3, from, kCells / 2).flatten(1)));
    };
    return at::cat({at::relu(linear(weights, "whole", x.flatten(1))), side(0), side(kCells / 2)}, 1);
}

std::vector<at::Tensor> judgeLogits(const TensorMap& weights, const at::Tensor& features)
{
    std::vector<at::Tensor> logits;
    for (std::size_t i = 0; i < kJudgedCount; ++i) {
        const auto attribute = static_cast<Judged>(i);
        const std::int64_t from = !isOfASide(attribute)           ? 0
                                  : attribute < Judged::RightKind ? kJudgeWholeFeatures
                                                                  : kJudgeWholeFeatures + kJudgeSideFeatures;
        const std::int64_t length = isOfASide(attribute) ? kJudgeSideFeatures : kJudgeWholeFeatures;
        logits.push_back(linear(weights, headName(attribute), features.narrow(1, from, length)));
    }
    return logits;
}

at::Tensor judgeLoss(const std::vector<at::Tensor>& logits, const at::Tensor& labels)
{
    at::Tensor loss = at::zeros({}, logits.front().options());
    for (std::size_t i = 0; i < logits.size(); ++i) {
        const at::Tensor wanted = labels.select(1, static_cast<std::int64_t>(i));
        const auto applying = (wanted != kNotJudged).sum().item<std::int64_t>();
        const at::Tensor sum = at::cross_entropy_loss(logits[i], wanted, {}, at::Reduction::Sum, kNotJudged);
        loss = loss + sum / static_cast<double>(std::max<std::int64_t>(applying, 1));
    }
    return loss;
}

} // namespace jacobi
