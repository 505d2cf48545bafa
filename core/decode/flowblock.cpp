// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/decode/flowblock.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <string>

namespace jacobi {
namespace {

constexpr kernels::TokenChange kNotRead{0.0, -1.0, 0};

/// Model: FlowModel or FlowChain.
template <class Model>
at::Tensor startOf(const Model& model, const FlowBlockPlan& plan, const at::Tensor& z)
{
    if (plan.start == FlowStart::Input) {
        return z;
    }
    at::Tensor start = plan.start == FlowStart::Fitted ? model.fittedStart(plan.block, z) : at::zeros_like(z);
    assert(start.defined());                  // FlowDecoder::start looked
    start.select(1, 0).copy_(z.select(1, 0)); // which is exact
    return start;
}

FlowUpdate updateOf(const FlowLayout& layout, const FlowSettings& settings, const FlowBlockPlan& plan,
                    const at::Tensor& z)
{
    FlowUpdate update;
    update.batch = z.size(0);
    update.tokens = z.size(1);
    update.channels = z.size(2);
    update.affine = layout.affine;
    update.scaleGuidance = settings.guideScale ? settings.guidance : 0.0;
    update.shiftGuidance = settings.guideShift ? settings.guidance : 0.0;
    update.annealed = settings.annealed;
    const bool clips = plan.method == FlowMethod::Jacobi || plan.method == FlowMethod::Segments;
    update.clip = clips ? settings.clip : 0.0;
    return update;
}

} // namespace

FlowBlock::FlowBlock(const FlowBlockPlan& plan, const at::Tensor& z)
    : m_stop(plan.stop),
      m_batch(z.size(0)),
      m_tokens(z.size(1)),
      m_channels(z.size(2)),
      m_changes(static_cast<std::size_t>(m_batch * m_tokens), kNotRead)
{
}

FlowBlock::FlowBlock(FlowModel& model, const FlowSettings& settings, const FlowBlockPlan& plan, const at::Tensor& z)
    : FlowBlock(plan, z)
{
    const at::Tensor start = startOf(model, plan, z);
    model.enterBlock(plan.block);
    m_iterate = model.iterate(updateOf(model.layout(), settings, plan, z), z, start);
}

FlowBlock::FlowBlock(FlowChain& chain, const FlowSettings& settings, const FlowBlockPlan& plan, const at::Tensor& z)
    : FlowBlock(plan, z)
{
    const at::Tensor start = startOf(chain, plan, z);
    m_iterate = chain.iterate(plan.block, updateOf(chain.layout(), settings, plan, z), z, start);
}

void FlowBlock::evaluate(const FlowRange& range, const std::optional<FlowNext>& next)
{
    m_rows = range.count;
    std::fill(m_changes.begin(), m_changes.end(), kNotRead);
    m_iterate->evaluate(range, next ? &*next : nullptr, m_changes);
    for (std::size_t item = 0; item < m_received.size(); ++item) {
        m_changes[item * static_cast<std::size_t>(m_tokens)] = m_received[item];
    }
    m_received.clear();
}

void FlowBlock::receive(const at::Tensor& z)
{
    m_received = m_iterate->receive(z);
}

FlowNext FlowBlock::again(const FlowRange& range, std::int64_t begin, double tolerance) const
{
    FlowNext next{range};
    const auto numbers = static_cast<double>(m_batch * m_channels);
    const auto tokens = static_cast<double>(range.first + range.count + 1 - begin);
    switch (m_stop) { // change() the other way round
    case FlowStop::Max: next.largest = tolerance; break;
    case FlowStop::Published: next.squares = tolerance * tolerance * numbers * numbers; break;
    case FlowStop::Rms: next.squares = tolerance * tolerance * numbers * tokens; break;
    }
    return next;
}

double FlowBlock::change(std::int64_t begin, std::int64_t end) const
{
    double squares = 0.0;
    double largest = 0.0;
    for (std::int64_t item = 0; item < m_batch; ++item) {
        for (std::int64_t token = begin; token < end; ++token) {
            const kernels::TokenChange& one = changeOf(item, token);
            squares += one.squares;
            largest = std::max(largest, one.largest);
        }
    }
    const auto numbers = static_cast<double>(m_batch * m_channels);
    switch (m_stop) {
    case FlowStop::Max: return largest;
    case FlowStop::Published: return std::sqrt(squares) / numbers;
    case FlowStop::Rms: break;
    }
    return std::sqrt(squares / (numbers * static_cast<double>(end - begin)));
}

std::int64_t FlowBlock::replaced(std::int64_t begin, std::int64_t end) const
{
    std::int64_t count = 0;
    for (std::int64_t item = 0; item < m_batch; ++item) {
        for (std::int64_t token = begin; token < end; ++token) {
            count += changeOf(item, token).replaced;
        }
    }
    return count;
}

std::int64_t widestPass(const FlowBlockPlan& plan, std::int64_t tokens)
{
    const std::int64_t all = std::max<std::int64_t>(1, tokens - 1);
    switch (plan.method) {
    case FlowMethod::Sequential: return 1;
    case FlowMethod::Jacobi: return all;
    case FlowMethod::Segments: return std::min(all, (tokens + plan.segments - 1) / plan.segments + 1);
    // The window, and tokens accepted in the pass before, which are read once more.
    case FlowMethod::Front: return std::min<std::int64_t>(all, 2 * static_cast<std::int64_t>(plan.window));
    }
    return all;
}

tl::unexpected<Error> flowOverflow(std::uint32_t block, std::int64_t token)
{
    return fail(ErrorCode::Numeric,
                "The picture left the range of numbers in block " + std::to_string(block) +
                    ": the model does not fit this latent. Try another seed or less guidance.",
                "token " + std::to_string(token) + " in the block's order");
}

} // namespace jacobi
