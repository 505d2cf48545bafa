// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/flowtraining/flowpictures.h"

#include "core/base/philox.h"
#include "models/training/scene.h"
#include "models/training/sceneplan.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <cassert>

namespace jacobi {
namespace {

constexpr std::int64_t kTerrains = 4;

} // namespace

std::int64_t flowLabelOf(const JudgedValues& values)
{
    return kTerrains * valueOf(values, Judged::Time) + valueOf(values, Judged::Terrain);
}

std::vector<std::string> flowClassNames()
{
    std::vector<std::string> names;
    for (int label = 0; label < kFlowClasses; ++label) {
        const auto time = static_cast<SceneTime>(label / kTerrains);
        const auto terrain = static_cast<Terrain>(label % kTerrains);
        const bool isSpan = time == SceneTime::Day || time == SceneTime::Night;
        names.push_back(std::string(nameOf(terrain)) + (isSpan ? " by " : " at ") + std::string(nameOf(time)));
    }
    return names;
}

FlowPictures drawFlowPictures(std::uint64_t seed, SceneStream stream, std::uint64_t index, std::int64_t count,
                              std::int64_t side)
{
    assert(kDrawnSide % side == 0);
    FlowPictures batch{at::empty({count, 3, kDrawnSide, kDrawnSide}, at::kFloat),
                       std::vector<std::int64_t>(static_cast<std::size_t>(count))};
    float* pictures = batch.pictures.data_ptr<float>();
    constexpr std::int64_t kNumbers = std::int64_t{3} * kDrawnSide * kDrawnSide;
    at::parallel_for(0, count, 1, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = begin; i < end; ++i) {
            const SceneExample example = drawScene(streamSeed(seed, stream), index + static_cast<std::uint64_t>(i),
                                                   kDrawnSide, SceneSet::Training, Placing::Free);
            std::copy(example.rgb.begin(), example.rgb.end(), pictures + i * kNumbers);
            batch.labels[static_cast<std::size_t>(i)] = flowLabelOf(example.values);
        }
    });
    const std::int64_t square = kDrawnSide / side;
    batch.pictures = batch.pictures.view({count, 3, side, square, side, square}).mean(at::IntArrayRef{3, 5});
    return batch;
}

std::vector<std::int64_t> withDropped(std::vector<std::int64_t> labels, std::uint64_t seed, SceneStream stream,
                                      std::uint64_t index, double drop)
{
    const CounterRandom random{streamSeed(seed, stream)};
    for (std::int64_t& label : labels) {
        const double chance =
            random.uniform(static_cast<std::uint32_t>(index), static_cast<std::uint32_t>(index >> 32), Purpose::Draw);
        label = chance < drop ? -1 : label;
        ++index;
    }
    return labels;
}

at::Tensor noisyPictures(const at::Tensor& pictures, double noise, std::uint64_t seed)
{
    at::Generator generator = at::detail::createCPUGenerator(seed);
    return pictures * 2.0 - 1.0 + at::randn(pictures.sizes(), generator, pictures.options()) * noise;
}

} // namespace jacobi
