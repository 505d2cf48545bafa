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

namespace jacobi {

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
    if (m_isTrusted) {
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
    m_isTrusted = true;
    return {};
}

/// Once, and of the kernels that only SJD2 needs.
Result<void> GpuHost::checkNoise()
{
    if (!m_isTrustedWithNoise) {
        if (const KernelCheck found = checkNoisyDrafts(*m_ops); found.outcome == KernelCheck::Outcome::Failed) {
            return failOnGpu(ErrorCode::NoDevice,
                             "This GPU does not denoise drafts as it should, so SJD2 does not run there. Choose "
                             "another method, and report what jacobi selftest prints.",
                             found.name + ": " + found.detail);
        }
        m_isTrustedWithNoise = true;
    }
    return {};
}

Result<void> GpuHost::checkRoom(int number, std::uint64_t needed) const
{
    DeviceDescription card;
    if (const int code = m_ops->describe(number, &card); code != 0) {
        return tl::unexpected(deviceError(*m_ops, code, "ask for the GPU's memory"));
    }
    // A table without figures is the CPU's, in tests.
    return card.totalBytes == 0 ? Result<void>() : checkGpuMemory(needed, card.freeBytes, card.name);
}

Result<void> GpuHost::place(const RunRequest& request, const std::string& device, const ModelInfo& model,
                            const ModelFamily& family, LoadedModel& loaded)
{
    if (m_lost) {
        return tl::unexpected(*m_lost);
    }
    const int number = gpuNumber(device).value_or(0);
    const DevicePrecision precision = devicePrecisionOf(request.precision).value_or(DevicePrecision::Float32);
    const TokenLayout& layout = loaded.tokens->layout();
    const auto bytesOfRun = [&](const NetworkDescription& network) {
        return RunRoom::bytesOf(decodeSettings(request), network, layout, precision, request.pictures,
                                static_cast<std::int64_t>(network.unconditionalPrompt.size()));
    };
    const at::Device place = placeOf(device);
    if (request.method == "sjd2") {
        if (auto trusted = checkNoise(); !trusted) {
            return trusted;
        }
    }
    if (loaded.device && loaded.device->weights().precision == precision) {
        std::unique_ptr<RunRoom>& kept = loaded.device->keptRoom;
        if (kept != nullptr && kept->isFor(decodeSettings(request), request.pictures)) {
            return {}; // it has what it needs
        }
        kept.reset();
        giveBackCachedMemory(place); // what the run before this one had is free, but only libtorch knows
        return checkRoom(number, bytesOfRun(loaded.device->network()));
    }
    loaded.devicePictures.reset();
    loaded.device.reset();
    giveBackCachedMemory(place);
    const Result<NetworkDescription> network = family.describeNetwork(model);
    if (!network) {
        return tl::unexpected(network.error());
    }
    if (auto trusted = check(number, place); !trusted) {
        return trusted;
    }
    const std::uint64_t weights = DeviceWeights::bytesOf(network->shape, network->table.size(0), precision);
    if (auto fits = checkRoom(number, weights + bytesOfRun(*network)); !fits) {
        return fits;
    }
    auto placed = DeviceModel::make(*m_ops, place, precision, *network, layout);
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
    const FlowBytes bytes = family.flowBytes(loaded, request);
    if (loaded.flowPlace == device) { // buffers of the run before this one are kept
        auto fits =
            bytes.run > loaded.flowRunBytes ? checkRoom(number, bytes.run - loaded.flowRunBytes) : Result<void>();
        loaded.flowRunBytes = fits ? std::max(bytes.run, loaded.flowRunBytes) : loaded.flowRunBytes;
        return fits;
    }
    const at::Device place = placeOf(device);
    giveBackCachedMemory(place);
    if (auto trusted = check(number, place); !trusted) {
        return trusted;
    }
    if (auto fits = checkRoom(number, bytes.weights + bytes.run); !fits) {
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
