// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/training/scenesdenoisingtrainer.h"

#include "core/decode/decoder.h"
#include "models/training/samplesheet.h"
#include "models/training/scenedata.h"
#include "models/training/scenestransformertrainer.h"
#include "models/training/trainingjob.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <ATen/core/grad_mode.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <stdexcept>

namespace jacobi {
namespace {

constexpr double kClip = 1.0;
constexpr double kPromptDrop = 0.1;
constexpr double kSheetGuidance = 2.0;
constexpr std::uint32_t kWindow = 16;                      ///< of sampling here; any gives the same law
constexpr std::int64_t kValidationSegment = 1'000'000'000; ///< far from the segments trained on

TensorMap startOf(const ScenesConfig& config, const ScenesNoise& noise, std::uint64_t seed, at::Device device)
{
    std::vector<TensorSpec> specs = differenceTensors(config, noise);
    const std::vector<TensorSpec> encoding = noiseTensors(config, noise);
    specs.insert(specs.end(), encoding.begin(), encoding.end());
    TensorMap start = onDevice(startTensors(specs, seed), device);
    for (auto& [name, value] : start) {
        value.requires_grad_();
    }
    return start;
}

std::vector<Parameter> parameterList(const TensorMap& parameters)
{
    std::vector<Parameter> list;
    for (const auto& [name, value] : parameters) {
        list.push_back({name, value});
    }
    return list;
}

EmbeddingScale scaleOf(const ScenesFiles& base, Normalisation normalisation)
{
    return embeddingScale(normalisation,
                          codeEmbeddings(base.config, transformerWeights(base.config, base.transformer)));
}

EmbeddingScale moved(const EmbeddingScale& scale, at::Device device)
{
    return {scale.mean.to(device), scale.deviation.to(device)};
}

RotaryTable moved(const RotaryTable& rotary, at::Device device)
{
    return {rotary.cosine.to(device), rotary.sine.to(device)};
}

/// Runs a decoder to its end; [prompts, positions]. Throws where it fails: the training stops with an internal error.
at::Tensor decodeAll(ScenesModel& model, const DecodeSettings& settings,
                     const std::vector<std::vector<std::int64_t>>& prompts)
{
    const c10::InferenceMode inference;
    const std::unique_ptr<Decoder> decoder = makeDecoder(settings, model).value();
    if (const Result<void> started = decoder->start(prompts); !started) {
        throw std::runtime_error(started.error().message);
    }
    while (!decoder->done()) {
        decoder->step().value();
    }
    at::Tensor codes = at::empty({static_cast<std::int64_t>(prompts.size()), model.layout().positions()}, at::kLong);
    std::int64_t* out = codes.mutable_data_ptr<std::int64_t>();
    for (std::size_t item = 0; item < prompts.size(); ++item) {
        out = std::ranges::copy(decoder->tokens(item), out).out;
    }
    return codes;
}

} // namespace

ScenesDenoisingTrainer::ScenesDenoisingTrainer(ScenesFiles base, const TrainDenoisingOptions& options,
                                               const FusedSteps* steps)
    : m_base(std::move(base)),
      m_options(options),
      m_steps(steps),
      m_device(options.device),
      m_tokenizer(onDevice(m_base.tokenizer, m_device)),
      m_transformer(onDevice(m_base.transformer, m_device)),
      m_scale(moved(scaleOf(m_base, options.noise.normalisation), m_device)),
      m_parameters(startOf(m_base.config, options.noise, options.seed, m_device)),
      m_rotary(moved(sequenceRotary(m_base.config, at::kFloat), m_device)),
      m_adamw(parameterList(m_parameters), {.beta1 = 0.9, .beta2 = 0.95, .epsilon = 1e-8, .weightDecay = 0.0}),
      m_drawn([this](std::int64_t index) { return draw(index); }, static_cast<std::size_t>(options.drawAhead))
{
}

TensorMap ScenesDenoisingTrainer::joined() const
{
    return joinDifference(m_base.config, m_transformer, m_parameters);
}

ScenesNoisePart ScenesDenoisingTrainer::noisePart() const
{
    return {m_options.noise, m_parameters, m_scale};
}

TensorMap ScenesDenoisingTrainer::weights() const
{
    TensorMap weights;
    for (const auto& [name, value] : m_parameters) {
        weights[name] = value.detach().to(at::kCPU).clone();
    }
    return weights;
}

ScenesModel ScenesDenoisingTrainer::model() const
{
    const at::NoGradGuard noGradients;
    const TensorMap now = weights();
    return ScenesModel(m_base.config, joinDifference(m_base.config, m_base.transformer, now),
                       ScenesNoisePart{m_options.noise, now, moved(m_scale, at::kCPU)});
}

ScenesDenoisingTrainer::Drawn ScenesDenoisingTrainer::draw(std::int64_t index) const
{
    const auto first = static_cast<std::uint64_t>(index * m_options.batch);
    Drawn drawn;
    drawn.prompts =
        drawPrompts(m_base.config, m_options.seed, SceneStream::Denoising, first, m_options.batch, kPromptDrop);
    if (m_options.data == "own") {
        ScenesModel base(m_base.config, m_base.transformer);
        drawn.codes = sampleOwnCodes(base, drawn.prompts, streamSeed(m_options.seed, SceneStream::Denoising) + first);
    } else {
        drawn.pictures = drawPictures(m_options.seed, SceneStream::Denoising, first, m_options.batch,
                                      static_cast<int>(m_base.config.pictureRows()));
        if (m_device.is_cuda()) {
            drawn.pictures = pinned(drawn.pictures); // copied to the GPU while the CPU goes on
        }
    }
    drawn.noise = drawStepNoise(index);
    return drawn;
}

ScenesDenoisingTrainer::Noise ScenesDenoisingTrainer::noiseOf(std::int64_t number, std::int64_t pictures) const
{
    const std::uint64_t seed = streamSeed(m_options.seed, SceneStream::Denoising);
    Noise noise;
    noise.number = number;
    noise.segment = drawSegment(seed, number, m_base.config.positions(), m_options);
    noise.drawn = drawSegmentNoise(seed, number, pictures, static_cast<std::int64_t>(noise.segment.levels.size()),
                                   kCodeParts * m_base.config.width);
    if (m_device.is_cuda()) {
        noise.drawn = pinned(noise.drawn);
    }
    return noise;
}

std::vector<ScenesDenoisingTrainer::Noise> ScenesDenoisingTrainer::drawStepNoise(std::int64_t index) const
{
    const std::int64_t groups = m_options.batch / m_options.microBatch;
    std::vector<Noise> noise;
    for (std::int64_t group = 0; group < groups; ++group) {
        noise.push_back(noiseOf(index * groups + group, m_options.microBatch));
    }
    return noise;
}

at::Tensor ScenesDenoisingTrainer::codesOf(const at::Tensor& pictures) const
{
    return tokenise(m_base.config, m_tokenizer, pictures.to(m_device, true)).to(at::kCPU);
}

/// The codes that a window would hold where the segment is noise: passes before this one all rows stood a level higher,
/// at the first of them all were nothing but noise, and each pass guessed anew. Drawn on the CPU always.
at::Tensor ScenesDenoisingTrainer::ownGuesses(const TransformerWeights& weights, const Noise& noise,
                                              const Batch& batch) const
{
    const at::NoGradGuard noGradients;
    const NoiseSegment& segment = noise.segment;
    const auto length = static_cast<std::int64_t>(segment.levels.size());
    const auto steps = static_cast<std::uint32_t>(segment.schedule.size() - 1);
    at::Generator generator = at::detail::createCPUGenerator(m_options.seed + static_cast<std::uint64_t>(noise.number));
    at::Tensor guesses = batch.codes.narrow(1, segment.begin, length); // of which the first pass sees nothing
    for (std::uint32_t before = steps - 1; before > 0; --before) {
        NoiseSegment earlier = segment;
        for (std::uint32_t& level : earlier.levels) {
            level = std::min(level + before, steps);
        }
        const at::Tensor logits = segmentLogits(m_base.config, weights, noisePart(), m_rotary, earlier, batch.prompts,
                                                batch.codes, guesses, noise.drawn)
                                      .narrow(1, segment.begin, length)
                                      .to(at::kCPU);
        guesses = at::multinomial(logits.softmax(-1).reshape({-1, m_base.config.codes()}), 1, true, generator)
                      .view({batch.codes.size(0), length});
    }
    return guesses;
}

at::Tensor ScenesDenoisingTrainer::segmentLoss(const TransformerWeights& weights, const Noise& noise,
                                               const Batch& batch, bool noisyOnly) const
{
    const ScenesConfig& config = m_base.config;
    const NoiseSegment& segment = noise.segment;
    const auto length = static_cast<std::int64_t>(segment.levels.size());
    at::Tensor noised = batch.codes.narrow(1, segment.begin, length);
    if (segment.ownGuesses) {
        noised = ownGuesses(weights, noise, batch);
    }
    const std::int64_t end = segment.predictedEnd(config.positions());
    const std::int64_t from = noisyOnly && segment.begin + 1 < end ? segment.begin + 1 : 0;
    const at::Tensor logits =
        segmentLogits(config, weights, noisePart(), m_rotary, segment, batch.prompts, batch.codes, noised, noise.drawn)
            .narrow(1, from, end - from);
    return at::cross_entropy_loss(logits.reshape({-1, config.codes()}),
                                  batch.codes.narrow(1, from, end - from).reshape({-1}).to(m_device));
}

double ScenesDenoisingTrainer::step(std::int64_t index, double rate)
{
    const Drawn drawn = m_drawn.take(index);
    return learn({drawn.prompts, drawn.codes.defined() ? drawn.codes : codesOf(drawn.pictures)}, drawn.noise, rate);
}

double ScenesDenoisingTrainer::trainOn(std::int64_t index, const at::Tensor& prompts, const at::Tensor& codes,
                                       double rate)
{
    return learn({prompts, codes}, drawStepNoise(index), rate);
}

double ScenesDenoisingTrainer::learn(const Batch& batch, const std::vector<Noise>& noise, double rate)
{
    const std::int64_t count = m_options.microBatch;
    std::vector<at::Tensor> losses; // read at the end: reading one waits for the GPU
    std::int64_t from = 0;
    for (const Noise& some : noise) {
        const at::Tensor loss =
            segmentLoss(forLearning(m_base.config, transformerWeights(m_base.config, joined()), m_steps), some,
                        {batch.prompts.narrow(0, from, count), batch.codes.narrow(0, from, count)}, false) /
            static_cast<double>(noise.size());
        loss.backward();
        losses.push_back(loss.detach());
        from += count;
    }
    clipGradients(m_parameters, kClip);
    m_adamw.step(m_options.rate * rate);
    for (auto& [name, value] : m_parameters) {
        value.mutable_grad() = at::Tensor();
    }
    double total = 0.0;
    for (const at::Tensor& loss : losses) {
        total += loss.item<double>();
    }
    return total;
}

double ScenesDenoisingTrainer::validate()
{
    const at::NoGradGuard noGradients;
    constexpr std::int64_t kAtOnce = 4;
    if (!m_validation.codes.defined()) {
        const std::int64_t count = m_options.validationPictures;
        m_validation.prompts = drawPrompts(m_base.config, m_options.seed, SceneStream::Validation, 0, count, 0.0);
        if (m_options.data == "own") {
            ScenesModel base(m_base.config, m_base.transformer);
            m_validation.codes = sampleOwnCodes(base, m_validation.prompts, m_options.seed);
        } else {
            m_validation.codes = codesOf(drawPictures(m_options.seed, SceneStream::Validation, 0, count,
                                                      static_cast<int>(m_base.config.pictureRows())));
        }
    }
    const TransformerWeights weights = transformerWeights(m_base.config, joined());
    double total = 0.0;
    const std::int64_t pictures = m_validation.codes.size(0);
    for (std::int64_t from = 0; from < pictures; from += kAtOnce) {
        const std::int64_t count = std::min(kAtOnce, pictures - from);
        const Batch some{m_validation.prompts.narrow(0, from, count), m_validation.codes.narrow(0, from, count)};
        total += static_cast<double>(count) *
                 segmentLoss(weights, noiseOf(kValidationSegment + from, count), some, true).item<double>();
    }
    return total / static_cast<double>(pictures);
}

TensorMap ScenesDenoisingTrainer::state() const
{
    TensorMap state = m_adamw.state();
    addWeights(m_parameters, state);
    return state;
}

Result<void> ScenesDenoisingTrainer::restore(const TensorMap& state)
{
    if (auto restored = restoreWeights(m_parameters, state); !restored) {
        return restored;
    }
    return m_adamw.restore(state);
}

at::Tensor ScenesDenoisingTrainer::sheet(std::int64_t& columns)
{
    ScenesModel tuned = model();
    std::vector<std::vector<std::int64_t>> prompts;
    for (const std::string& text : sheetPrompts()) {
        std::vector<std::int64_t> prompt = promptWordsOf(m_base.config, text);
        prompt.push_back(m_base.config.beginToken());
        prompts.push_back(std::move(prompt));
    }
    columns = std::min<std::int64_t>(4, static_cast<std::int64_t>(prompts.size()));
    DecodeSettings settings;
    settings.method = "sjd2";
    settings.window = kWindow;
    settings.guidance = kSheetGuidance;
    const at::Tensor codes = decodeAll(tuned, settings, prompts);
    const at::NoGradGuard noGradients;
    return ScenesDetokenizer(m_base.config, m_base.tokenizer).decode(codes);
}

at::Tensor sampleOwnCodes(ScenesModel& model, const at::Tensor& prompts, std::uint64_t seed)
{
    constexpr std::int64_t kAtOnce = 16;
    const at::Tensor words = prompts.contiguous();
    std::vector<at::Tensor> codes;
    for (std::int64_t from = 0; from < words.size(0); from += kAtOnce) {
        std::vector<std::vector<std::int64_t>> some;
        for (std::int64_t i = from; i < std::min(from + kAtOnce, words.size(0)); ++i) {
            const std::int64_t* text = words.const_data_ptr<std::int64_t>() + i * words.size(1);
            some.emplace_back(text, text + words.size(1));
            some.back().push_back(model.config().beginToken());
        }
        DecodeSettings settings;
        settings.method = "sjd";
        settings.initialisation = "sample-left";
        settings.window = kWindow;
        settings.seed = seed + static_cast<std::uint64_t>(from);
        codes.push_back(decodeAll(model, settings, some));
    }
    return at::cat(codes).clone();
}

} // namespace jacobi
