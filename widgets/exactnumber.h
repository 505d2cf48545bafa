// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

namespace jacobi {

/// A setting as it was made, in the user's way of writing: with all digits that it has, and at least so many after the
/// point.
QString exactNumber(double value, int decimals = 0);

} // namespace jacobi
