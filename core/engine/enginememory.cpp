// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/devicedecoder.h"
#include "core/device/runroom.h"
#include "core/engine/allocatorpeak.h"
#include "core/engine/engine.h"
#include "core/engine/enginemeasures.h"

#include <algorithm>

// The measurement of how much of a device's memory a run takes.

namespace jacobi {

std::uint64_t EngineMeasures::freeMemory() const
{
    DeviceDescription card;
    m_ops.describe(isCpu() ? 0 : m_device.index(), &card);
    return card.freeBytes;
}

/// The least that was free while the first passes of a picture were made: all its buffers are there from the first on.
Result<std::uint64_t> EngineMeasures::leastFree(DeviceModel& model, const DecodeSettings& settings)
{
    auto decoder = makeDeviceDecoder(settings, model);
    if (!decoder) {
        return tl::unexpected(decoder.error());
    }
    if (auto started = (*decoder)->start({kPrompt}); !started) {
        return tl::unexpected(started.error());
    }
    std::uint64_t lowest = freeMemory();
    constexpr int kPasses = 64;
    for (int pass = 0; pass < kPasses && !(*decoder)->done(); ++pass) {
        if (auto step = (*decoder)->step(); !step) {
            return tl::unexpected(step.error());
        }
        lowest = std::min(lowest, freeMemory());
    }
    return lowest;
}

/// The most that was taken of the device since `freeBefore`, before the model was loaded, while a picture was begun: the median
/// of a few, each with libtorch's cache given back before it, and their extremes. Beside it what the engine reckons before it
/// loads a model.
Result<void> EngineMeasures::memory(const BenchShape& shape, DevicePrecision precision, DeviceModel& model,
                                    std::uint64_t freeBefore)
{
    const auto takenBy = [&](std::uint64_t free) {
        return (static_cast<double>(freeBefore) - static_cast<double>(free)) * 1e-9;
    };
    model.keptRoom.reset();
    giveBackCachedMemory(m_device);
    const double loaded = takenBy(freeMemory());
    const DecodeSettings settings = decodeSettings(pictureRequest(kPictureWindow));
    model.recordedRuns.assign(kRecordedRuns.begin(), kRecordedRuns.end());
    const AllocatorPeak peak(m_device);
    std::vector<double> taken;
    for (int picture = 0; picture < kPictures; ++picture) {
        model.keptRoom.reset();
        giveBackCachedMemory(m_device);
        const Result<std::uint64_t> free = leastFree(model, settings);
        if (!free) {
            return tl::unexpected(free.error());
        }
        taken.push_back(takenBy(*free));
    }
    std::ranges::sort(taken);
    const std::uint64_t weights = DeviceWeights::bytesOf(shape.shape, shape.shape.codes, precision);
    NetworkSizes sizes = sizesOf(model.network());
    sizes.promptTokens = static_cast<std::int64_t>(kPrompt.size());
    const std::uint64_t run = RunRoom::bytesOf(settings, sizes, model.layout(), precision, 1);
    note({{"case", "memory"},
          {"shape", shape.name},
          {"weights", static_cast<double>(model.weights().matrixBytes()) * 1e-9},
          {"loaded", loaded},
          {"estimate", static_cast<double>(weights + run) * 1e-9},
          {"estimated_run", static_cast<double>(run) * 1e-9},
          {"tensors_of_run", static_cast<double>(peak.bytes()) * 1e-9}},
         Samples{taken[taken.size() / 2], taken.front(), taken.back()}, "GB", 1.0);
    return {};
}

} // namespace jacobi
