// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>
#include <string_view>

namespace jacobi {

/// What a network's weights are kept as and computed with on a device. Laws are always made in float32 (float64 of float64).
enum class DevicePrecision {
    Float32,  ///< where gumbel-exact is to be sequential sampling: what products round differently in windows of other
              ///< sizes turns hardly a draw, and near ties are counted
    Float64,  ///< for checking
    BFloat16, ///< the usual one: windows of other sizes round differently, so that pictures of exact methods differ too
    Int8      ///< matrices as int8 with a scale a row, everything else bfloat16: half the memory again
};

std::optional<DevicePrecision> devicePrecisionOf(std::string_view name); ///< "float32", "float64", "bfloat16", "int8"
/// Of everything but the matrices of Int8.
at::ScalarType realTypeOf(DevicePrecision precision);
/// Bytes of a number of a matrix.
double matrixBytes(DevicePrecision precision);

/// A weight matrix [out, in] on a device.
class DeviceMatrix {
public:
    DeviceMatrix() = default;
    /// weight: [out, in] on any device; copied.
    DeviceMatrix(const at::Tensor& weight, DevicePrecision precision, at::Device device);

    std::int64_t rows() const { return m_weight.size(0); }
    std::uint64_t bytes() const;

    /// x [n, in] times the transposed matrix, [n, out]: into out, or a tensor of its own where libtorch's operation can
    /// make nothing else. Returns whichever it is.
    at::Tensor multiply(const at::Tensor& x, at::Tensor out) const;

    /// The matrix that is multiplied with, as float64 on the CPU: what rounding left of it.
    at::Tensor effective() const;

private:
    at::Tensor m_weight;
    at::Tensor m_scale; ///< [out], of int8
};

} // namespace jacobi
