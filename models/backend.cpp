// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/devicesteps.h"
#include "core/engine/benchengine.h"
#include "core/engine/enginebackend.h"
#include "core/engine/gpuhost.h"
#include "core/engine/guard.h"
#include "core/engine/kernelplugin.h"
#include "core/engine/learningchecks.h"
#include "core/engine/selftest.h"
#include "core/engine/torchcuda.h"
#include "models/families/benchflow.h"
#include "models/families/flowchecks.h"
#include "models/families/picturechecks.h"
#include "models/families/scenesfamily.h"
#include "models/families/tarflowfamily.h"
#include "models/flowtraining/trainflow.h"
#include "models/judge/benchadherence.h"
#include "models/judge/benchsjd2.h"
#include "models/judge/judgepictures.h"
#include "models/judge/trainjudge.h"
#include "models/scenes/tensorfile.h"
#include "models/tarflow/probetarflow.h"
#include "models/training/trainscenes.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace jacobi {
namespace {

/// options: "model", "inputs", "out": paths.
Result<nlohmann::json> probe(const nlohmann::json& options)
{
    const auto path = [&](const char* key) { return std::filesystem::path(options.value(key, std::string())); };
    const Result<std::size_t> written = probeTarFlow(path("model"), path("inputs"), path("out"));
    if (!written) {
        return tl::unexpected(written.error());
    }
    return nlohmann::json{{"tensors", *written}};
}

/// The kernels, with libtorch's part for GPUs open beside them; or null, and why. Tried only where the driver found a GPU, and
/// before libtorch is asked for one. libtorch's part is opened in any case: training needs none of the kernels.
const DeviceOps* openGpu(std::string& problem)
{
    const TorchCuda torch = openTorchCuda(torchCudaPath());
    const KernelPlugin plugin = openKernelPlugin(kernelPluginPath());
    problem = plugin.problem.empty() ? torch.problem : plugin.problem;
    return problem.empty() ? plugin.ops : nullptr;
}

/// What the families check of themselves on a device.
std::vector<KernelCheck> checkFamilies(const DeviceOps& ops, at::Device device)
{
    std::vector<KernelCheck> checks = checkFlow(ops, device);
    checks.push_back(checkPictures(device));
    return checks;
}

/// The fused steps of training on a GPU, where its kernels turn out to be right.
StepsOf stepsOf(const DeviceOps* ops)
{
    if (ops == nullptr) {
        return {};
    }
    return [ops, steps = std::make_shared<DeviceSteps>(*ops)](at::Device device) -> const FusedSteps* {
        const auto passed = [](const KernelCheck& check) { return check.outcome == KernelCheck::Outcome::Passed; };
        const bool areRight = device.is_cuda() && ops->selectDevice(device.index()) == 0 &&
                              std::ranges::all_of(checkLearning(*ops, device), passed);
        return areRight ? steps.get() : nullptr;
    };
}

/// As every family of token models reads them.
Result<std::map<std::string, at::Tensor>> readWeights(
    const std::filesystem::path& path, const std::vector<std::pair<std::string, std::vector<std::int64_t>>>& wanted)
{
    std::vector<TensorSpec> specs;
    for (const auto& [name, shape] : wanted) {
        specs.push_back({name, shape});
    }
    return readTensors(path, specs, at::kFloat);
}

/// Every family and job of this version.
BackendParts everything()
{
    BackendParts parts;
    parts.families.push_back(std::make_unique<ScenesFamily>());
    parts.families.push_back(std::make_unique<TarFlowFamily>());
    parts.jobs["train-judge"] = trainJudge;
    parts.jobs["train-flow"] = trainFlow;
    parts.jobs["probe"] = [](const nlohmann::json& options, ProgressSink&, const std::stop_token&) {
        return probe(options);
    };
    parts.jobs["bench-adherence"] = benchAdherence;
    parts.jobs["bench-sjd2-ablation"] = benchSjd2;
    parts.jobs[kJudgePicturesJob] = [](const nlohmann::json& options, ProgressSink&, const std::stop_token&) {
        return judgePictures(options);
    };
    parts.lightJobs = {kJudgePicturesJob};
    parts.findModels = findModels;
    parts.gpu = probeGpu();
    if (parts.gpu.gpus > 0) {
        parts.gpuOps = openGpu(parts.gpu.engineProblem);
    }
    parts.jobs["train-scenes"] = [steps = stepsOf(parts.gpuOps)](const nlohmann::json& options, ProgressSink& sink,
                                                                 const std::stop_token& stop) {
        return trainScenes(options, sink, stop, steps);
    };
    parts.jobs["bench-flow"] = [gpu = GpuHost(parts.gpuOps, parts.gpuType)](
                                   const nlohmann::json& options, ProgressSink& sink,
                                   const std::stop_token& stop) mutable { return benchFlow(options, sink, stop, &gpu); };
    parts.jobs[kSelfTestJob] = [gpu = parts.gpu](const nlohmann::json& options, ProgressSink&, const std::stop_token&) {
        return selfTest(options, gpu, openKernelPlugin(kernelPluginPath()), checkFamilies);
    };
    parts.jobs[kBenchEngineJob] = [gpu = parts.gpu](const nlohmann::json& options, ProgressSink& sink,
                                                    const std::stop_token& stop) {
        const BenchParts bench{readWeights, randomPictures};
        return benchEngine(options, gpu, openKernelPlugin(kernelPluginPath()), bench, sink, stop);
    };
    return parts;
}

} // namespace
} // namespace jacobi

extern "C" __attribute__((visibility("default"))) jacobi::Backend* jacobiCreateBackend(
    const jacobi::BackendOptions& options, jacobi::Error* error)
{
    auto backend = jacobi::guarded([&] { return jacobi::makeBackend(jacobi::everything(), options); });
    if (!backend) {
        *error = std::move(backend.error());
        return nullptr;
    }
    return backend->release();
}
