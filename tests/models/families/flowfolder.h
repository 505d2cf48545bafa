// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/cuda/hostkernels.h"
#include "core/engine/enginebackend.h"
#include "core/trace/memorytrace.h"
#include "models/families/tarflowfamily.h"
#include "models/flowtraining/exportflow.h"
#include "models/flowtraining/flowpictures.h"
#include "models/tarflow/tarflowconfig.h"

#include <ATen/ATen.h>
#include <QTemporaryDir>

#include <filesystem>
#include <memory>
#include <string>

namespace jacobi::test {

/// 16 tokens of 3 x 2 x 2 numbers, three blocks of one layer, every class of the built-in flow.
inline TarFlowConfig smallFlow()
{
    TarFlowConfig config;
    config.blocks = 3;
    config.layers = 1;
    config.width = 64;
    config.grid = 4;
    config.patch = 2;
    config.classes = kFlowClasses;
    config.droppedRow = true;
    return config;
}

/// Random weights, so that tokens depend on each other.
inline TarFlowTensors randomTensors(const TarFlowConfig& config)
{
    at::manual_seed(3);
    TarFlowTensors tensors;
    for (const auto& [name, shape] : tarflowTensors(config)) {
        const bool isOne = name == "var" || name.find("norm.weight") != std::string::npos;
        const double spread = name == "var" ? 0.0 : name.find("proj_out.weight") != std::string::npos ? 0.03 : 0.1;
        tensors[name] = at::randn(shape) * spread + (isOne ? 1.0 : 0.0);
    }
    return tensors;
}

/// A folder "models" with the flow "whirl" in it, a cache folder, and a backend over both.
class FlowFolder {
public:
    FlowFolder()
    {
        std::filesystem::create_directories(model());
        const auto written = exportFlow(model(), smallFlow(), randomTensors(smallFlow()), 0.05);
        if (!written) {
            qFatal("%s", written.error().message.c_str());
        }
        open();
    }

    std::filesystem::path root() const { return m_folder.path().toStdString(); }
    std::filesystem::path model() const { return root() / "models" / "whirl"; }

    /// A backend as the program makes it when it starts; with a GPU that is really the CPU, where one is wanted. Time stands still
    /// in its runs, so that no preview is left out for what it costs.
    void open(bool hasGpu = false, const DeviceOps& ops = hostOps())
    {
        BackendParts parts;
        parts.families.push_back(std::make_unique<TarFlowFamily>());
        parts.engine = Engine(makeDecoder, [] { return std::int64_t{0}; });
        parts.findModels = [folder = root() / "models"](const std::vector<std::string>&) {
            return findModels({folder.string()});
        };
        if (hasGpu) {
            parts.gpu = {true, 1, "Made-up card", 13000, {{"Made-up card", 9, 0, 80'000'000'000}}, ""};
            parts.gpuOps = &ops;
            parts.gpuType = c10::DeviceType::CPU;
        }
        BackendOptions options;
        options.threads = 1;
        options.cacheFolder = (root() / "cache").string();
        backend = std::move(*makeBackend(std::move(parts), options));
    }

    std::unique_ptr<Backend> backend;

private:
    QTemporaryDir m_folder;
};

class QuietProgress : public ProgressSink {
public:
    void progress(const JobProgress& progress) override
    {
        ++count;
        if (onProgress) {
            onProgress(progress);
        }
    }
    int count = 0;
    std::function<void(const JobProgress&)> onProgress;
};

} // namespace jacobi::test
