// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/flowrecordings.h"

#include "core/device/devicemodel.h"
#include "core/device/expectdone.h"

#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <bit>
#include <cassert>

namespace jacobi {
namespace {

void* const kLibtorchStream = nullptr; ///< the one that is current where nobody chose another

/// Passes of one kind before it pays to record them: recording makes two, and takes as long as another.
constexpr int kPassesBeforeRecording = 2;

} // namespace

std::int64_t FlowRecordings::run(std::int64_t block, std::int64_t count, std::int64_t maxRows, FlowNumbers& numbers,
                                 const Enqueue& enqueue)
{
    assert(count > 0 && count <= maxRows);
    if (const std::int64_t shortages = timesMemoryRanShort(m_stream.device()); shortages != m_shortages) {
        m_recordings.clear();
        m_shortages = shortages;
    }
    const auto power = static_cast<std::int64_t>(std::bit_ceil(static_cast<std::uint64_t>(count)));
    const std::int64_t rows = std::min(power, maxRows);
    Recording& recording = m_recordings[{block, rows}];
    if (!wantsGraphs || recording.passes++ < kPassesBeforeRecording) {
        enqueue(count);
        return count;
    }
    if (!recording.isTried) {
        record(rows, numbers, enqueue, recording);
    }
    if (recording.graph.isGraph()) {
        expectDone(recording.graph.launchOn(kLibtorchStream));
    } else {
        enqueue(rows);
    }
    return rows;
}

void FlowRecordings::record(std::int64_t rows, FlowNumbers& numbers, const Enqueue& enqueue, Recording& recording)
{
    recording.isTried = true;
    const FlowNumbers::Moment before = numbers.moment();
    expectDone(*m_ops, m_ops->synchronize(kLibtorchStream), "finish what was before a recording");
    expectDone(recording.graph.record(*m_ops, m_stream.handle(), [this, rows, enqueue]() -> Result<void> {
        const c10::InferenceMode inference;
        const DeviceStream::Use use(m_stream);
        enqueue(rows);
        return {};
    }));
    m_whyNoGraph = recording.graph.why();
    m_wasRefused = m_wasRefused || recording.graph.wasRefused();
    numbers.putBack(before); // Recording made passes of its own; keys and values of their rows are written again.
}

std::size_t FlowRecordings::graphs() const
{
    return static_cast<std::size_t>(
        std::ranges::count_if(m_recordings, [](const auto& one) { return one.second.graph.isGraph(); }));
}

} // namespace jacobi
