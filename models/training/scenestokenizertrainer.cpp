// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/training/scenestokenizertrainer.h"

#include "models/scenes/scenestokenizer.h"
#include "models/training/scenedata.h"
#include "models/training/trainingjob.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <cmath>

namespace jacobi {
namespace {

constexpr double kRate = 3e-3;
constexpr double kClip = 1.0;

bool learns(const std::string& name, TokenizerPart part)
{
    return part == TokenizerPart::Whole || name.starts_with("decoder.");
}

TensorMap leaves(const TensorMap& start, at::Device device, TokenizerPart part)
{
    TensorMap weights;
    for (const auto& [name, value] : start) {
        // Kernels in the layout that convolutions want, once, rather than on every call.
        at::Tensor copy = value.detach().to(device, at::kFloat).clone();
        if (copy.dim() == 4) {
            copy = copy.contiguous(at::MemoryFormat::ChannelsLast);
        }
        weights[name] = copy.requires_grad_(learns(name, part));
    }
    return weights;
}

/// Kernels from many channels to many; the outermost ones and all that is no kernel stay with AdamW.
bool isInnerKernel(const at::Tensor& value)
{
    constexpr std::int64_t kMany = 16;
    return value.dim() == 4 && value.size(0) >= kMany && value.size(1) >= kMany;
}

std::vector<Muon::Matrix> muonMatrices(const TensorMap& weights)
{
    std::vector<Muon::Matrix> list;
    for (const auto& [name, value] : weights) {
        if (value.requires_grad() && isInnerKernel(value)) {
            list.push_back({{name, value}, 1});
        }
    }
    return list;
}

std::vector<Parameter> adamParameters(const TensorMap& weights)
{
    std::vector<Parameter> list;
    for (const auto& [name, value] : weights) {
        if (value.requires_grad() && !isInnerKernel(value)) {
            list.push_back({name, value});
        }
    }
    return list;
}

} // namespace

at::Tensor reconstructionLoss(const at::Tensor& made, const at::Tensor& wanted)
{
    constexpr double kFloor = 0.12;
    const at::Tensor light = at::avg_pool2d(wanted.mean(1, true), 9, 1, 4, false, false);
    at::Tensor weight = 1.0 / (light + kFloor);
    weight = weight / weight.mean();
    const at::Tensor error = made - wanted;
    const at::Tensor across = error.narrow(3, 1, error.size(3) - 1) - error.narrow(3, 0, error.size(3) - 1);
    const at::Tensor down = error.narrow(2, 1, error.size(2) - 1) - error.narrow(2, 0, error.size(2) - 1);
    const at::Tensor edges = (across.abs() * weight.narrow(3, 1, across.size(3))).mean() +
                             (down.abs() * weight.narrow(2, 1, down.size(2))).mean();
    return (error.abs() * weight).mean() + 2.0 * error.square().mean() + 0.5 * edges;
}

ScenesTokenizerTrainer::ScenesTokenizerTrainer(ScenesConfig config, const TrainScenesOptions& options,
                                               const TensorMap& start, TokenizerPart part)
    : m_config(std::move(config)),
      m_options(options),
      m_part(part),
      m_weights(leaves(start, at::Device(options.device), part)),
      m_muon(muonMatrices(m_weights)),
      m_adamw(adamParameters(m_weights), {.beta1 = 0.9, .beta2 = 0.95, .epsilon = 1e-8, .weightDecay = 1e-4}),
      m_batches([this](std::int64_t index) { return draw(index); }, static_cast<std::size_t>(options.drawAhead))
{
}

at::Tensor ScenesTokenizerTrainer::draw(std::int64_t index) const
{
    const std::int64_t count = m_options.tokenizerBatch;
    const auto size = static_cast<int>(m_config.pictureRows());
    std::vector<at::Tensor> parts;
    for (const ExampleRun& run : examplesOfBatch(m_options.seed, SceneStream::Tokenizer,
                                                 static_cast<std::uint64_t>(index * count), count, m_options.hard)) {
        parts.push_back(drawPictures(m_options.seed, SceneStream::Tokenizer, run.first, run.count, size));
    }
    const at::Tensor pictures = parts.size() == 1 ? parts.front() : at::cat(parts);
    return at::Device(m_options.device).is_cuda() ? pinned(pictures) : pictures;
}

double ScenesTokenizerTrainer::step(std::int64_t index, double rate)
{
    return trainOn(m_batches.take(index).to(at::Device(m_options.device), true), rate);
}

double ScenesTokenizerTrainer::trainOn(const at::Tensor& wanted, double rate)
{
    const at::Tensor scalars = quantise(m_config, encodePictures(m_config, m_weights, wanted));
    const at::Tensor loss = reconstructionLoss(decodeScalars(m_config, m_weights, scalars), wanted);
    loss.backward();
    clipGradients(m_weights, kClip);
    m_muon.step(m_options.muonRate * rate);
    m_adamw.step(kRate * rate);
    for (auto& [name, value] : m_weights) {
        value.mutable_grad() = at::Tensor();
    }
    return m_loss.after(loss.detach());
}

double ScenesTokenizerTrainer::validate()
{
    return measureTokenizer(m_config, m_weights, m_options.seed, 0, m_options.validationPictures).psnr;
}

TensorMap ScenesTokenizerTrainer::state() const
{
    TensorMap state = m_adamw.state();
    state.merge(m_muon.state());
    addWeights(m_weights, state);
    return state;
}

Result<void> ScenesTokenizerTrainer::restore(const TensorMap& state)
{
    TensorMap kept; // what does not learn: it must be that of the checkpoint
    for (const auto& [name, value] : m_weights) {
        if (!value.requires_grad()) {
            kept[name] = value.clone();
        }
    }
    if (auto restored = restoreWeights(m_weights, state); !restored) {
        return restored;
    }
    for (const auto& [name, value] : kept) {
        if (!at::equal(value, m_weights.at(name))) {
            return fail(ErrorCode::Corrupt,
                        "The checkpoint belongs to the training of another model's decoder. Choose another "
                        "work folder, or start again with --fresh (\"resume\": false).");
        }
    }
    if (auto restored = m_muon.restore(state); !restored) {
        return restored;
    }
    return m_adamw.restore(state);
}

at::Tensor ScenesTokenizerTrainer::sheet(std::int64_t& columns)
{
    at::NoGradGuard noGradients;
    constexpr std::int64_t kPictures = 16;
    columns = 8;
    const at::Tensor wanted =
        drawPictures(m_options.seed, SceneStream::Validation, 0, kPictures, static_cast<int>(m_config.pictureRows()))
            .to(at::Device(m_options.device));
    const at::Tensor scalars = quantise(m_config, encodePictures(m_config, m_weights, wanted));
    const at::Tensor made = decodeScalars(m_config, m_weights, scalars).clamp(0.0, 1.0);
    const at::Tensor pairs = at::stack({wanted, made}, 1).flatten(0, 1);
    return (pairs * 255.0).round().to(at::kCPU, at::kByte).permute({0, 2, 3, 1}).contiguous();
}

TokenizerFigures measureTokenizer(const ScenesConfig& config, const TensorMap& weights, std::uint64_t seed,
                                  std::uint64_t first, std::int64_t pictures)
{
    at::NoGradGuard noGradients;
    constexpr std::int64_t kAtOnce = 16;
    double squares = 0.0;
    at::Tensor uses = at::zeros({config.codes()}, at::kDouble);
    for (std::int64_t from = 0; from < pictures; from += kAtOnce) {
        const std::int64_t count = std::min(kAtOnce, pictures - from);
        const at::Tensor wanted = drawPictures(seed, SceneStream::Validation, first + static_cast<std::uint64_t>(from),
                                               count, static_cast<int>(config.pictureRows()))
                                      .to(weights.begin()->second.device());
        const at::Tensor scalars = quantise(config, encodePictures(config, weights, wanted));
        const at::Tensor made = decodeScalars(config, weights, scalars).clamp(0.0, 1.0);
        squares += (made - wanted).square().mean().item<double>() * static_cast<double>(count);
        uses += at::bincount(codesOfScalars(config, scalars).view({-1}).to(at::kCPU), {}, config.codes());
    }
    TokenizerFigures figures;
    figures.psnr = -10.0 * std::log10(squares / static_cast<double>(pictures));
    figures.codesUsed = (uses > 0).sum().item<std::int64_t>();
    const at::Tensor share = uses / uses.sum();
    figures.perplexity = std::exp(-at::xlogy(share, share).sum().item<double>());
    return figures;
}

} // namespace jacobi
