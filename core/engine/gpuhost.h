// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/cuda/deviceops.h"
#include "core/engine/device.h"
#include "core/engine/memory.h"
#include "core/engine/modelfamily.h"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace jacobi {

/// The GPU as a backend uses it: which runs it makes, whether it is to be trusted, and the models that are placed there.
/// Worker thread only.
class GpuHost {
public:
    /// ops: the kernels' table, or null where there is no GPU; type: libtorch's name of such a device.
    GpuHost(const DeviceOps* ops, c10::DeviceType type) : m_ops(ops), m_type(type) {}

    /// Flows, and token models by every method that a GPU decodes by; unless the CPU was asked for.
    bool runs(const RunRequest& request, const ModelInfo& model) const;

    /// whyNoKernels() of that card, which is asked once. Empty where there is no GPU at all.
    Result<std::string> whyNoKernels(int card);

    /// Whether a model that is not there yet will have room, with the run, by what model.json says: before anything else of it is read.
    /// Errors: OutOfMemory, with what to change; NoDevice where the GPU was lost before; Unsupported where the family has nothing
    /// for one. May throw what libtorch throws.
    Result<void> checkFits(const RunRequest& request, const std::string& device, const ModelInfo& model,
                           const ModelFamily& family) const;

    /// Places the model's network there, and what makes its pictures, where it is not yet in that precision. device: "cuda:N". What the run takes is
    /// held against what is free first, every time. Errors: OutOfMemory, with what to change; NoDevice where the kernels were
    /// not compiled for that card, where a small network gives other results there than by the plain formulas (looked at once a card),
    /// or where the GPU was lost before; of the
    /// family's describeNetwork(). May throw what libtorch throws.
    Result<void> place(const RunRequest& request, const std::string& device, const ModelInfo& model,
                       const ModelFamily& family, LoadedModel& loaded);

    /// The same for a flow: it is moved there with its renderer, and what previews cost is found anew.
    Result<void> placeFlow(const RunRequest& request, const std::string& device, const ModelInfo& model,
                           const ModelFamily& family, LoadedModel& loaded);

    /// A run ended with this error. True where the loaded model is to be freed: after the GPU ran out of memory, so that the
    /// next run has room; and where the GPU was lost, which it stays until the program starts anew.
    bool mustFreeAfter(const Error& error, const LoadedModel& loaded);

    /// Where the GPU ran out of memory: what libtorch keeps of it for later is given back, once what was loaded is gone.
    void giveBackAfter(const Error& error, const std::string& device) const;

private:
    at::Device placeOf(const std::string& device) const;
    Result<void> check(int number, at::Device device);
    Result<void> checkNoise(int number);
    Result<void> checkRoom(int number, std::uint64_t needed, const std::vector<PrecisionBytes>& smaller,
                           std::uint64_t held = 0) const;

    const DeviceOps* m_ops;
    c10::DeviceType m_type;
    std::map<int, std::string> m_whyNoKernels; ///< by card, of those that were asked
    std::set<int> m_trusted;                   ///< cards
    std::set<int> m_trustedWithNoise;          ///< with what SJD2 needs beside
    std::optional<Error> m_lost;
};

} // namespace jacobi
