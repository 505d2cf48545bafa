// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/decode/flowdecoder.h"
#include "models/tarflow/tarflowmodel.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <cmath>
#include <string>
#include <vector>

namespace jacobi::test {

/// A run to its end, pass by pass.
struct FlowRunResult {
    std::string error;
    std::vector<std::shared_ptr<Step>> steps;
    std::vector<at::Tensor> states; ///< after each pass, raster order
    std::vector<double> residuals;  ///< of each pass, as its plan measures
    FlowReport report;
    at::Tensor tokens;
};

inline FlowRunResult runFlow(FlowModel& model, const FlowSettings& settings, const at::Tensor& latent,
                             const std::vector<std::int64_t>& labels = {}, bool keepStates = false)
{
    const c10::InferenceMode guard;
    FlowRunResult result;
    const auto decoder = makeFlowDecoder(settings, model);
    if (const auto started = decoder->start(latent, labels); !started) {
        result.error = started.error().message;
        return result;
    }
    std::size_t passes = 0;
    while (!decoder->done()) {
        auto step = decoder->step();
        if (!step) {
            result.error = step.error().message;
            break;
        }
        result.steps.push_back(*step);
        if (keepStates && decoder->report().passes > passes) {
            result.states.push_back(decoder->state());
            passes = decoder->report().passes;
            for (const FlowSegmentReport& report : decoder->report().segments) {
                if (report.passes > 0) {
                    result.residuals.resize(passes);
                    result.residuals.back() = report.residual;
                }
            }
        }
    }
    result.report = decoder->report();
    result.tokens = decoder->state();
    return result;
}

/// The same plan for every block, of a batch that stays together.
inline FlowSettings everyBlock(std::uint32_t blocks, FlowBlockPlan plan)
{
    FlowSettings settings;
    settings.together = true;
    for (std::uint32_t i = 0; i < blocks; ++i) {
        plan.block = i;
        settings.strategy.blocks.push_back(plan);
    }
    return settings;
}

inline FlowBlockPlan planOf(FlowMethod method, std::uint32_t number = 1)
{
    FlowBlockPlan plan;
    plan.method = method;
    plan.segments = method == FlowMethod::Segments ? number : 1;
    plan.window = method == FlowMethod::Front ? number : 1;
    return plan;
}

/// Random weights of a small model, float64. `strength` of the output projections decides how much tokens depend on
/// each other.
inline TarFlowWeights randomWeights(double strength, std::int64_t grid = 4, bool affine = true,
                                    std::int64_t classes = 3, at::ScalarType type = at::kDouble,
                                    std::int64_t width = 64, std::int64_t blocks = 3, std::int64_t layers = 2)
{
    TarFlowConfig config;
    config.blocks = blocks;
    config.layers = layers;
    config.width = width;
    config.grid = grid;
    config.patch = 1;
    config.classes = classes;
    config.affine = affine;
    at::manual_seed(7);
    TarFlowTensors tensors;
    for (const auto& [name, shape] : tarflowTensors(config)) {
        const bool isNorm = name.find("norm.weight") != std::string::npos;
        const double spread = name == "var" || isNorm                             ? 0.1
                              : name.find("proj_out.weight") != std::string::npos ? strength
                              : name.ends_with(".bias")                           ? 0.02
                                                                                  : 0.15;
        tensors[name] = at::randn(shape, type) * spread + (name == "var" || isNorm ? 1.0 : 0.0);
    }
    return tarflowWeights(config, tensors);
}

/// The same with something to start from that is no good guess.
inline TarFlowWeights withStarts(TarFlowWeights weights)
{
    weights.config.fittedStart = true;
    for (TarFlowBlock& block : weights.blocks) {
        const std::int64_t channels = weights.config.channels();
        block.start.scale = at::rand_like(weights.variance);
        block.start.shift = at::rand_like(weights.variance);
        block.start.near = 0.1 * at::rand({StartGuess::kNear, channels, channels}, weights.variance.options());
        if (weights.config.classes > 0) {
            block.start.classes =
                0.1 * at::randn({weights.config.classes, weights.config.grid, channels}, weights.variance.options());
        }
    }
    return weights;
}

} // namespace jacobi::test
