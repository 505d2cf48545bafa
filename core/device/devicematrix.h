// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/cuda/deviceops.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>
#include <string_view>

namespace jacobi {

/// What a network's weights are kept as and computed with on a device. Laws are always made in float32 (float64 of float64).
enum class DevicePrecision {
    /// Where gumbel-exact is to be sequential sampling. Our own kernels of products and attention are batch-invariant
    /// (core/cuda/invariantproduct.h): a position has the same logits in a window of any size. libtorch's, where a device has no
    /// other, round differently in windows of other sizes; that turns hardly a draw.
    Float32,
    Float64,  ///< for checking
    BFloat16, ///< the usual one: windows of other sizes round differently, so that pictures of exact methods differ too
    /// Matrices as int8 with a scale a row, everything else bfloat16: half the memory again. On a GPU where our own kernel
    /// multiplies, the few whose sizes it does not take stay bfloat16 too.
    Int8
};

std::optional<DevicePrecision> devicePrecisionOf(std::string_view name); ///< "float32", "float64", "bfloat16", "int8"
/// Of everything but the matrices of Int8.
at::ScalarType realTypeOf(DevicePrecision precision);
/// Bytes of a number of a matrix.
double matrixBytes(DevicePrecision precision);

/// With more rows than these, columns are shared out among fewer blocks, and a row's sum has another order.
inline constexpr std::int64_t kSplitRows = 128;

/// What our own products work with. ops null: there are none.
struct ProductPlace {
    const DeviceOps* ops = nullptr;
    void* stream = nullptr;      ///< libtorch's current one
    at::Tensor partials = {};    ///< float32, partialFloats() of the largest matrix
    bool mayStayInParts = false; ///< whether what reads the result can add it up (SplitSums)
};

/// What a product has made.
struct MadeProduct {
    at::Tensor y;   ///< [n, out]; undefined where the numbers lie in parts
    SplitSums sums; ///< in ProductPlace::partials
};

/// A weight matrix [out, in] on a device.
class DeviceMatrix {
public:
    DeviceMatrix() = default;
    /// weight: [out, in] on any device; copied. multiprocessors: of the card for whose own kernel (DeviceOps::multiply) bfloat16 and
    /// int8 are laid out where isOwnProduct() holds, and kept as bfloat16 row by row where it does not, and float32 where
    /// isInvariantProduct() holds; 0: for libtorch's operations.
    DeviceMatrix(const at::Tensor& weight, DevicePrecision precision, at::Device device,
                 std::uint32_t multiprocessors = 0);

    std::int64_t rows() const { return m_rows; }
    std::int64_t columns() const { return m_weight.size(1); }
    std::uint64_t bytes() const;
    bool isForOwnKernel() const { return m_shares.splits > 0; }
    /// float32 that multiply() needs for n rows.
    std::uint64_t partialFloats(std::int64_t n) const;

    /// x [n, in] times the transposed matrix, [n, out]: into out, or a tensor of its own where libtorch's operation can
    /// make nothing else, or left in parts. May throw what libtorch throws. Error: of DeviceOps.
    Result<MadeProduct> multiply(const at::Tensor& x, at::Tensor out, const ProductPlace& place = {}) const;

    /// The matrix that is multiplied with, as float64 on the CPU: what rounding left of it.
    at::Tensor effective() const;

private:
    ProductJob job(std::int64_t n) const;
    at::Tensor plainWeight() const; ///< row by row

    std::int64_t m_rows = 0;
    at::Tensor m_weight; ///< [out, in], or in the order of our kernel with rows of zeros behind the last
    at::Tensor m_scale;  ///< [out], of int8
    ProductJob m_shares; ///< of our kernel: tiles and splits; splits 0: row by row
};

/// A matrix of int8, bfloat16 or float32 [out, in], out a multiple of kTileOut and in of kTileIn (of float32: of kInvariantOut and
/// 4), in the order of int8Place(), bfloat16Place() or float32Place(), and back.
at::Tensor inOwnOrder(const at::Tensor& weight);
at::Tensor rowByRow(const at::Tensor& weight);

} // namespace jacobi
