// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QStringList>

namespace jacobi {

/// Whether a window could appear: there is a display, or the user chose Qt's platform by an option or the environment.
bool hasDisplay(const QStringList& arguments);

/// The arguments without Qt's own options ("-platform offscreen", "-style=fusion"), which a QApplication takes for
/// itself, and what is read before there is one would not know.
QStringList withoutQtOptions(const QStringList& arguments);

} // namespace jacobi
