// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/decode/flowiterate.h"

#include "core/decode/flowmodel.h"
#include "core/decode/passclock.h"

#include <ATen/ATen.h>

#include <cassert>

namespace jacobi {
namespace {

class HostIterate final : public FlowIterate {
public:
    HostIterate(FlowModel& model, const FlowUpdate& update, const at::Tensor& z, const at::Tensor& start)
        : m_model(model), m_update(update), m_z(z), m_start(start), m_x(start.clone())
    {
    }

    at::Tensor numbers() const override { return m_x; }
    std::int64_t forwardNs() const override { return m_forwardNs; }
    void clipFirst(Changes& changes) override { clipFirstToken(m_x, m_update.clip, changes); }

    Changes receive(const at::Tensor& z) override
    {
        m_z = z;
        const at::Tensor first = z.select(1, 0);
        return setFirstToken(m_x, m_update.clip > 0.0 ? first.clamp(-m_update.clip, m_update.clip) : first);
    }

    void evaluate(const FlowRange& range, const FlowNext*, Changes& changes) override
    {
        PassClock clock;
        const at::Tensor parameters = m_model.pass(m_x, range.first, range.count);
        m_forwardNs = clock.lap();
        m_update.first = range.first;
        m_update.rows = range.count;
        m_update.from = range.from;
        const auto update = [&]<class Real>(Real) {
            const Real* guided = parameters.const_data_ptr<Real>();
            const Real* unguided = parameters.size(0) == 2 ? guided + parameters.numel() / 2 : nullptr;
            kernels::updateTokens<Real>(guided, unguided, m_z.const_data_ptr<Real>(), m_start.const_data_ptr<Real>(),
                                        m_x.mutable_data_ptr<Real>(), changes.data(), m_update);
        };
        parameters.scalar_type() == at::kDouble ? update(double{}) : update(float{});
    }

private:
    FlowModel& m_model;
    FlowUpdate m_update;
    at::Tensor m_z;
    at::Tensor m_start;
    at::Tensor m_x;
    std::int64_t m_forwardNs = 0;
};

} // namespace

std::unique_ptr<FlowIterate> makeHostIterate(FlowModel& model, const FlowUpdate& update, const at::Tensor& z,
                                             const at::Tensor& start)
{
    return std::make_unique<HostIterate>(model, update, z, start);
}

FlowIterate::Changes FlowIterate::receive(const at::Tensor&)
{
    assert(false); // no twin, so nothing to overlap with
    return {};
}

void FlowIterate::join(const FlowRange&, bool)
{
    assert(false); // passes of this model are one block's
}

FlowIterate::Changes setFirstToken(const at::Tensor& x, const at::Tensor& to)
{
    const at::Tensor now = x.select(1, 0);
    const at::Tensor difference = (to - now).to(at::kDouble);
    FlowIterate::Changes changes;
    for (std::int64_t item = 0; item < x.size(0); ++item) {
        const at::Tensor own = difference[item];
        changes.push_back({own.square().sum().item<double>(), own.abs().max().item<double>(), 0});
    }
    now.copy_(to);
    return changes;
}

void clipFirstToken(const at::Tensor& x, double clip, FlowIterate::Changes& changes)
{
    const FlowIterate::Changes first = setFirstToken(x, x.select(1, 0).clamp(-clip, clip));
    for (std::int64_t item = 0; item < x.size(0); ++item) {
        changes[static_cast<std::size_t>(item * x.size(1))] = first[static_cast<std::size_t>(item)];
    }
}

} // namespace jacobi
