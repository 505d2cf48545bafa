// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/device/passgraph.h"

#include <functional>

namespace jacobi {

/// Seconds that one of `layers` alike steps takes, as part of a recorded pass where the device records them: several one after the
/// other, so that launching them is not what is measured; the best of a few tries. enqueue: puts all of them on the stream.
/// May throw what it throws. Error: its own, or of DeviceOps.
Result<double> layerSeconds(const DeviceOps& ops, void* stream, int layers,
                            const std::function<Result<void>()>& enqueue);

} // namespace jacobi
