// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "models/judge/judgenetwork.h"
#include "models/judge/trainjudgeoptions.h"
#include "models/training/adamw.h"
#include "models/training/muon.h"
#include "models/training/trainingphase.h"

#include <array>

namespace jacobi {

/// Pictures and what is to be seen in them.
struct JudgedPictures {
    at::Tensor pictures; ///< [count, 3, 128, 128] float32 in 0..1
    at::Tensor labels;   ///< [count, kJudgedCount] int64, kNotJudged where an attribute does not apply
};

/// Examples index .. index + count - 1 of a stream, of every combination of attributes there is.
JudgedPictures drawJudged(std::uint64_t seed, SceneStream stream, std::uint64_t index, std::int64_t count);

/// Some of the pictures softened, made grainy, darker or lighter, so that a picture that went through a tokenizer is read
/// like the drawing itself. Same seed, same result.
at::Tensor disturbed(const at::Tensor& pictures, std::uint64_t seed);

/// Right answers of one attribute, over the pictures it applies to.
struct JudgeAnswers {
    std::int64_t asked = 0;
    std::int64_t right = 0;
};
using JudgeFigures = std::array<JudgeAnswers, kJudgedCount>;

/// Measures on the validation stream.
JudgeFigures measureJudge(const TensorMap& weights, std::uint64_t seed, std::uint64_t first, std::int64_t pictures);

/// Trains the judge on fresh pictures: Muon on kernels and matrices, AdamW on the rest.
class JudgeTrainer final : public TrainingPhase {
public:
    /// start: every tensor of judgeTensors(), float32; copied.
    JudgeTrainer(const TrainJudgeOptions& options, const TensorMap& start);

    std::string name() const override { return "judge"; }
    std::int64_t batch() const override { return m_options.batch; }
    double step(std::int64_t index, double rate) override;
    double validate() override; ///< share of wrong answers of the worst attribute
    TensorMap state() const override;
    Result<void> restore(const TensorMap& state) override;
    at::Tensor sheet(std::int64_t& columns) override; ///< validation pictures it reads wrongly, if any

    /// One optimiser step on a batch at hand; returns the loss before it.
    double trainOn(const JudgedPictures& batch, double rate);

    const TensorMap& weights() const { return m_weights; }

private:
    TrainJudgeOptions m_options;
    TensorMap m_weights;
    Muon m_muon;
    AdamW m_adamw;
};

} // namespace jacobi
