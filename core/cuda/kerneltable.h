// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/cuda/kernels.h"

namespace jacobi {

template <int (*kReported)(int), class Job, int (*kLaunch)(const Job&, void*)>
int launchedKernel(const Job* job, void* stream)
{
    return kReported(kLaunch(*job, stream));
}

/// The kernels' part of a table. kReported: what is made of the code of a launch.
template <int (*kReported)(int)>
void setKernels(DeviceOps& ops)
{
    ops.beginWindows = launchedKernel<kReported, WindowJob, launchBeginWindows>;
    ops.decideRows = launchedKernel<kReported, WindowJob, launchDecideRows>;
    ops.advanceWindows = launchedKernel<kReported, WindowJob, launchAdvanceWindows>;
    ops.drawNoise = launchedKernel<kReported, WindowJob, launchDrawNoise>;
    ops.denoiseRows = launchedKernel<kReported, WindowJob, launchDenoiseRows>;
    ops.addNorm = launchedKernel<kReported, NormJob, launchAddNorm>;
    ops.placeHeads = launchedKernel<kReported, HeadsJob, launchPlaceHeads>;
    ops.gate = launchedKernel<kReported, GateJob, launchGate>;
    ops.attend = launchedKernel<kReported, AttendJob, launchAttend>;
    ops.embedRows = launchedKernel<kReported, EmbedJob, launchEmbedRows>;
    ops.multiply = launchedKernel<kReported, ProductJob, launchMultiply>;
    ops.sumNorm = launchedKernel<kReported, SumNormJob, launchSumNorm>;
    ops.sumNormBack = launchedKernel<kReported, SumNormBackJob, launchSumNormBack>;
    ops.splitHeads = launchedKernel<kReported, SplitHeadsJob, launchSplitHeads>;
    ops.splitHeadsBack = launchedKernel<kReported, SplitHeadsBackJob, launchSplitHeadsBack>;
    ops.gateBack = launchedKernel<kReported, GateBackJob, launchGateBack>;
}

} // namespace jacobi
