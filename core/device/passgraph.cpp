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

void PassGraph::clear()
{
    if (m_graph != nullptr) {
        m_ops->destroyGraph(m_graph);
        m_graph = nullptr;
    }
}

Result<void> PassGraph::record(const DeviceOps& ops, void* stream, Enqueue enqueue, bool wanted)
{
    clear();
    m_ops = &ops;
    m_stream = stream;
    m_enqueue = std::move(enqueue);
    m_why = wanted ? "" : "graphs were not wanted";
    m_wasRefused = false;
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
    std::string thrown;
    Result<void> enqueued;
    try {
        enqueued = m_enqueue();
    } catch (const std::exception& error) {
        thrown = error.what();
        thrown = thrown.empty() ? "the network's library refused" : thrown.substr(0, thrown.find('\n'));
    }
    const int code = ops.endCapture(stream, &m_graph);
    if (!thrown.empty() || !enqueued || code != 0) {
        clear();
        m_wasRefused = true;
        m_why = !enqueued ? enqueued.error().detail : !thrown.empty() ? thrown : ops.errorText(code);
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
    return launchOn(m_stream);
}

Result<void> PassGraph::launchOn(void* stream) const
{
    const int code = m_ops->launchGraph(m_graph, stream);
    return code == 0 ? Result<void>() : tl::unexpected(deviceError(*m_ops, code, "launch a pass"));
}

} // namespace jacobi
