// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/cuda/blockteam.cuh"
#include "core/cuda/dispatch.h"
#include "core/cuda/earlylaunch.cuh"
#include "core/cuda/kernels.h"
#include "core/cuda/noisyrow.h"

#include <cuda_runtime.h>

namespace jacobi {
namespace {

// One block a position of an item, or a draft of one.

template <class Real>
__global__ void __launch_bounds__(kLayerLanes) drawNoise(const __grid_constant__ WindowJob job)
{
    JACOBI_BLOCK_MEMORY(unsigned char, shared);
    awaitEarlierWork();
    BlockTeam team(shared);
    drawNoiseOf<Real>(team, job, blockIdx.y, blockIdx.x);
}

template <class Real>
__global__ void __launch_bounds__(kLayerLanes) denoiseRows(const __grid_constant__ WindowJob job)
{
    JACOBI_BLOCK_MEMORY(unsigned char, shared);
    awaitEarlierWork();
    BlockTeam team(shared);
    denoiseRow<Real>(team, job, blockIdx.y, blockIdx.x);
}

int launch(void (*kernel)(WindowJob), const WindowJob& job, std::uint32_t rows, void* stream)
{
    return launchEarly<WindowJob>(kernel, job, dim3(rows, job.items), kLayerLanes, BlockTeam::bytesFor(kLayerLanes),
                                  static_cast<cudaStream_t>(stream));
}

} // namespace

int launchDrawNoise(const WindowJob& job, void* stream)
{
    return job.logitsType == NumberType::Float64 ? launch(drawNoise<double>, job, job.layout.positions, stream)
                                                 : launch(drawNoise<float>, job, job.layout.positions, stream);
}

int launchDenoiseRows(const WindowJob& job, void* stream)
{
    return job.logitsType == NumberType::Float64 ? launch(denoiseRows<double>, job, job.window, stream)
                                                 : launch(denoiseRows<float>, job, job.window, stream);
}

} // namespace jacobi
