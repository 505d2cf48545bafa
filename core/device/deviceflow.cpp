// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/deviceflow.h"

#include "core/decode/passclock.h"

#include <ATen/ATen.h>

#include <cassert>

namespace jacobi {

/// The block at work: it speaks to the model's buffers, so there is one at a time.
class DeviceFlow::Iterate final : public FlowIterate {
public:
    Iterate(DeviceFlow& flow, double clip) : m_flow(flow), m_clip(clip) {}

    at::Tensor numbers() const override { return m_flow.m_numbers->tokens(); }
    std::int64_t forwardNs() const override { return m_forwardNs; }
    void clipFirst(Changes& changes) override { clipFirstToken(numbers(), m_clip, changes); }

    void evaluate(std::int64_t first, std::int64_t count, std::int64_t from, Changes& changes) override
    {
        PassClock clock;
        m_flow.m_numbers->setPass(first, count, from);
        m_flow.enqueue(count);
        m_flow.m_numbers->readChanges(count, changes);
        m_forwardNs = clock.lap();
    }

private:
    DeviceFlow& m_flow;
    double m_clip;
    std::int64_t m_forwardNs = 0;
};

DeviceFlow::DeviceFlow(std::unique_ptr<FlowNetwork> network) : m_network(std::move(network)) {}

at::Tensor DeviceFlow::scaledLatent(const at::Tensor& latent) const
{
    return m_network->scaledLatent(latent.to(device()));
}

at::Tensor DeviceFlow::fittedStart(std::int64_t block, const at::Tensor& z) const
{
    return m_network->fittedStart(block, z);
}

void DeviceFlow::begin(std::int64_t batch, const FlowCondition& condition, std::int64_t maxRows)
{
    FlowRoom room{batch, condition.guided ? 2 : 1, m_room.places};
    if (m_numbers == nullptr || room != m_room || maxRows > m_maxRows) {
        m_numbers.reset();
        m_maxRows = maxRows;
        room.places = FlowNumbers::placesFor(layout().tokens(), maxRows);
        m_room = room;
        m_network->makeRoom(room);
        m_numbers = std::make_unique<FlowNumbers>(layout(), room, maxRows,
                                                  at::TensorOptions().dtype(realType()).device(device()));
    }
    m_network->setCondition(condition);
}

std::unique_ptr<FlowIterate> DeviceFlow::iterate(const FlowUpdate& update, const at::Tensor& z, const at::Tensor& start)
{
    m_numbers->enter(update, z, start);
    return std::make_unique<Iterate>(*this, update.clip);
}

void DeviceFlow::enqueue(std::int64_t rows)
{
    assert(rows > 0 && rows <= m_maxRows);
    const FlowRows places = m_numbers->enqueueRows(rows);
    m_numbers->enqueueUpdate(m_network->enqueue(m_numbers->x(), places));
}

at::Tensor DeviceFlow::pass(const at::Tensor& x, std::int64_t first, std::int64_t count)
{
    m_numbers->tokens().copy_(x);
    m_numbers->setPass(first, count, first + 1);
    const FlowRows places = m_numbers->enqueueRows(count);
    return m_network->enqueue(m_numbers->x(), places);
}

} // namespace jacobi
