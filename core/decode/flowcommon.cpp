// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/decode/flowcommon.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

namespace jacobi {

Result<std::shared_ptr<Step>> PassByPass::step()
{
    if (m_queue.empty()) {
        if (auto passed = pass(); !passed) {
            return tl::unexpected(passed.error());
        }
    }
    std::shared_ptr<Step> step = std::move(m_queue.back());
    m_queue.pop_back();
    return step;
}

Result<void> checkFlowRun(const FlowSettings& settings, const FlowLayout& layout, const at::Tensor& latent,
                          const std::vector<std::int64_t>& labels)
{
    if (latent.dim() != 3 || latent.size(0) < 1 || latent.size(1) != layout.tokens() ||
        latent.size(2) != layout.channels) {
        return fail(ErrorCode::InvalidRequest, "The latent does not have the model's shape of " +
                                                   std::to_string(layout.tokens()) + " tokens of " +
                                                   std::to_string(layout.channels) + " numbers; draw a new one.");
    }
    const bool known = std::all_of(labels.begin(), labels.end(), [&](std::int64_t label) {
        return label >= 0 && label < static_cast<std::int64_t>(layout.classes);
    });
    if (!labels.empty() && (!known || static_cast<std::int64_t>(labels.size()) != latent.size(0))) {
        return fail(ErrorCode::InvalidRequest, layout.classes == 0 ? "This model knows no labels; leave the label out."
                                                                   : "Give every picture a label from 0 to " +
                                                                         std::to_string(layout.classes - 1) + ".");
    }
    const auto isFitted = [](const FlowBlockPlan& plan) { return plan.start == FlowStart::Fitted; };
    if (!layout.fittedStart && std::ranges::any_of(settings.strategy.blocks, isFitted)) {
        return fail(ErrorCode::InvalidRequest, "The strategy starts from a fit, and this model holds none; start from "
                                               "\"input\" or \"zeros\", or train the model further.");
    }
    return checkFlowStrategy(settings.strategy, layout.blocks, layout.tokens());
}

FlowCondition conditionOf(const FlowSettings& settings, const std::vector<std::int64_t>& labels)
{
    FlowCondition condition;
    condition.labels = labels;
    condition.guided = settings.guidance != 0.0 && (settings.guideScale || settings.guideShift);
    condition.attentionTemperature = settings.attentionTemperature;
    return condition;
}

std::shared_ptr<Step> flowStep(const FlowBlock& block, const FlowBlockPlan& plan, const FlowPass& done,
                               std::int64_t item, std::int64_t committed, std::int64_t channels)
{
    auto step = std::make_shared<Step>();
    step->item = static_cast<std::uint32_t>(item);
    step->lane = plan.block;
    step->segment = done.segment;
    step->begin = static_cast<std::uint32_t>(committed);
    step->end = static_cast<std::uint32_t>(std::max(done.end, done.windowEnd));
    step->committedEnd = static_cast<std::uint32_t>(done.committedEnd);
    const std::size_t columns = step->end - step->begin;
    step->state.reserve(columns);
    step->residual.reserve(columns);
    for (std::int64_t token = committed; token < step->end; ++token) {
        const kernels::TokenChange& change = block.changeOf(item, token);
        const bool read = change.largest >= 0.0;
        const double moved =
            plan.stop == FlowStop::Max ? change.largest : std::sqrt(change.squares / static_cast<double>(channels));
        step->residual.push_back(read ? static_cast<float>(moved) : std::numeric_limits<float>::quiet_NaN());
        step->state.push_back(token < done.committedEnd ? plan.method == FlowMethod::Sequential && read
                                                              ? TokenState::Bonus
                                                              : TokenState::Converged
                              : !read                   ? TokenState::New
                              : change.largest == 0.0   ? TokenState::Kept
                                                        : TokenState::Redrawn);
    }
    return step;
}

} // namespace jacobi
