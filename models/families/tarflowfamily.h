// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/engine/modelfamily.h"
#include "models/tarflow/tarflownetwork.h"

namespace jacobi {

/// The family `tarflow` as the engine sees it. A model folder holds model.json, whose config says "blocks", "grid",
/// "patch", "noise" (what it was trained with) and "classes" (names by label; none for a model without), and one file
/// of weights that loadTarFlow reads.
class TarFlowFamily final : public ModelFamily {
public:
    std::string name() const override { return "tarflow"; }
    Result<PromptReading> readPrompt(const ModelInfo& model, std::string_view prompt) const override;
    std::uint64_t memoryBytes(const ModelInfo& model, const RunRequest& request) const override;
    Result<LoadedModel> load(const ModelInfo& model, at::ScalarType type) const override;

    /// SeJD's selective scheme; GS-Jacobi's published settings for models of 8 blocks, and for others two made like them:
    /// `last-8-32-10` as for AFHQ (the block that is sampled first in 8 segments of up to 32 passes, the others plain with
    /// up to 10), `first/last-8-32-20` as for ImageNet 64 without classes.
    std::vector<std::string> presetNames(const ModelInfo& model) const override;
    std::optional<FlowStrategy> preset(const ModelInfo& model, const std::string& name) const override;

    Result<void> placeFlow(const ModelInfo& model, const DeviceOps& ops, at::Device device,
                           LoadedModel& loaded) const override;
    DeviceBytes flowBytes(const LoadedModel& loaded, const RunRequest& request) const override;
    DeviceBytes leastFlowBytes(const ModelInfo& model, const RunRequest& request) const override;

    /// From procedural pictures that no model was trained on.
    Result<FlowAnalysis> analyse(const ModelInfo& model, const LoadedModel& loaded, std::uint32_t images,
                                 const std::stop_token& stop) const override;
    Result<FlowStrategy> crmStrategy(const ModelInfo& model, const FlowAnalysis& analysis) const override;
};

/// A flow ready to generate, of weights in memory. noise: standard deviation, 0 for no last step.
LoadedModel loadedTarFlow(TarFlowWeights weights, double noise);

/// The same by a device's operations, where the weights are (placedOn); ops: of that device. flow is a DeviceFlow.
LoadedModel deviceTarFlow(const DeviceOps& ops, TarFlowWeights weights, double noise);

} // namespace jacobi
