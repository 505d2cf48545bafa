// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "models/scenes/loadscenes.h"
#include "models/training/adamw.h"
#include "models/training/noisesegment.h"
#include "models/training/trainingphase.h"

namespace jacobi {

/// Tunes the transformer of `scenes` to read noise (SJD2, 2510.08994): ordinary cross-entropy on the clean next token of
/// sequences that hold a segment of noise. What is trained is the difference to the base and the encoding of a level's
/// time, by AdamW; both start at zero, so that the first clean sequence gives the base's logits bit for bit.
class ScenesDenoisingTrainer final : public TrainingPhase {
public:
    /// base: whole weights, float32.
    ScenesDenoisingTrainer(ScenesFiles base, const TrainDenoisingOptions& options);

    std::string name() const override { return "denoising"; }
    std::int64_t batch() const override { return m_options.batch; }
    double step(std::int64_t index, double rate) override;
    double validate() override; ///< nats a token of what noise is read for, on captioned pictures
    TensorMap state() const override;
    Result<void> restore(const TensorMap& state) override;
    at::Tensor sheet(std::int64_t& columns) override; ///< every sheet prompt, by SJD2

    /// One optimiser step on a batch at hand: prompts [batch, prefix - 1], codes [batch, positions].
    double trainOn(std::int64_t index, const at::Tensor& prompts, const at::Tensor& codes, double rate);

    /// The difference and the encoding, float32: what a model folder holds.
    TensorMap weights() const;
    /// A model of them and the base as they are now.
    ScenesModel model() const;

private:
    struct Batch {
        at::Tensor prompts;
        at::Tensor codes;
    };
    Batch draw(std::int64_t index) const;
    at::Tensor segmentLoss(const TransformerWeights& weights, const NoiseSegment& segment, std::int64_t index,
                           const Batch& batch, bool noisyOnly) const;
    at::Tensor ownGuesses(const TransformerWeights& weights, const NoiseSegment& segment, std::int64_t index,
                          const Batch& batch, const at::Tensor& noise) const;
    TensorMap joined() const;
    ScenesNoisePart noisePart() const;

    ScenesFiles m_base;
    TrainDenoisingOptions m_options;
    EmbeddingScale m_scale;
    TensorMap m_parameters;
    RotaryTable m_rotary;
    AdamW m_adamw;
    Batch m_validation; ///< made when first needed
};

/// Codes that a model samples for prompts [count, prefix - 1], without guidance; picture i draws with seed + i.
/// [count, positions].
at::Tensor sampleOwnCodes(ScenesModel& model, const at::Tensor& prompts, std::uint64_t seed);

} // namespace jacobi
