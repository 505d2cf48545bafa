// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/productchoice.h"
#include "core/device/randomnetwork.h"
#include "core/engine/enginemeasures.h"

#include <ATen/ATen.h>

#include <algorithm>

// The measurement of what a precision costs in exactness.

namespace jacobi {
namespace {

constexpr std::int64_t kRows = 32;
constexpr std::int64_t kCapacity = 48;

} // namespace

/// Logits [lanes * rows, codes] of one pass over an empty cache in that precision, as float64 on the CPU.
Result<at::Tensor> EngineMeasures::logitsOf(const NetworkDescription& network, DevicePrecision precision)
{
    // As a model of the engine has them.
    const std::uint32_t multiprocessors =
        chooseProducts(network.shape, precision, {&m_ops, m_device, m_stream.handle()}).multiprocessors;
    const DeviceWeights weights = DeviceWeights::of(network, precision, m_device, multiprocessors);
    DeviceTransformer transformer(m_ops, weights, network.rotary(kCapacity), {kLanes, kRows, kCapacity});
    transformer.setPass(kRows, AttentionPath::Masked); // of every precision, so that the precision alone is compared
    const at::Tensor codes = at::remainder(at::arange(kLanes * kRows, at::kLong) * 37 + 5, network.shape.codes);
    transformer.input().copy_(weights.table.index_select(0, codes.to(m_device)));
    const at::Tensor lengths = at::zeros({kLanes}, options(at::kInt));
    const at::Tensor logits = at::empty({kLanes * kRows, network.shape.codes}, options(weights.type()));
    std::vector<at::Tensor> kept;
    if (auto done = transformer.enqueue(lengths, logits, kept, m_stream.handle()); !done) {
        return tl::unexpected(done.error());
    }
    if (auto done = wait(); !done) {
        return tl::unexpected(done.error());
    }
    return logits.to(at::kCPU, at::kDouble);
}

/// The shape's logits against those of the same weights in float32 (of float32: in float64), row by row.
Result<void> EngineMeasures::error(const BenchShape& shape, DevicePrecision precision)
{
    const bool isWhole = precision == DevicePrecision::Float32;
    const DevicePrecision reference = isWhole ? DevicePrecision::Float64 : DevicePrecision::Float32;
    TransformerShape sizes = shape.shape;
    DeviceDescription card;
    giveBackCachedMemory(m_device);
    m_ops.describe(isCpu() ? 0 : m_device.index(), &card);
    const auto needed = [&] { // both networks, and a matrix in float32 while int8 is made of it
        return DeviceWeights::bytesOf(sizes, sizes.codes, reference) +
               DeviceWeights::bytesOf(sizes, sizes.codes, precision) + 2'000'000'000;
    };
    while (card.totalBytes > 0 && sizes.layers > 1 && needed() > card.freeBytes) {
        --sizes.layers;
    }
    const NetworkDescription network = randomNetwork(sizes, options(realTypeOf(reference)), 1);
    const auto expected = logitsOf(network, reference);
    const auto found = expected ? logitsOf(network, precision) : expected;
    if (!found) {
        return tl::unexpected(found.error());
    }
    const at::Tensor difference = *found - *expected;
    const at::Tensor byRow = std::get<0>((difference.norm(2, 1) / expected->norm(2, 1)).sort());
    const std::int64_t rows = byRow.size(0);
    const auto row = [&](std::int64_t i) { return byRow[i].item<double>(); };
    note({{"case", "error"},
          {"shape", shape.name},
          {"variant", isWhole                              ? "float32 against float64"
                      : precision == DevicePrecision::Int8 ? "int8 against float32"
                                                           : "bfloat16 against float32"},
          {"layers", sizes.layers},
          {"largest", (difference.abs().max() / expected->abs().max()).item<double>()},
          {"same_first", (found->argmax(1) == expected->argmax(1)).to(at::kDouble).mean().item<double>()}},
         Samples{row(rows / 2), row(rows / 4), row(rows * 3 / 4)}, "relative", 1.0);
    return {};
}

} // namespace jacobi
