// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/int8choice.h"

#include "core/cuda/devicememory.h"
#include "core/device/layertiming.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <cmath>

namespace jacobi {
namespace {

ProductPlace placeOf(const DeviceMatrix& matrix, std::int64_t n, const AttentionPlace& place)
{
    const auto options = at::TensorOptions().dtype(at::kFloat).device(place.device);
    return {place.ops, place.stream, at::empty({static_cast<std::int64_t>(matrix.partialFloats(n))}, options)};
}

/// The same numbers on every device.
at::Tensor waves(at::IntArrayRef sizes, double seed)
{
    const at::Tensor i = at::arange(c10::multiply_integers(sizes), at::kDouble);
    return at::sin(i * 0.7311 + i.square() * 0.0131 + seed).view(sizes);
}

std::string microseconds(double seconds)
{
    return std::to_string(static_cast<int>(std::lround(seconds * 1e6))) + " us";
}

Result<std::uint32_t> multiprocessorsOf(const AttentionPlace& place)
{
    DeviceDescription card;
    const int code = place.ops->describe(place.device.is_cpu() ? 0 : place.device.index(), &card);
    return code == 0 ? Result<std::uint32_t>(std::max(card.multiprocessors, 1U))
                     : tl::unexpected(deviceError(*place.ops, code, "describe the device"));
}

} // namespace

Result<double> int8ProductError(const AttentionPlace& place)
{
    constexpr std::int64_t kOut = 528, kIn = 1120;
    const c10::InferenceMode inference;
    const Result<std::uint32_t> multiprocessors = multiprocessorsOf(place);
    if (!multiprocessors) {
        return tl::unexpected(multiprocessors.error());
    }
    const DeviceMatrix matrix(waves({kOut, kIn}, 1.0), DevicePrecision::Int8, place.device, *multiprocessors);
    const at::Tensor weight = matrix.effective();
    double largest = 0.0;
    for (const std::int64_t n : {2, 13, 32, 51, 100}) {
        const at::Tensor x = waves({n, kIn}, 2.0).to(at::kBFloat16);
        const at::Tensor onDevice = x.to(place.device);
        at::Tensor found =
            matrix.multiply(onDevice, at::empty({n, kOut}, onDevice.options()), placeOf(matrix, n, place));
        if (const int code = place.ops->synchronize(place.stream); code != 0) {
            return tl::unexpected(deviceError(*place.ops, code, "wait for a product"));
        }
        const at::Tensor expected = at::mm(x.to(at::kDouble), weight.t());
        const at::Tensor error = (found.to(at::kCPU, at::kDouble) - expected).abs().max() / expected.abs().max();
        const auto size = error.item<double>();
        largest = size <= largest ? largest : size; // a NaN stays
    }
    return largest;
}

Result<double> productSeconds(const DeviceMatrix& matrix, std::int64_t n, const AttentionPlace& place)
{
    constexpr int kLayers = 8;
    const c10::InferenceMode inference;
    const auto real = at::TensorOptions().dtype(at::kBFloat16).device(place.device);
    const at::Tensor x = at::randn({n, matrix.columns()}, real);
    const at::Tensor out = at::empty({n, matrix.rows()}, real);
    const ProductPlace products = placeOf(matrix, n, place);
    std::vector<at::Tensor> kept;
    return layerSeconds(*place.ops, place.stream, kLayers, [&]() -> Result<void> {
        kept.clear();
        for (int layer = 0; layer < kLayers; ++layer) {
            kept.push_back(matrix.multiply(x, out, products));
        }
        return {};
    });
}

Int8Choice chooseInt8Product(std::int64_t out, std::int64_t in, const AttentionPlace& place)
{
    constexpr double kAllowedError = 0.01; // rounding of the result to bfloat16, twice over
    if (!place.device.is_cuda()) {
        return {0, "there is no such kernel for this device"};
    }
    if (!isInt8Product(static_cast<std::uint64_t>(out), static_cast<std::uint64_t>(in))) {
        return {0, "the kernel takes no matrices of these sizes"};
    }
    try {
        const Result<double> error = int8ProductError(place);
        const Result<std::uint32_t> multiprocessors = multiprocessorsOf(place);
        if (!error || !multiprocessors) {
            return {0, "our kernel failed: " + (error ? multiprocessors.error() : error.error()).detail};
        }
        if (!(*error <= kAllowedError)) {
            return {0, "our kernel differs from the formula by " + std::to_string(*error)};
        }
        const auto options = at::TensorOptions().dtype(at::kBFloat16).device(place.device);
        double total[2] = {};
        std::string found;
        for (const bool isOurs : {true, false}) {
            found += isOurs ? "our kernel takes" : "; libtorch's takes";
            const DeviceMatrix matrix(at::randn({out, in}, options), DevicePrecision::Int8, place.device,
                                      isOurs ? *multiprocessors : 0);
            for (const std::int64_t n : {2, 16, 64}) {
                const Result<double> seconds = productSeconds(matrix, n, place);
                if (!seconds) {
                    return {isOurs ? 0 : *multiprocessors, found + " nothing: " + seconds.error().detail};
                }
                total[isOurs ? 0 : 1] += *seconds;
                found += " " + microseconds(*seconds);
                if (!isOurs && total[1] > total[0]) {
                    break; // it takes up to two hundred times as long
                }
            }
        }
        return {total[0] < total[1] ? *multiprocessors : 0, found + ", of 2, 16 and 64 rows"};
    } catch (const c10::OutOfMemoryError&) {
        throw; // for more than choosing
    } catch (const c10::Error& error) {
        return {0, std::string("comparing failed: ") + error.what_without_backtrace()};
    }
}

} // namespace jacobi
