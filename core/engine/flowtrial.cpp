// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/flowtrial.h"

#include "core/decode/flowblock.h"
#include "core/decode/flowlatents.h"
#include "core/engine/resolveflow.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>

namespace jacobi {
namespace {

double now()
{
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

tl::unexpected<Error> stopped()
{
    return fail(ErrorCode::Cancelled, "Stopped while the strategy was being measured.");
}

std::unique_ptr<BlockInverse> inverseOf(const FlowBlockPlan& plan, std::int64_t tokens, double clip)
{
    switch (plan.method) {
    case FlowMethod::Jacobi:
    case FlowMethod::Segments: return makeSegmentInverse(plan, tokens, clip);
    case FlowMethod::Front: return makeFrontInverse(plan, tokens);
    case FlowMethod::Sequential: break;
    }
    return makeSequentialInverse(plan, tokens);
}

FlowBlockPlan sequentialPlan(std::uint32_t block)
{
    FlowBlockPlan plan;
    plan.block = block;
    return plan;
}

} // namespace

double largestDifference(const at::Tensor& a, const at::Tensor& b)
{
    return (a - b).abs().max().item().toDouble();
}

std::vector<double> largestDifferences(const at::Tensor& a, const at::Tensor& b)
{
    const at::Tensor largest = (a - b).abs().flatten(1).amax(1).to(at::kCPU, at::kDouble).contiguous();
    const double* numbers = largest.const_data_ptr<double>();
    return {numbers, numbers + largest.numel()};
}

FlowTrials::FlowTrials(LoadedModel& model, FlowSettings settings, std::uint32_t classes, std::int64_t batch,
                       std::stop_token stop)
    : m_model(model),
      m_layout(model.flow->layout()),
      m_settings(std::move(settings)),
      m_classes(classes),
      m_batch(batch),
      m_stop(std::move(stop))
{
}

std::vector<std::int64_t> FlowTrials::labelsOf(std::uint64_t seed) const
{
    std::vector<std::int64_t> labels;
    for (std::int64_t item = 0; m_classes > 0 && item < m_batch; ++item) {
        labels.push_back(static_cast<std::int64_t>((seed + static_cast<std::uint64_t>(item)) % m_classes));
    }
    return labels;
}

void FlowTrials::begin(const std::vector<std::int64_t>& labels)
{
    FlowCondition condition;
    condition.labels = labels;
    condition.guided = m_settings.guidance != 0.0;
    condition.attentionTemperature = m_settings.attentionTemperature;
    m_model.flow->begin(m_batch, condition, std::max<std::int64_t>(1, m_layout.tokens()));
}

Result<ExactRun> FlowTrials::exact(std::uint64_t seed)
{
    const c10::InferenceMode inference;
    ExactRun run;
    run.labels = labelsOf(seed);
    run.inputs.resize(m_layout.blocks);
    run.outputs.resize(m_layout.blocks);
    run.seconds.resize(m_layout.blocks);
    at::Tensor tokens = m_model.flow->scaledLatent(flowLatents(m_layout, seed, m_batch).to(m_model.flow->realType()));
    for (std::uint32_t block = m_layout.blocks; block-- > 0;) {
        run.inputs[block] = tokens;
        run.outputs[block] = tokens; // for the trial's comparison; its own result follows
        const Result<BlockTrial> trial = this->block(run, sequentialPlan(block));
        if (!trial) {
            return tl::unexpected(trial.error());
        }
        run.outputs[block] = tokens = trial->output;
        run.seconds[block] = trial->seconds;
    }
    run.picture = m_model.flowRenderer->values(tokens);
    return run;
}

Result<BlockTrial> FlowTrials::block(const ExactRun& run, const FlowBlockPlan& plan)
{
    const c10::InferenceMode inference;
    begin(run.labels);
    const double from = now();
    FlowBlock at(*m_model.flow, m_settings, plan,
                 inBlockOrder(m_layout, plan.block, run.inputs[plan.block]).contiguous());
    const std::unique_ptr<BlockInverse> inverse = inverseOf(plan, at.tokens(), m_settings.clip);
    BlockTrial trial;
    while (!inverse->done()) {
        if (m_stop.stop_requested()) {
            return stopped();
        }
        if (auto passed = inverse->pass(at); !passed) {
            return tl::unexpected(passed.error());
        }
        ++trial.passes;
    }
    trial.output = inBlockOrder(m_layout, plan.block, at.iterate()).clone();
    trial.output.view(-1)[0].item(); // a device is done with what it began ahead, for which the next block would wait
    trial.seconds = now() - from;
    trial.error = largestDifference(trial.output, run.outputs[plan.block]);
    return trial;
}

Result<BlockTrajectory> FlowTrials::trajectory(const ExactRun& run, std::uint32_t block, FlowStart start)
{
    const c10::InferenceMode inference;
    begin(run.labels);
    FlowBlockPlan plan;
    plan.block = block;
    plan.method = FlowMethod::Jacobi;
    plan.stop = FlowStop::Max;
    plan.start = start;
    FlowBlock at(*m_model.flow, m_settings, plan, inBlockOrder(m_layout, block, run.inputs[block]).contiguous());
    const std::unique_ptr<BlockInverse> inverse = inverseOf(plan, at.tokens(), m_settings.clip);
    BlockTrajectory trajectory;
    constexpr double kEnough = 1e-4; // a change that no picture shows
    const auto moves = [](double change) { return change > kEnough; };
    while (!inverse->done() && (trajectory.change.empty() || std::ranges::any_of(trajectory.change.back(), moves))) {
        if (m_stop.stop_requested()) {
            return stopped();
        }
        if (auto passed = inverse->pass(at); !passed) {
            return tl::unexpected(passed.error());
        }
        std::vector<double>& change = trajectory.change.emplace_back(static_cast<std::size_t>(m_batch), 0.0);
        for (std::int64_t item = 0; item < m_batch; ++item) {
            for (std::int64_t token = 0; token < at.tokens(); ++token) {
                double& most = change[static_cast<std::size_t>(item)];
                most = std::max(most, at.changeOf(item, token).largest);
            }
        }
        trajectory.iterates.push_back(inBlockOrder(m_layout, block, at.iterate()).clone());
        trajectory.error.push_back(largestDifferences(trajectory.iterates.back(), run.outputs[block]));
    }
    return trajectory;
}

Result<std::vector<double>> FlowTrials::pictureErrors(const ExactRun& run, std::uint32_t block,
                                                      const at::Tensor& output)
{
    const c10::InferenceMode inference;
    ExactRun other;
    other.labels = run.labels;
    other.inputs.resize(m_layout.blocks);
    other.outputs.resize(m_layout.blocks);
    at::Tensor tokens = output;
    while (block-- > 0) {
        other.inputs[block] = other.outputs[block] = tokens;
        const Result<BlockTrial> trial = this->block(other, sequentialPlan(block));
        if (!trial) {
            return tl::unexpected(trial.error());
        }
        tokens = trial->output;
    }
    return largestDifferences(m_model.flowRenderer->values(tokens), run.picture);
}

Result<std::vector<OverlapCurve>> FlowTrials::overlapped(std::uint64_t seed, const FlowStrategy& strategy)
{
    const c10::InferenceMode inference;
    const Result<Whole> exact = whole(seed, everyBlock(m_layout.blocks, FlowBlockPlan{}));
    if (!exact) {
        return tl::unexpected(exact.error());
    }
    FlowSettings settings = m_settings;
    settings.strategy = strategy;
    const std::unique_ptr<FlowDecoder> decoder = makeFlowDecoder(settings, *m_model.flow);
    if (auto started = decoder->start(flowLatents(m_layout, seed, m_batch), labelsOf(seed)); !started) {
        return tl::unexpected(started.error());
    }
    std::vector<OverlapCurve> curves(static_cast<std::size_t>(m_batch));
    std::vector<bool> haveAllBegun(curves.size(), false); // blocks
    while (!decoder->done()) {
        if (m_stop.stop_requested()) {
            return stopped();
        }
        std::vector<double> change(curves.size(), -1.0); // of the pictures that take part in the pass
        do {
            const Result<std::shared_ptr<Step>> step = decoder->step();
            if (!step) {
                return tl::unexpected(step.error());
            }
            double& most = change[(*step)->item];
            haveAllBegun[(*step)->item] = haveAllBegun[(*step)->item] || (*step)->lane == 0;
            for (const float residual : (*step)->residual) {
                most = std::isnan(residual) ? most : std::max(most, static_cast<double>(residual));
            }
        } while (decoder->waiting() > 0);
        const std::vector<double> errors =
            largestDifferences(m_model.flowRenderer->values(decoder->state()), exact->picture);
        for (std::size_t item = 0; item < curves.size(); ++item) {
            if (change[item] >= 0.0) {
                curves[item].change.push_back(haveAllBegun[item] ? change[item]
                                                                 : std::numeric_limits<double>::infinity());
                curves[item].error.push_back(errors[item]);
            }
        }
    }
    return curves;
}

bool FlowTrials::canOverlap() const
{
    return m_layout.tokens() > 1 && m_model.flow->hasChain();
}

bool FlowTrials::goesApart(const FlowStrategy& strategy) const
{
    FlowSettings settings = m_settings;
    settings.strategy = strategy;
    return jacobi::goesApart(settings, *m_model.flow);
}

Result<FlowTrials::Whole> FlowTrials::whole(std::uint64_t seed, const FlowStrategy& strategy)
{
    const c10::InferenceMode inference;
    FlowSettings settings = m_settings;
    settings.strategy = strategy;
    const at::Tensor latents = flowLatents(m_layout, seed, m_batch);
    Whole whole;
    whole.blockPasses.resize(m_layout.blocks);
    const double from = now();
    const std::unique_ptr<FlowDecoder> decoder = makeFlowDecoder(settings, *m_model.flow);
    if (auto started = decoder->start(latents, labelsOf(seed)); !started) {
        return tl::unexpected(started.error());
    }
    while (!decoder->done()) {
        if (m_stop.stop_requested()) {
            return stopped();
        }
        const Result<std::shared_ptr<Step>> step = decoder->step();
        if (!step) {
            return tl::unexpected(step.error());
        }
        whole.blockPasses[(*step)->lane] += 1.0 / static_cast<double>(m_batch);
    }
    whole.seconds = now() - from;
    whole.passes = static_cast<double>(decoder->report().passes);
    whole.picture = m_model.flowRenderer->values(decoder->state());
    return whole;
}

} // namespace jacobi
