// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/training/noisesegment.h"

#include "core/decode/noisydrafts.h"

#include <ATen/ATen.h>

#include <algorithm>

namespace jacobi {

NoiseSegment drawSegment(std::uint64_t seed, std::int64_t index, std::int64_t positions,
                         const TrainDenoisingOptions& options)
{
    const CounterRandom random{seed};
    std::uint32_t drawn = 0;
    const auto uniform = [&] { return random.uniform(static_cast<std::uint32_t>(index), 0, Purpose::Draw, drawn++); };
    const auto among = [&](std::int64_t count) {
        return static_cast<std::int64_t>(uniform() * static_cast<double>(count));
    };
    NoiseSegment segment;
    const auto steps = static_cast<std::uint32_t>(1 + among(options.noise.kind.mostSteps));
    segment.schedule = noiseLevels(options.noise.kind, steps);
    segment.begin = among(positions);
    segment.ownGuesses = uniform() < options.ownGuesses;
    const std::int64_t most = std::min(options.window, positions - segment.begin);
    for (std::uint32_t level = 1; level <= steps; ++level) {
        // Below the highest level a block is what one pass committed; at the highest it can be the whole window.
        const double u = uniform();
        const std::int64_t length = level < steps
                                        ? 1 + among(options.block)
                                        : 1 + static_cast<std::int64_t>(u * u * static_cast<double>(options.window));
        for (std::int64_t i = 0; i < length && static_cast<std::int64_t>(segment.levels.size()) < most; ++i) {
            segment.levels.push_back(level);
        }
    }
    return segment;
}

at::Tensor drawSegmentNoise(std::uint64_t seed, std::int64_t index, std::int64_t pictures, std::int64_t positions,
                            std::int64_t size)
{
    // Key of this segment; its rows are the positions of the decoder's own noise.
    const CounterRandom random{seed ^ (0x9E3779B97F4A7C15ULL * static_cast<std::uint64_t>(index + 1))};
    at::Tensor noise = at::empty({pictures, positions, size}, at::kFloat);
    float* out = noise.mutable_data_ptr<float>();
    for (std::int64_t row = 0; row < pictures * positions; ++row, out += size) {
        drawNoise(random, static_cast<std::uint32_t>(row), std::span<float>(out, static_cast<std::size_t>(size)));
    }
    return noise;
}

namespace {

/// The noisy embeddings as the network reads them, [batch * levels, kCodeParts * width].
at::Tensor noisyEmbeddings(const ScenesConfig& config, const TransformerWeights& weights, const ScenesNoisePart& part,
                           const NoiseSegment& segment, const at::Tensor& noised, const at::Tensor& noise)
{
    const auto length = static_cast<std::int64_t>(segment.levels.size());
    at::Tensor alpha = at::empty({length}, at::kFloat);
    at::Tensor sigma = at::empty({length}, at::kFloat);
    at::Tensor times = at::empty({length}, at::kFloat);
    for (std::int64_t i = 0; i < length; ++i) {
        const NoiseLevel& level = segment.schedule[segment.levels[static_cast<std::size_t>(i)]];
        alpha.mutable_data_ptr<float>()[i] = static_cast<float>(level.alpha);
        sigma.mutable_data_ptr<float>()[i] = static_cast<float>(level.sigma);
        times.mutable_data_ptr<float>()[i] = static_cast<float>(level.time());
    }
    const at::Tensor embeddings = codeEmbeddings(config, weights);
    const auto moved = [&](const at::Tensor& tensor) { return tensor.to(embeddings.device(), true); };
    const at::Tensor clean = embeddings.index_select(0, moved(noised.reshape({-1}))).view(noise.sizes());
    const at::Tensor normal = (clean - part.scale.mean) / part.scale.deviation;
    const at::Tensor noisy = normal * moved(alpha).unsqueeze(1) + moved(noise) * moved(sigma).unsqueeze(1);
    const at::Tensor read = noisy * part.scale.deviation + part.scale.mean;
    return (read + encodeTimes(part.settings, part.weights, moved(times))).view({-1, kCodeParts * config.width});
}

} // namespace

at::Tensor segmentLogits(const ScenesConfig& config, const TransformerWeights& weights, const ScenesNoisePart& part,
                         const RotaryTable& rotary, const NoiseSegment& segment, const at::Tensor& prompts,
                         const at::Tensor& codes, const at::Tensor& noised, const at::Tensor& noise)
{
    const auto length = static_cast<std::int64_t>(segment.levels.size());
    const std::int64_t batch = codes.size(0);
    const std::int64_t end = segment.predictedEnd(config.positions());
    at::Tensor mixed = codes.clone(); // noisy positions by the number of their embedding: see rowInputs()
    mixed.narrow(1, segment.begin, length).copy_(-1 - at::arange(batch * length, at::kLong).view({batch, length}));
    const at::Tensor parts = noisyEmbeddings(config, weights, part, segment, noised, noise);
    const at::Tensor table = at::cat({inputTable(config, weights), parts.view({-1, config.width})});
    const std::int64_t rows = config.promptWords() + end;
    const at::Tensor inputs = sequenceInputs(config, prompts, mixed).narrow(1, 0, rows).contiguous().to(table.device());
    const at::Tensor hidden = transformRows(config, weights, table, inputs,
                                            {rotary.cosine.narrow(1, 0, rows), rotary.sine.narrow(1, 0, rows)},
                                            [](std::int64_t, const Heads& heads) { return causalAttention(heads); });
    return predictCodes(weights, hidden.narrow(1, config.promptWords(), end));
}

} // namespace jacobi
