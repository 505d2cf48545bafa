// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/cuda/deviceops.h"

namespace jacobi {

// Launches of the kernels of this folder, for plugin.cu. stream: a cudaStream_t. Returned: a cudaError_t as a number.

int launchBeginWindows(const WindowJob& job, void* stream);
int launchDecideRows(const WindowJob& job, void* stream);
int launchAdvanceWindows(const WindowJob& job, void* stream);
int launchDrawNoise(const WindowJob& job, void* stream);
int launchDenoiseRows(const WindowJob& job, void* stream);
int launchAddNorm(const NormJob& job, void* stream);
int launchPlaceHeads(const HeadsJob& job, void* stream);
int launchGate(const GateJob& job, void* stream);
int launchAttend(const AttendJob& job, void* stream);
int launchAttendInvariantly(const AttendJob& job, void* stream); ///< of float32; launchAttend() calls it
int launchEmbedRows(const EmbedJob& job, void* stream);
int launchMultiply(const ProductJob& job, void* stream);
int launchMultiplyInvariantly(const ProductJob& job, void* stream); ///< of float32; launchMultiply() calls it
int launchSumNorm(const SumNormJob& job, void* stream);
int launchSumNormBack(const SumNormBackJob& job, void* stream);
int launchSplitHeads(const SplitHeadsJob& job, void* stream);
int launchSplitHeadsBack(const SplitHeadsBackJob& job, void* stream);
int launchGateBack(const GateBackJob& job, void* stream);

/// launchGate() four columns at a time, which float32 and bfloat16 allow where memory is aligned and nothing is in parts.
bool isGatedByFours(const GateJob& job);
int launchGateFours(const GateJob& job, void* stream);

/// 0 where this library holds code that the selected device can run.
int haveKernelsForThisDevice();

} // namespace jacobi
