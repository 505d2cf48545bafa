// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/kernelplugin.h"

#include <dlfcn.h>

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

} // namespace jacobi
