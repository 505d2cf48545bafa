// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/studio/backendthread.h"
#include "tests/widgets/madetrace.h"

#include <atomic>
#include <memory>

namespace jacobi::test {

/// What the fake backends of a test do, and what was asked of them. Shared by the test and the worker thread.
struct FakePlan {
    MadeTrace trace;
    std::atomic<bool> opens = true; ///< false: the backend cannot be opened
    std::atomic<bool> hasGpu = false; ///< where the CPU is not asked for
    std::atomic<bool> gpuHasNoKernels = false; ///< which a run finds out: then the CPU is used
    std::atomic<bool> failsToRun = false;
    std::atomic<bool> isFull = false; ///< a run on the GPU runs out of memory
    std::atomic<bool> knowsTheWindow = false; ///< what "auto" stands for; measuring it makes it known
    std::atomic<int> measurings = 0;
    std::atomic<int> measureMs = 0; ///< how long it takes
    std::atomic<int> passMs = 0; ///< how long a pass takes
    std::atomic<int> analyses = 0;
    std::atomic<bool> analysesAreLong = false; ///< they go on, without a word, until they are stopped
    std::atomic<int> analysesStopped = 0;
    std::atomic<int> opened = 0;
    std::atomic<int> runs = 0;
    std::atomic<int> passesMade = 0;
    std::string note;       ///< of each request that is resolved, where there is one; set it between runs
    std::string lastDevice; ///< of the last open; read it after the signal `opened`
    RunRequest lastRequest; ///< of the last run; read it after the run ended
};

inline constexpr int kMeasuredWindow = 9; ///< what the fakes find to be the fastest
inline constexpr const char* kNoKernels = "A GPU was found (NVIDIA Test), but it has no kernels; the CPU is used.";

ModelInfo fakeModel();
ModelInfo fakeFlowModel();

/// A source of backends that replay a made-up run, pass by pass, under the control of the window.
BackendSource fakeSource(const std::shared_ptr<FakePlan>& plan);

} // namespace jacobi::test
