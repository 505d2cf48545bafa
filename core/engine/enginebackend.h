// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/engine/backend.h"
#include "core/engine/device.h"
#include "core/engine/engine.h"
#include "core/engine/modelfamily.h"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace jacobi {

/// Longer work by name, as Backend::job runs it; what it throws is guarded.
using Job =
    std::function<Result<nlohmann::json>(const nlohmann::json& options, ProgressSink& sink, const std::stop_token& stop)>;

/// What a backend is made of: the families and jobs it was built with, and how it finds models.
struct BackendParts {
    std::vector<std::unique_ptr<ModelFamily>> families;
    std::map<std::string, Job> jobs;
    std::set<std::string> lightJobs; ///< those of them that leave the loaded model where it is
    std::function<std::vector<ModelInfo>(const std::vector<std::string>& folders)> findModels;
    Engine engine;
    GpuProbe gpu;
    /// What runs the networks of token models on the GPUs of `gpu`: the kernels' table, and libtorch's name of such a device.
    const DeviceOps* gpuOps = nullptr;
    c10::DeviceType gpuType = c10::DeviceType::CUDA;
};

/// The Backend over the parts: finds models, keeps one loaded between runs, resolves requests and runs them. An error
/// where the device of the options cannot be used.
Result<std::unique_ptr<Backend>> makeBackend(BackendParts parts, const BackendOptions& options);

} // namespace jacobi
