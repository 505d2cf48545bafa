// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/flowtraining/flowtrainer.h"

#include "models/flowtraining/sampleflow.h"
#include "models/training/trainingjob.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace jacobi {
namespace {

constexpr double kClip = 1.0;
constexpr std::uint64_t kNoiseStride = 1'000'003; ///< keeps the noises of neighbouring seeds apart
constexpr std::uint64_t kHeldNoise = 7;

bool isFixed(const std::string& name)
{
    return name == "var" || name == "basis";
}

bool isLayerMatrix(const std::string& name, const at::Tensor& value)
{
    return name.find(".attn_blocks.") != std::string::npos && value.dim() == 2;
}

template <bool fixed>
TensorMap copiesOf(const TarFlowTensors& start)
{
    TensorMap tensors;
    for (const auto& [name, value] : start) {
        if (isFixed(name) == fixed) {
            tensors[name] = value.detach().to(at::kFloat).clone().requires_grad_(!fixed);
        }
    }
    return tensors;
}

std::vector<Muon::Matrix> muonMatrices(const TensorMap& trained, bool muon)
{
    std::vector<Muon::Matrix> list;
    for (const auto& [name, value] : trained) {
        if (muon && isLayerMatrix(name, value)) {
            list.push_back({{name, value}, name.ends_with("qkv.weight") ? 3 : 1});
        }
    }
    return list;
}

std::vector<Parameter> adamParameters(const TensorMap& trained, bool muon)
{
    std::vector<Parameter> list;
    for (const auto& [name, value] : trained) {
        if (!muon || !isLayerMatrix(name, value)) {
            list.push_back({name, value});
        }
    }
    return list;
}

} // namespace

FlowTrainer::FlowTrainer(const TarFlowConfig& config, const TrainFlowOptions& options, const TarFlowTensors& start)
    : m_config(config),
      m_options(options),
      m_fixed(copiesOf<true>(start)),
      m_trained(copiesOf<false>(start)),
      m_muon(muonMatrices(m_trained, options.muon)),
      m_adamw(adamParameters(m_trained, options.muon),
              {.beta1 = 0.9, .beta2 = 0.95, .epsilon = 1e-8, .weightDecay = 1e-4})
{
}

double FlowTrainer::step(std::int64_t index, double rate)
{
    const auto first = static_cast<std::uint64_t>(index * m_options.batch);
    const FlowPictures batch =
        drawFlowPictures(m_options.seed, SceneStream::Flow, first, m_options.batch, m_config.side());
    return trainOn(noisyPictures(batch.pictures, m_options.noise,
                                 m_options.seed * kNoiseStride + static_cast<std::uint64_t>(index)),
                   withDropped(batch.labels, m_options.seed, SceneStream::Flow, first, m_options.drop), rate);
}

double FlowTrainer::trainOn(const at::Tensor& pictures, const std::vector<std::int64_t>& labels, double rate)
{
    TarFlowTensors tensors = m_fixed;
    tensors.insert(m_trained.begin(), m_trained.end());
    const at::Tensor loss = tarflowForward(tarflowWeights(m_config, tensors), pictures, labels).loss;
    loss.backward();
    clipGradients(m_trained, kClip);
    m_muon.step(m_options.muonRate * rate);
    m_adamw.step(m_options.adamRate * rate);
    for (auto& [name, value] : m_trained) {
        value.mutable_grad() = at::Tensor();
    }
    return loss.item<double>();
}

double FlowTrainer::validate()
{
    if (!m_held.pictures.defined()) {
        m_held = drawFlowPictures(m_options.seed, SceneStream::FlowValidation, 0, m_options.validationPictures,
                                  m_config.side());
    }
    return flowLoss(tarflowWeights(m_config, weights()), m_held.pictures, m_held.labels, m_options.noise, kHeldNoise);
}

TarFlowTensors FlowTrainer::weights() const
{
    const at::NoGradGuard noGradients;
    TarFlowTensors tensors = m_fixed;
    for (const auto& [name, value] : m_trained) {
        tensors[name] = value.detach().clone();
    }
    return tensors;
}

TensorMap FlowTrainer::state() const
{
    TensorMap state = m_adamw.state();
    state.merge(m_muon.state());
    addWeights(weights(), state);
    return state;
}

Result<void> FlowTrainer::restore(const TensorMap& state)
{
    for (TensorMap* tensors : {&m_fixed, &m_trained}) {
        if (auto restored = restoreWeights(*tensors, state); !restored) {
            return restored;
        }
    }
    if (auto restored = m_muon.restore(state); !restored) {
        return restored;
    }
    return m_adamw.restore(state);
}

at::Tensor FlowTrainer::sheet(std::int64_t& columns)
{
    constexpr std::int64_t kEach = 4;
    columns = kFlowClasses;
    std::vector<std::int64_t> labels;
    for (std::int64_t i = 0; i < kEach * kFlowClasses; ++i) {
        labels.push_back(i % kFlowClasses);
    }
    const auto pictures = sampleFlow(tarflowWeights(m_config, weights()), labels, 1, m_options.noise);
    // Early weights may not be invertible in finite numbers; a grey sheet says so.
    const at::Tensor shown =
        pictures
            ? *pictures
            : at::full({kEach * kFlowClasses, m_config.colours, m_config.side(), m_config.side()}, 0.5, at::kFloat);
    return (shown * 255.0).round().to(at::kByte).permute({0, 2, 3, 1}).contiguous();
}

double flowLoss(const TarFlowWeights& weights, const at::Tensor& pictures, const std::vector<std::int64_t>& labels,
                double noise, std::uint64_t seed)
{
    const at::NoGradGuard noGradients;
    constexpr std::int64_t kAtOnce = 32;
    const at::Tensor noisy = noisyPictures(pictures, noise, seed);
    double total = 0.0;
    for (std::int64_t from = 0; from < noisy.size(0); from += kAtOnce) {
        const std::int64_t count = std::min(kAtOnce, noisy.size(0) - from);
        const std::vector<std::int64_t> some(labels.begin() + from, labels.begin() + from + count);
        total += static_cast<double>(count) *
                 tarflowForward(weights, noisy.narrow(0, from, count), some).loss.item<double>();
    }
    return total / static_cast<double>(noisy.size(0));
}

double natsPerNumber(double loss)
{
    return loss + 0.5 * std::log(2.0 * std::numbers::pi);
}

double bitsPerNumber(double loss)
{
    constexpr double kLevels = 127.5; // of 8 bits in a unit of [-1, 1]
    return natsPerNumber(loss) / std::numbers::ln2 + std::log2(kLevels);
}

} // namespace jacobi
