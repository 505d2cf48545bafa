// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/decode/finitenumbers.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <atomic>
#include <cstdint>

namespace jacobi {
namespace {

/// Whether no number's exponent is all ones, which those of infinities and of what is no number are.
template <class Bits>
bool hasNoFullExponent(const at::Tensor& tensor, Bits exponent)
{
    constexpr std::int64_t kPiece = 4096;
    const auto* const numbers = static_cast<const Bits*>(tensor.const_data_ptr());
    std::atomic<bool> finite = true;
    at::parallel_for(0, tensor.numel(), 64 * kPiece, [&](std::int64_t from, std::int64_t to) {
        for (; from < to && finite.load(std::memory_order_relaxed); from += kPiece) {
            unsigned found = 0; // no way out within a piece: so it is done in vectors
            for (std::int64_t i = from; i < std::min(from + kPiece, to); ++i) {
                found |= (numbers[i] & exponent) == exponent ? 1U : 0U;
            }
            if (found != 0) {
                finite.store(false, std::memory_order_relaxed);
            }
        }
    });
    return finite;
}

} // namespace

bool isFinite(const at::Tensor& tensor)
{
    switch (tensor.scalar_type()) {
    case at::kHalf: return hasNoFullExponent(tensor, std::uint16_t{0x7C00});
    case at::kBFloat16: return hasNoFullExponent(tensor, std::uint16_t{0x7F80});
    case at::kFloat: return hasNoFullExponent(tensor, std::uint32_t{0x7F800000});
    case at::kDouble: return hasNoFullExponent(tensor, std::uint64_t{0x7FF0000000000000});
    default: return !at::isFloatingType(tensor.scalar_type()) || at::isfinite(tensor).all().item<bool>();
    }
}

} // namespace jacobi
