// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/studio/commandline.h"

namespace jacobi {

class MainWindow;

/// Shows the window with the run of the command line, writes what it looks like to a PNG file, and ends the event loop
/// with 0; with 1, and a sentence on the standard error output, where the run cannot be read or the picture written.
void takeScreenshot(MainWindow& window, const CommandLine& line);

/// Opens the run of the command line in a window that nobody sees, writes the figures that are asked for, and ends the event
/// loop as takeScreenshot does; also with 1 where the run has no such figure.
void writeFigures(MainWindow& window, const CommandLine& line);

} // namespace jacobi
