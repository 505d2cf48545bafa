// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/cuda/deviceops.h"

namespace jacobi::test {

/// hostOps() with the plug-in's own kernels, as block.h runs them: of a card with 132 multiprocessors, of so much shared memory.
/// There is one card at a time: the last that was asked for.
DeviceOps emulatedOps(int sharedBytes = 228 * 1024);

} // namespace jacobi::test
