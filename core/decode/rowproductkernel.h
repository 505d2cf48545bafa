// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

namespace jacobi::kernels {

// Products of few rows with a weight matrix, y = x W^T: what a pass of decoding spends most of its time on. A general
// matrix library copies the matrix into a layout of its own at every call, which for a few dozen rows costs as much as
// the product; here the copy is made once. A row of the result is summed in one order, whatever the number of rows: it
// is the same, bit for bit, in every window and batch. Pure; any thread. Real is float or double.

/// Columns of the result that are worked on together: 64 bytes.
template <class Real>
inline constexpr std::int64_t kPanel = 64 / sizeof(Real);

template <class Real>
constexpr std::int64_t panelCount(std::int64_t outputs)
{
    return (outputs + kPanel<Real> - 1) / kPanel<Real>;
}

/// matrix [outputs, inputs], row-major -> panels [panelCount, inputs, kPanel]; what sticks out is zero.
template <class Real>
void packPanels(const Real* matrix, std::int64_t outputs, std::int64_t inputs, Real* panels);

/// x [rows, inputs] -> columns of y [rows, outputs]: those of the panels [firstPanel, lastPanel).
template <class Real>
void rowProduct(const Real* x, std::int64_t rows, std::int64_t inputs, const Real* panels, std::int64_t outputs,
                std::int64_t firstPanel, std::int64_t lastPanel, Real* y);

} // namespace jacobi::kernels
