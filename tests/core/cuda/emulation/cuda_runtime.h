// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <map>

// What the kernels of core/cuda use of CUDA's header of this name; see block.h.

#define __device__
#define __host__
#define __global__
#define __noinline__
#define __grid_constant__
#define __launch_bounds__(...)
#define __shared__ static

struct dim3 {
    unsigned x = 1, y = 1, z = 1;
    constexpr dim3(unsigned x = 1, unsigned y = 1, unsigned z = 1) : x(x), y(y), z(z) {}
};
inline dim3 threadIdx, blockIdx, blockDim, gridDim;

struct alignas(8) uint2 {
    unsigned x, y;
};
struct alignas(16) uint4 {
    unsigned x, y, z, w;
};
struct alignas(8) float2 {
    float x, y;
};
struct alignas(16) float4 {
    float x, y, z, w;
};
inline uint2 make_uint2(unsigned x, unsigned y)
{
    return {x, y};
}
inline float2 make_float2(float x, float y)
{
    return {x, y};
}
inline float4 make_float4(float x, float y, float z, float w)
{
    return {x, y, z, w};
}

inline int min(int a, int b)
{
    return std::min(a, b);
}
inline unsigned min(unsigned a, unsigned b)
{
    return std::min(a, b);
}
inline int max(int a, int b)
{
    return std::max(a, b);
}
inline unsigned max(unsigned a, unsigned b)
{
    return std::max(a, b);
}
inline float __uint_as_float(unsigned bits)
{
    float x;
    std::memcpy(&x, &bits, sizeof x);
    return x;
}

enum cudaError_t : int { cudaSuccess = 0, cudaErrorInvalidValue = 1, cudaErrorNotSupported = 801 };
enum cudaDeviceAttr {
    cudaDevAttrComputeCapabilityMajor,
    cudaDevAttrMaxSharedMemoryPerBlockOptin,
    cudaDevAttrMaxSharedMemoryPerMultiprocessor
};
enum cudaFuncAttribute { cudaFuncAttributeMaxDynamicSharedMemorySize };
enum cudaLaunchAttributeID { cudaLaunchAttributeProgrammaticStreamSerialization };
using cudaStream_t = void*;

struct cudaLaunchAttribute {
    cudaLaunchAttributeID id;
    struct {
        int programmaticStreamSerializationAllowed;
    } val;
};
struct cudaLaunchConfig_t {
    dim3 gridDim, blockDim;
    std::size_t dynamicSmemBytes;
    cudaStream_t stream;
    cudaLaunchAttribute* attrs;
    unsigned numAttrs;
};
struct cudaFuncAttributes {};

inline cudaError_t cudaGetDevice(int* device)
{
    *device = 0;
    return cudaSuccess;
}
template <class Kernel>
cudaError_t cudaFuncGetAttributes(cudaFuncAttributes*, Kernel)
{
    return cudaSuccess;
}
inline cudaError_t cudaGetLastError()
{
    return cudaSuccess;
}

#include "tests/core/cuda/emulation/block.h"

inline cudaError_t cudaDeviceGetAttribute(int* value, cudaDeviceAttr attribute, int)
{
    constexpr int kMajor = 9, kReserved = 1024;
    const int shared = jacobi::emulation::sharedBytes();
    *value = attribute == cudaDevAttrComputeCapabilityMajor         ? kMajor
             : attribute == cudaDevAttrMaxSharedMemoryPerBlockOptin ? shared - kReserved
                                                                    : shared;
    return cudaSuccess;
}
/// The shared memory of a block that a kernel may be launched with: what was asked for, as far as the card has it, else 48 KiB.
inline int& mostSharedBytes(const void* kernel)
{
    constexpr int kUnasked = 48 * 1024;
    static std::map<const void*, int> most;
    return most.try_emplace(kernel, kUnasked).first->second;
}
template <class Kernel>
cudaError_t cudaFuncSetAttribute(Kernel kernel, cudaFuncAttribute, int bytes)
{
    int most = 0;
    cudaDeviceGetAttribute(&most, cudaDevAttrMaxSharedMemoryPerBlockOptin, 0);
    if (bytes > most) {
        return cudaErrorInvalidValue;
    }
    mostSharedBytes(reinterpret_cast<const void*>(kernel)) = bytes;
    return cudaSuccess;
}

template <class... Parameters, class... Arguments>
cudaError_t cudaLaunchKernelEx(const cudaLaunchConfig_t* config, void (*kernel)(Parameters...),
                               const Arguments&... arguments)
{
    constexpr unsigned kMostAcross = 65535; // blocks along y and z
    if (config->gridDim.y > kMostAcross || config->gridDim.z > kMostAcross) {
        return cudaErrorInvalidValue;
    }
    if (config->dynamicSmemBytes > static_cast<std::size_t>(mostSharedBytes(reinterpret_cast<const void*>(kernel)))) {
        return cudaErrorInvalidValue;
    }
    const unsigned grid[3] = {config->gridDim.x, config->gridDim.y, config->gridDim.z};
    jacobi::emulation::runBlocks(grid, config->blockDim.x, config->dynamicSmemBytes, [&] { kernel(arguments...); });
    return cudaSuccess;
}

inline void __syncthreads()
{
    jacobi::emulation::awaitBlock();
}
inline void __syncwarp(unsigned mask = 0xFFFFFFFFU)
{
    jacobi::emulation::awaitWarp(mask);
}
inline void __threadfence_system() {}
inline unsigned atomicAdd(unsigned* to, unsigned addend)
{
    const unsigned before = *to;
    *to += addend;
    return before;
}

template <class T>
T __shfl_sync(unsigned mask, T value, int lane)
{
    T all[32];
    jacobi::emulation::shareInWarp(mask, value, all);
    return all[lane % 32];
}
inline int __any_sync(unsigned mask, int mine)
{
    int all[32];
    jacobi::emulation::shareInWarp(mask, mine, all);
    return std::any_of(std::begin(all), std::end(all), [](int one) { return one != 0; });
}
template <class T>
T __shfl_xor_sync(unsigned mask, T value, int lanes)
{
    return __shfl_sync(mask, value, static_cast<int>(threadIdx.x % 32) ^ lanes);
}
template <class T>
T __shfl_down_sync(unsigned mask, T value, unsigned lanes)
{
    const unsigned lane = threadIdx.x % 32;
    return __shfl_sync(mask, value, static_cast<int>(lane + lanes < 32 ? lane + lanes : lane));
}
