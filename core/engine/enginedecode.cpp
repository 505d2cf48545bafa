// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/decode/wholeconvolutions.h"
#include "core/engine/allocatorpeak.h"
#include "core/engine/enginemeasures.h"
#include "core/engine/vqdecoder.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <limits>
#include <string>

// The measurements of codes becoming pixels.

namespace jacobi {
/// One picture, in both precisions and both layouts of activations: which of the layouts is faster hangs on the card.
Result<void> EngineMeasures::decode(const BenchShape& shape)
{
    const WholeConvolutions whole; // as in a run
    const at::Tensor codes = at::randint(shape.shape.codes, {1, shape.rows * shape.columns}, options(at::kLong));
    double fastest = std::numeric_limits<double>::infinity();
    for (const at::ScalarType type : {at::kBFloat16, at::kFloat}) {
        for (const at::MemoryFormat format : {at::MemoryFormat::Contiguous, at::MemoryFormat::ChannelsLast}) {
            giveBackCachedMemory(m_device);
            const VqDecoder decoder(shape.pictures, shape.rows, shape.columns, shape.shape.codes, options(type),
                                    format);
            const AllocatorPeak peak(m_device);
            const auto samples = time([&]() -> Result<void> {
                decoder.pixels(codes);
                return {};
            });
            if (!samples) {
                return tl::unexpected(samples.error());
            }
            const VqCost cost = decoder.cost();
            const double bytes = cost.numbers * static_cast<double>(c10::elementSize(type));
            const bool isLast = format == at::MemoryFormat::ChannelsLast;
            json record{{"case", "decode"},
                        {"shape", shape.name},
                        {"variant", std::string(type == at::kFloat ? "float32" : "bfloat16") +
                                        (isLast ? ", channels last" : ", channels first")},
                        {"height", shape.rows * shape.pictures.patch()},
                        {"width", shape.columns * shape.pictures.patch()},
                        {"operations", cost.operations},
                        {"bytes", bytes},
                        {"peak_gb", static_cast<double>(peak.bytes()) * 1e-9},
                        {"of_floor", std::max(cost.operations / m_rate, bytes / m_bandwidth) / samples->median}};
            if (m_pictureSeconds > 0.0) {
                record["of_picture"] = samples->median / m_pictureSeconds;
            }
            note(std::move(record), *samples, "ms", 1e3);
            if (type == pictureType() && samples->median < fastest) {
                fastest = samples->median;
                m_pictureFormat = format;
            }
        }
    }
    return {};
}

/// A family's own decoder, to bytes in the computer's memory: what a run of it waits for.
Result<void> EngineMeasures::familyDecode()
{
    if (!parts.familyPictures) {
        return {};
    }
    const FamilyPictures family = parts.familyPictures(m_device);
    const at::Tensor codes = at::randint(family.codes, {1, family.positions}, at::kLong);
    const auto samples = time([&]() -> Result<void> {
        family.pictures->decode(codes);
        return {};
    });
    if (!samples) {
        return tl::unexpected(samples.error());
    }
    note({{"case", "decode"}, {"shape", family.name}, {"variant", "float32, to bytes on the computer"}}, *samples, "ms",
         1e3);
    return {};
}

} // namespace jacobi
