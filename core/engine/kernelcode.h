// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/cuda/deviceops.h"

#include <string>

namespace jacobi {

/// What code of the kernels runs on a card, as a sentence: what a measurement is to be read with. Empty where it is not known, as on
/// the CPU.
std::string kernelCodeText(const DeviceDescription& card);

} // namespace jacobi
