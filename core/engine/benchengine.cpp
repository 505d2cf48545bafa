// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/benchengine.h"

#include "core/cuda/hostkernels.h"
#include "core/engine/enginemeasures.h"
#include "core/engine/guard.h"
#include "core/engine/kernelcode.h"
#include "core/engine/torchcuda.h"

#include <algorithm>

namespace jacobi {
namespace {

using nlohmann::json;

Result<std::vector<BenchShape>> shapesOf(const json& options, bool isCpu)
{
    std::vector<BenchShape> shapes;
    const auto names = options.value("shapes", std::vector<std::string>());
    for (const BenchShape& shape : kBenchShapes) {
        const bool isNamed = std::ranges::find(names, shape.name) != names.end();
        if (isNamed || (names.empty() && (shape.name == "tiny") == isCpu)) {
            shapes.push_back(shape);
        }
    }
    if (shapes.size() < names.size()) {
        std::string known;
        for (const BenchShape& shape : kBenchShapes) {
            known += (known.empty() ? "" : ", ") + std::string(shape.name);
        }
        return fail(ErrorCode::InvalidRequest, "There is no such shape. Choose among: " + known + ".");
    }
    return shapes;
}

Result<std::vector<std::string>> groupsOf(const json& options)
{
    auto groups = options.value("only", std::vector<std::string>());
    std::string known;
    for (const std::string_view group : kBenchGroups) {
        known += (known.empty() ? "" : ", ") + std::string(group);
    }
    for (const std::string& group : groups) {
        if (std::ranges::find(kBenchGroups, group) == kBenchGroups.end()) {
            return fail(ErrorCode::InvalidRequest,
                        "There is no such group of measurements. Choose among: " + known + ".");
        }
    }
    if (!options.value("pictures", true)) {
        if (groups.empty()) {
            groups.assign(kBenchGroups.begin(), kBenchGroups.end());
        }
        std::erase(groups, "pictures");
        if (groups.empty()) {
            return fail(ErrorCode::InvalidRequest, "Nothing is left to measure without pictures.");
        }
    }
    return groups;
}

} // namespace

Result<json> benchEngine(const json& options, const GpuProbe& probe, const KernelPlugin& plugin,
                         const BenchParts& parts, ProgressSink& sink, const std::stop_token& stop)
{
    GpuProbe engine = probe;
    engine.engineProblem = plugin.problem;
    if (engine.engineProblem.empty() && options.value("device", "auto") != "cpu" && probe.gpus > 0) {
        engine.engineProblem = openTorchCuda(torchCudaPath()).problem;
    }
    const Result<DeviceInfo> device = chooseDevice(options.value("device", std::string("auto")), engine, 1);
    if (!device) {
        return tl::unexpected(device.error());
    }
    const bool isCpu = device->id == "cpu";
    const std::string precisionName = options.value("precision", isCpu ? "float32" : "bfloat16");
    const auto precision = devicePrecisionOf(precisionName);
    if (!precision || *precision == DevicePrecision::Float64) {
        return fail(ErrorCode::InvalidRequest, "There is no such precision here. Choose float32, bfloat16 or int8.");
    }
    std::optional<AttentionPath> attention;
    if (const std::string name = options.value("attention", std::string("auto")); name != "auto") {
        const auto known = std::ranges::find(kAttentionNames, name, &std::pair<AttentionPath, const char*>::second);
        if (known == kAttentionNames.end() || (isCpu && known->first == AttentionPath::Flash)) {
            return fail(ErrorCode::InvalidRequest,
                        "There is no such attention here. Choose auto, shared, masked or, on a GPU, flash.");
        }
        attention = known->first;
    }
    const auto shapes = shapesOf(options, isCpu);
    if (!shapes) {
        return tl::unexpected(shapes.error());
    }
    const auto groups = groupsOf(options);
    if (!groups) {
        return tl::unexpected(groups.error());
    }
    return guarded([&]() -> Result<json> {
        const auto number = static_cast<c10::DeviceIndex>(isCpu ? -1 : gpuNumber(device->id).value_or(0));
        EngineMeasures bench(isCpu ? hostOps() : *plugin.ops, at::Device(isCpu ? at::kCPU : at::kCUDA, number), sink,
                             stop);
        bench.attention = attention;
        bench.groups = *groups;
        bench.parts = parts;
        if (auto done = bench.run(*shapes, *precision); !done) {
            return tl::unexpected(done.error());
        }
        DeviceDescription card;
        const std::string kernels =
            !isCpu && plugin.ops->describe(number, &card) == 0 ? kernelCodeText(card) : std::string();
        return json{{"device", device->name},
                    {"reason", device->reason},
                    {"kernels", kernels},
                    {"precision", precisionName},
                    {"records", bench.records()}};
    });
}

} // namespace jacobi
