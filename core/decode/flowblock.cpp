// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/decode/flowblock.h"

#include "core/decode/passclock.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <string>

namespace jacobi {
namespace {

constexpr kernels::TokenChange kNotRead{0.0, -1.0, 0};

at::Tensor startOf(const FlowModel& model, const FlowBlockPlan& plan, const at::Tensor& z)
{
    if (plan.start == FlowStart::Input) {
        return z;
    }
    at::Tensor start = plan.start == FlowStart::Fitted ? model.fittedStart(plan.block, z) : at::zeros_like(z);
    assert(start.defined());                  // FlowDecoder::start looked
    start.select(1, 0).copy_(z.select(1, 0)); // which is exact
    return start;
}

} // namespace

FlowBlock::FlowBlock(FlowModel& model, const FlowSettings& settings, const FlowBlockPlan& plan, const at::Tensor& z)
    : m_model(model),
      m_stop(plan.stop),
      m_batch(z.size(0)),
      m_tokens(z.size(1)),
      m_channels(z.size(2)),
      m_z(z),
      m_start(startOf(model, plan, z)),
      m_x(m_start.clone()),
      m_changes(static_cast<std::size_t>(m_batch * m_tokens), kNotRead)
{
    m_update.batch = m_batch;
    m_update.tokens = m_tokens;
    m_update.channels = m_channels;
    m_update.affine = model.layout().affine;
    m_update.scaleGuidance = settings.guideScale ? settings.guidance : 0.0;
    m_update.shiftGuidance = settings.guideShift ? settings.guidance : 0.0;
    m_update.annealed = settings.annealed;
    const bool clips = plan.method == FlowMethod::Jacobi || plan.method == FlowMethod::Segments;
    m_update.clip = clips ? settings.clip : 0.0;
    model.enterBlock(plan.block);
}

void FlowBlock::evaluate(std::int64_t first, std::int64_t count, std::int64_t from)
{
    PassClock clock;
    const at::Tensor parameters = m_model.pass(m_x, first, count);
    m_forwardNs = clock.lap();
    std::fill(m_changes.begin(), m_changes.end(), kNotRead);
    m_update.first = first;
    m_update.rows = count;
    m_update.from = from;
    const auto update = [&]<class Real>(Real) {
        const Real* guided = parameters.const_data_ptr<Real>();
        const Real* unguided = parameters.size(0) == 2 ? guided + parameters.numel() / 2 : nullptr;
        kernels::updateTokens<Real>(guided, unguided, m_z.const_data_ptr<Real>(), m_start.const_data_ptr<Real>(),
                                    m_x.mutable_data_ptr<Real>(), m_changes.data(), m_update);
    };
    parameters.scalar_type() == at::kDouble ? update(double{}) : update(float{});
}

void FlowBlock::clipFirst()
{
    const at::Tensor now = m_x.select(1, 0);
    const at::Tensor cut = now.clamp(-m_update.clip, m_update.clip);
    const at::Tensor difference = (cut - now).to(at::kDouble);
    for (std::int64_t item = 0; item < m_batch; ++item) {
        const at::Tensor own = difference[item];
        m_changes[static_cast<std::size_t>(item * m_tokens)] = {own.square().sum().item<double>(),
                                                                own.abs().max().item<double>(), 0};
    }
    now.copy_(cut);
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
