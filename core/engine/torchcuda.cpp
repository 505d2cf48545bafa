// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/torchcuda.h"

#include <ATen/ATen.h>

#include <dlfcn.h>

#include <system_error>

namespace jacobi {

namespace fs = std::filesystem;

fs::path torchCudaPath()
{
    // Any function that only libtorch_cpu has.
    Dl_info info{};
    const auto function = reinterpret_cast<const void*>(&at::_ops::mm_out::call);
    if (dladdr(function, &info) == 0 || info.dli_fname == nullptr) {
        return {};
    }
    return fs::path(info.dli_fname).parent_path() / "libtorch_cuda.so";
}

TorchCuda openTorchCuda(const fs::path& file)
{
    TorchCuda torch;
    std::error_code ignored;
    if (file.empty() || !fs::exists(file, ignored)) {
        torch.problem = "libtorch's part for GPUs is not installed (./dev setup --cuda fetches it)";
        torch.detail = "looked for " + file.string();
        return torch;
    }
    // Its operations register themselves; other libraries of libtorch look for its symbols.
    if (dlopen(file.c_str(), RTLD_NOW | RTLD_GLOBAL) == nullptr) {
        const char* reason = dlerror();
        torch.problem = "libtorch's part for GPUs (" + file.string() + ") cannot be opened; install the program again";
        torch.detail = reason != nullptr ? reason : "no reason given";
        return torch;
    }
    torch.isOpen = true;
    return torch;
}

} // namespace jacobi
