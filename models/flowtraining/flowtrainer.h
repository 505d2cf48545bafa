// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "models/flowtraining/flowpictures.h"
#include "models/flowtraining/trainflowoptions.h"
#include "models/tarflow/tarflownetwork.h"
#include "models/training/adamw.h"
#include "models/training/muon.h"
#include "models/training/trainingphase.h"

namespace jacobi {

/// Trains a TarFlow of small pictures by maximum likelihood (Zhai et al. 2024, section 2) on pictures that are drawn as
/// they are needed, so that none is seen twice: Muon on the matrices of the attention layers, AdamW on the rest.
class FlowTrainer final : public TrainingPhase {
public:
    /// start: every tensor of tarflowTensors(config), float32; copied. `var` and `basis` stay as they are.
    FlowTrainer(const TarFlowConfig& config, const TrainFlowOptions& options, const TarFlowTensors& start);

    std::string name() const override { return "flow"; }
    std::int64_t batch() const override { return m_options.batch; }
    double step(std::int64_t index, double rate) override;
    double validate() override; ///< flowLoss of held-out pictures
    TensorMap state() const override;
    Result<void> restore(const TensorMap& state) override;
    at::Tensor sheet(std::int64_t& columns) override; ///< four pictures of each class, one below the other

    /// One optimiser step on a batch at hand: pictures with noise in [-1, 1], a label or -1 each. Returns the loss
    /// before it.
    double trainOn(const at::Tensor& pictures, const std::vector<std::int64_t>& labels, double rate);

    /// The weights as they are now: every tensor of tarflowTensors(config), float32.
    TarFlowTensors weights() const;

private:
    TarFlowConfig m_config;
    TrainFlowOptions m_options;
    TarFlowTensors m_fixed;
    TensorMap m_trained;
    Muon m_muon;
    AdamW m_adamw;
    FlowPictures m_held; ///< made when first needed
};

/// The mean of z^2 / 2 - log-determinant over all numbers of pictures [count, 3, side, side] in 0..1, to which noise
/// from that seed is added: nats a number, without the ln(2 pi) / 2 of the normal law.
double flowLoss(const TarFlowWeights& weights, const at::Tensor& pictures, const std::vector<std::int64_t>& labels,
                double noise, std::uint64_t seed);

/// That loss as minus the log-density of a number of a picture in [-1, 1], in nats, and of one in 0..255, in bits.
double natsPerNumber(double loss);
double bitsPerNumber(double loss);

} // namespace jacobi
