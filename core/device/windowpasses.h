// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/cuda/devicewindows.h"
#include "core/device/passpipeline.h"

#include <functional>
#include <utility>

namespace jacobi {

/// Passes over windows in a device's memory, as a PassDevice. Worker thread only; the windows must outlive it.
class WindowPasses final : public PassDevice {
public:
    /// Puts a whole pass on the stream and returns at once: the network, which reads positions and tokens from the windows
    /// and puts logits where they want them, and the windows' own kernels (DeviceWindows::enqueueKernels()); or a graph of
    /// all that.
    using Pass = std::function<Result<void>()>;

    WindowPasses(DeviceWindows& windows, Pass pass, void* stream)
        : m_windows(&windows), m_pass(std::move(pass)), m_stream(stream)
    {
    }

    std::uint32_t items() const override { return m_windows->job().items; }
    Result<void> enqueue() override
    {
        const Result<void> pass = m_pass();
        return pass ? m_windows->endReplay(m_stream) : pass;
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
    Pass m_pass;
    void* m_stream;
};

} // namespace jacobi
