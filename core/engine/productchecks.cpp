// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/largererror.h"
#include "core/engine/checkinputs.h"

#include <algorithm>
#include <limits>
#include <string>

namespace jacobi {
namespace {

struct ProductSize {
    std::uint32_t rows, in, out, tiles, splits;
};

/// A matrix as our kernel takes it, with its numbers row by row.
struct Matrix {
    std::vector<std::int8_t> bytes; ///< one of these two, laid out
    std::vector<BFloat16> numbers;
    std::vector<double> plain; ///< [out, in], without the scale
};

Matrix matrixOf(ProductWeights kind, std::uint32_t out, std::uint32_t in)
{
    Matrix matrix;
    const std::size_t all = std::size_t{paddedOut(out)} * in;
    kind == ProductWeights::Int8 ? matrix.bytes.resize(all) : matrix.numbers.resize(all);
    for (std::uint32_t row = 0; row < out; ++row) {
        for (std::uint32_t column = 0; column < in; ++column) {
            // Every number that there is, in no order.
            const auto number = static_cast<int>((row * 2654435761U + column * 40503U * (row + 3)) >> 9 & 0xFFU) - 128;
            if (kind == ProductWeights::Int8) {
                matrix.bytes[int8Place(row, column, in)] = static_cast<std::int8_t>(number);
            } else {
                store(matrix.numbers[bfloat16Place(row, column, in)], static_cast<float>(number));
            }
            matrix.plain.push_back(number);
        }
    }
    return matrix;
}

/// The largest error of a product, by the largest number of the result. inParts: its parts are added up here.
Result<double> productError(const DeviceOps& ops, ProductWeights kind, const ProductSize& size, bool inParts)
{
    const auto x = normalNumbers<BFloat16>(std::size_t{size.rows} * size.in, 1);
    const auto scale = normalNumbers<BFloat16>(size.out, 2);
    const Matrix matrix = matrixOf(kind, size.out, size.in);
    const std::vector<double> wide = widened(x);
    std::vector<double> expected(std::size_t{size.rows} * size.out, 0.0);
    for (std::size_t i = 0; i < expected.size(); ++i) {
        const std::size_t column = i % size.out;
        for (std::uint32_t k = 0; k < size.in; ++k) {
            expected[i] += matrix.plain[column * size.in + k] * wide[i / size.out * size.in + k];
        }
        expected[i] *= kind == ProductWeights::Int8 ? static_cast<double>(load(scale[column])) : 1.0;
    }
    ProductJob job;
    job.kind = kind;
    job.rows = size.rows;
    job.in = size.in;
    job.out = size.out;
    job.tiles = size.tiles;
    job.splits = size.splits;
    const Result<DeviceMemory> memory[] = {
        DeviceMemory::copyOf(ops, std::span<const BFloat16>(x)),
        kind == ProductWeights::Int8 ? DeviceMemory::copyOf(ops, std::span<const std::int8_t>(matrix.bytes))
                                     : DeviceMemory::copyOf(ops, std::span<const BFloat16>(matrix.numbers)),
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
    job.weights = memory[1]->as<>();
    job.scale = memory[2]->as<>();
    job.y = inParts ? nullptr : memory[3]->as<>();
    job.partials = memory[4]->as<float>();
    for (int i = 0; i < 2; ++i) { // a second time: nothing of the first may be left in what it works in
        if (const int code = ops.clear(memory[3]->as<>(), expected.size() * sizeof(BFloat16), nullptr); code != 0) {
            return tl::unexpected(deviceError(ops, code, "clear memory"));
        }
        const int code = ops.multiply(&job, nullptr);
        if (code == kDeviceNotSupported) {
            return fail(ErrorCode::Unsupported, "This device has no such product.");
        }
        if (code != 0) {
            return tl::unexpected(deviceError(ops, code, "multiply by weights"));
        }
    }
    const auto found = fetched<BFloat16>(ops, memory[3]->as<>(), expected.size());
    const auto parts = fetched<float>(ops, memory[4]->as<>(), inParts ? job.partialFloats() : 0);
    if (!found || !parts) {
        return tl::unexpected(found ? parts.error() : found.error());
    }
    SplitSums sums = job.sums();
    sums.parts = parts->data();
    double largest = 0.0;
    double error = 0.0;
    for (std::size_t i = 0; i < expected.size(); ++i) {
        const float number =
            inParts ? numberOf(sums, i / size.out, static_cast<std::uint32_t>(i % size.out)) : load((*found)[i]);
        const double difference = std::abs(static_cast<double>(number) - expected[i]);
        error = largerError(error, difference);
        largest = std::max(largest, std::abs(expected[i]));
    }
    return error / largest;
}

/// Every number of row groups, tails of both sides of the matrix, one and two tiles.
Result<double> largestProductError(const DeviceOps& ops, ProductWeights kind)
{
    double largest = 0.0;
    for (const ProductSize& size :
         {ProductSize{1, 64, 16, 2, 1}, ProductSize{2, 1120, 272, 2, 4}, ProductSize{13, 160, 528, 2, 2},
          ProductSize{17, 512, 48, 2, 8}, ProductSize{64, 768, 256, 2, 1}, ProductSize{100, 224, 304, 2, 3},
          ProductSize{3, 96, 37, 1, 1}, ProductSize{11, 1120, 261, 1, 5}, ProductSize{32, 544, 128, 1, 2},
          ProductSize{70, 288, 149, 1, 4}}) {
        for (const bool inParts : {false, true}) {
            if (inParts && size.splits == 1) {
                continue;
            }
            const Result<double> error = productError(ops, kind, size, inParts);
            if (!error) {
                return error;
            }
            largest = largerError(largest, *error);
        }
    }
    return largest;
}

/// The same of the batch-invariant product, whose numbers must be those of invariantSum() to the last bit: infinite where one is not.
Result<double> invariantProductError(const DeviceOps& ops, const ProductSize& size)
{
    const auto x = normalNumbers<float>(std::size_t{size.rows} * size.in, 1);
    const auto plain = normalNumbers<float>(std::size_t{size.out} * size.in, 2);
    std::vector<float> weights(std::size_t{invariantPaddedOut(size.out)} * size.in);
    for (std::uint32_t row = 0; row < size.out; ++row) {
        for (std::uint32_t column = 0; column < size.in; ++column) {
            weights[float32Place(row, column, size.in)] = plain[std::size_t{row} * size.in + column];
        }
    }
    const std::size_t all = std::size_t{size.rows} * size.out;
    ProductJob job;
    job.kind = ProductWeights::Float32;
    job.rows = size.rows;
    job.in = size.in;
    job.out = size.out;
    job.tiles = size.tiles;
    const Result<DeviceMemory> memory[] = {DeviceMemory::copyOf(ops, std::span<const float>(x)),
                                           DeviceMemory::copyOf(ops, std::span<const float>(weights)),
                                           DeviceMemory::make(ops, all * sizeof(float))};
    for (const Result<DeviceMemory>& part : memory) {
        if (!part) {
            return tl::unexpected(part.error());
        }
    }
    job.x = memory[0]->as<>();
    job.weights = memory[1]->as<>();
    job.y = memory[2]->as<>();
    const int code = ops.multiply(&job, nullptr);
    if (code == kDeviceNotSupported) {
        return fail(ErrorCode::Unsupported, "This device has no such product.");
    }
    const auto found = code == 0 ? fetched<float>(ops, memory[2]->as<>(), all)
                                 : tl::unexpected(deviceError(ops, code, "multiply by weights"));
    if (!found) {
        return tl::unexpected(found.error());
    }
    double largest = 0.0, error = 0.0;
    for (std::size_t i = 0; i < all; ++i) {
        const float* const row = x.data() + i / size.out * size.in;
        const float* const weight = plain.data() + i % size.out * size.in;
        const auto ofRow = [&](std::uint32_t k) { return row[k]; };
        const auto ofMatrix = [&](std::uint32_t k) { return weight[k]; };
        if ((*found)[i] != invariantSum(size.in, ofRow, ofMatrix)) {
            return std::numeric_limits<double>::infinity();
        }
        double sum = 0.0;
        for (std::uint32_t k = 0; k < size.in; ++k) {
            sum += static_cast<double>(row[k]) * static_cast<double>(weight[k]);
        }
        const double difference = std::abs(static_cast<double>((*found)[i]) - sum);
        error = largerError(error, difference);
        largest = std::max(largest, std::abs(sum));
    }
    return error / largest;
}

/// Every number of rows that a block takes, more of them, tails of every kind, one and two tiles, fewer columns than warps have.
Result<double> largestInvariantError(const DeviceOps& ops)
{
    double largest = 0.0;
    for (const ProductSize& size :
         {ProductSize{1, 4, 1, 1, 1}, ProductSize{2, 20, 33, 2, 1}, ProductSize{2, 1120, 96, 1, 1},
          ProductSize{4, 1120, 70, 2, 1}, ProductSize{8, 1120, 70, 1, 1}, ProductSize{7, 640, 130, 2, 1},
          ProductSize{9, 1120, 64, 2, 1}, ProductSize{16, 1120, 95, 1, 1}, ProductSize{24, 640, 65, 1, 1},
          ProductSize{17, 768, 70, 2, 1}, ProductSize{32, 768, 129, 2, 1}, ProductSize{33, 332, 37, 1, 1},
          ProductSize{70, 768, 130, 2, 1}, ProductSize{128, 768, 33, 1, 1}}) {
        const Result<double> error = invariantProductError(ops, size);
        if (!error) {
            return error;
        }
        largest = largerError(largest, *error);
    }
    return largest;
}

/// What libtorch's product can take the place of.
KernelCheck productCheck(const char* name, const Result<double>& error, double allowed)
{
    KernelCheck check = error ? errorCheck(name, *error, allowed) : failedCheck(name, error.error());
    check.isReplaceable = true;
    if (!error && error.error().code == ErrorCode::Unsupported) {
        check.outcome = KernelCheck::Outcome::NotRun;
        check.detail = "this device has no such product; libtorch's is taken";
    } else if (check.outcome == KernelCheck::Outcome::Failed) {
        check.detail += "; libtorch's is taken";
    }
    return check;
}

} // namespace

std::vector<KernelCheck> checkProducts(const DeviceOps& ops)
{
    constexpr double kAllowed = 0.005; // rounding the result, and a little
    constexpr double kAllowedInFloat32 = 1e-5;
    return {productCheck("product with bfloat16", largestProductError(ops, ProductWeights::BFloat16), kAllowed),
            productCheck("product with int8", largestProductError(ops, ProductWeights::Int8), kAllowed),
            productCheck("product with float32", largestInvariantError(ops), kAllowedInFloat32)};
}

} // namespace jacobi
