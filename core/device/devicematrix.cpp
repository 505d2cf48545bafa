// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/devicematrix.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <array>
#include <utility>

namespace jacobi {

std::optional<DevicePrecision> devicePrecisionOf(std::string_view name)
{
    constexpr std::array<std::pair<std::string_view, DevicePrecision>, 4> kNames{{
        {"float32", DevicePrecision::Float32},
        {"float64", DevicePrecision::Float64},
        {"bfloat16", DevicePrecision::BFloat16},
        {"int8", DevicePrecision::Int8},
    }};
    for (const auto& [known, precision] : kNames) {
        if (known == name) {
            return precision;
        }
    }
    return std::nullopt;
}

at::ScalarType realTypeOf(DevicePrecision precision)
{
    switch (precision) {
    case DevicePrecision::Float32: return at::kFloat;
    case DevicePrecision::Float64: return at::kDouble;
    case DevicePrecision::BFloat16:
    case DevicePrecision::Int8: break;
    }
    return at::kBFloat16;
}

double matrixBytes(DevicePrecision precision)
{
    return precision == DevicePrecision::Int8 ? 1.0 : static_cast<double>(c10::elementSize(realTypeOf(precision)));
}

at::Tensor int8InOwnOrder(const at::Tensor& weight)
{
    // Tiles of 16 rows by 32 columns; see int8Place().
    const std::int64_t tiles = weight.size(0) / kInt8TileOut, steps = weight.size(1) / kInt8TileIn;
    return weight.reshape({tiles, 2, 8, steps, 4, 2, 2, 2})
        .permute({0, 3, 2, 4, 1, 5, 7, 6})
        .reshape(weight.sizes())
        .contiguous();
}

at::Tensor int8RowByRow(const at::Tensor& weight)
{
    const std::int64_t tiles = weight.size(0) / kInt8TileOut, steps = weight.size(1) / kInt8TileIn;
    return weight.reshape({tiles, steps, 8, 4, 2, 2, 2, 2})
        .permute({0, 4, 2, 1, 3, 5, 7, 6})
        .reshape(weight.sizes())
        .contiguous();
}

DeviceMatrix::DeviceMatrix(const at::Tensor& weight, DevicePrecision precision, at::Device device,
                           std::uint32_t multiprocessors)
{
    const auto out = static_cast<std::uint32_t>(weight.size(0));
    const auto in = static_cast<std::uint32_t>(weight.size(1));
    // libtorch's product with int8 takes over a hundred times as long as with bfloat16 on a GPU.
    const bool isLeft = multiprocessors > 0 && !isInt8Product(out, in);
    if (precision != DevicePrecision::Int8 || isLeft) {
        m_weight = weight.to(device, realTypeOf(precision)).contiguous();
        return;
    }
    // Symmetric, a scale for each row: 127 is the row's largest number.
    constexpr double kLargest = 127.0;
    const at::Tensor wide = weight.to(device, at::kFloat);
    const at::Tensor scale = (wide.abs().amax(1) / kLargest).clamp_min(1e-30);
    m_weight = (wide / scale.unsqueeze(1)).round().clamp(-kLargest, kLargest).to(at::kChar).contiguous();
    m_scale = scale.to(at::kBFloat16);
    if (multiprocessors > 0) {
        m_weight = int8InOwnOrder(m_weight);
        m_splits = int8Splits(out, in, multiprocessors);
    }
}

std::uint64_t DeviceMatrix::bytes() const
{
    return m_weight.nbytes() + (m_scale.defined() ? m_scale.nbytes() : 0);
}

Int8ProductJob DeviceMatrix::job(std::int64_t n) const
{
    constexpr std::uint32_t kSplitRows = 128;
    Int8ProductJob job;
    job.weights = m_weight.const_data_ptr<std::int8_t>();
    job.scale = m_scale.const_data_ptr();
    job.rows = static_cast<std::uint32_t>(n);
    job.in = static_cast<std::uint32_t>(m_weight.size(1));
    job.out = static_cast<std::uint32_t>(m_weight.size(0));
    // Many rows are work enough without sharing columns out, and their sums would take much memory.
    job.splits = n <= kSplitRows ? m_splits : std::max<std::uint32_t>(m_splits * kSplitRows / job.rows, 1);
    return job;
}

std::uint64_t DeviceMatrix::partialFloats(std::int64_t n) const
{
    return isForOwnKernel() ? job(n).partialFloats() : 0;
}

at::Tensor DeviceMatrix::plainWeight() const
{
    return isForOwnKernel() ? int8RowByRow(m_weight) : m_weight;
}

at::Tensor DeviceMatrix::multiply(const at::Tensor& x, at::Tensor out, const ProductPlace& place) const
{
    if (!m_scale.defined()) {
        at::mm_out(out, x, m_weight.t());
        return out;
    }
    if (!isForOwnKernel() && x.is_cuda()) {
        return at::_weight_int8pack_mm(x, m_weight, m_scale);
    }
    if (isForOwnKernel() && place.ops != nullptr && x.scalar_type() == at::kBFloat16 && x.is_contiguous()) {
        const bool fitsOut = out.scalar_type() == at::kBFloat16 && out.is_contiguous();
        const at::Tensor made = fitsOut ? out : at::empty(out.sizes(), x.options());
        Int8ProductJob product = job(x.size(0));
        product.x = x.const_data_ptr();
        product.y = made.mutable_data_ptr();
        product.partials = place.partials.defined() ? place.partials.mutable_data_ptr<float>() : nullptr;
        const int code = place.ops->multiplyInt8(&product, place.stream);
        if (code == 0) {
            return made;
        }
        // On a GPU there is no other way: what one makes beside a graph that is recorded would be given to others.
        TORCH_CHECK(code == kDeviceNotSupported && !x.is_cuda(), "multiply int8: ", place.ops->errorText(code));
    }
    TORCH_CHECK(!x.is_cuda(), "multiply int8: our kernel takes contiguous rows of bfloat16");
    return at::mul_out(out, at::mm(x, plainWeight().to(x.scalar_type()).t()), m_scale);
}

at::Tensor DeviceMatrix::effective() const
{
    const at::Tensor weight = plainWeight().to(at::kCPU, at::kDouble);
    return m_scale.defined() ? weight * m_scale.to(at::kCPU, at::kDouble).unsqueeze(1) : weight;
}

} // namespace jacobi
