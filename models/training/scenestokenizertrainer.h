// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "models/training/adamw.h"
#include "models/training/delayedloss.h"
#include "models/training/madeahead.h"
#include "models/training/muon.h"
#include "models/training/trainingphase.h"
#include "models/training/trainscenesoptions.h"

namespace jacobi {

/// What of a tokenizer learns. The decoder alone: codes of pictures stay what they are, and so does what a transformer has learnt
/// of them.
enum class TokenizerPart { Whole, Decoder };

/// Trains the picture tokenizer of `scenes` on fresh pictures: Muon on the inner kernels, AdamW on the rest.
class ScenesTokenizerTrainer final : public TrainingPhase {
public:
    /// start: every tensor of tokenizerTensors(config), float32; copied.
    ScenesTokenizerTrainer(ScenesConfig config, const TrainScenesOptions& options, const TensorMap& start,
                           TokenizerPart part = TokenizerPart::Whole);

    std::string name() const override { return m_part == TokenizerPart::Whole ? "tokenizer" : "decoder"; }
    std::int64_t batch() const override { return m_options.tokenizerBatch; }
    double step(std::int64_t index, double rate) override;
    double validate() override;
    TensorMap state() const override;
    Result<void> restore(const TensorMap& state) override;
    at::Tensor sheet(std::int64_t& columns) override; ///< pictures and their reconstructions in turn

    /// One optimiser step on a batch at hand: pictures [batch, 3, height, width] in 0..1.
    double trainOn(const at::Tensor& wanted, double rate);

    const TensorMap& weights() const { return m_weights; }

private:
    at::Tensor draw(std::int64_t index) const;

    ScenesConfig m_config;
    TrainScenesOptions m_options;
    TokenizerPart m_part;
    TensorMap m_weights;
    Muon m_muon;
    AdamW m_adamw;
    DelayedLoss m_loss;
    MadeAhead<at::Tensor> m_batches; ///< last: what it draws with is there until its threads are done
};

/// L1 + 2 MSE + 0.5 L1 of finite differences, the absolute terms weighted up where the picture is dark: stars on a
/// night sky are two pixels that a plain mean would happily lose.
at::Tensor reconstructionLoss(const at::Tensor& made, const at::Tensor& wanted);

/// Peak signal-to-noise ratio in dB of the tokenizer on validation pictures first .. first + pictures - 1, and how the
/// codes are used.
struct TokenizerFigures {
    double psnr = 0.0;
    std::int64_t codesUsed = 0;
    double perplexity = 0.0;
};
TokenizerFigures measureTokenizer(const ScenesConfig& config, const TensorMap& weights, std::uint64_t seed,
                                  std::uint64_t first, std::int64_t pictures);

} // namespace jacobi
