// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/decode/flowmodel.h"

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace jacobi {

/// A sample of the standard normal law, [pictures, tokens, channels] float64, raster order. Picture i is the one that
/// seed + i gives alone: counter-based (Philox, purpose Noise; counter = (token, 0, purpose, channel / 4)), by the
/// transform of Box & Muller 1958. Pure; any thread.
at::Tensor flowLatents(const FlowLayout& layout, std::uint64_t seed, std::int64_t pictures);

} // namespace jacobi
