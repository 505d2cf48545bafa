// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/kernelplugin.h"

#include "core/cuda/devicememory.h"

#include <dlfcn.h>

#include <algorithm>
#include <array>
#include <system_error>

namespace jacobi {

namespace fs = std::filesystem;

fs::path kernelPluginPath()
{
    Dl_info info{};
    if (dladdr(reinterpret_cast<const void*>(&kernelPluginPath), &info) == 0 || info.dli_fname == nullptr) {
        return {};
    }
    return fs::path(info.dli_fname).parent_path() / "libjacobi_cuda.so";
}

KernelPlugin openKernelPlugin(const fs::path& file)
{
    KernelPlugin plugin;
    std::error_code ignored;
    if (file.empty() || !fs::exists(file, ignored)) {
        plugin.problem = "this build has no GPU engine";
        plugin.detail = "looked for " + file.string();
        return plugin;
    }
    void* library = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) {
        const char* reason = dlerror();
        plugin.problem = "the GPU engine (" + file.string() + ") cannot be opened; install the program again";
        plugin.detail = reason != nullptr ? reason : "no reason given";
        return plugin;
    }
    const auto table = reinterpret_cast<DeviceOpsFunction>(dlsym(library, kDeviceOpsSymbol));
    const DeviceOps* ops = table != nullptr ? table() : nullptr;
    if (ops == nullptr || ops->abi != kDeviceOpsAbi || ops->bytes != sizeof(DeviceOps)) {
        plugin.problem =
            "the GPU engine (" + file.string() + ") belongs to another version of this program; install it again";
        plugin.detail = "it has no table of functions";
        if (ops != nullptr) {
            plugin.detail = "its table is number " + std::to_string(ops->abi) + " of " + std::to_string(ops->bytes) +
                            " bytes; " + std::to_string(kDeviceOpsAbi) + " of " + std::to_string(sizeof(DeviceOps)) +
                            " is needed";
        }
        return plugin;
    }
    plugin.ops = ops;
    return plugin;
}

Result<std::string> whyNoKernels(const DeviceOps& ops, int card)
{
    const int code = ops.hasKernels(card);
    if (code == 0) {
        return std::string();
    }
    // cudaError: invalid kernel image, none for this device, invalid PTX; no compiler of PTX, one too old, or forbidden.
    constexpr std::array kNoCode = {200, 209, 218, 221, 222, 223};
    if (std::ranges::find(kNoCode, code) == kNoCode.end()) {
        return tl::unexpected(deviceError(ops, code, "load the kernels"));
    }
    std::string capability = "it";
    std::string architectures = "...";
    if (DeviceDescription description; ops.describe(card, &description) == 0 && description.major > 0) {
        const std::string minor = std::to_string(description.minor);
        capability = "its compute capability " + std::to_string(description.major) + "." + minor;
        architectures = std::to_string(description.major) + minor;
    }
    return "the kernels of this build have no code for " + capability +
           " (a build with -DCMAKE_CUDA_ARCHITECTURES=" + architectures + " has)";
}

} // namespace jacobi
