// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/largererror.h"
#include "core/base/philox.h"
#include "core/cuda/devicememory.h"
#include "core/cuda/numbers.h"
#include "core/engine/kernelchecks.h"

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <type_traits>
#include <vector>

namespace jacobi {

// What the checks of kernels share: numbers to compute with, and how far results may be off.

template <class Stored>
inline constexpr NumberType kNumberType = std::is_same_v<Stored, double>  ? NumberType::Float64
                                          : std::is_same_v<Stored, float> ? NumberType::Float32
                                                                          : NumberType::BFloat16;
template <class Stored>
inline constexpr const char* kNumberName = std::is_same_v<Stored, double>  ? "float64"
                                           : std::is_same_v<Stored, float> ? "float32"
                                                                           : "bfloat16";

/// A standard normal number that belongs to these three.
inline double normalNumber(std::uint64_t seed, std::uint32_t a, std::uint32_t b)
{
    const auto u = CounterRandom{seed}.uniforms(a, b, Purpose::Noise, 0);
    return std::sqrt(-2.0 * std::log(u[0])) * std::cos(6.283185307179586 * u[1]);
}

template <class Stored>
std::vector<Stored> normalNumbers(std::size_t count, std::uint64_t seed, double scale = 1.0)
{
    std::vector<Stored> numbers(count);
    for (std::size_t i = 0; i < count; ++i) {
        store(numbers[i], static_cast<RealOf<Stored>>(scale * normalNumber(seed, static_cast<std::uint32_t>(i), 0)));
    }
    return numbers;
}

template <class Stored>
std::vector<double> widened(const std::vector<Stored>& numbers)
{
    std::vector<double> wide;
    wide.reserve(numbers.size());
    for (const Stored x : numbers) {
        wide.push_back(static_cast<double>(load(x)));
    }
    return wide;
}

/// The largest |found - expected| / (1 + |expected|); NaN where something is NaN on one side only.
inline double largestError(const std::vector<double>& found, const std::vector<double>& expected)
{
    double largest = 0.0;
    for (std::size_t i = 0; i < expected.size(); ++i) {
        const double error = std::abs(found[i] - expected[i]) / (1.0 + std::abs(expected[i]));
        largest = largerError(largest, error);
    }
    return largest;
}

/// Failed where the error is above the allowed one, or is no number.
inline KernelCheck errorCheck(std::string name, double error, double allowed)
{
    char text[96];
    std::snprintf(text, sizeof text, "largest error %.2g, %.2g is allowed", error, allowed);
    return {std::move(name), error <= allowed ? KernelCheck::Outcome::Passed : KernelCheck::Outcome::Failed, text};
}

inline KernelCheck failedCheck(std::string name, const Error& error)
{
    return {std::move(name), KernelCheck::Outcome::Failed,
            error.message + (error.detail.empty() ? "" : " [" + error.detail + "]")};
}

/// Device memory as a vector, behind everything on the default stream.
template <class T>
Result<std::vector<T>> fetched(const DeviceOps& ops, const void* from, std::size_t count)
{
    std::vector<T> data(count);
    if (const int code = ops.fromDevice(data.data(), from, count * sizeof(T), nullptr); code != 0) {
        return tl::unexpected(deviceError(ops, code, "read a result"));
    }
    return data;
}

} // namespace jacobi
