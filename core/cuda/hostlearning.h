// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/cuda/deviceops.h"

namespace jacobi {

// The kernels for training (learnjobs.h) on the CPU: the very bodies that a GPU runs, by groups of one lane. For tests and
// for the self-test; the CPU trains with core/decode/layerkernels.h. Returned: 0, or kDeviceNotSupported for what a GPU does
// not take either. Any thread.

int hostSumNorm(const SumNormJob& job);
int hostSumNormBack(const SumNormBackJob& job);
int hostSplitHeads(const SplitHeadsJob& job);
int hostSplitHeadsBack(const SplitHeadsBackJob& job);
int hostGateBack(const GateBackJob& job);

} // namespace jacobi
