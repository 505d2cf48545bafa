// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/cuda/blockteam.cuh"
#include "core/cuda/dispatch.h"
#include "core/cuda/earlylaunch.cuh"
#include "core/cuda/kernels.h"
#include "core/cuda/windowadvance.h"

#include <cuda_runtime.h>

namespace jacobi {
namespace {

// One block an item.

template <class Real>
__global__ void __launch_bounds__(kWindowLanes) beginWindows(const __grid_constant__ WindowJob job)
{
    JACOBI_BLOCK_MEMORY(unsigned char, shared);
    awaitEarlierWork();
    BlockTeam team(shared);
    beginWindow<Real>(team, job, blockIdx.x);
}

template <class Real>
__global__ void __launch_bounds__(kWindowLanes) advanceWindows(const __grid_constant__ WindowJob job)
{
    JACOBI_BLOCK_MEMORY(unsigned char, shared);
    admitLaterWork(); // whatever comes next awaits this: denoiseRows(), or the next pass
    awaitEarlierWork();
    BlockTeam team(shared);
    advanceWindow<Real>(team, job, blockIdx.x, *job.held != 0);
}

int launch(void (*kernel)(WindowJob), const WindowJob& job, void* stream)
{
    return launchEarly<WindowJob>(kernel, job, dim3(job.items), kWindowLanes, BlockTeam::bytesFor(kWindowLanes),
                                  static_cast<cudaStream_t>(stream));
}

} // namespace

int launchBeginWindows(const WindowJob& job, void* stream)
{
    return job.logitsType == NumberType::Float64 ? launch(beginWindows<double>, job, stream)
                                                 : launch(beginWindows<float>, job, stream);
}

int launchAdvanceWindows(const WindowJob& job, void* stream)
{
    return job.logitsType == NumberType::Float64 ? launch(advanceWindows<double>, job, stream)
                                                 : launch(advanceWindows<float>, job, stream);
}

} // namespace jacobi
