// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/layertiming.h"

#include "core/cuda/devicememory.h"

#include <algorithm>
#include <chrono>
#include <limits>

namespace jacobi {

Result<double> layerSeconds(const DeviceOps& ops, void* stream, int layers,
                            const std::function<Result<void>()>& enqueue)
{
    // Several at a time, so that neither the way of a launch nor a card that has just been idle is what is timed.
    constexpr int kTries = 5, kTogether = 4;
    PassGraph graph;
    if (const auto recorded = graph.record(ops, stream, enqueue); !recorded) {
        return tl::unexpected(recorded.error());
    }
    double best = std::numeric_limits<double>::infinity();
    for (int i = 0; i < kTries; ++i) {
        const auto begin = std::chrono::steady_clock::now();
        for (int together = 0; together < kTogether; ++together) {
            if (auto launched = graph.launch(); !launched) {
                return tl::unexpected(launched.error());
            }
        }
        if (const int code = ops.synchronize(stream); code != 0) {
            return tl::unexpected(deviceError(ops, code, "wait for what is timed"));
        }
        const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin;
        best = std::min(best, taken.count() / (kTogether * layers));
    }
    return best;
}

} // namespace jacobi
