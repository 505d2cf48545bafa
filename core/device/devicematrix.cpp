// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/devicematrix.h"

#include <ATen/ATen.h>

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

DeviceMatrix::DeviceMatrix(const at::Tensor& weight, DevicePrecision precision, at::Device device)
{
    if (precision != DevicePrecision::Int8) {
        m_weight = weight.to(device, realTypeOf(precision)).contiguous();
        return;
    }
    // Symmetric, a scale for each row: 127 is the row's largest number.
    constexpr double kLargest = 127.0;
    const at::Tensor wide = weight.to(device, at::kFloat);
    const at::Tensor scale = (wide.abs().amax(1) / kLargest).clamp_min(1e-30);
    m_weight = (wide / scale.unsqueeze(1)).round().clamp(-kLargest, kLargest).to(at::kChar).contiguous();
    m_scale = scale.to(at::kBFloat16);
}

std::uint64_t DeviceMatrix::bytes() const
{
    return m_weight.nbytes() + (m_scale.defined() ? m_scale.nbytes() : 0);
}

at::Tensor DeviceMatrix::multiply(const at::Tensor& x, at::Tensor out) const
{
    if (!m_scale.defined()) {
        at::mm_out(out, x, m_weight.t());
        return out;
    }
    if (x.is_cuda()) {
        return at::_weight_int8pack_mm(x, m_weight, m_scale);
    }
    return at::mul_out(out, at::mm(x, m_weight.to(x.scalar_type()).t()), m_scale);
}

at::Tensor DeviceMatrix::effective() const
{
    const at::Tensor weight = m_weight.to(at::kCPU, at::kDouble);
    return m_scale.defined() ? weight * m_scale.to(at::kCPU, at::kDouble).unsqueeze(1) : weight;
}

} // namespace jacobi
