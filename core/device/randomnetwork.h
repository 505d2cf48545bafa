// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/decode/layout.h"
#include "core/device/networkdescription.h"

#include <cstdint>

namespace jacobi {

/// A network of that shape with normal random weights, as a language model is built: one embedding a token, positions along a
/// line, heads normalised. Small weights (a fortieth), never zeros, with which hardware is unusually fast. options: type and
/// device. Sets libtorch's own random numbers to the seed. For checks and measurements.
NetworkDescription randomNetwork(const TransformerShape& shape, const at::TensorOptions& options, std::uint64_t seed);

/// A picture of that many codes in lines of `columns`, every code legal everywhere.
TokenLayout lineLayout(std::int64_t rows, std::int64_t columns, std::int64_t codes);

} // namespace jacobi
