// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cuda_runtime.h>

namespace jacobi {

/// In a kernel that launchEarly() starts, on every thread and before it touches what others write or read: waits for what its
/// stream held before.
__device__ inline void awaitEarlierWork()
{
#if __CUDA_ARCH__ >= 900
    cudaGridDependencySynchronize();
#endif
}

/// Lets the next kernel on the stream, where launchEarly() starts that one too, take what room this one leaves as soon as every
/// block has called this. What this kernel writes is awaited by the next one all the same, and, as this one awaits them, so is
/// what kernels before it do. Before awaitEarlierWork() in kernels between products: the next product then asks for its weights
/// while they run.
__device__ inline void admitLaterWork()
{
#if __CUDA_ARCH__ >= 900
    cudaTriggerProgrammaticLaunchCompletion();
#endif
}

/// Whether this file was compiled for cards of that capability as the functions above are meant: code for an older one, which such a
/// card runs as well, has neither. major: the first number of the card's.
inline bool waitsForItself(int major)
{
#ifdef __CUDA_ARCH_LIST__
    constexpr int kCompiledFor[] = {__CUDA_ARCH_LIST__}; // 100 times the capability
    for (const int capability : kCompiledFor) {
        if (capability >= 900 && capability / 100 <= major) {
            return true;
        }
    }
    return false;
#else
    return major >= 9;
#endif
}

/// The first number of the selected device's compute capability.
inline cudaError_t computeMajor(int& major)
{
    int device = 0;
    const cudaError_t error = cudaGetDevice(&device);
    return error != cudaSuccess ? error : cudaDeviceGetAttribute(&major, cudaDevAttrComputeCapabilityMajor, device);
}

/// A launch whose way to the processors overlaps the end of the kernel before it, where the device can do that (compute
/// capability 9.0, "programmatic dependent launch"). Between two short kernels that way is a good part of their time.
template <class Job>
cudaError_t launchEarly(void (*kernel)(Job), const Job& job, dim3 grid, unsigned lanes, std::size_t sharedBytes,
                        cudaStream_t stream)
{
    int major = 0;
    if (const cudaError_t error = computeMajor(major); error != cudaSuccess) {
        return error;
    }
    cudaLaunchAttribute early{};
    early.id = cudaLaunchAttributeProgrammaticStreamSerialization;
    early.val.programmaticStreamSerializationAllowed = 1;
    cudaLaunchConfig_t config{};
    config.gridDim = grid;
    config.blockDim = dim3(lanes);
    config.dynamicSmemBytes = sharedBytes;
    config.stream = stream;
    config.attrs = &early;
    config.numAttrs = waitsForItself(major) ? 1 : 0;
    const cudaError_t error = cudaLaunchKernelEx(&config, kernel, job);
    return error != cudaSuccess ? error : cudaGetLastError();
}

} // namespace jacobi
