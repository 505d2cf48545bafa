// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/cuda/deviceops.h"
#include "core/device/devicestream.h"
#include "core/device/flownumbers.h"
#include "core/device/passgraph.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>

namespace jacobi {

/// Passes of a flow, put on libtorch's stream: those that come again as graphs, one for each block and width: a power of two, or
/// the widest pass; rows that were not asked for read and write scrap. Thread rule: FlowModel; likewise its InferenceMode.
/// Throws what libtorch throws, and DeviceFailure for what DeviceOps reports.
class FlowRecordings {
public:
    /// Puts network and update of a pass of so many rows on the current stream.
    using Enqueue = std::function<void(std::int64_t rows)>;

    FlowRecordings(const DeviceOps& ops, at::Device device) : m_ops(&ops), m_stream(device) {}

    /// A pass of `count` rows, of at most maxRows, whose range the numbers were told. Returns its rows, those that were not asked
    /// for included.
    std::int64_t run(std::int64_t block, std::int64_t count, std::int64_t maxRows, FlowNumbers& numbers,
                     const Enqueue& enqueue);

    void clear() { m_recordings.clear(); }
    std::size_t graphs() const;                                    ///< recorded and kept
    const std::string& whyNoGraph() const { return m_whyNoGraph; } ///< the last reason, or empty
    bool wasRefused() const { return m_wasRefused; }               ///< whether a pass was (PassGraph::wasRefused())

    bool wantsGraphs = true;

private:
    /// A pass of so many rows of one block.
    struct Recording {
        int passes = 0;
        bool isTried = false;
        PassGraph graph;
    };
    void record(std::int64_t rows, FlowNumbers& numbers, const Enqueue& enqueue, Recording& recording);

    const DeviceOps* m_ops;
    DeviceStream m_stream; ///< to record on; graphs are launched on libtorch's
    std::map<std::pair<std::int64_t, std::int64_t>, Recording> m_recordings; ///< by block and rows
    std::int64_t m_shortages = 0; ///< timesMemoryRanShort() when the first of them was made
    std::string m_whyNoGraph;
    bool m_wasRefused = false;
};

} // namespace jacobi
