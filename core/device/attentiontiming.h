// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/device/deviceattention.h"

namespace jacobi {

/// Seconds that a path takes for one layer with caches half full, as part of a recorded pass where the device records them.
/// Which path is fastest hangs on the card, the window and the cache: no rule would be right everywhere. May throw what libtorch
/// throws. Error: of DeviceOps.
Result<double> attentionSeconds(const AttentionShape& shape, AttentionPath path, at::ScalarType type,
                                const AttentionPlace& place);

} // namespace jacobi
