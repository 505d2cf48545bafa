// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/flowtraining/exportflow.h"

#include "core/io/modelfile.h"
#include "core/trace/runrequest.h"
#include "models/flowtraining/flowpictures.h"
#include "models/scenes/tensorfile.h"

#include <ATen/ATen.h>

namespace jacobi {
namespace {

at::ScalarType storedType(const std::string& name)
{
    return name == "basis" ? at::kFloat : at::kHalf;
}

ModelManifest manifestOf(const TarFlowConfig& config, const TarFlowTensors& tensors, double noise)
{
    ModelManifest manifest;
    manifest.family = "tarflow";
    manifest.name = "Scenes, flow";
    manifest.rows = manifest.columns = static_cast<std::uint32_t>(config.grid);
    manifest.codes = 1; // a flow's tokens are numbers, and the file wants a count
    manifest.patchPixels = static_cast<std::uint32_t>(config.patch);
    manifest.width = manifest.height = static_cast<std::uint32_t>(config.side());
    manifest.defaults.method = "gs-jacobi";
    manifest.defaults.strategy = kAutoTime;
    manifest.defaults.guidance = 0.0; // more of it makes pictures tidier and their law worse
    manifest.defaults.temperature = 1.0;
    manifest.config = {{"blocks", config.blocks}, {"layers", config.layers},    {"width", config.width},
                       {"grid", config.grid},     {"patch", config.patch},      {"colours", config.colours},
                       {"noise", noise},          {"classes", flowClassNames()}};
    manifest.licence = "GPL-3.0-or-later";
    for (const auto& [name, tensor] : tensors) {
        if (name != "basis" && name != "var" && name.find(".start_") == std::string::npos) {
            manifest.parameters += static_cast<std::uint64_t>(tensor.numel());
        }
    }
    return manifest;
}

} // namespace

TarFlowTensors roundedFlow(const TarFlowTensors& tensors)
{
    TarFlowTensors rounded;
    for (const auto& [name, tensor] : tensors) {
        rounded[name] = tensor.detach().to(storedType(name)).to(at::kFloat);
    }
    return rounded;
}

Result<void> exportFlow(const std::filesystem::path& folder, const TarFlowConfig& config, const TarFlowTensors& tensors,
                        double noise)
{
    TensorMap stored;
    for (const auto& [name, tensor] : tensors) {
        stored[name] = tensor.detach().to(storedType(name)).contiguous();
    }
    if (auto written = writeTensorFile(folder / kFlowWeightsFile, stored, {{"family", "tarflow"}}); !written) {
        return written;
    }
    ModelManifest manifest = manifestOf(config, tensors, noise);
    auto entry = describeModelFile(folder, kFlowWeightsFile);
    if (!entry) {
        return tl::unexpected(entry.error());
    }
    manifest.files.push_back(*entry);
    if (auto hash = writeModelManifest(folder, manifest); !hash) {
        return tl::unexpected(hash.error());
    }
    return {};
}

} // namespace jacobi
