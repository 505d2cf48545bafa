// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/passgraph.h"

#include "core/cuda/devicememory.h"

#include <exception>
#include <utility>

namespace jacobi {
namespace {

constexpr int kWarmUps = 2;

} // namespace

void PassGraph::reset()
{
    if (m_graph != nullptr) {
        m_ops->destroyGraph(m_graph);
        m_graph = nullptr;
    }
}

Result<void> PassGraph::record(const DeviceOps& ops, void* stream, Enqueue enqueue, bool wanted)
{
    reset();
    m_ops = &ops;
    m_stream = stream;
    m_enqueue = std::move(enqueue);
    m_why = wanted ? "" : "graphs were not wanted";
    for (int i = 0; i < kWarmUps; ++i) {
        if (auto done = m_enqueue(); !done) {
            return done;
        }
    }
    if (const int code = ops.synchronize(stream); code != 0) {
        return tl::unexpected(deviceError(ops, code, "make a first pass"));
    }
    if (!wanted) {
        return {};
    }
    if (const int code = ops.beginCapture(stream); code != 0) {
        m_why = ops.errorText(code);
        return isDeviceLost(code) ? tl::unexpected(deviceError(ops, code, "record a pass")) : Result<void>();
    }
    // The recording must be ended whatever happens.
    std::exception_ptr thrown;
    Result<void> enqueued;
    try {
        enqueued = m_enqueue();
    } catch (...) {
        thrown = std::current_exception();
    }
    const int code = ops.endCapture(stream, &m_graph);
    if (thrown || !enqueued || code != 0) {
        reset();
        m_why = !enqueued ? enqueued.error().detail : code != 0 ? ops.errorText(code) : "the network's library refused";
        if (isDeviceLost(code)) {
            return tl::unexpected(deviceError(ops, code, "record a pass"));
        }
    }
    return {};
}

Result<void> PassGraph::launch()
{
    if (m_graph == nullptr) {
        return m_enqueue();
    }
    const int code = m_ops->launchGraph(m_graph, m_stream);
    return code == 0 ? Result<void>() : tl::unexpected(deviceError(*m_ops, code, "launch a pass"));
}

} // namespace jacobi
