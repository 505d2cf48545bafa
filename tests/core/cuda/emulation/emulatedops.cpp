// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/cuda/emulation/emulatedops.h"

#include "core/cuda/hostkernels.h"
#include "core/cuda/kernels.h"

namespace jacobi::test {
namespace {

template <class Job, int (*launch)(const Job&, void*)>
int launched(const Job* job, void* stream)
{
    return launch(*job, stream);
}

} // namespace

DeviceOps emulatedOps()
{
    DeviceOps ops = hostOps();
    ops.describe = [](int device, DeviceDescription* out) {
        constexpr std::uint32_t kMultiprocessors = 132;
        const int code = hostOps().describe(device, out);
        out->multiprocessors = kMultiprocessors;
        return code;
    };
    ops.beginWindows = launched<WindowJob, launchBeginWindows>;
    ops.decideRows = launched<WindowJob, launchDecideRows>;
    ops.advanceWindows = launched<WindowJob, launchAdvanceWindows>;
    ops.addNorm = launched<NormJob, launchAddNorm>;
    ops.placeHeads = launched<HeadsJob, launchPlaceHeads>;
    ops.gate = launched<GateJob, launchGate>;
    ops.attend = launched<AttendJob, launchAttend>;
    ops.embedRows = launched<EmbedJob, launchEmbedRows>;
    ops.multiply = launched<ProductJob, launchMultiply>;
    ops.sumNorm = launched<SumNormJob, launchSumNorm>;
    ops.sumNormBack = launched<SumNormBackJob, launchSumNormBack>;
    ops.splitHeads = launched<SplitHeadsJob, launchSplitHeads>;
    ops.splitHeadsBack = launched<SplitHeadsBackJob, launchSplitHeadsBack>;
    ops.gateBack = launched<GateBackJob, launchGateBack>;
    return ops;
}

} // namespace jacobi::test
