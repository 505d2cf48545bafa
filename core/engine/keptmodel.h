// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/engine/gpuhost.h"
#include "core/engine/guard.h"
#include "core/engine/modelfamily.h"

#include <functional>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

namespace jacobi {

/// A request, resolved, with the model it names and what it runs on.
struct RunTarget {
    DeviceInfo device;
    ModelInfo model;
    const ModelFamily* family = nullptr;
    ResolvedRequest resolved;
};

/// The model that is kept loaded between runs, on the CPU or placed on a GPU: one at a time. Worker thread only.
class KeptModel {
public:
    /// gpu must outlive it.
    explicit KeptModel(GpuHost& gpu) : m_gpu(&gpu) {}

    /// The target's model, where its run can take it from; loaded now unless it was kept. Whether there is memory is asked before anything
    /// is read. Errors: OutOfMemory, NoDevice, those of ModelFamily::load() and of GpuHost; what libtorch throws is guarded.
    Result<LoadedModel*> load(const RunTarget& target);

    /// Work with the loaded model, guarded. After some errors the model goes, so that the next run has room.
    template <class Work>
    std::invoke_result_t<Work> work(Work&& work)
    {
        auto done = guarded(std::forward<Work>(work));
        if (!done) {
            endedWith(done.error());
        }
        return done;
    }

    void free() { m_kept.reset(); }

private:
    /// The model, and what it was loaded from.
    struct Kept {
        std::string folder;
        std::string hash;
        std::string precision;
        LoadedModel model;
    };

    bool isKept(const RunTarget& target) const;
    Result<LoadedModel*> loadOnCpu(const RunTarget& target);
    Result<LoadedModel*> loadAnew(const RunTarget& target);
    void endedWith(const Error& error);

    GpuHost* m_gpu;
    std::optional<Kept> m_kept;
    std::string m_gpuId = "cpu"; ///< of the GPU where a model was placed last
};

} // namespace jacobi
