// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/devicematrix.h"

#include "core/cuda/devicememory.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

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

namespace {

/// The sizes of a matrix as its rows and columns lie in tiles (bfloat16Place()): tile, half of its rows, g; tile, t, step, two pairs.
/// Of float32 (float32Place()): tile, row; unit, column.
std::vector<std::int64_t> plainSizes(const at::Tensor& weight)
{
    if (weight.scalar_type() == at::kFloat) {
        return {weight.size(0) / kInvariantOut, kInvariantOut, weight.size(1) / 4, 4};
    }
    return {weight.size(0) / kTileOut, 2, 8, weight.size(1) / kTileIn, 4, 2, 2, 2};
}

/// Which of these comes where.
std::vector<std::int64_t> ownOrder(const at::Tensor& weight)
{
    if (weight.scalar_type() == at::kFloat) {
        return {0, 2, 1, 3};
    }
    return weight.scalar_type() == at::kChar ? std::vector<std::int64_t>{0, 3, 2, 4, 1, 5, 7, 6}
                                             : std::vector<std::int64_t>{0, 3, 5, 2, 4, 6, 1, 7};
}

} // namespace

at::Tensor inOwnOrder(const at::Tensor& weight)
{
    return weight.reshape(plainSizes(weight)).permute(ownOrder(weight)).reshape(weight.sizes()).contiguous();
}

at::Tensor rowByRow(const at::Tensor& weight)
{
    const std::vector<std::int64_t> plain = plainSizes(weight), order = ownOrder(weight);
    std::vector<std::int64_t> sizes(order.size()), back(order.size());
    for (std::size_t i = 0; i < order.size(); ++i) {
        sizes[i] = plain[static_cast<std::size_t>(order[i])];
        back[static_cast<std::size_t>(order[i])] = static_cast<std::int64_t>(i);
    }
    return weight.reshape(sizes).permute(back).reshape(weight.sizes()).contiguous();
}

DeviceMatrix::DeviceMatrix(const at::Tensor& weight, DevicePrecision precision, at::Device device,
                           std::uint32_t multiprocessors)
    : m_rows(weight.size(0))
{
    const auto out = static_cast<std::uint32_t>(weight.size(0));
    const auto in = static_cast<std::uint32_t>(weight.size(1));
    const bool isInt8 = precision == DevicePrecision::Int8;
    const bool isFloat32 = precision == DevicePrecision::Float32;
    const bool isTaken =
        isFloat32 ? isInvariantProduct(out, in) : isOwnProduct(out, in) && precision != DevicePrecision::Float64;
    const bool isOwn = multiprocessors > 0 && isTaken;
    m_shares.splits = 0;
    if (isInt8 && (isOwn || multiprocessors == 0)) {
        // Symmetric, a scale for each row: 127 is the row's largest number.
        constexpr double kLargest = 127.0;
        const at::Tensor wide = weight.to(device, at::kFloat);
        const at::Tensor scale = (wide.abs().amax(1) / kLargest).clamp_min(1e-30);
        m_weight = (wide / scale.unsqueeze(1)).round().clamp(-kLargest, kLargest).to(at::kChar).contiguous();
        m_scale = scale.to(at::kBFloat16);
    } else { // libtorch's product with int8 takes over a hundred times as long as with bfloat16 on a GPU
        m_weight = weight.to(device, realTypeOf(precision)).contiguous();
    }
    if (isOwn) {
        if (const std::uint32_t padded = isFloat32 ? invariantPaddedOut(out) : paddedOut(out); padded != out) {
            m_weight = at::constant_pad_nd(m_weight, {0, 0, 0, padded - out});
        }
        m_weight = inOwnOrder(m_weight);
        m_shares.kind = isInt8 ? ProductWeights::Int8 : isFloat32 ? ProductWeights::Float32 : ProductWeights::BFloat16;
        m_shares.in = in;
        m_shares.out = out;
        shareOut(m_shares, multiprocessors);
    }
}

std::uint64_t DeviceMatrix::bytes() const
{
    return m_weight.nbytes() + (m_scale.defined() ? m_scale.nbytes() : 0);
}

ProductJob DeviceMatrix::job(std::int64_t n) const
{
    ProductJob job = m_shares;
    job.weights = m_weight.const_data_ptr();
    job.scale = m_scale.defined() ? m_scale.const_data_ptr() : nullptr;
    job.rows = static_cast<std::uint32_t>(n);
    // Many rows are work enough without sharing columns out, and their sums would take much memory.
    if (n > kSplitRows) {
        job.splits = std::max<std::uint32_t>(job.splits * static_cast<std::uint32_t>(kSplitRows) / job.rows, 1);
    }
    return job;
}

std::uint64_t DeviceMatrix::partialFloats(std::int64_t n) const
{
    return isForOwnKernel() ? job(n).partialFloats() : 0;
}

at::Tensor DeviceMatrix::plainWeight() const
{
    return isForOwnKernel() ? rowByRow(m_weight).narrow(0, 0, m_rows) : m_weight;
}

Result<MadeProduct> DeviceMatrix::multiply(const at::Tensor& x, at::Tensor out, const ProductPlace& place) const
{
    if (isForOwnKernel()) {
        const at::ScalarType type = m_shares.kind == ProductWeights::Float32 ? at::kFloat : at::kBFloat16;
        const bool isTaken = place.ops != nullptr && x.scalar_type() == type && x.is_contiguous();
        ProductJob product = job(x.size(0));
        const bool isInParts = isTaken && place.mayStayInParts && product.splits > 1;
        const bool fitsOut = out.scalar_type() == type && out.is_contiguous();
        const at::Tensor made = isInParts ? at::Tensor() : fitsOut ? out : at::empty(out.sizes(), x.options());
        int code = kDeviceNotSupported;
        if (isTaken) {
            product.x = x.const_data_ptr();
            product.y = isInParts ? nullptr : made.mutable_data_ptr();
            product.partials = place.partials.defined() ? place.partials.mutable_data_ptr<float>() : nullptr;
            code = place.ops->multiply(&product, place.stream);
        }
        if (code == 0) {
            return MadeProduct{made, isInParts ? product.sums() : SplitSums{}};
        }
        // On a GPU there is no other way: what one makes beside a graph that is recorded would be given to others.
        if (code != kDeviceNotSupported || x.is_cuda()) {
            return tl::unexpected(place.ops == nullptr
                                      ? Error{ErrorCode::Internal, "A product was made without its device.", {}}
                                      : deviceError(*place.ops, code, "multiply by weights"));
        }
    } else if (m_scale.defined() && x.is_cuda()) {
        return MadeProduct{at::_weight_int8pack_mm(x, m_weight, m_scale), {}};
    }
    at::mm_out(out, x, isForOwnKernel() || m_scale.defined() ? plainWeight().to(x.scalar_type()).t() : m_weight.t());
    if (m_scale.defined()) {
        out.mul_(m_scale);
    }
    return MadeProduct{out, {}};
}

at::Tensor DeviceMatrix::effective() const
{
    const at::Tensor weight = plainWeight().to(at::kCPU, at::kDouble);
    return m_scale.defined() ? weight * m_scale.to(at::kCPU, at::kDouble).unsqueeze(1) : weight;
}

} // namespace jacobi
