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
    constexpr int kTries = 5;
    PassGraph graph;
    if (const auto recorded = graph.record(ops, stream, enqueue); !recorded) {
        return tl::unexpected(recorded.error());
    }
    double best = std::numeric_limits<double>::infinity();
    for (int i = 0; i < kTries; ++i) {
        const auto begin = std::chrono::steady_clock::now();
        if (auto launched = graph.launch(); !launched) {
            return tl::unexpected(launched.error());
        }
        if (const int code = ops.synchronize(stream); code != 0) {
            return tl::unexpected(deviceError(ops, code, "wait for what is timed"));
        }
        best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count() / layers);
    }
    return best;
}

} // namespace jacobi
