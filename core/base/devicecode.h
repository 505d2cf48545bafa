// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Mathematics that the CPU and a GPU share is written once, in headers. The host's compiler sees plain functions; nvcc
// sees JACOBI_DEVICE as __device__: .cu files call such code from kernels only, and everything else is compiled by the
// host's compiler, so that a function needs no second body and may call what exists on the device alone.
#if defined(__CUDACC__)
#define JACOBI_DEVICE __device__
#define JACOBI_ANYWHERE __host__ __device__ // small, and wanted by what launches the kernels too
#define JACOBI_DEVICE_CALL __device__ __noinline__ // large: compiled once, not into every kernel that uses it
#define JACOBI_UNROLL _Pragma("unroll")            // before a loop of few rounds, whose arrays are to be registers
#else
#define JACOBI_DEVICE
#define JACOBI_ANYWHERE
#define JACOBI_DEVICE_CALL
#define JACOBI_UNROLL
#endif
