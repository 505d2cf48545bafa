// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/device/deviceattention.h"
#include "core/device/devicematrix.h"

#include <cstdint>
#include <string>

namespace jacobi {

/// The largest difference of our product with int8 from the formula in float64, for a matrix and rows that have tails of every
/// kind, by the largest number of the result. May throw what libtorch throws. Error: of DeviceOps.
Result<double> int8ProductError(const AttentionPlace& place);

/// Seconds of a product of n rows as part of a recorded pass where the device records them. May throw what libtorch throws.
/// Error: of DeviceOps.
Result<double> productSeconds(const DeviceMatrix& matrix, std::int64_t n, const AttentionPlace& place);

struct Int8Choice {
    std::uint32_t multiprocessors = 0; ///< for DeviceMatrix: 0 is libtorch's operation
    std::string reason;                ///< what was found
};
/// Our kernel where it agrees with the formula and is faster than libtorch's operation on a matrix [out, in] at the row counts of
/// windows. Takes about a tenth of a second, and the memory of some four such matrices in float32. Throws where memory runs out.
Int8Choice chooseInt8Product(std::int64_t out, std::int64_t in, const AttentionPlace& place);

} // namespace jacobi
