// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "models/scenes/loadscenes.h"
#include "models/training/adamw.h"
#include "models/training/madeahead.h"
#include "models/training/noisesegment.h"
#include "models/training/trainingphase.h"

namespace jacobi {

/// Tunes the transformer of `scenes` to read noise (SJD2, 2510.08994): ordinary cross-entropy on the clean next token of
/// sequences that hold a segment of noise. What is trained is the difference to the base and the encoding of a level's
/// time, by AdamW; both start at zero, so that the first clean sequence gives the base's logits bit for bit.
class ScenesDenoisingTrainer final : public TrainingPhase {
public:
    /// base: whole weights, float32.
    /// steps: what the device takes pointwise steps with, or null; must outlive this.
    ScenesDenoisingTrainer(ScenesFiles base, const TrainDenoisingOptions& options, const FusedSteps* steps = nullptr);

    std::string name() const override { return "denoising"; }
    std::int64_t batch() const override { return m_options.batch; }
    double step(std::int64_t index, double rate) override;
    double validate() override; ///< nats a token of what noise is read for, on captioned pictures
    TensorMap state() const override;
    Result<void> restore(const TensorMap& state) override;
    at::Tensor sheet(std::int64_t& columns) override; ///< every sheet prompt, by SJD2

    /// One optimiser step on a batch at hand: prompts [batch, prefix - 1], codes [batch, positions], both on the CPU.
    double trainOn(std::int64_t index, const at::Tensor& prompts, const at::Tensor& codes, double rate);

    /// The difference and the encoding, float32 on the CPU: what a model folder holds.
    TensorMap weights() const;
    /// A model of them and the base as they are now.
    ScenesModel model() const;

private:
    /// On the CPU, where what a row reads is looked up.
    struct Batch {
        at::Tensor prompts;
        at::Tensor codes;
    };
    /// The noise of the pictures that pass through the network together.
    struct Noise {
        std::int64_t number = 0;
        NoiseSegment segment;
        at::Tensor drawn;
    };
    /// What a step learns from, as it is drawn: pictures, or the codes that the base sampled.
    struct Drawn {
        at::Tensor prompts;
        at::Tensor pictures;
        at::Tensor codes;
        std::vector<Noise> noise;
    };
    Drawn draw(std::int64_t index) const;
    Noise noiseOf(std::int64_t number, std::int64_t pictures) const;
    std::vector<Noise> drawStepNoise(std::int64_t index) const;
    at::Tensor codesOf(const at::Tensor& pictures) const;
    double learn(const Batch& batch, const std::vector<Noise>& noise, double rate);
    at::Tensor segmentLoss(const TransformerWeights& weights, const Noise& noise, const Batch& batch,
                           bool noisyOnly) const;
    at::Tensor ownGuesses(const TransformerWeights& weights, const Noise& noise, const Batch& batch) const;
    TensorMap joined() const;
    ScenesNoisePart noisePart() const;

    ScenesFiles m_base; ///< on the CPU, where decoding is
    TrainDenoisingOptions m_options;
    const FusedSteps* m_steps;
    at::Device m_device; ///< of what follows
    TensorMap m_tokenizer;
    TensorMap m_transformer; ///< the base's
    EmbeddingScale m_scale;
    TensorMap m_parameters;
    RotaryTable m_rotary;
    AdamW m_adamw;
    Batch m_validation;       ///< made when first needed
    MadeAhead<Drawn> m_drawn; ///< last: what it draws with is there until its threads are done
};

/// Codes that a model samples for prompts [count, prefix - 1], without guidance; picture i draws with seed + i.
/// [count, positions].
at::Tensor sampleOwnCodes(ScenesModel& model, const at::Tensor& prompts, std::uint64_t seed);

} // namespace jacobi
