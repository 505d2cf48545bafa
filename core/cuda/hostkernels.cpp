// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/cuda/hostkernels.h"

#include "core/cuda/dispatch.h"
#include "core/cuda/embedstep.h"
#include "core/cuda/hostlearning.h"
#include "core/cuda/layersteps.h"
#include "core/cuda/noisyrow.h"
#include "core/cuda/rowdecision.h"
#include "core/cuda/serialteam.h"
#include "core/cuda/windowadvance.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <vector>

namespace jacobi {
namespace {

template <class Visit>
void withRealType(const WindowJob& job, Visit visit)
{
    withNumberType(job.logitsType, [&](auto tag) { visit(TypeTag<RealOf<typename decltype(tag)::Type>>()); });
}

/// As a GPU's runtime has them.
enum HostError : int {
    kFine = 0,
    kNoMemory = kDeviceOutOfMemory,
    kNoSuchDevice = 101,
    kNotSupported = kDeviceNotSupported
};

const char* errorText(int code)
{
    switch (code) {
    case kFine: return "no error";
    case kNoMemory: return "out of memory";
    case kNotSupported: return "not supported";
    default: return "there is only device 0";
    }
}

int describe(int device, DeviceDescription* out)
{
    if (device != 0) {
        return kNoSuchDevice;
    }
    *out = DeviceDescription{};
    std::strcpy(out->name, "CPU, one thread");
    out->multiprocessors = 1;
    return kFine;
}

int selectDevice(int device)
{
    return device == 0 ? kFine : kNoSuchDevice;
}

int allocate(void** out, std::uint64_t bytes)
{
    constexpr std::uint64_t kAlignment = 256; // as a GPU's allocator has it
    *out = std::aligned_alloc(kAlignment, (bytes + kAlignment - 1) / kAlignment * kAlignment);
    return *out == nullptr ? kNoMemory : kFine;
}

int release(void* memory)
{
    std::free(memory);
    return kFine;
}

int copy(void* to, const void* from, std::uint64_t bytes, void*)
{
    std::memcpy(to, from, bytes);
    return kFine;
}

int clear(void* memory, std::uint64_t bytes, void*)
{
    std::memset(memory, 0, bytes);
    return kFine;
}

int createStream(void** out)
{
    *out = nullptr;
    return kFine;
}

int notSupported(void*)
{
    return kNotSupported;
}

int nothing(void*)
{
    return kFine;
}

/// The formula, row by row.
template <class Stored>
void attendPlainly(const AttendJob& job)
{
    const std::uint32_t group = job.heads / job.keyHeads;
    const std::uint64_t size = job.headSize;
    std::vector<double> weights(job.capacity);
    for (std::uint64_t i = 0; i < std::uint64_t{job.lanes} * job.rows * job.heads; ++i) {
        const std::uint64_t head = i % job.heads;
        const std::uint64_t row = i / job.heads % job.rows;
        const std::uint64_t lane = i / job.heads / job.rows;
        const auto* q = static_cast<const Stored*>(job.q) + i * size;
        const auto at = [&](const void* cache, std::uint64_t place) {
            const std::uint64_t cacheRow = lane * job.capacity + place;
            return static_cast<const Stored*>(cache) + (cacheRow * job.keyHeads + head / group) * size;
        };
        const std::uint64_t seen =
            std::min<std::uint64_t>(static_cast<std::uint64_t>(job.lengths[lane]) + row + 1, job.capacity);
        double largest = -std::numeric_limits<double>::infinity();
        for (std::uint64_t place = 0; place < seen; ++place) {
            double score = 0.0;
            for (std::uint64_t d = 0; d < size; ++d) {
                score += static_cast<double>(load(q[d])) * static_cast<double>(load(at(job.keys, place)[d]));
            }
            weights[place] = score * static_cast<double>(job.scale);
            largest = std::max(largest, weights[place]);
        }
        double total = 0.0;
        for (std::uint64_t place = 0; place < seen; ++place) {
            weights[place] = std::exp(weights[place] - largest);
            total += weights[place];
        }
        for (std::uint64_t d = 0; d < size; ++d) {
            double sum = 0.0;
            for (std::uint64_t place = 0; place < seen; ++place) {
                sum += weights[place] * static_cast<double>(load(at(job.values, place)[d]));
            }
            store(static_cast<Stored*>(job.out)[i * size + d], static_cast<RealOf<Stored>>(sum / total));
        }
    }
}

} // namespace

void hostBeginWindows(const WindowJob& job, std::uint32_t lanes)
{
    withRealType(job, [&](auto tag) {
        SerialTeam team(lanes);
        for (std::uint32_t item = 0; item < job.items; ++item) {
            beginWindow<typename decltype(tag)::Type>(team, job, item);
        }
    });
}

void hostDecideRows(const WindowJob& job, std::uint32_t lanes)
{
    *job.held = job.flags != nullptr ? job.flags->hold : 0;
    withNumberType(job.logitsType, [&](auto logits) {
        withCoupling(job.coupling, [&](auto coupling) {
            using Logit = typename decltype(logits)::Type;
            using Real = RealOf<Logit>;
            SerialTeam team(lanes);
            std::vector<Real> row(job.layout.codes);
            for (std::uint32_t i = 0; i < job.items * job.window; ++i) {
                const std::uint32_t item = i / job.window;
                decideRow<typename decltype(coupling)::Type, Real, Logit>(team, job, windowOf<Real>(job, item), item,
                                                                          i % job.window, row.data());
            }
        });
    });
}

void hostAdvanceWindows(const WindowJob& job, std::uint32_t lanes)
{
    withRealType(job, [&](auto tag) {
        SerialTeam team(lanes);
        for (std::uint32_t item = 0; item < job.items; ++item) {
            advanceWindow<typename decltype(tag)::Type>(team, job, item, *job.held != 0);
        }
    });
}

void hostDrawNoise(const WindowJob& job, std::uint32_t lanes)
{
    withRealType(job, [&](auto tag) {
        SerialTeam team(lanes);
        for (std::uint32_t i = 0; i < job.items * job.layout.positions; ++i) {
            drawNoiseOf<typename decltype(tag)::Type>(team, job, i / job.layout.positions, i % job.layout.positions);
        }
    });
}

void hostDenoiseRows(const WindowJob& job, std::uint32_t lanes)
{
    withRealType(job, [&](auto tag) {
        SerialTeam team(lanes);
        for (std::uint32_t i = 0; i < job.items * job.window; ++i) {
            denoiseRow<typename decltype(tag)::Type>(team, job, i / job.window, i % job.window);
        }
    });
}

void hostAddNorm(const NormJob& job, std::uint32_t lanes)
{
    withNumberType(job.type, [&](auto tag) {
        SerialTeam team(lanes);
        for (std::uint32_t row = 0; row < job.rows; ++row) {
            addNormRow<typename decltype(tag)::Type>(team, job, row);
        }
    });
}

void hostPlaceHeads(const HeadsJob& job, std::uint32_t lanes)
{
    withNumberType(job.type, [&](auto tag) {
        SerialTeam team(lanes);
        const std::uint32_t all = job.heads + 2 * job.keyHeads;
        for (std::uint32_t i = 0; i < job.lanes * job.rows * all; ++i) {
            placeHead<typename decltype(tag)::Type>(team, job, i / all / job.rows, i / all % job.rows, i % all);
        }
    });
}

void hostGate(const GateJob& job, std::uint32_t lanes)
{
    withNumberType(job.type, [&](auto tag) {
        SerialTeam team(lanes);
        for (std::uint32_t row = 0; row < job.rows; ++row) {
            gatePart<typename decltype(tag)::Type>(team, job, row, 0, job.width);
        }
    });
}

void hostAttend(const AttendJob& job)
{
    withNumberType(job.type, [&](auto tag) { attendPlainly<typename decltype(tag)::Type>(job); });
}

void hostEmbedRows(const EmbedJob& job, std::uint32_t lanes)
{
    withNumberType(job.type, [&](auto tag) {
        SerialTeam team(lanes);
        const WindowJob& windows = job.windows;
        for (std::uint32_t i = 0; i < windows.items * windows.branches * windows.window; ++i) {
            embedRow<typename decltype(tag)::Type>(team, job, i / windows.window, i % windows.window);
        }
    });
}

namespace {

int multiplyInvariantly(const ProductJob& job)
{
    if (!isInvariantProduct(job.out, job.in) || job.splits != 1 || job.y == nullptr) {
        return kNotSupported;
    }
    const auto* const weights = static_cast<const float*>(job.weights);
    for (std::uint64_t i = 0; i < std::uint64_t{job.rows} * job.out; ++i) {
        const float* const x = static_cast<const float*>(job.x) + i / job.out * job.in;
        const auto column = static_cast<std::uint32_t>(i % job.out);
        static_cast<float*>(job.y)[i] = invariantSum(
            job.in, [&](std::uint32_t k) { return x[k]; },
            [&](std::uint32_t k) { return weights[float32Place(column, k, job.in)]; });
    }
    return kFine;
}

} // namespace

int hostMultiply(const ProductJob& job)
{
    if (job.kind == ProductWeights::Float32) {
        return multiplyInvariantly(job);
    }
    if (!isOwnProduct(job.out, job.in) || job.splits == 0 || job.splits > job.parts() ||
        (job.splits == 1 ? job.y == nullptr : job.partials == nullptr)) {
        return kNotSupported;
    }
    const auto* const x = static_cast<const BFloat16*>(job.x);
    const bool isInt8 = job.kind == ProductWeights::Int8;
    const SplitSums parted = job.sums();
    for (std::uint64_t i = 0; i < std::uint64_t{job.rows} * job.out; ++i) {
        const std::uint64_t row = i / job.out;
        const auto column = static_cast<std::uint32_t>(i % job.out);
        const float scale = isInt8 ? load(static_cast<const BFloat16*>(job.scale)[column]) : 1.0F;
        float sum = 0.0F;
        for (std::uint32_t split = 0; split < job.splits; ++split) {
            const std::uint32_t begin = split * job.parts() / job.splits * job.blockIn();
            const std::uint32_t end = std::min((split + 1) * job.parts() / job.splits * job.blockIn(), job.in);
            double part = 0.0;
            for (std::uint32_t k = begin; k < end; ++k) {
                const float weight =
                    isInt8 ? static_cast<const std::int8_t*>(job.weights)[int8Place(column, k, job.in)]
                           : load(static_cast<const BFloat16*>(job.weights)[bfloat16Place(column, k, job.in)]);
                part += static_cast<double>(load(x[row * job.in + k])) * static_cast<double>(weight);
            }
            sum = static_cast<float>(part) * scale;
            if (job.splits > 1) {
                job.partials[split * parted.apart + row * parted.width + column] = sum;
            }
        }
        if (job.y != nullptr) {
            store(static_cast<BFloat16*>(job.y)[i], job.splits > 1 ? numberOf(parted, row, column) : sum);
        }
    }
    return kFine;
}

const DeviceOps& hostOps()
{
    static const DeviceOps table = [] {
        DeviceOps ops{};
        ops.abi = kDeviceOpsAbi;
        ops.bytes = sizeof(DeviceOps);
        ops.errorText = errorText;
        ops.describe = describe;
        ops.selectDevice = selectDevice;
        ops.hasKernels = selectDevice;
        ops.allocate = allocate;
        ops.release = release;
        ops.allocatePinned = allocate;
        ops.releasePinned = release;
        ops.toDevice = copy;
        ops.fromDevice = copy;
        ops.clear = clear;
        ops.createStream = createStream;
        ops.destroyStream = nothing;
        ops.synchronize = nothing;
        ops.createEvent = createStream;
        ops.destroyEvent = nothing;
        ops.recordEvent = [](void*, void*) { return 0; };
        ops.awaitEvent = nothing;
        ops.beginWindows = [](const WindowJob* job, void*) { return hostBeginWindows(*job, kWindowLanes), 0; };
        ops.decideRows = [](const WindowJob* job, void*) { return hostDecideRows(*job, kRowLanes), 0; };
        ops.advanceWindows = [](const WindowJob* job, void*) { return hostAdvanceWindows(*job, kWindowLanes), 0; };
        ops.drawNoise = [](const WindowJob* job, void*) { return hostDrawNoise(*job, kLayerLanes), 0; };
        ops.denoiseRows = [](const WindowJob* job, void*) { return hostDenoiseRows(*job, kLayerLanes), 0; };
        ops.addNorm = [](const NormJob* job, void*) { return hostAddNorm(*job, kLayerLanes), 0; };
        ops.placeHeads = [](const HeadsJob* job, void*) { return hostPlaceHeads(*job, kHeadLanes), 0; };
        ops.gate = [](const GateJob* job, void*) { return hostGate(*job, kLayerLanes), 0; };
        ops.attend = [](const AttendJob* job, void*) { return hostAttend(*job), 0; };
        ops.embedRows = [](const EmbedJob* job, void*) { return hostEmbedRows(*job, kLayerLanes), 0; };
        ops.multiply = [](const ProductJob* job, void*) { return hostMultiply(*job); };
        ops.sumNorm = [](const SumNormJob* job, void*) { return hostSumNorm(*job); };
        ops.sumNormBack = [](const SumNormBackJob* job, void*) { return hostSumNormBack(*job); };
        ops.splitHeads = [](const SplitHeadsJob* job, void*) { return hostSplitHeads(*job); };
        ops.splitHeadsBack = [](const SplitHeadsBackJob* job, void*) { return hostSplitHeadsBack(*job); };
        ops.gateBack = [](const GateBackJob* job, void*) { return hostGateBack(*job); };
        ops.beginCapture = notSupported;
        ops.endCapture = [](void*, void**) { return int{kNotSupported}; };
        ops.launchGraph = [](void*, void*) { return int{kNotSupported}; };
        ops.destroyGraph = notSupported;
        return ops;
    }();
    return table;
}

} // namespace jacobi
