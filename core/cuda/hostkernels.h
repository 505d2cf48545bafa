// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/cuda/deviceops.h"

#include <cstdint>

namespace jacobi {

// The kernels of deviceops.h on the CPU: the very bodies that a GPU runs, by a team of that many lanes played one after
// the other. For tests, for the self-test and as the device of the engine's tests; much slower than the decoders of
// core/decode. "Device" and pinned memory are plain memory. Any thread.

/// lanes: 1 for sums in the CPU decoders' order, or a multiple of 32 up to 1024 as a GPU's block has them.
void hostBeginWindows(const WindowJob& job, std::uint32_t lanes);
void hostDecideRows(const WindowJob& job, std::uint32_t lanes);
void hostAdvanceWindows(const WindowJob& job, std::uint32_t lanes);
void hostDrawNoise(const WindowJob& job, std::uint32_t lanes);
void hostDenoiseRows(const WindowJob& job, std::uint32_t lanes);
void hostAddNorm(const NormJob& job, std::uint32_t lanes);
void hostPlaceHeads(const HeadsJob& job, std::uint32_t lanes);
void hostGate(const GateJob& job, std::uint32_t lanes);
void hostAttend(const AttendJob& job);
void hostEmbedRows(const EmbedJob& job, std::uint32_t lanes);
int hostMultiply(const ProductJob& job);

/// The same as the table that the plug-in gives, with the lanes that its kernels have. Streams are null: all work is done
/// when a function returns. There are no graphs.
const DeviceOps& hostOps();

} // namespace jacobi
