// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/checkinputs.h"

#include <algorithm>
#include <string>

namespace jacobi {
namespace {

struct ProductSize {
    std::uint32_t rows, in, out, splits;
};

/// The largest error of a product, by the largest number of the result.
Result<double> productError(const DeviceOps& ops, const ProductSize& size)
{
    const auto x = normalNumbers<BFloat16>(std::size_t{size.rows} * size.in, 1);
    const auto scale = normalNumbers<BFloat16>(size.out, 2);
    std::vector<std::int8_t> weights(std::size_t{size.out} * size.in);
    std::vector<double> expected(std::size_t{size.rows} * size.out, 0.0);
    const std::vector<double> wide = widened(x);
    for (std::uint32_t row = 0; row < size.out; ++row) {
        for (std::uint32_t column = 0; column < size.in; ++column) {
            // Every number that there is, in no order.
            const auto number = static_cast<int>((row * 2654435761U + column * 40503U * (row + 3)) >> 9 & 0xFFU) - 128;
            weights[int8Place(row, column, size.in)] = static_cast<std::int8_t>(number);
            for (std::uint32_t i = 0; i < size.rows; ++i) {
                expected[std::size_t{i} * size.out + row] += number * wide[std::size_t{i} * size.in + column];
            }
        }
        for (std::uint32_t i = 0; i < size.rows; ++i) {
            expected[std::size_t{i} * size.out + row] *= static_cast<double>(load(scale[row]));
        }
    }
    Int8ProductJob job;
    job.rows = size.rows;
    job.in = size.in;
    job.out = size.out;
    job.splits = size.splits;
    const Result<DeviceMemory> memory[] = {
        DeviceMemory::copyOf(ops, std::span<const BFloat16>(x)),
        DeviceMemory::copyOf(ops, std::span<const std::int8_t>(weights)),
        DeviceMemory::copyOf(ops, std::span<const BFloat16>(scale)),
        DeviceMemory::make(ops, expected.size() * sizeof(BFloat16)),
        DeviceMemory::make(ops, std::max<std::uint64_t>(job.partialFloats(), 1) * sizeof(float)),
    };
    for (const Result<DeviceMemory>& part : memory) {
        if (!part) {
            return tl::unexpected(part.error());
        }
    }
    job.x = memory[0]->as<>();
    job.weights = memory[1]->as<std::int8_t>();
    job.scale = memory[2]->as<>();
    job.y = memory[3]->as<>();
    job.partials = memory[4]->as<float>();
    for (int i = 0; i < 2; ++i) { // a second time: nothing of the first may be left in what it works in
        if (const int code = ops.clear(job.y, expected.size() * sizeof(BFloat16), nullptr); code != 0) {
            return tl::unexpected(deviceError(ops, code, "clear memory"));
        }
        const int code = ops.multiplyInt8(&job, nullptr);
        if (code == kDeviceNotSupported) {
            return fail(ErrorCode::Unsupported, "This device has no such product.");
        }
        if (code != 0) {
            return tl::unexpected(deviceError(ops, code, "multiply int8"));
        }
    }
    const auto found = fetched<BFloat16>(ops, job.y, expected.size());
    if (!found) {
        return tl::unexpected(found.error());
    }
    double largest = 0.0;
    double error = 0.0;
    for (std::size_t i = 0; i < expected.size(); ++i) {
        const double difference = std::abs(static_cast<double>(load((*found)[i])) - expected[i]);
        error = difference <= error ? error : difference; // a NaN stays
        largest = std::max(largest, std::abs(expected[i]));
    }
    return error / largest;
}

/// Every number of row groups, and tails of both sides of the matrix.
Result<double> largestProductError(const DeviceOps& ops)
{
    double largest = 0.0;
    for (const ProductSize& size :
         {ProductSize{1, 64, 16, 1}, ProductSize{2, 1120, 272, 4}, ProductSize{13, 160, 528, 2},
          ProductSize{17, 512, 48, 8}, ProductSize{64, 768, 256, 1}, ProductSize{100, 224, 304, 3}}) {
        const Result<double> error = productError(ops, size);
        if (!error) {
            return error;
        }
        largest = *error <= largest ? largest : *error; // a NaN stays
    }
    return largest;
}

} // namespace

std::vector<KernelCheck> checkProducts(const DeviceOps& ops)
{
    constexpr double kAllowed = 0.005; // rounding the result, and a little
    const Result<double> error = largestProductError(ops);
    const std::string name = "product with int8";
    KernelCheck check = error ? errorCheck(name, *error, kAllowed) : failedCheck(name, error.error());
    check.isReplaceable = true;
    if (!error && error.error().code == ErrorCode::Unsupported) {
        check.outcome = KernelCheck::Outcome::NotRun;
        check.detail = "this device has no such product; libtorch's is taken";
    } else if (check.outcome == KernelCheck::Outcome::Failed) {
        check.detail += "; libtorch's is taken";
    }
    return {check};
}

} // namespace jacobi
