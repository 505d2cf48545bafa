// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/flownumbers.h"

#include <ATen/ATen.h>

#include <limits>

namespace jacobi {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

} // namespace

std::int64_t FlowNumbers::placesFor(std::int64_t tokens, std::int64_t maxRows)
{
    constexpr std::int64_t kAlignment = 16; // what attention kernels like masks to have
    return (tokens + maxRows + kAlignment - 1) / kAlignment * kAlignment;
}

FlowNumbers::FlowNumbers(const FlowLayout& layout, const FlowRoom& room, std::int64_t maxRows,
                         at::TensorOptions options)
    : m_batch(room.batch), m_tokens(layout.tokens()), m_channels(layout.channels), m_affine(layout.affine)
{
    for (at::Tensor* buffer : {&m_z, &m_start, &m_x}) {
        *buffer = at::zeros({m_batch, room.places, m_channels}, options);
    }
    m_guidance = at::zeros({room.places, m_affine ? 2 * m_channels : m_channels}, options);
    m_lowest = at::full({}, -kInfinity, options);
    m_highest = at::full({}, kInfinity, options);
    m_seen = at::zeros({}, options);
    m_hidden = at::full({}, -kInfinity, options);
    const auto whole = options.dtype(at::kLong);
    m_told = at::zeros({kTold}, options.dtype(at::kDouble));
    m_isMet = at::zeros({}, options.dtype(at::kBool));
    m_rowNumbers = at::arange(maxRows, whole);
    m_placeNumbers = at::arange(room.places, whole);
    m_left = at::zeros({leftBy(maxRows)}, options.dtype(at::kDouble));
}

void FlowNumbers::enter(const FlowUpdate& update, const at::Tensor& z, const at::Tensor& start, std::int64_t picture)
{
    const auto own = [&](const at::Tensor& numbers) { return numbers.narrow(0, picture, z.size(0)); };
    own(m_z).narrow(1, 0, m_tokens).copy_(z);
    own(m_start).narrow(1, 0, m_tokens).copy_(start);
    own(m_x).copy_(own(m_start));
    m_lowest.fill_(update.clip > 0.0 ? -update.clip : -kInfinity);
    m_highest.fill_(update.clip > 0.0 ? update.clip : kInfinity);
    const at::Tensor growth = update.annealed ? m_placeNumbers.to(at::kDouble) / static_cast<double>(m_tokens - 1)
                                              : at::ones_like(m_placeNumbers, at::TensorOptions().dtype(at::kDouble));
    const std::int64_t shifts = m_guidance.size(1) - m_channels;
    m_guidance.narrow(1, 0, shifts).copy_((growth * update.scaleGuidance).unsqueeze(1).expand({-1, shifts}));
    m_guidance.narrow(1, shifts, m_channels)
        .copy_((growth * update.shiftGuidance).unsqueeze(1).expand({-1, m_channels}));
}

void FlowNumbers::tell(const FlowRange& range, bool isOptional, const FlowNext& limits, const at::Tensor& told)
{
    double* to = told.mutable_data_ptr<double>();
    *to++ = static_cast<double>(range.first);
    *to++ = static_cast<double>(range.count);
    *to++ = static_cast<double>(range.from);
    *to++ = isOptional ? 1.0 : 0.0;
    *to++ = limits.largest;
    *to++ = limits.squares;
}

FlowRows FlowNumbers::enqueueRows(std::int64_t rows)
{
    const at::Tensor whole = m_told.narrow(0, 0, 4).to(at::kLong);
    m_isHeld = at::logical_and(whole.select(0, 3), m_isMet);
    const at::Tensor count = whole.select(0, 1) * m_isHeld.logical_not();
    const at::Tensor row = m_rowNumbers.narrow(0, 0, rows);
    const at::Tensor scrap = row + m_tokens;
    const at::Tensor read = row + whole.select(0, 0);
    const at::Tensor isAsked = at::lt(row, count);
    const at::Tensor written = read + 1;
    m_isWritten = at::logical_and(isAsked, at::ge(written, whole.select(0, 2)));
    m_targets = at::where(m_isWritten, written, scrap);
    const at::Tensor isHidden = at::gt(m_placeNumbers.unsqueeze(0), read.unsqueeze(1));
    return {at::where(isAsked, read, scrap), at::where(isHidden, m_hidden, m_seen)};
}

void FlowNumbers::enqueueUpdate(const at::Tensor& parameters, const at::Tensor& isWorking)
{
    at::Tensor given = parameters.select(0, 0); // [batch, rows, outputs]
    if (parameters.size(0) == 2) {
        const at::Tensor difference = given - parameters.select(0, 1);
        given = at::addcmul(given, m_guidance.index_select(0, m_targets).unsqueeze(0), difference);
    }
    at::Tensor value = m_z.index_select(1, m_targets);
    if (m_affine) {
        value = value * at::exp(given.narrow(2, 0, m_channels));
    }
    value = value + given.narrow(2, m_affine ? m_channels : 0, m_channels);
    value = at::clamp(value, m_lowest, m_highest); // NaN stays NaN
    const at::Tensor stands = at::le(value.abs(), kernels::kLargestIterate);
    value = at::where(stands, value, m_start.index_select(1, m_targets));
    const at::Tensor before = m_x.index_select(1, m_targets);
    if (isWorking.defined()) {
        value = at::where(isWorking.view({-1, 1, 1}), value, before);
    }
    const at::Tensor moved = value.to(at::kDouble) - before; // of a float and a double: double
    m_x.index_copy_(1, m_targets, value);
    const at::Tensor changes =
        at::stack({moved.square().sum(2), moved.abs().amax(2), stands.logical_not().sum(2).to(at::kDouble)}) *
        m_isWritten;
    const std::int64_t rows = m_targets.size(0); // changes: [3, batch, rows], zero for rows that were scrap
    const at::Tensor sums = changes.sum(at::IntArrayRef{1, 2});
    const at::Tensor isWithin = at::logical_or(at::le(changes.select(0, 1).amax(), m_told.select(0, 4)),
                                               at::le(sums.select(0, 0), m_told.select(0, 5)));
    m_isMet.copy_(at::logical_and(isWithin, at::eq(sums.select(0, 2), 0.0)));
    m_left.select(0, 0).copy_(m_isHeld);
    m_left.narrow(0, 1, 3 * m_batch * rows).view({3, m_batch, rows}).copy_(changes);
}

bool FlowNumbers::takeChanges(const at::Tensor& left, std::int64_t rows, const FlowRange& range,
                              FlowIterate::Changes& changes) const
{
    const double* squares = left.const_data_ptr<double>() + 1;
    const double* largest = squares + m_batch * rows;
    const double* replaced = largest + m_batch * rows;
    for (std::int64_t item = 0; item < m_batch; ++item) {
        for (std::int64_t token = range.from; token <= range.first + range.count; ++token) {
            const std::int64_t at = item * rows + token - range.first - 1;
            changes[static_cast<std::size_t>(item * m_tokens + token)] = {squares[at], largest[at],
                                                                          static_cast<std::int64_t>(replaced[at])};
        }
    }
    return squares[-1] == 0.0;
}

void FlowNumbers::putBack(const Moment& moment)
{
    m_x.copy_(moment.x);
    m_isMet.copy_(moment.isMet);
}

} // namespace jacobi
