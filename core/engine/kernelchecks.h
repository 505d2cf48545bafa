// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/cuda/deviceops.h"

#include <string>
#include <vector>

namespace jacobi {

/// What one check of a kernel found.
struct KernelCheck {
    enum class Outcome { Passed, Failed, NotRun };
    std::string name; ///< what was checked: "row sampler, float32"
    Outcome outcome = Outcome::NotRun;
    std::string detail; ///< what was found: the largest error and what is allowed, or what differed
    /// Where it fails another way is taken (chooseAttention() and chooseProducts() try them all), so a device is used all
    /// the same.
    bool isReplaceable = false;
};

/// The failed check for which a device cannot be used, or null.
const KernelCheck* unusableFor(const std::vector<KernelCheck>& checks);

// Every kernel of a table of functions against plain C++ in float64: the CPU's own decoder and layers. The same checks
// serve a GPU, and the kernels' bodies on the CPU (hostOps()). The table's device must be selected. Seconds at most.

/// decideRows(): the laws of whole windows, of a few kinds of numbers and settings.
std::vector<KernelCheck> checkRowSampler(const DeviceOps& ops);

/// decideRows() and advanceWindows(): whole pictures in every kind of number, every step the CPU decoder's over the same logits,
/// for every coupling and initialisation; passes that are held; and checkNoisyDrafts().
std::vector<KernelCheck> checkWindows(const DeviceOps& ops);

/// One of them: of one coupling and one kind of number.
KernelCheck checkWindowsOf(const DeviceOps& ops, CouplingKind kind, NumberType type);

/// The same kernels, drawNoise(), denoiseRows() and embedRows() where drafts begin as noise (SJD2): whole pictures in every kind
/// of number, every step, every noisy embedding and every row's input.
KernelCheck checkNoisyDrafts(const DeviceOps& ops);

/// embedRows() without noise, in every kind of number: every part, at the picture's start and at its end.
std::vector<KernelCheck> checkEmbedding(const DeviceOps& ops);

/// addNorm(), placeHeads(), gate() in every kind of number.
std::vector<KernelCheck> checkLayerSteps(const DeviceOps& ops);

/// multiply(): every kind of weights, all row counts, tails, and sums that are left in parts; with float32 bit for bit. Where it is
/// wrong libtorch's operations are taken.
std::vector<KernelCheck> checkProducts(const DeviceOps& ops);

/// All of them.
std::vector<KernelCheck> checkKernels(const DeviceOps& ops);

} // namespace jacobi
