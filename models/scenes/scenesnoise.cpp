// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/scenes/scenesnoise.h"

#include "core/io/jsonfields.h"

#include <ATen/ATen.h>
#include <nlohmann/json.hpp>

#include <array>
#include <utility>

namespace jacobi {
namespace {

constexpr std::array<std::pair<Normalisation, const char*>, 3> kNormalisations = {
    {{Normalisation::Channel, "channel"}, {Normalisation::Scalar, "scalar"}, {Normalisation::None, "none"}}};

constexpr double kMostFrequency = 200.0; ///< of the sinusoids, in quarter turns of the level's time

bool isBlockMatrix(const TensorSpec& spec)
{
    return spec.name.starts_with("blocks.") && spec.shape.size() == 2;
}

template <class Value, class Parsed>
void readName(JsonFields& fields, const char* key, Value& value, const std::string& current, const Parsed& parsed)
{
    std::string name = current;
    fields.text(key, name, 64);
    if (const auto known = parsed(name)) {
        value = *known;
    } else {
        fields.refuse(key, "is not known");
    }
}

std::string nameOf(Normalisation normalisation)
{
    for (const auto& [known, name] : kNormalisations) {
        if (known == normalisation) {
            return name;
        }
    }
    return {};
}

std::optional<Normalisation> normalisationOf(const std::string& name)
{
    for (const auto& [known, text] : kNormalisations) {
        if (name == text) {
            return known;
        }
    }
    return std::nullopt;
}

} // namespace

nlohmann::json toJson(const ScenesNoise& noise)
{
    return {{"pair", nameOf(noise.kind.pair)},
            {"grid", nameOf(noise.kind.grid)},
            {"leastRatio", noise.kind.leastRatio},
            {"mostRatio", noise.kind.mostRatio},
            {"mostSteps", noise.kind.mostSteps},
            {"normalisation", nameOf(noise.normalisation)},
            {"features", noise.features},
            {"hidden", noise.hidden},
            {"rank", noise.rank}};
}

Result<ScenesNoise> scenesNoiseFromJson(const nlohmann::json& json)
{
    ScenesNoise noise;
    JsonFields fields(json, "The noise of a model", JsonFields::Missing::Kept);
    readName(fields, "pair", noise.kind.pair, std::string(nameOf(noise.kind.pair)), noisePairOf);
    readName(fields, "grid", noise.kind.grid, std::string(nameOf(noise.kind.grid)), noiseGridOf);
    fields.number("leastRatio", noise.kind.leastRatio, 1e-6, 1e6);
    fields.number("mostRatio", noise.kind.mostRatio, 1e-6, 1e6);
    fields.whole("mostSteps", noise.kind.mostSteps, 1, 1000);
    readName(fields, "normalisation", noise.normalisation, nameOf(noise.normalisation), normalisationOf);
    fields.whole("features", noise.features, std::int64_t{2}, std::int64_t{1024});
    fields.whole("hidden", noise.hidden, std::int64_t{1}, std::int64_t{4096});
    fields.whole("rank", noise.rank, std::int64_t{0}, std::int64_t{4096});
    if (!fields.error() && noise.kind.leastRatio >= noise.kind.mostRatio) {
        fields.refuse("leastRatio", "must be below \"mostRatio\"");
    }
    if (!fields.error() && noise.features % 2 != 0) {
        fields.refuse("features", "must be even");
    }
    if (fields.error()) {
        return tl::unexpected(*fields.error());
    }
    return noise;
}

std::vector<TensorSpec> noiseTensors(const ScenesConfig& config, const ScenesNoise& noise)
{
    return {{"noise.first.weight", {noise.hidden, noise.features}, TensorSpec::Start::Projection},
            {"noise.first.bias", {noise.hidden}, TensorSpec::Start::Zero},
            {"noise.second.weight", {kCodeParts * config.width, noise.hidden}, TensorSpec::Start::Zero},
            {"noise.second.bias", {kCodeParts * config.width}, TensorSpec::Start::Zero}};
}

at::Tensor encodeTimes(const ScenesNoise& noise, const TensorMap& weights, const at::Tensor& times)
{
    const std::int64_t half = noise.features / 2;
    const at::Tensor exponents = at::arange(half, times.options()) / static_cast<double>(half);
    const at::Tensor angles = times.unsqueeze(1) * at::pow(kMostFrequency, exponents);
    const at::Tensor features = at::cat({angles.sin(), angles.cos()}, 1);
    const at::Tensor hidden =
        at::silu(at::linear(features, weights.at("noise.first.weight"), weights.at("noise.first.bias")));
    return at::linear(hidden, weights.at("noise.second.weight"), weights.at("noise.second.bias"));
}

at::Tensor codeEmbeddings(const ScenesConfig& config, const TransformerWeights& weights)
{
    const auto codes = [&](const at::Tensor& table) { return table.narrow(0, 0, config.codes()); };
    return at::cat({weights.code, codes(weights.above), codes(weights.aboveLeft), codes(weights.aboveRight)}, 1);
}

EmbeddingScale embeddingScale(Normalisation normalisation, const at::Tensor& embeddings)
{
    constexpr double kLeast = 1e-8; // a number that is the same for every code says nothing
    const at::Tensor like = embeddings.select(0, 0);
    switch (normalisation) {
    case Normalisation::Channel: return {embeddings.mean(0), embeddings.std(0, false).clamp_min(kLeast)};
    case Normalisation::Scalar:
        return {at::ones_like(like) * embeddings.mean(),
                at::ones_like(like) * (embeddings - embeddings.mean()).square().mean().sqrt().clamp_min(kLeast)};
    case Normalisation::None: break;
    }
    return {at::zeros_like(like), at::ones_like(like)};
}

std::vector<TensorSpec> differenceTensors(const ScenesConfig& config, const ScenesNoise& noise)
{
    std::vector<TensorSpec> specs;
    for (const TensorSpec& spec : transformerTensors(config)) {
        if (noise.rank > 0 && isBlockMatrix(spec)) {
            specs.push_back({spec.name + ".left", {spec.shape[0], noise.rank}, TensorSpec::Start::Zero});
            specs.push_back({spec.name + ".right", {noise.rank, spec.shape[1]}, TensorSpec::Start::Projection});
        } else {
            specs.push_back({spec.name + ".difference", spec.shape, TensorSpec::Start::Zero});
        }
    }
    return specs;
}

TensorMap joinDifference(const ScenesConfig& config, const TensorMap& base, const TensorMap& difference)
{
    TensorMap joined;
    for (const TensorSpec& spec : transformerTensors(config)) {
        const at::Tensor& start = base.at(spec.name);
        const auto whole = difference.find(spec.name + ".difference");
        joined[spec.name] = whole != difference.end() ? start + whole->second
                                                      : start + at::mm(difference.at(spec.name + ".left"),
                                                                       difference.at(spec.name + ".right"));
    }
    return joined;
}

} // namespace jacobi
