// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/engine/benchparts.h"
#include "core/engine/kernelchecks.h"

#include <c10/core/Device.h>

namespace jacobi {

/// Random codes made pictures of on the device and on the CPU, by a decoder of random weights of the size the family `scenes`
/// usually has: no byte may be more than a level apart. About a second.
KernelCheck checkPictures(at::Device device);

/// That decoder on the device, for measuring.
FamilyPictures randomPictures(at::Device device);

} // namespace jacobi
