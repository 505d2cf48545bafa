// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

/// The shared memory that a kernel was launched with, as an array.
#define JACOBI_BLOCK_MEMORY(Type, name) extern __shared__ __align__(16) Type name[]
