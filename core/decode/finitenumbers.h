// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <ATen/core/Tensor.h>

namespace jacobi {

/// Whether no number of a contiguous tensor on the CPU is infinite or no number; true of integers. Reads memory once, with the
/// calling thread's number of threads: libtorch's isfinite() makes three tensors more, and took longer than everything else of
/// loading.
bool isFinite(const at::Tensor& tensor);

} // namespace jacobi
