// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/cuda/deviceops.h"

#include <functional>
#include <string>

namespace jacobi {

/// A pass that was recorded once and is put on its stream as a whole from then on: one launch instead of some hundred.
/// Where a device has no graphs, or will not record this pass, every launch enqueues the pass anew; why() says so. The
/// table must outlive it. One thread.
class PassGraph {
public:
    using Enqueue = std::function<Result<void>()>;

    PassGraph() = default;
    ~PassGraph() { clear(); }
    PassGraph(const PassGraph&) = delete;
    PassGraph& operator=(const PassGraph&) = delete;

    /// enqueue: puts the pass on the stream; called again for recording, and later where there is no graph. It must wait
    /// for nothing. The pass is done twice before it is recorded, for libraries set themselves up when first called:
    /// afterwards the caller puts back what that changed. wanted: false never records. Errors: what enqueue returns before
    /// recording, and of a device that stopped working.
    Result<void> record(const DeviceOps& ops, void* stream, Enqueue enqueue, bool wanted = true);

    Result<void> launch();
    /// The same on another stream than it was recorded on, after what that holds: where it is a graph.
    Result<void> launchOn(void* stream) const;

    bool isGraph() const { return m_graph != nullptr; }
    const std::string& why() const { return m_why; } ///< why it is no graph; empty where it is one
    /// The device has graphs, but not of this pass: something in it waited, or did what only the host can do.
    bool wasRefused() const { return m_wasRefused; }

    /// Forgets the recording, and with it the memory that it writes to.
    void clear();

private:
    const DeviceOps* m_ops = nullptr;
    void* m_stream = nullptr;
    void* m_graph = nullptr;
    Enqueue m_enqueue;
    std::string m_why;
    bool m_wasRefused = false;
};

} // namespace jacobi
