// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/decode/flowlatents.h"

#include "core/base/philox.h"

#include <ATen/ATen.h>

#include <array>
#include <cmath>
#include <numbers>

namespace jacobi {
namespace {

/// Four independent normal numbers of four uniform ones in (0, 1).
std::array<double, 4> normals(const std::array<double, 4>& u)
{
    std::array<double, 4> n{};
    for (std::size_t i = 0; i < 4; i += 2) {
        const double radius = std::sqrt(-2.0 * std::log(u[i]));
        const double angle = 2.0 * std::numbers::pi * u[i + 1];
        n[i] = radius * std::cos(angle);
        n[i + 1] = radius * std::sin(angle);
    }
    return n;
}

} // namespace

at::Tensor flowLatents(const FlowLayout& layout, std::uint64_t seed, std::int64_t pictures)
{
    at::Tensor latents = at::empty({pictures, layout.tokens(), layout.channels}, at::kDouble);
    double* out = latents.mutable_data_ptr<double>();
    for (std::int64_t item = 0; item < pictures; ++item) {
        const CounterRandom random{seed + static_cast<std::uint64_t>(item)};
        for (std::uint32_t token = 0; token < layout.tokens(); ++token) {
            for (std::uint32_t channel = 0; channel < layout.channels; channel += 4) {
                const auto four = normals(random.uniforms(token, 0, Purpose::Noise, channel / 4));
                for (std::uint32_t i = 0; i < 4 && channel + i < layout.channels; ++i) {
                    *out++ = four[i];
                }
            }
        }
    }
    return latents;
}

} // namespace jacobi
