// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>

namespace jacobi {

/// libtorch's part for GPUs, or why it is not there.
struct TorchCuda {
    bool isOpen = false;
    std::string problem; ///< the rest of "A GPU was found, but ..."; empty where it is open
    std::string detail;  ///< for the log
};

/// Where libtorch_cuda.so belongs: beside libtorch_cpu. Empty where the system cannot say.
std::filesystem::path torchCudaPath();

/// Opens the library, which makes libtorch's operations work on a GPU; it is never closed. To be called before anything
/// asks libtorch for a device: it remembers the answer. A file that is missing or does not open is no error but a reason.
/// Takes a second or two, and no memory of a GPU.
TorchCuda openTorchCuda(const std::filesystem::path& file);

} // namespace jacobi
