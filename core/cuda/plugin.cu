// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/cuda/kerneltable.h"

#include <cuda_runtime.h>

#include <cstring>

// The table of the plug-in. It registers nothing and keeps nothing.

namespace jacobi {
namespace {

/// Takes an error off the library's record: it is reported here, and must not be found by whoever launches a kernel next,
/// libtorch among them.
int reported(cudaError_t error)
{
    if (error != cudaSuccess) {
        static_cast<void>(cudaGetLastError());
    }
    return error;
}

const char* errorText(int code)
{
    return cudaGetErrorString(static_cast<cudaError_t>(code));
}

/// Never launched: the code of all kernels is for the same cards, and this one is loaded in no time.
__global__ void anyKernel() {}

/// What was compiled stays unknown where none of it runs on the selected card: hasKernels() says so.
void describeCode(DeviceDescription* out)
{
    cudaFuncAttributes attributes{};
    if (reported(cudaFuncGetAttributes(&attributes, anyKernel)) == cudaSuccess) {
        out->codeMajor = attributes.ptxVersion / 10;
        out->codeMinor = attributes.ptxVersion % 10;
        out->isCodeTranslated = attributes.binaryVersion != attributes.ptxVersion ? 1 : 0;
    }
}

int describe(int device, DeviceDescription* out)
{
    cudaDeviceProp properties{};
    if (const cudaError_t error = cudaGetDeviceProperties(&properties, device); error != cudaSuccess) {
        return reported(error);
    }
    if (const cudaError_t error = cudaSetDevice(device); error != cudaSuccess) {
        return reported(error);
    }
    std::size_t free = 0;
    std::size_t total = 0;
    if (const cudaError_t error = cudaMemGetInfo(&free, &total); error != cudaSuccess) {
        return reported(error);
    }
    *out = DeviceDescription{};
    static_assert(sizeof out->name == sizeof properties.name);
    std::memcpy(out->name, properties.name, sizeof out->name - 1);
    out->major = properties.major;
    out->minor = properties.minor;
    out->totalBytes = total;
    out->freeBytes = free;
    out->sharedBytesPerBlock = properties.sharedMemPerBlockOptin;
    out->multiprocessors = static_cast<std::uint32_t>(properties.multiProcessorCount);
    out->cacheBytes = static_cast<std::uint64_t>(properties.l2CacheSize);
    describeCode(out);
    return 0;
}

int selectDevice(int device)
{
    return reported(cudaSetDevice(device));
}

int hasKernels(int device)
{
    const cudaError_t error = cudaSetDevice(device);
    return reported(error != cudaSuccess ? error : static_cast<cudaError_t>(haveKernelsForThisDevice()));
}

int allocate(void** out, std::uint64_t bytes)
{
    return reported(cudaMalloc(out, bytes));
}

int release(void* memory)
{
    return reported(cudaFree(memory));
}

int allocatePinned(void** out, std::uint64_t bytes)
{
    // Mapped and portable: kernels use the host's own address (unified addressing).
    return reported(cudaHostAlloc(out, bytes, cudaHostAllocMapped | cudaHostAllocPortable));
}

int releasePinned(void* memory)
{
    return reported(cudaFreeHost(memory));
}

int copyAndWait(void* to, const void* from, std::uint64_t bytes, cudaMemcpyKind kind, void* stream)
{
    const cudaError_t error = cudaMemcpyAsync(to, from, bytes, kind, static_cast<cudaStream_t>(stream));
    return reported(error != cudaSuccess ? error : cudaStreamSynchronize(static_cast<cudaStream_t>(stream)));
}

int toDevice(void* to, const void* from, std::uint64_t bytes, void* stream)
{
    return copyAndWait(to, from, bytes, cudaMemcpyHostToDevice, stream);
}

int fromDevice(void* to, const void* from, std::uint64_t bytes, void* stream)
{
    return copyAndWait(to, from, bytes, cudaMemcpyDeviceToHost, stream);
}

int clear(void* memory, std::uint64_t bytes, void* stream)
{
    return reported(cudaMemsetAsync(memory, 0, bytes, static_cast<cudaStream_t>(stream)));
}

int createStream(void** out)
{
    cudaStream_t stream = nullptr;
    const cudaError_t error = cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking);
    *out = stream;
    return reported(error);
}

int destroyStream(void* stream)
{
    return reported(cudaStreamDestroy(static_cast<cudaStream_t>(stream)));
}

int synchronize(void* stream)
{
    return reported(cudaStreamSynchronize(static_cast<cudaStream_t>(stream)));
}

int createEvent(void** out)
{
    cudaEvent_t event = nullptr;
    const cudaError_t error = cudaEventCreateWithFlags(&event, cudaEventDisableTiming | cudaEventBlockingSync);
    *out = event;
    return reported(error);
}

int destroyEvent(void* event)
{
    return reported(cudaEventDestroy(static_cast<cudaEvent_t>(event)));
}

int recordEvent(void* event, void* stream)
{
    return reported(cudaEventRecord(static_cast<cudaEvent_t>(event), static_cast<cudaStream_t>(stream)));
}

int awaitEvent(void* event)
{
    return reported(cudaEventSynchronize(static_cast<cudaEvent_t>(event)));
}

int beginCapture(void* stream)
{
    return reported(cudaStreamBeginCapture(static_cast<cudaStream_t>(stream), cudaStreamCaptureModeThreadLocal));
}

int endCapture(void* stream, void** out)
{
    cudaGraph_t graph = nullptr;
    cudaError_t error = cudaStreamEndCapture(static_cast<cudaStream_t>(stream), &graph);
    if (error != cudaSuccess) {
        return reported(error);
    }
    cudaGraphExec_t ready = nullptr;
    error = cudaGraphInstantiate(&ready, graph, 0);
    cudaGraphDestroy(graph);
    *out = ready;
    return reported(error);
}

int launchGraph(void* graph, void* stream)
{
    return reported(cudaGraphLaunch(static_cast<cudaGraphExec_t>(graph), static_cast<cudaStream_t>(stream)));
}

int destroyGraph(void* graph)
{
    return reported(cudaGraphExecDestroy(static_cast<cudaGraphExec_t>(graph)));
}

int reportedCode(int code)
{
    return reported(static_cast<cudaError_t>(code));
}

DeviceOps makeOps()
{
    DeviceOps ops{};
    ops.abi = kDeviceOpsAbi;
    ops.bytes = sizeof(DeviceOps);
    ops.errorText = errorText;
    ops.describe = describe;
    ops.selectDevice = selectDevice;
    ops.hasKernels = hasKernels;
    ops.allocate = allocate;
    ops.release = release;
    ops.allocatePinned = allocatePinned;
    ops.releasePinned = releasePinned;
    ops.toDevice = toDevice;
    ops.fromDevice = fromDevice;
    ops.clear = clear;
    ops.createStream = createStream;
    ops.destroyStream = destroyStream;
    ops.synchronize = synchronize;
    ops.createEvent = createEvent;
    ops.destroyEvent = destroyEvent;
    ops.recordEvent = recordEvent;
    ops.awaitEvent = awaitEvent;
    setKernels<reportedCode>(ops);
    ops.beginCapture = beginCapture;
    ops.endCapture = endCapture;
    ops.launchGraph = launchGraph;
    ops.destroyGraph = destroyGraph;
    return ops;
}

} // namespace
} // namespace jacobi

extern "C" __attribute__((visibility("default"))) const jacobi::DeviceOps* jacobiDeviceOps()
{
    static const jacobi::DeviceOps table = jacobi::makeOps();
    return &table;
}
