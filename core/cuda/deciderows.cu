// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/cuda/blockteam.cuh"
#include "core/cuda/dispatch.h"
#include "core/cuda/earlylaunch.cuh"
#include "core/cuda/kernels.h"
#include "core/cuda/rowdecision.h"

#include <cuda_runtime.h>

namespace jacobi {
namespace {

struct RowsJob {
    WindowJob window;
    bool inShared; ///< laws are made in shared memory, where they fit; else where they stay
};

/// One block a row of a window.
template <class Coupling, class Real, class Logit>
__global__ void __launch_bounds__(kRowLanes) decideRows(const __grid_constant__ RowsJob rows)
{
    JACOBI_BLOCK_MEMORY(unsigned char, shared);
    const WindowJob& job = rows.window;
    admitLaterWork();
    awaitEarlierWork();
    const std::uint32_t item = blockIdx.y;
    const std::uint32_t k = blockIdx.x;
    if (item == 0 && k == 0 && threadIdx.x == 0) {
        *job.held = job.flags != nullptr ? job.flags->hold : 0; // one look, for all items of this pass
    }
    BlockTeam team(shared);
    const WindowMemory<Real> memory = windowOf<Real>(job, item);
    Real* row = rows.inShared ? reinterpret_cast<Real*>(shared + BlockTeam::bytesFor(kRowLanes))
                              : memory.row(k, job.layout.codes);
    decideRow<Coupling, Real, Logit>(team, job, memory, item, k, row);
}

/// The shared memory a block may have on the selected device.
cudaError_t sharedLimit(int& bytes)
{
    int device = 0;
    const cudaError_t error = cudaGetDevice(&device);
    return error != cudaSuccess ? error
                                : cudaDeviceGetAttribute(&bytes, cudaDevAttrMaxSharedMemoryPerBlockOptin, device);
}

template <class Coupling, class Logit>
cudaError_t launch(const WindowJob& job, cudaStream_t stream)
{
    using Real = RealOf<Logit>;
    const auto kernel = decideRows<Coupling, Real, Logit>;
    int limit = 0;
    if (const cudaError_t error = sharedLimit(limit); error != cudaSuccess) {
        return error;
    }
    int bytes = static_cast<int>(BlockTeam::bytesFor(kRowLanes));
    const std::uint64_t rowBytes = std::uint64_t{job.layout.codes} * sizeof(Real);
    const bool inShared = rowBytes <= static_cast<std::uint64_t>(limit - bytes);
    bytes += inShared ? static_cast<int>(rowBytes) : 0;
    // All that a block may have, whatever this job takes: it holds for the kernel, of which the graph of a job with longer rows may
    // yet be launched.
    if (const cudaError_t error = cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, limit);
        error != cudaSuccess) {
        return error;
    }
    return launchEarly<RowsJob>(kernel, {job, inShared}, dim3(job.window, job.items), kRowLanes,
                                static_cast<std::size_t>(bytes), stream);
}

} // namespace

int launchDecideRows(const WindowJob& job, void* stream)
{
    return withNumberType(job.logitsType, [&](auto logits) {
        return withCoupling(job.coupling, [&](auto coupling) {
            return static_cast<int>(launch<typename decltype(coupling)::Type, typename decltype(logits)::Type>(
                job, static_cast<cudaStream_t>(stream)));
        });
    });
}

int haveKernelsForThisDevice()
{
    cudaFuncAttributes attributes{};
    return cudaFuncGetAttributes(&attributes, decideRows<MaximalCoupling, float, float>);
}

} // namespace jacobi
