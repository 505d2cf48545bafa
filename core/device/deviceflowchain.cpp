// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/deviceflowchain.h"

#include "core/decode/passclock.h"
#include "core/device/expectdone.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cassert>
#include <utility>

namespace jacobi {
namespace {

void* const kLibtorchStream = nullptr; ///< the one that is current where nobody chose another
constexpr std::int64_t kAllBlocks = 0; ///< whose passes are recorded together

} // namespace

/// One block. The first that evaluates makes the pass of all that joined.
class DeviceFlowChain::Iterate final : public FlowIterate {
public:
    Iterate(DeviceFlowChain& chain, std::int64_t block, double clip) : m_chain(chain), m_block(block), m_clip(clip) {}

    at::Tensor numbers() const override { return m_chain.blockByBlock(m_chain.m_run.numbers->x())[m_block]; }
    std::int64_t forwardNs() const override { return m_chain.m_passNs; }
    void clipFirst(Changes& changes) override { clipFirstToken(numbers(), m_clip, changes); }

    void join(const FlowRange& range, bool receives) override
    {
        m_chain.m_turns[static_cast<std::size_t>(m_block)] = {range, true, receives};
        m_joined = range;
        m_receives = receives;
    }

    void evaluate(const FlowRange& range, const FlowNext*, Changes& changes) override
    {
        assert(range == m_joined);
        if (m_chain.m_turns[static_cast<std::size_t>(m_block)].isJoined) {
            m_chain.pass();
        }
        const Changes& made = m_chain.m_changes[static_cast<std::size_t>(m_block)];
        const std::int64_t tokens = m_chain.layout().tokens();
        for (std::int64_t item = 0; item < m_chain.m_run.room.batch; ++item) {
            const auto copy = [&](std::int64_t token) {
                const auto at = static_cast<std::size_t>(item * tokens + token);
                changes[at] = made[at];
            };
            if (m_receives) {
                copy(0);
            }
            for (std::int64_t token = range.from; token <= range.first + range.count; ++token) {
                copy(token);
            }
        }
    }

private:
    DeviceFlowChain& m_chain;
    std::int64_t m_block;
    double m_clip;
    FlowRange m_joined;
    bool m_receives = false;
};

DeviceFlowChain::DeviceFlowChain(const DeviceOps& ops, std::unique_ptr<FlowNetwork> network)
    : m_blocks(network->layout().blocks),
      m_run(ops, std::move(network)),
      m_turns(static_cast<std::size_t>(m_blocks)),
      m_changes(static_cast<std::size_t>(m_blocks))
{
    const FlowLayout& shape = layout();
    std::vector<std::int64_t> order;
    for (std::size_t block = 0; block + 1 < shape.blocks; ++block) {
        const bool turns = shape.reversed[block] != shape.reversed[block + 1];
        for (std::int64_t token = 0; token < shape.tokens(); ++token) {
            order.push_back(turns ? shape.tokens() - 1 - token : token);
        }
    }
    m_order = at::tensor(order, at::kLong).view({m_blocks - 1, shape.tokens()}).to(m_run.network->device());
}

void DeviceFlowChain::begin(std::int64_t batch, const FlowCondition& condition, std::int64_t maxRows)
{
    const std::int64_t flags = 2 * m_blocks;
    if (m_run.begin(batch, condition, maxRows, {m_blocks, flags, flags * batch})) {
        const auto numbers = at::TensorOptions().dtype(at::kDouble).device(m_run.network->device());
        m_flags = at::zeros({2, m_blocks}, numbers);
        m_firstChanges = at::zeros({2, m_blocks, batch}, numbers);
        m_changes.assign(m_changes.size(), FlowIterate::Changes(static_cast<std::size_t>(batch * layout().tokens())));
    }
    m_turns.assign(m_turns.size(), {});
}

at::Tensor DeviceFlowChain::fittedStart(std::int64_t block, const at::Tensor& z) const
{
    return m_run.network->fittedStart(block, z);
}

std::unique_ptr<FlowIterate> DeviceFlowChain::iterate(std::int64_t block, const FlowUpdate& update, const at::Tensor& z,
                                                      const at::Tensor& start)
{
    m_run.network->enterBlock(block);
    m_run.numbers->enter(update, z, start, block * m_run.room.batch);
    return std::make_unique<Iterate>(*this, block, update.clip);
}

void DeviceFlowChain::pass()
{
    PassClock clock;
    bool handsOver = true; // before anything else of the pass
    for (std::size_t block = 0; block < m_turns.size(); ++block) {
        if (m_turns[block].isJoined) {
            passOver(FlowRange(m_turns[block].range), handsOver);
            handsOver = false;
        }
    }
    m_passNs = clock.lap();
}

void DeviceFlowChain::passOver(const FlowRange& range, bool handsOver)
{
    FlowSlots::Slot& slot = m_run.slots->next();
    FlowNumbers::tell(range, false, {}, slot.told);
    double* flags = slot.told.mutable_data_ptr<double>() + FlowNumbers::kTold;
    for (std::size_t block = 0; block < m_turns.size(); ++block) {
        const Turn& turn = m_turns[block];
        flags[block] = turn.isJoined && turn.range == range ? 1.0 : 0.0;
        flags[m_turns.size() + block] = handsOver && turn.isJoined && turn.receives ? 1.0 : 0.0;
    }
    m_run.numbers->setPass(slot.told.narrow(0, 0, FlowNumbers::kTold));
    m_flags.copy_(slot.told.narrow(0, FlowNumbers::kTold, m_flags.numel()).view_as(m_flags), true);
    const std::int64_t rows = m_run.recordings.run(kAllBlocks, range.count, m_run.maxRows, *m_run.numbers,
                                                   [this](std::int64_t all) { enqueue(all); });
    const std::int64_t ofFirst = m_firstChanges.numel();
    slot.left.narrow(0, 0, ofFirst).copy_(m_firstChanges.view(-1), true);
    const at::Tensor left = slot.left.narrow(0, ofFirst, m_run.numbers->leftBy(rows));
    left.copy_(m_run.numbers->left(rows), true);
    expectDone(*m_run.ops, m_run.ops->synchronize(kLibtorchStream), "wait for a pass");

    const std::int64_t tokens = layout().tokens();
    FlowIterate::Changes all(static_cast<std::size_t>(m_blocks * m_run.room.batch * tokens));
    m_run.numbers->takeChanges(left, rows, range, all);
    const double* first = slot.left.const_data_ptr<double>();
    for (std::size_t block = 0; block < m_turns.size(); ++block) {
        FlowIterate::Changes& own = m_changes[block];
        if (handsOver && m_turns[block].receives) {
            for (std::int64_t item = 0; item < m_run.room.batch; ++item) {
                const auto at = static_cast<std::int64_t>(block) * m_run.room.batch + item;
                own[static_cast<std::size_t>(item * tokens)] = {first[at], first[ofFirst / 2 + at], 0};
            }
        }
        if (flags[block] == 0.0) {
            continue;
        }
        m_turns[block].isJoined = false;
        for (std::int64_t item = 0; item < m_run.room.batch; ++item) {
            const std::int64_t from = (static_cast<std::int64_t>(block) * m_run.room.batch + item) * tokens;
            std::copy_n(all.begin() + from + range.from, range.first + range.count + 1 - range.from,
                        own.begin() + item * tokens + range.from);
        }
    }
}

void DeviceFlowChain::enqueue(std::int64_t rows)
{
    enqueueHandOver();
    const FlowRows places = m_run.numbers->enqueueRows(rows);
    const at::Tensor works = at::gt(m_flags.select(0, 0), 0.5).unsqueeze(1).expand({m_blocks, m_run.room.batch});
    m_run.numbers->enqueueUpdate(m_run.network->enqueue(m_run.numbers->x(), places), works.reshape(-1));
}

void DeviceFlowChain::enqueueHandOver()
{
    const std::int64_t others = m_blocks - 1; // than the last, which nothing is before
    if (others == 0) {
        return;
    }
    const at::Tensor x = blockByBlock(m_run.numbers->x());
    const at::Tensor z = blockByBlock(m_run.numbers->z()).narrow(0, 0, others);
    const at::Tensor receives = at::gt(m_flags.select(0, 1).narrow(0, 0, others), 0.5).view({others, 1, 1, 1});
    const at::Tensor before = x.narrow(0, 1, others);
    const at::Tensor order = m_order.view({others, 1, layout().tokens(), 1}).expand_as(before);
    z.copy_(at::where(receives, before.gather(2, order), z)); // all are read before any first token moves

    const at::Tensor now = x.narrow(0, 0, others).select(2, 0);
    const at::Tensor given = at::clamp(z.select(2, 0), m_run.numbers->lowest(), m_run.numbers->highest());
    const at::Tensor next = at::where(receives.squeeze(3), given, now);
    const at::Tensor moved = next.to(at::kDouble) - now;
    const at::Tensor changes = m_firstChanges.narrow(1, 0, others);
    changes.select(0, 0).copy_(moved.square().sum(2));
    changes.select(0, 1).copy_(moved.abs().amax(2));
    now.copy_(next);
}

at::Tensor DeviceFlowChain::blockByBlock(const at::Tensor& numbers) const
{
    return numbers.view({m_blocks, m_run.room.batch, m_run.room.places, -1}).narrow(2, 0, layout().tokens());
}

} // namespace jacobi
