// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/engine/backend.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace jacobi {

/// One card as the driver describes it.
struct GpuCard {
    std::string name;
    int major = 0, minor = 0; ///< compute capability
    std::uint64_t totalBytes = 0;
    std::uint64_t freeBytes = 0; ///< when it was asked; 0: not known
};

/// What the NVIDIA driver says. Asked before any call of libtorch, which caches its own answer.
struct GpuProbe {
    bool driver = false; ///< libcuda.so.1 is there and starts
    int gpus = 0;
    std::string name;             ///< of the first GPU
    int driverCuda = 0;           ///< the newest CUDA this driver serves: 13000 is 13.0; 0: it did not say
    std::vector<GpuCard> cards{}; ///< [gpus], or fewer where the driver did not describe them
    /// Why this program cannot use a GPU that the driver can: the rest of "A GPU was found, but ...". Empty: it can.
    std::string engineProblem = "this build has no GPU engine";
    std::map<int, std::string> cardProblems{}; ///< the same of single cards, by number
    std::string driverVersion{}; ///< the driver's own: "580.159.04"; empty: it did not say
};
/// Opens the driver's libraries only, and makes no context: no memory of a GPU is taken. engineProblem is left as it is.
GpuProbe probeGpu();

/// Whether the libtorch of this version has code for a card: for its very capability, or for a lower one of the same
/// major number.
bool libtorchRunsOn(const GpuCard& card);

/// "NVIDIA H100 80GB HBM3, compute capability 9.0, 84.1 GB free of 85.0 GB", or "... 85.0 GB" where it is not known what is
/// free.
std::string cardText(const GpuCard& card);

/// "580.159.04, for CUDA 13.0", or the half of it that is known; empty where neither is.
std::string driverText(const GpuProbe& probe);

/// What the machine has beside its CPU, a line each: every card, with what keeps it from being used, and their driver; or why
/// there is none.
std::vector<std::string> deviceLines(const GpuProbe& probe);

/// Why that GPU cannot be used, as the first half of a sentence; empty where it can.
std::string whyNotGpu(const GpuProbe& probe, int number);

/// The number in "cuda:N"; "cuda" is the first. Nothing for any other name.
std::optional<int> gpuNumber(const std::string& wish);

/// The CPU, as it is named where runs are made on it.
DeviceInfo cpuInfo(int threads);

/// The device a wish stands for: "auto", "cpu", "cuda" or "cuda:N". auto never fails: it takes the first GPU that can be
/// used, else the CPU; a GPU that cannot be used is an error that says why (Error::cpuWouldDo). threads: as chooseThreads
/// gave it, for the device's name.
Result<DeviceInfo> chooseDevice(const std::string& wish, const GpuProbe& probe, int threads);

/// Worker threads of a pass. wish > 0 is obeyed (at most 64). Otherwise one on machines of up to two cores, so that the
/// window keeps a core (with two threads on two busy cores a pass takes 2-10 times as long: OpenMP spins), else two:
/// the layers of the models of today are too small for more.
int chooseThreads(int wish);

} // namespace jacobi
