// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/cuda/devicewindows.h"
#include "core/engine/passpipeline.h"

#include <functional>
#include <utility>

namespace jacobi {

/// Passes over windows in a device's memory, as a PassDevice: the network's forward puts logits where the windows want
/// them, the two window kernels follow on the same stream. Worker thread only; the windows must outlive it.
class WindowPasses final : public PassDevice {
public:
    /// forward: enqueues the network on the stream and returns at once; it reads positions and tokens from the windows.
    using Forward = std::function<Result<void>()>;

    WindowPasses(DeviceWindows& windows, Forward forward, void* stream)
        : m_windows(&windows), m_forward(std::move(forward)), m_stream(stream)
    {
    }

    std::uint32_t items() const override { return m_windows->job().items; }
    Result<void> enqueue() override
    {
        const Result<void> forward = m_forward();
        return forward ? m_windows->enqueue(m_stream) : forward;
    }
    void hold(bool wanted) override { m_windows->hold(wanted); }
    Result<void> await(std::uint64_t replay) override { return m_windows->await(replay); }
    Outcome outcome(std::uint64_t replay, std::uint32_t item) const override
    {
        const PassRecordHead head = m_windows->head(replay, item);
        Outcome outcome;
        outcome.held = (head.flags & kPassHeld) != 0;
        outcome.idle = (head.flags & kPassIdle) != 0;
        outcome.done = (head.flags & kPassDone) != 0;
        outcome.nearTies = head.nearTies;
        if ((head.flags & kPassBad) != 0) {
            outcome.badPosition = head.end;
        }
        return outcome;
    }
    Step step(std::uint64_t replay, std::uint32_t item) const override { return m_windows->step(replay, item); }

private:
    DeviceWindows* m_windows;
    Forward m_forward;
    void* m_stream;
};

} // namespace jacobi
