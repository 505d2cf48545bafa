// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "models/training/adamw.h"
#include "models/training/batchviews.h"
#include "models/training/delayedloss.h"
#include "models/training/madeahead.h"
#include "models/training/muon.h"
#include "models/training/owncodes.h"
#include "models/training/trainingphase.h"
#include "models/training/trainscenesoptions.h"

#include <deque>

namespace jacobi {

/// Trains the transformer of `scenes` on pictures that are drawn and tokenised as they are needed, each seen as often as the
/// options' views say: Muon on the blocks' matrices, AdamW on embeddings, head and norms.
///
/// Tables over codes are trained as table[code] + a sum over the code's digits of digit tables: codes that share a
/// digit look alike, and learn from each other. weights() adds both up; nobody else sees the parts.
class ScenesTransformerTrainer final : public TrainingPhase {
public:
    /// tokenizer: every tensor of tokenizerTensors(config), float32. start: every tensor of
    /// transformerTensors(config), copied.
    /// steps: what the device takes pointwise steps with, or null; must outlive this.
    ScenesTransformerTrainer(ScenesConfig config, const TrainScenesOptions& options, TensorMap tokenizer,
                             const TensorMap& start, const FusedSteps* steps = nullptr);

    std::string name() const override { return "transformer"; }
    std::int64_t batch() const override { return m_options.batch; }
    double step(std::int64_t index, double rate) override;
    double validate() override; ///< nats a token on captioned pictures
    TensorMap state() const override;
    Result<void> restore(const TensorMap& state) override;
    at::Tensor sheet(std::int64_t& columns) override; ///< every sheet prompt with two seeds, guidance 2

    /// One optimiser step on a batch at hand: prompts [batch, prefix - 1], codes [batch, positions]. claims: what the
    /// prompts say (drawClaims), maps: what stands where (drawMapped); undefined: not learnt to be told. chance: which
    /// codes are read as guesses of its own; undefined: none. Returns the loss of the codes.
    double trainOn(const at::Tensor& prompts, const at::Tensor& codes, double rate, const at::Tensor& claims = {},
                   const at::Tensor& maps = {}, const OwnCodesChance& chance = {});

    /// The finished weights: every tensor of transformerTensors(config), float32.
    TensorMap weights() const;

private:
    /// What steps learn from, as it is drawn; claims and maps undefined where they are not learnt.
    struct Batch {
        at::Tensor pictures; ///< undefined when the codes have been made of them
        at::Tensor codes;
        at::Tensor maps;
        std::vector<at::Tensor> prompts; ///< of each view
        std::vector<at::Tensor> claims;
    };

    static Batch joined(std::vector<Batch>& parts);
    Batch drawExamples(std::uint64_t first, std::int64_t count) const;
    Batch draw(std::int64_t number) const;
    void drawUpTo(std::int64_t newest);
    TensorMap effective() const;

    ScenesConfig m_config;
    TrainScenesOptions m_options;
    const FusedSteps* m_steps;
    TensorMap m_tokenizer;
    /// The architecture's tensors, "digits.NAME" for every table over codes, and "claims" and "map" where these are learnt.
    TensorMap m_parameters;
    at::Tensor m_digits; ///< [codes + 1, sum of levels] one-hot digits of each code; last row zero
    RotaryTable m_rotary;
    Muon m_muon;
    AdamW m_adamw;
    DelayedLoss m_loss;
    at::Tensor m_validationCodes; ///< [validationPictures, positions], made when first needed
    at::Tensor m_validationPrompts;
    std::deque<Batch> m_kept;   ///< the last batches that were drawn
    std::int64_t m_drawn = -1;  ///< the number of the newest of them
    MadeAhead<Batch> m_batches; ///< last: what it draws with is there until its threads are done
};

/// The weights as a pass with gradients reads them: on a GPU the blocks' matrices in bfloat16, where products are several
/// times as fast and attention has kernels of its own. Everything else, and what is learnt, stays float32. steps: taken
/// where they take this network's sizes.
TransformerWeights forLearning(const ScenesConfig& config, TransformerWeights weights, const FusedSteps* steps);

/// Codes of a picture of a batch; [count, positions] int64.
at::Tensor tokenise(const ScenesConfig& config, const TensorMap& tokenizer, const at::Tensor& pictures);

/// Mean negative log-likelihood in nats a token of validation pictures.
double validationLoss(const ScenesConfig& config, const TensorMap& transformer, const at::Tensor& prompts,
                      const at::Tensor& codes);

} // namespace jacobi
