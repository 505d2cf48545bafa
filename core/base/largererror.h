// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cmath>

namespace jacobi {

/// The larger of two errors, which are at least 0. NaN is larger than any number, whichever of them it is: once something was no
/// number, nothing that comes later hides it.
inline double largerError(double a, double b)
{
    return std::isnan(a) || a >= b ? a : b;
}

} // namespace jacobi
