// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/deviceflow.h"

#include "core/decode/passclock.h"
#include "core/device/expectdone.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cassert>
#include <optional>

namespace jacobi {
namespace {

void* const kLibtorchStream = nullptr; ///< the one that is current where nobody chose another

} // namespace

/// The block at work: it speaks to the model's buffers, so there is one at a time.
class DeviceFlow::Iterate final : public FlowIterate {
public:
    Iterate(DeviceFlow& flow, double clip) : m_flow(flow), m_clip(clip) {}

    at::Tensor numbers() const override { return m_ahead ? m_before : m_flow.m_run.numbers->tokens(); }
    std::int64_t forwardNs() const override { return m_forwardNs; }
    void clipFirst(Changes& changes) override
    {
        assert(!m_ahead); // it would have read token 0 already
        clipFirstToken(numbers(), m_clip, changes);
    }

    void evaluate(const FlowRange& range, const FlowNext* next, Changes& changes) override
    {
        PassClock clock;
        const bool isUnderWay = m_ahead && m_ahead->range == range;
        const FlowNext limits = next != nullptr ? *next : FlowNext{};
        const Flight now = isUnderWay ? *m_ahead : m_flow.launch(range, false, limits);
        m_ahead.reset();
        if (next != nullptr && m_flow.runsAhead) {
            m_before = m_flow.m_run.numbers->tokens().clone();
            m_ahead = m_flow.launch(next->range, true, limits);
        }
        if (!m_flow.land(now, !m_ahead,
                         changes)) { // limits met by a rounding of the device's sums, and not by the host's
            m_ahead.reset();
            m_flow.land(m_flow.launch(range, false, {}), true, changes);
        }
        m_forwardNs = clock.lap();
    }

private:
    DeviceFlow& m_flow;
    double m_clip;
    std::optional<Flight> m_ahead; ///< the pass after the last one
    at::Tensor m_before;           ///< numbers() as it began
    std::int64_t m_forwardNs = 0;
};

DeviceFlow::DeviceFlow(const DeviceOps& ops, std::unique_ptr<FlowNetwork> network) : m_run(ops, std::move(network)) {}

at::Tensor DeviceFlow::scaledLatent(const at::Tensor& latent) const
{
    return m_run.network->scaledLatent(latent.to(device()));
}

at::Tensor DeviceFlow::fittedStart(std::int64_t block, const at::Tensor& z) const
{
    return m_run.network->fittedStart(block, z);
}

void DeviceFlow::begin(std::int64_t batch, const FlowCondition& condition, std::int64_t maxRows)
{
    m_run.begin(batch, condition, maxRows, {});
}

void DeviceFlow::enterBlock(std::int64_t block)
{
    m_block = block;
    m_run.network->enterBlock(block);
}

std::unique_ptr<FlowIterate> DeviceFlow::iterate(const FlowUpdate& update, const at::Tensor& z, const at::Tensor& start)
{
    m_run.numbers->enter(update, z, start);
    return std::make_unique<Iterate>(*this, update.clip);
}

DeviceFlow::Flight DeviceFlow::launch(const FlowRange& range, bool isOptional, const FlowNext& limits)
{
    FlowSlots::Slot& slot = m_run.slots->next();
    FlowNumbers::tell(range, isOptional, limits, slot.told);
    m_run.numbers->setPass(slot.told);
    const std::int64_t rows = m_run.recordings.run(m_block, range.count, m_run.maxRows, *m_run.numbers,
                                                   [this](std::int64_t all) { enqueue(all); });
    slot.left.narrow(0, 0, m_run.numbers->leftBy(rows)).copy_(m_run.numbers->left(rows), true);
    expectDone(*m_run.ops, m_run.ops->recordEvent(slot.event, kLibtorchStream), "mark a pass");
    return {range, rows, &slot};
}

bool DeviceFlow::land(const Flight& flight, bool isLast, FlowIterate::Changes& changes)
{
    // To wait for an event leaves the processor to others, and takes longer to come back from.
    expectDone(*m_run.ops, isLast ? m_run.ops->synchronize(kLibtorchStream) : m_run.ops->awaitEvent(flight.slot->event),
               "wait for a pass");
    return m_run.numbers->takeChanges(flight.slot->left, flight.rows, flight.range, changes);
}

void DeviceFlow::enqueue(std::int64_t rows)
{
    const FlowRows places = m_run.numbers->enqueueRows(rows);
    m_run.numbers->enqueueUpdate(m_run.network->enqueue(m_run.numbers->x(), places));
}

at::Tensor DeviceFlow::pass(const at::Tensor& x, std::int64_t first, std::int64_t count)
{
    m_run.numbers->tokens().copy_(x);
    at::Tensor told = at::empty({FlowNumbers::kTold}, at::kDouble);
    FlowNumbers::tell({first, count, first + 1}, false, {}, told);
    m_run.numbers->setPass(told);
    expectDone(*m_run.ops, m_run.ops->synchronize(kLibtorchStream), "tell a pass its tokens"); // `told` goes
    const FlowRows places = m_run.numbers->enqueueRows(count);
    return m_run.network->enqueue(m_run.numbers->x(), places);
}

std::shared_ptr<FlowChain> DeviceFlow::chain()
{
    if (m_chain == nullptr && m_run.network->canStack()) {
        m_chain = std::make_shared<DeviceFlowChain>(*m_run.ops, m_run.network->stacked());
        m_chain->recordings().wantsGraphs = m_run.recordings.wantsGraphs;
    }
    return m_chain;
}

void DeviceFlow::setWantsGraphs(bool wants)
{
    m_run.recordings.wantsGraphs = wants;
    if (m_chain != nullptr) {
        m_chain->recordings().wantsGraphs = wants;
    }
}

std::size_t DeviceFlow::graphs() const
{
    return m_run.recordings.graphs() + (m_chain == nullptr ? 0 : m_chain->recordings().graphs());
}

bool DeviceFlow::wasRefused() const
{
    return m_run.recordings.wasRefused() || (m_chain != nullptr && m_chain->recordings().wasRefused());
}

const std::string& DeviceFlow::whyNoGraph() const
{
    const bool isOfChain = m_run.recordings.whyNoGraph().empty() && m_chain != nullptr;
    return isOfChain ? m_chain->recordings().whyNoGraph() : m_run.recordings.whyNoGraph();
}

} // namespace jacobi
