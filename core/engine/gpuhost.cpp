// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/gpuhost.h"

#include "core/cuda/devicememory.h"
#include "core/device/devicedecoder.h"
#include "core/device/runroom.h"
#include "core/engine/engine.h"
#include "core/engine/guard.h"
#include "core/engine/kernelplugin.h"
#include "core/engine/memory.h"
#include "core/engine/networkchecks.h"

#include <algorithm>
#include <functional>
#include <utility>

namespace jacobi {
namespace {

/// What a model and a run take on a device in a precision, by its name.
using BytesBy = std::function<DeviceBytes(const std::string& precision)>;

BytesBy flowBytesBy(const RunRequest& request, const ModelInfo& model, const ModelFamily& family)
{
    return [&, own = request](const std::string& precision) mutable {
        own.precision = precision;
        return family.leastFlowBytes(model, own);
    };
}

Result<BytesBy> bytesBy(const RunRequest& request, const ModelInfo& model, const ModelFamily& family)
{
    if (model.layout.isFlow()) {
        return flowBytesBy(request, model, family);
    }
    const Result<DeviceSizes> sizes = family.deviceSizes(model);
    if (!sizes) {
        return tl::unexpected(sizes.error());
    }
    return [sizes = *sizes, settings = decodeSettings(request), pictures = request.pictures](const std::string& name) {
        const DevicePrecision precision = devicePrecisionOf(name).value_or(DevicePrecision::Float32);
        DeviceBytes bytes = sizes.pictures;
        bytes.weights += DeviceWeights::bytesOf(sizes.network.shape, sizes.network.tableRows, precision);
        bytes.run += RunRoom::bytesOf(settings, sizes.network, sizes.layout, precision, pictures);
        return bytes;
    };
}

std::uint64_t totalOf(const DeviceBytes& bytes)
{
    return bytes.weights + bytes.run;
}

/// Precisions that take less memory; the nearest first.
std::vector<PrecisionBytes> smallerThan(const std::string& precision, const BytesBy& bytes)
{
    std::vector<PrecisionBytes> smaller;
    std::uint64_t last = totalOf(bytes(precision));
    for (const char* name : {"float32", "bfloat16", "int8"}) {
        if (const std::uint64_t other = totalOf(bytes(name)); other < last) {
            smaller.push_back({name, other});
            last = other;
        }
    }
    return smaller;
}

} // namespace

bool GpuHost::runs(const RunRequest& request, const ModelInfo& model) const
{
    return m_ops != nullptr && request.device != "cpu" && (model.layout.isFlow() || decodesOnDevice(request.method));
}

at::Device GpuHost::placeOf(const std::string& device) const
{
    const int number = m_type == at::kCPU ? -1 : gpuNumber(device).value_or(0);
    return {m_type, static_cast<c10::DeviceIndex>(number)};
}

Result<std::string> GpuHost::whyNoKernels(int card)
{
    if (m_ops == nullptr) {
        return std::string();
    }
    if (const auto known = m_whyNoKernels.find(card); known != m_whyNoKernels.end()) {
        return known->second;
    }
    Result<std::string> why = jacobi::whyNoKernels(*m_ops, card);
    if (why) {
        m_whyNoKernels[card] = *why;
    }
    return why;
}

Result<void> GpuHost::check(int number, at::Device device)
{
    if (m_trusted.contains(number)) {
        return {};
    }
    if (const Result<std::string> why = whyNoKernels(number); !why) {
        return tl::unexpected(why.error());
    } else if (!why->empty()) {
        return failOnGpu(ErrorCode::NoDevice, "A GPU was found, but " + *why + ", so it is not used.");
    }
    const std::vector<KernelCheck> checks = checkNetwork(*m_ops, device);
    if (const KernelCheck* failed = unusableFor(checks)) {
        return failOnGpu(ErrorCode::NoDevice,
                         "This GPU does not give the results it should, so it is not used. Report what jacobi "
                         "selftest prints.",
                         failed->name + ": " + failed->detail);
    }
    m_trusted.insert(number);
    return {};
}

/// Once a card, and of the kernels that only SJD2 needs.
Result<void> GpuHost::checkNoise(int number)
{
    if (!m_trustedWithNoise.contains(number)) {
        if (const KernelCheck found = checkNoisyDrafts(*m_ops); found.outcome == KernelCheck::Outcome::Failed) {
            return failOnGpu(ErrorCode::NoDevice,
                             "This GPU does not denoise drafts as it should, so SJD2 does not run there. Choose "
                             "another method, and report what jacobi selftest prints.",
                             found.name + ": " + found.detail);
        }
        m_trustedWithNoise.insert(number);
    }
    return {};
}

Result<void> GpuHost::checkRoom(int number, std::uint64_t needed, const std::vector<PrecisionBytes>& smaller,
                                std::uint64_t held) const
{
    DeviceDescription card;
    if (const int code = m_ops->describe(number, &card); code != 0) {
        return tl::unexpected(deviceError(*m_ops, code, "ask for the GPU's memory"));
    }
    // A table without figures is the CPU's, in tests.
    return card.totalBytes == 0 ? Result<void>() : checkGpuMemory(needed, card.freeBytes, card.name, smaller, held);
}

Result<void> GpuHost::checkFits(const RunRequest& request, const std::string& device, const ModelInfo& model,
                                const ModelFamily& family) const
{
    if (m_lost) {
        return tl::unexpected(*m_lost);
    }
    const Result<BytesBy> bytes = bytesBy(request, model, family);
    if (!bytes) {
        return tl::unexpected(bytes.error());
    }
    giveBackCachedMemory(placeOf(device));
    return checkRoom(gpuNumber(device).value_or(0), totalOf((*bytes)(request.precision)),
                     smallerThan(request.precision, *bytes));
}

Result<void> GpuHost::place(const RunRequest& request, const std::string& device, const ModelInfo& model,
                            const ModelFamily& family, LoadedModel& loaded)
{
    if (m_lost) {
        return tl::unexpected(*m_lost);
    }
    const int number = gpuNumber(device).value_or(0);
    const at::Device place = placeOf(device);
    if (const int code = m_ops->selectDevice(number); code != 0) { // what is checked is that card
        return tl::unexpected(deviceError(*m_ops, code, "select the device"));
    }
    if (auto trusted = check(number, place); !trusted) {
        return trusted;
    }
    if (auto trusted = request.method == "sjd2" ? checkNoise(number) : Result<void>(); !trusted) {
        return trusted;
    }
    const Result<BytesBy> bytes = bytesBy(request, model, family);
    if (!bytes) {
        return tl::unexpected(bytes.error());
    }
    const DeviceBytes needed = (*bytes)(request.precision);
    const std::vector<PrecisionBytes> smaller = smallerThan(request.precision, *bytes);
    const DevicePrecision precision = devicePrecisionOf(request.precision).value_or(DevicePrecision::Float32);
    if (loaded.device && loaded.device->weights().precision == precision) {
        std::unique_ptr<RunRoom>& kept = loaded.device->keptRoom;
        if (kept != nullptr && kept->isFor(decodeSettings(request), request.pictures)) {
            return {}; // it has what it needs
        }
        kept.reset();
        giveBackCachedMemory(place); // what the run before this one had is free, but only libtorch knows
        return checkRoom(number, needed.run, smaller, needed.weights);
    }
    loaded.devicePictures.reset();
    loaded.device.reset();
    giveBackCachedMemory(place);
    if (auto fits = checkRoom(number, totalOf(needed), smaller); !fits) {
        return fits;
    }
    const Result<NetworkDescription> network = family.describeNetwork(model);
    if (!network) {
        return tl::unexpected(network.error());
    }
    auto placed = DeviceModel::make(*m_ops, place, precision, *network, loaded.tokens->layout());
    if (!placed) {
        return tl::unexpected(placed.error());
    }
    loaded.device = std::move(*placed);
    loaded.devicePictures = family.picturesOn(loaded, place);
    if (loaded.devicePictures) {
        loaded.devicePreviewNs = pictureNs(*loaded.devicePictures, model.layout);
    }
    return {};
}

Result<void> GpuHost::placeFlow(const RunRequest& request, const std::string& device, const ModelInfo& model,
                                const ModelFamily& family, LoadedModel& loaded)
{
    if (m_lost) {
        return tl::unexpected(*m_lost);
    }
    const int number = gpuNumber(device).value_or(0);
    const DeviceBytes bytes = family.flowBytes(loaded, request);
    const std::vector<PrecisionBytes> smaller = smallerThan(request.precision, flowBytesBy(request, model, family));
    if (loaded.flowPlace == device) { // buffers of the run before this one are kept
        auto fits = bytes.run > loaded.flowRunBytes ? checkRoom(number, bytes.run - loaded.flowRunBytes, smaller,
                                                                bytes.weights + loaded.flowRunBytes)
                                                    : Result<void>();
        loaded.flowRunBytes = fits ? std::max(bytes.run, loaded.flowRunBytes) : loaded.flowRunBytes;
        return fits;
    }
    const at::Device place = placeOf(device);
    if (const int code = m_ops->selectDevice(number); code != 0) {
        return tl::unexpected(deviceError(*m_ops, code, "select the device"));
    }
    giveBackCachedMemory(place);
    if (auto trusted = check(number, place); !trusted) {
        return trusted;
    }
    if (auto fits = checkRoom(number, totalOf(bytes), smaller); !fits) {
        return fits;
    }
    if (auto placed = family.placeFlow(model, *m_ops, place, loaded); !placed) {
        return placed;
    }
    loaded.flowPlace = device;
    loaded.flowRunBytes = bytes.run;
    prepareModel(loaded, model.layout);
    return {};
}

bool GpuHost::mustFreeAfter(const Error& error, const LoadedModel& loaded)
{
    if (!loaded.device && loaded.flowPlace == "cpu") {
        return false;
    }
    if (error.code == ErrorCode::NoDevice) {
        m_lost = error;
    }
    return error.code == ErrorCode::NoDevice || error.code == ErrorCode::OutOfMemory;
}

void GpuHost::giveBackAfter(const Error& error, const std::string& device) const
{
    if (error.code == ErrorCode::OutOfMemory && device != "cpu") {
        const auto ignored =
            guarded([&]() -> Result<void> { return giveBackCachedMemory(placeOf(device)), Result<void>(); });
    }
}

} // namespace jacobi
