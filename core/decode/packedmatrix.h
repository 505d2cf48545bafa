// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace jacobi {

/// A weight matrix [outputs, inputs] in the layout that rowproductkernel.h multiplies with; for decoding on the CPU, not
/// for training. Immutable once made; any thread.
class PackedMatrix {
public:
    PackedMatrix() = default;
    /// matrix: [outputs, inputs], float or double, on the CPU.
    explicit PackedMatrix(const at::Tensor& matrix);

    bool defined() const { return m_panels.defined(); }
    std::int64_t outputs() const { return m_outputs; }
    std::int64_t inputs() const { return m_inputs; }

    /// x [..., inputs] of the matrix' type -> x W^T [..., outputs]. A row of the result does not depend on how many others
    /// there are: bit for bit the same in every window and batch.
    at::Tensor multiply(const at::Tensor& x) const;

    /// The same for the first rows of x [>= rows, inputs] into those of y [>= rows, outputs]; both contiguous.
    void multiplyInto(const at::Tensor& x, std::int64_t rows, at::Tensor& y) const;

private:
    at::Tensor m_panels;
    std::int64_t m_outputs = 0;
    std::int64_t m_inputs = 0;
};

} // namespace jacobi
