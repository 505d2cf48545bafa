// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/training/scenestransformertrainer.h"

#include "models/scenes/scenesmodel.h"
#include "models/scenes/scenestokenizer.h"
#include "models/scenes/scenestransformer.h"
#include "models/training/claimhead.h"
#include "models/training/maphead.h"
#include "models/training/samplesheet.h"
#include "models/training/scenedata.h"
#include "models/training/scenemap.h"
#include "models/training/trainingjob.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>

namespace jacobi {
namespace {

constexpr double kClip = 1.0;
constexpr double kSheetGuidance = 2.0;

const std::vector<std::string>& codeTables()
{
    static const std::vector<std::string> names{"embed.code", "embed.above", "embed.above_left", "embed.above_right",
                                                "head"};
    return names;
}

/// The matrices of the heads that read claims and tell what stands where: trained, and no part of the model.
const char* const kClaims = "claims";
const char* const kMap = "map";

TensorMap trainable(const ScenesConfig& config, const TrainScenesOptions& options, const TensorMap& start)
{
    const at::TensorOptions real = at::TensorOptions().dtype(at::kFloat).device(options.device);
    TensorMap parameters;
    for (const auto& [name, value] : start) {
        parameters[name] = value.detach().to(real).clone().requires_grad_();
    }
    std::int64_t digits = 0;
    for (const std::int64_t level : config.levels) {
        digits += level;
    }
    for (const std::string& name : codeTables()) {
        parameters["digits." + name] = at::zeros({digits, config.width}, real).requires_grad_();
    }
    if (options.claims > 0.0) {
        parameters[kClaims] = at::zeros({claimScores(), config.width}, real).requires_grad_();
    }
    if (options.map > 0.0) {
        parameters[kMap] = at::zeros({mapScores(), config.width}, real).requires_grad_();
    }
    return parameters;
}

bool isBlockMatrix(const std::string& name, const at::Tensor& value)
{
    return name.starts_with("blocks.") && value.dim() == 2;
}

std::vector<Muon::Matrix> muonMatrices(const TensorMap& parameters)
{
    std::vector<Muon::Matrix> matrices;
    for (const auto& [name, value] : parameters) {
        if (isBlockMatrix(name, value)) {
            const std::int64_t parts = name.ends_with("qkv") ? 3 : name.ends_with("gate_up") ? 2 : 1;
            matrices.push_back({{name, value}, parts});
        }
    }
    return matrices;
}

std::vector<Parameter> adamParameters(const TensorMap& parameters)
{
    std::vector<Parameter> list;
    for (const auto& [name, value] : parameters) {
        if (!isBlockMatrix(name, value)) {
            list.push_back({name, value});
        }
    }
    return list;
}

at::Tensor oneHotDigits(const ScenesConfig& config)
{
    const std::int64_t codes = config.codes();
    std::vector<at::Tensor> columns;
    at::Tensor rest = at::arange(codes, at::kLong);
    for (const std::int64_t level : config.levels) {
        columns.push_back(at::one_hot(at::remainder(rest, level), level));
        rest = at::floor_divide(rest, level);
    }
    const at::Tensor digits = at::cat(columns, 1).to(at::kFloat);
    return at::cat({digits, at::zeros({1, digits.size(1)}, at::kFloat)});
}

RotaryTable rotaryOn(const ScenesConfig& config, const at::Tensor& like)
{
    const RotaryTable table = sequenceRotary(config, like.scalar_type());
    return {table.cosine.to(like.device()), table.sine.to(like.device())};
}

/// Copied to a GPU while the CPU goes on.
at::Tensor moved(const at::Tensor& drawn, const at::Tensor& like)
{
    return drawn.to(like.device(), true);
}

/// Rows of whole sequences, [batch, length, width].
struct SequenceRows {
    at::Tensor middle; ///< half way up
    at::Tensor upper;  ///< two thirds of the way up
    at::Tensor last;
};

SequenceRows sequenceRows(const ScenesConfig& config, const TransformerWeights& weights, const at::Tensor& table,
                          const RotaryTable& rotary, const at::Tensor& prompts, const at::Tensor& codes)
{
    const auto attend = [](std::int64_t, const Heads& heads) { return causalAttention(heads); };
    const std::int64_t half = config.layers / 2;
    const std::int64_t upper = config.layers * 2 / 3;
    SequenceRows rows;
    const at::Tensor inputs = sequenceInputs(config, prompts, codes);
    rows.middle = transformBlocks(config, weights, embedRows(config, table, inputs), rotary, attend, 0, half);
    rows.upper = transformBlocks(config, weights, rows.middle, rotary, attend, half, upper);
    rows.last = transformBlocks(config, weights, rows.upper, rotary, attend, upper, config.layers);
    return rows;
}

/// The rows that predict codes.
at::Tensor predicting(const ScenesConfig& config, const at::Tensor& rows)
{
    return rows.narrow(1, config.prefix - 1, config.positions());
}

/// Nats of each code, [batch, positions].
at::Tensor codeLosses(const ScenesConfig& config, const TransformerWeights& weights, const at::Tensor& lastRows,
                      const at::Tensor& codes)
{
    const at::Tensor flat = predictCodes(weights, predicting(config, lastRows)).reshape({-1, config.codes()});
    return at::cross_entropy_loss(flat, codes.reshape({-1}), {}, at::Reduction::None).view_as(codes);
}

/// How much each code counts: `weight` where a subject stands, and 1 elsewhere. maps: drawMapped.
at::Tensor subjectWeights(const at::Tensor& maps, double weight)
{
    constexpr std::int64_t kFirstSubject = 2; // Mapped::Thing: after the landscape, and the sun or moon
    const at::Tensor isSubject = maps.select(1, static_cast<std::int64_t>(Mapped::Thing)) >= kFirstSubject;
    return isSubject * (weight - 1.0) + 1.0;
}

} // namespace

TransformerWeights forLearning(const ScenesConfig& config, TransformerWeights weights, const FusedSteps* steps)
{
    const bool isTaken = steps != nullptr && steps->take(config.width, config.headSize);
    for (BlockWeights& block : weights.blocks) {
        block.steps = isTaken ? steps : nullptr;
        if (weights.head.is_cuda()) {
            for (at::Tensor* matrix : {&block.qkv, &block.attentionOut, &block.gateUp, &block.down}) {
                *matrix = matrix->to(at::kBFloat16);
            }
        }
    }
    return weights;
}

at::Tensor tokenise(const ScenesConfig& config, const TensorMap& tokenizer, const at::Tensor& pictures)
{
    at::NoGradGuard noGradients;
    return codesOfScalars(config, encodePictures(config, tokenizer, pictures));
}

ScenesTransformerTrainer::ScenesTransformerTrainer(ScenesConfig config, const TrainScenesOptions& options,
                                                   TensorMap tokenizer, const TensorMap& start, const FusedSteps* steps)
    : m_config(std::move(config)),
      m_options(options),
      m_steps(steps),
      m_tokenizer(onDevice(tokenizer, at::Device(options.device))),
      m_parameters(trainable(m_config, options, start)),
      m_digits(oneHotDigits(m_config).to(at::Device(options.device))),
      m_rotary(rotaryOn(m_config, m_digits)),
      m_muon(muonMatrices(m_parameters)),
      m_adamw(adamParameters(m_parameters), {.beta1 = 0.9, .beta2 = 0.95, .epsilon = 1e-8, .weightDecay = 0.0}),
      m_batches([this](std::int64_t index) { return draw(index); }, static_cast<std::size_t>(options.drawAhead))
{
}

TensorMap ScenesTransformerTrainer::effective() const
{
    TensorMap tensors;
    for (const auto& [name, value] : m_parameters) {
        if (name != kClaims && name != kMap && !name.starts_with("digits.")) {
            tensors[name] = value;
        }
    }
    for (const std::string& name : codeTables()) {
        const at::Tensor& table = m_parameters.at(name);
        tensors[name] = at::addmm(table, m_digits.narrow(0, 0, table.size(0)), m_parameters.at("digits." + name));
    }
    return tensors;
}

TensorMap ScenesTransformerTrainer::weights() const
{
    at::NoGradGuard noGradients;
    TensorMap tensors;
    for (const auto& [name, value] : effective()) {
        tensors[name] = value.detach().to(at::kCPU).clone();
    }
    return tensors;
}

/// Draws what is missing of the batches that a step may ask for: one, but after a restart all of them.
void ScenesTransformerTrainer::drawUpTo(std::int64_t newest)
{
    const std::int64_t most = keptBatches(m_options.views);
    if (newest < m_drawn) {
        m_kept.clear();
        m_drawn = -1;
    }
    for (m_drawn = std::max(m_drawn, newest - most); m_drawn < newest; ++m_drawn) {
        Batch batch = m_batches.take(m_drawn + 1);
        batch.codes = tokenise(m_config, m_tokenizer, moved(batch.pictures, m_digits));
        batch.pictures.reset();
        if (batch.maps.defined()) {
            batch.maps = moved(batch.maps, m_digits);
        }
        m_kept.push_back(std::move(batch));
        if (static_cast<std::int64_t>(m_kept.size()) > most) {
            m_kept.pop_front();
        }
    }
}

double ScenesTransformerTrainer::step(std::int64_t index, double rate)
{
    const BatchView which = batchViewOf(index, m_options.views);
    drawUpTo(which.newest);
    const Batch& batch = m_kept[m_kept.size() - 1 - static_cast<std::size_t>(which.newest - which.number)];
    const auto view = static_cast<std::size_t>(which.view);
    OwnCodesChance chance;
    if (m_options.ownCodes > 0.0) {
        chance = drawOwnCodesChance(m_options.batch, m_config.positions(), m_options.ownCodes, m_options.seed,
                                    static_cast<std::uint64_t>(index));
    }
    return trainOn(batch.prompts[view], batch.codes, rate, batch.claims[view],
                   batch.maps.defined() ? batch.maps.to(at::kLong) : at::Tensor(), chance);
}

double ScenesTransformerTrainer::trainOn(const at::Tensor& prompts, const at::Tensor& codes, double rate,
                                         const at::Tensor& claims, const at::Tensor& maps, const OwnCodesChance& chance)
{
    const double share = static_cast<double>(m_options.microBatch) / static_cast<double>(m_options.batch);
    at::Tensor total = at::zeros({}, m_digits.options());
    for (std::int64_t from = 0; from < m_options.batch; from += m_options.microBatch) {
        const TransformerWeights weights = forLearning(m_config, transformerWeights(m_config, effective()), m_steps);
        const std::int64_t count = m_options.microBatch;
        const at::Tensor codesHere = codes.narrow(0, from, count);
        const at::Tensor promptsHere = prompts.narrow(0, from, count);
        const at::Tensor table = inputTable(m_config, weights);
        at::Tensor read = codesHere;
        if (chance.replace.defined()) {
            const at::NoGradGuard noGradients;
            const SequenceRows rows = sequenceRows(m_config, weights, table, m_rotary, promptsHere, codesHere);
            read = withOwnCodes(codesHere, predictCodes(weights, predicting(m_config, rows.last)),
                                {chance.sample.narrow(0, from, count), chance.replace.narrow(0, from, count)});
        }
        const SequenceRows rows = sequenceRows(m_config, weights, table, m_rotary, promptsHere, read);
        const at::Tensor losses = codeLosses(m_config, weights, rows.last, codesHere);
        at::Tensor all = share * (m_options.subjectWeight > 1.0 && maps.defined()
                                      ? losses * subjectWeights(maps.narrow(0, from, count), m_options.subjectWeight)
                                      : losses)
                                     .mean();
        if (claims.defined()) {
            all = all + m_options.claims * share *
                            claimLoss(m_parameters.at(kClaims), predicting(m_config, rows.middle),
                                      moved(claims.narrow(0, from, count), codes));
        }
        if (maps.defined() && m_options.map > 0.0) {
            all = all + m_options.map * share *
                            mapLoss(m_parameters.at(kMap), predicting(m_config, rows.upper),
                                    moved(maps.narrow(0, from, count), codes));
        }
        all.backward();
        total += losses.detach().mean() * share;
    }
    clipGradients(m_parameters, kClip);
    m_muon.step(m_options.muonRate * rate);
    m_adamw.step(m_options.adamRate * rate);
    for (auto& [name, value] : m_parameters) {
        value.mutable_grad() = at::Tensor();
    }
    return m_loss.after(total);
}

double validationLoss(const ScenesConfig& config, const TensorMap& transformer, const at::Tensor& prompts,
                      const at::Tensor& codes)
{
    at::NoGradGuard noGradients;
    const std::int64_t atOnce = codes.is_cuda() ? 64 : 4;
    const TransformerWeights weights = transformerWeights(config, transformer);
    const at::Tensor table = inputTable(config, weights);
    const RotaryTable rotary = rotaryOn(config, table);
    double total = 0.0;
    for (std::int64_t from = 0; from < codes.size(0); from += atOnce) {
        const std::int64_t count = std::min(atOnce, codes.size(0) - from);
        const at::Tensor codesHere = codes.narrow(0, from, count);
        const SequenceRows rows =
            sequenceRows(config, weights, table, rotary, prompts.narrow(0, from, count), codesHere);
        total += static_cast<double>(count) * codeLosses(config, weights, rows.last, codesHere).mean().item<double>();
    }
    return total / static_cast<double>(codes.size(0));
}

double ScenesTransformerTrainer::validate()
{
    if (!m_validationCodes.defined()) {
        m_validationCodes =
            tokenise(m_config, m_tokenizer,
                     drawPictures(m_options.seed, SceneStream::Validation, 0, m_options.validationPictures,
                                  static_cast<int>(m_config.pictureRows()))
                         .to(m_digits.device()));
        m_validationPrompts =
            drawPrompts(m_config, m_options.seed, SceneStream::Validation, 0, m_options.validationPictures, 0.0);
    }
    at::NoGradGuard noGradients;
    return validationLoss(m_config, effective(), m_validationPrompts, m_validationCodes);
}

TensorMap ScenesTransformerTrainer::state() const
{
    TensorMap state = m_adamw.state();
    state.merge(m_muon.state());
    addWeights(m_parameters, state);
    return state;
}

Result<void> ScenesTransformerTrainer::restore(const TensorMap& state)
{
    if (auto restored = restoreWeights(m_parameters, state); !restored) {
        return restored;
    }
    if (auto restored = m_muon.restore(state); !restored) {
        return restored;
    }
    return m_adamw.restore(state);
}

at::Tensor ScenesTransformerTrainer::sheet(std::int64_t& columns)
{
    at::NoGradGuard noGradients;
    ScenesModel model(m_config, weights());
    std::vector<std::vector<std::int64_t>> prompts;
    for (int copy = 0; copy < 2; ++copy) {
        for (const std::string& text : sheetPrompts()) {
            std::vector<std::int64_t> prompt = promptWordsOf(m_config, text);
            prompt.push_back(m_config.beginToken());
            prompts.push_back(std::move(prompt));
        }
    }
    columns = static_cast<std::int64_t>(sheetPrompts().size());
    const at::Tensor codes = sampleCodes(model, prompts, kSheetGuidance, 0);
    return ScenesDetokenizer(m_config, onDevice(m_tokenizer, at::kCPU)).decode(codes);
}

} // namespace jacobi
