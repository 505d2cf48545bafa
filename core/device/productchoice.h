// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/device/deviceattention.h"
#include "core/device/devicematrix.h"
#include "core/device/networkdescription.h"

#include <cstdint>
#include <string>

namespace jacobi {

/// The largest difference of our product with such weights from the formula in float64, for a matrix and rows that have tails of
/// every kind, by the largest number of the result. Infinite where with float32 a row's result hangs on how many rows there are. May
/// throw what libtorch throws. Error: of DeviceOps.
Result<double> ownProductError(DevicePrecision precision, const AttentionPlace& place);

/// The largest difference of the logits of a pass by our products from those of one by libtorch's, with the same weights, by the
/// largest of them. Infinite where the pass as a graph, repeated, changes anything. May throw what libtorch throws. Error: of
/// DeviceOps.
Result<double> ownPassError(const TransformerShape& shape, DevicePrecision precision, const AttentionPlace& place);

struct ProductChoice {
    std::uint32_t multiprocessors = 0; ///< for DeviceMatrix: 0 is libtorch's operations
    std::string reason;                ///< what was found
};
/// Our products where they agree with the formula and passes of a few layers of the shape are clearly faster than by libtorch's, at
/// windows of 1, 16, 32 and 64 with guidance. Takes a second or so, and up to four times the memory of those layers. With float32
/// ours wherever they agree, however long they take: passes are batch-invariant by them.
/// Throws where memory runs out.
ProductChoice chooseProducts(const TransformerShape& shape, DevicePrecision precision, const AttentionPlace& place);

} // namespace jacobi
