// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/deviceflow.h"

#include "core/cuda/devicememory.h"
#include "core/decode/passclock.h"
#include "core/device/devicemodel.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <bit>
#include <cassert>

namespace jacobi {
namespace {

void* const kLibtorchStream = nullptr; ///< the one that is current where nobody chose another

/// Passes of one kind before it pays to record them: recording makes two, and takes as long as another.
constexpr int kPassesBeforeRecording = 2;

void expectDone(const Result<void>& done)
{
    TORCH_CHECK(done, done.error().message, " [", done.error().detail, "]");
}

void expectDone(const DeviceOps& ops, int code, const char* doing)
{
    if (code != 0) {
        expectDone(tl::unexpected(deviceError(ops, code, doing)));
    }
}

} // namespace

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
        m_flow.m_numbers->readChanges(m_flow.run(count), changes);
        m_forwardNs = clock.lap();
    }

private:
    DeviceFlow& m_flow;
    double m_clip;
    std::int64_t m_forwardNs = 0;
};

DeviceFlow::DeviceFlow(const DeviceOps& ops, std::unique_ptr<FlowNetwork> network)
    : m_ops(&ops), m_network(std::move(network)), m_stream(m_network->device())
{
}

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
    expectDone(*m_ops, m_ops->selectDevice(std::max<int>(0, device().index())), "select the device");
    FlowRoom room{batch, condition.guided ? 2 : 1, m_room.places};
    if (m_numbers == nullptr || room != m_room || maxRows > m_maxRows) {
        m_recordings.clear();
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

void DeviceFlow::enterBlock(std::int64_t block)
{
    m_block = block;
    m_network->enterBlock(block);
}

std::unique_ptr<FlowIterate> DeviceFlow::iterate(const FlowUpdate& update, const at::Tensor& z, const at::Tensor& start)
{
    m_numbers->enter(update, z, start);
    return std::make_unique<Iterate>(*this, update.clip);
}

std::int64_t DeviceFlow::run(std::int64_t count)
{
    assert(count > 0 && count <= m_maxRows);
    if (const std::int64_t shortages = timesMemoryRanShort(device()); shortages != m_shortages) {
        m_recordings.clear();
        m_shortages = shortages;
    }
    const auto power = static_cast<std::int64_t>(std::bit_ceil(static_cast<std::uint64_t>(count)));
    const std::int64_t rows = std::min(power, m_maxRows);
    Recording& recording = m_recordings[{m_block, rows}];
    if (!wantsGraphs || recording.passes++ < kPassesBeforeRecording) {
        enqueue(count);
        return count;
    }
    if (!recording.isTried) {
        record(rows, recording);
    }
    if (recording.graph.isGraph()) {
        expectDone(recording.graph.launchOn(kLibtorchStream));
    } else {
        enqueue(rows);
    }
    return rows;
}

void DeviceFlow::record(std::int64_t rows, Recording& recording)
{
    recording.isTried = true;
    const at::Tensor before = m_numbers->x().clone();
    expectDone(*m_ops, m_ops->synchronize(kLibtorchStream), "finish what was before a recording");
    expectDone(recording.graph.record(*m_ops, m_stream.handle(), [this, rows]() -> Result<void> {
        const c10::InferenceMode inference;
        const DeviceStream::Use use(m_stream);
        enqueue(rows);
        return {};
    }));
    m_whyNoGraph = recording.graph.why();
    m_numbers->x().copy_(before); // Recording made passes of its own; keys and values of their rows are written again.
}

void DeviceFlow::enqueue(std::int64_t rows)
{
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

std::size_t DeviceFlow::graphs() const
{
    return static_cast<std::size_t>(
        std::ranges::count_if(m_recordings, [](const auto& one) { return one.second.graph.isGraph(); }));
}

} // namespace jacobi
