// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/widgets/flowstage.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace jacobi::test {
namespace {

constexpr std::uint32_t kPositions = 16;

FlowStrategy plan()
{
    FlowStrategy strategy;
    FlowBlockPlan front{0, FlowMethod::Front};
    front.window = 8;
    front.tolerance = 1e-3;
    front.stop = FlowStop::Max;
    FlowBlockPlan jacobi{2, FlowMethod::Jacobi};
    jacobi.tolerance = 1e-2;
    strategy.blocks = {front, FlowBlockPlan{1, FlowMethod::Sequential}, jacobi};
    return strategy;
}

std::shared_ptr<Step> flowStep(std::uint32_t pass, std::uint32_t block, int iteration, std::uint32_t begin,
                               std::uint32_t end, std::uint32_t committedEnd)
{
    auto step = std::make_shared<Step>();
    step->pass = pass;
    step->lane = block;
    step->begin = begin;
    step->end = end;
    step->committedEnd = committedEnd;
    step->forwardNs = 1'000'000;
    for (std::uint32_t position = begin; position < end; ++position) {
        const bool isFinal = position < committedEnd;
        step->residual.push_back(position == 0 ? std::numeric_limits<float>::quiet_NaN()
                                               : static_cast<float>(flowResidual(static_cast<int>(block), iteration)));
        step->state.push_back(isFinal ? TokenState::Converged : TokenState::Redrawn);
    }
    return step;
}

std::shared_ptr<Preview> flowPicture(std::uint32_t pass, const QColor& colour, std::uint32_t committedEnd)
{
    auto picture = makePreview(16, 16, colour, committedEnd);
    picture->pass = pass;
    return picture;
}

} // namespace

double flowResidual(int block, int iteration)
{
    return block == 1 ? 0.5 : 4.0 * std::pow(10.0, -iteration);
}

Trace makeFlowTrace()
{
    auto header = makeHeader(4, 4, 4, 1);
    header->codeColours.clear();
    header->layout.blocks = 3;
    header->layout.reversed = {false, true, false};
    header->request.method = "gs-jacobi";
    header->request.coupling.clear();
    header->request.strategy = kAutoPasses;
    header->request.plan = flowStrategyToLine(plan());
    Trace trace;
    std::uint32_t pass = 0;
    for (int iteration = 0; iteration < 5; ++iteration, ++pass) {
        trace.steps.push_back(flowStep(pass, 2, iteration, 0, kPositions, iteration == 4 ? kPositions : 1U));
    }
    for (std::uint32_t position = 1; position < kPositions; ++position, ++pass) {
        trace.steps.push_back(flowStep(pass, 1, static_cast<int>(position) - 1, position, position + 1, position + 1));
    }
    for (std::uint32_t iteration = 0; iteration < 6; ++iteration, ++pass) {
        const std::uint32_t begin = iteration == 0 ? 0 : 1 + 2 * iteration;
        const std::uint32_t committed = iteration == 5 ? kPositions : 3 + 2 * iteration;
        trace.steps.push_back(
            flowStep(pass, 0, static_cast<int>(iteration), begin, std::min(begin + 8, kPositions), committed));
    }
    trace.previews = {flowPicture(0, Qt::magenta, 0),          flowPicture(2, Qt::red, 1),
                      flowPicture(4, Qt::green, kPositions),   flowPicture(19, Qt::blue, kPositions),
                      flowPicture(25, Qt::yellow, kPositions), flowPicture(25, Qt::white, kPositions)};
    auto last = std::make_shared<Preview>(*trace.previews.back());
    last->isFinal = true;
    trace.previews.back() = last;
    trace.header = header;
    trace.summary = RunSummary{};
    trace.summary->passes = pass;
    return trace;
}

Trace makeLongFlowTrace(int times)
{
    Trace trace = makeFlowTrace();
    std::vector<std::shared_ptr<const Step>> steps;
    for (const std::shared_ptr<const Step>& step : trace.steps) {
        for (int again = 0; again < times; ++again) {
            auto own = std::make_shared<Step>(*step);
            own->pass = static_cast<std::uint32_t>(steps.size());
            steps.push_back(own);
        }
    }
    trace.steps = std::move(steps);
    trace.previews.clear();
    trace.summary->passes = trace.steps.size();
    return trace;
}

Trace makeOverlappingTrace()
{
    Trace trace = makeFlowTrace();
    FlowStrategy strategy;
    strategy.lag = 2;
    for (std::uint32_t block = 0; block < 3; ++block) {
        FlowBlockPlan jacobi{block, FlowMethod::Jacobi};
        jacobi.tolerance = 1e-2;
        jacobi.stop = FlowStop::Max;
        strategy.blocks.push_back(jacobi);
    }
    auto header = std::make_shared<RunHeader>(*trace.header);
    header->request.plan = flowStrategyToLine(strategy);
    trace.header = header;
    trace.steps.clear();
    const std::shared_ptr<const Preview> noise = trace.previews.front();
    const std::shared_ptr<const Preview> last = trace.previews.back();
    trace.previews = {noise};
    const std::uint32_t ends[] = {9, 8, 5};
    const QColor colours[] = {Qt::yellow, Qt::blue, Qt::green};
    for (std::uint32_t pass = 0; pass < 10; ++pass) {
        for (std::uint32_t block = 3; block-- > 0;) {
            const std::uint32_t begin = 2 * (2 - block);
            if (pass < begin || pass > ends[block]) {
                continue;
            }
            const std::uint32_t committed = pass == ends[block] ? kPositions : block == 2 ? pass + 2 : 0;
            const std::uint32_t before = pass == begin ? 0 : block == 2 ? pass + 1 : 0;
            trace.steps.push_back(flowStep(pass, block, static_cast<int>(pass - begin), before, kPositions, committed));
            if (pass % 2 == 1 && pass >= 3) {
                auto picture = flowPicture(pass, colours[block].darker(100 + 5 * static_cast<int>(pass)), committed);
                picture->lane = static_cast<std::int32_t>(block);
                trace.previews.push_back(picture);
            }
        }
    }
    auto final = std::make_shared<Preview>(*last);
    final->pass = 9;
    trace.previews.push_back(final);
    trace.summary->passes = 10;
    return trace;
}

} // namespace jacobi::test
