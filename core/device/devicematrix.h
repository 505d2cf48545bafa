// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/cuda/deviceops.h"

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
    /// Matrices as int8 with a scale a row, everything else bfloat16: half the memory again. On a GPU where our own kernel
    /// multiplies, the few whose sizes it does not take (a head of 8197 codes) stay bfloat16 too.
    Int8
};

std::optional<DevicePrecision> devicePrecisionOf(std::string_view name); ///< "float32", "float64", "bfloat16", "int8"
/// Of everything but the matrices of Int8.
at::ScalarType realTypeOf(DevicePrecision precision);
/// Bytes of a number of a matrix.
double matrixBytes(DevicePrecision precision);

/// What our own products work with. ops null: there are none.
struct ProductPlace {
    const DeviceOps* ops = nullptr;
    void* stream = nullptr;   ///< libtorch's current one
    at::Tensor partials = {}; ///< float32, partialFloats() of the largest matrix
};

/// A weight matrix [out, in] on a device.
class DeviceMatrix {
public:
    DeviceMatrix() = default;
    /// weight: [out, in] on any device; copied. multiprocessors: of the card for whose own kernel (DeviceOps::multiplyInt8) int8
    /// is laid out where isInt8Product() holds, and kept as bfloat16 where it does not; 0: for libtorch's operation.
    DeviceMatrix(const at::Tensor& weight, DevicePrecision precision, at::Device device,
                 std::uint32_t multiprocessors = 0);

    std::int64_t rows() const { return m_weight.size(0); }
    std::int64_t columns() const { return m_weight.size(1); }
    std::uint64_t bytes() const;
    bool isForOwnKernel() const { return m_splits > 0; }
    /// float32 that multiply() needs for n rows.
    std::uint64_t partialFloats(std::int64_t n) const;

    /// x [n, in] times the transposed matrix, [n, out]: into out, or a tensor of its own where libtorch's operation can
    /// make nothing else. Returns whichever it is.
    at::Tensor multiply(const at::Tensor& x, at::Tensor out, const ProductPlace& place = {}) const;

    /// The matrix that is multiplied with, as float64 on the CPU: what rounding left of it.
    at::Tensor effective() const;

private:
    Int8ProductJob job(std::int64_t n) const;
    at::Tensor plainWeight() const; ///< row by row

    at::Tensor m_weight;        ///< [out, in], of int8 maybe in the order of int8Place()
    at::Tensor m_scale;         ///< [out], of int8
    std::uint32_t m_splits = 0; ///< of our kernel; 0: row by row
};

/// A matrix of int8 [out, in] in the order of int8Place(), and back. isInt8Product() must hold.
at::Tensor int8InOwnOrder(const at::Tensor& weight);
at::Tensor int8RowByRow(const at::Tensor& weight);

} // namespace jacobi
