// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>

namespace jacobi {

/// Cividis (Nunez, Anderton, Renslow 2018): perceptually even, and the same to colour-blind eyes. share in [0, 1];
/// anything else is clamped, NaN is transparent.
QColor scalarColour(double share);

} // namespace jacobi
