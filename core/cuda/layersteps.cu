// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/cuda/layersteps.h"

#include "core/cuda/blockteam.cuh"
#include "core/cuda/dispatch.h"
#include "core/cuda/embedstep.h"
#include "core/cuda/kernels.h"

#include <cuda_runtime.h>

namespace jacobi {
namespace {

template <class Stored>
__global__ void __launch_bounds__(kLayerLanes) addNorm(const __grid_constant__ NormJob job)
{
    extern __shared__ __align__(16) unsigned char shared[];
    BlockTeam team(shared);
    addNormRow<Stored>(team, job, blockIdx.x);
}

template <class Stored>
__global__ void __launch_bounds__(kLayerLanes) gateUp(const __grid_constant__ GateJob job)
{
    extern __shared__ __align__(16) unsigned char shared[];
    BlockTeam team(shared);
    gateRow<Stored>(team, job, blockIdx.x);
}

template <class Stored>
__global__ void __launch_bounds__(kHeadLanes) placeHeads(const __grid_constant__ HeadsJob job)
{
    extern __shared__ __align__(16) unsigned char shared[];
    BlockTeam team(shared);
    placeHead<Stored>(team, job, blockIdx.z, blockIdx.y, blockIdx.x);
}

template <class Stored>
__global__ void __launch_bounds__(kLayerLanes) embedRows(const __grid_constant__ EmbedJob job)
{
    extern __shared__ __align__(16) unsigned char shared[];
    BlockTeam team(shared);
    embedRow<Stored>(team, job, blockIdx.y, blockIdx.x);
}

template <class Job>
int launch(void (*kernel)(Job), const Job& job, dim3 grid, unsigned lanes, void* stream)
{
    if (grid.x == 0 || grid.y == 0 || grid.z == 0) {
        return 0;
    }
    kernel<<<grid, lanes, BlockTeam::bytesFor(lanes), static_cast<cudaStream_t>(stream)>>>(job);
    return cudaGetLastError();
}

} // namespace

int launchAddNorm(const NormJob& job, void* stream)
{
    return withNumberType(job.type, [&](auto tag) {
        return launch<NormJob>(addNorm<typename decltype(tag)::Type>, job, dim3(job.rows), kLayerLanes, stream);
    });
}

int launchPlaceHeads(const HeadsJob& job, void* stream)
{
    return withNumberType(job.type, [&](auto tag) {
        const dim3 grid(job.heads + 2 * job.keyHeads, job.rows, job.lanes);
        return launch<HeadsJob>(placeHeads<typename decltype(tag)::Type>, job, grid, kHeadLanes, stream);
    });
}

int launchGate(const GateJob& job, void* stream)
{
    return withNumberType(job.type, [&](auto tag) {
        return launch<GateJob>(gateUp<typename decltype(tag)::Type>, job, dim3(job.rows), kLayerLanes, stream);
    });
}

int launchEmbedRows(const EmbedJob& job, void* stream)
{
    return withNumberType(job.type, [&](auto tag) {
        const dim3 grid(job.windows.window, job.windows.items * job.windows.branches);
        return launch<EmbedJob>(embedRows<typename decltype(tag)::Type>, job, grid, kLayerLanes, stream);
    });
}

} // namespace jacobi
