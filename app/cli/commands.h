// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/console.h"

#include <functional>

namespace CLI {
class App;
}

namespace jacobi::cli {

/// What a command does once its options are read.
using Action = std::function<ExitCode()>;

// Each adds one command with its options to the program. When the user names it, `chosen` becomes what it does.
void addGenerate(CLI::App& program, Action& chosen);
void addModels(CLI::App& program, Action& chosen);
void addTrace(CLI::App& program, Action& chosen);
void addTrain(CLI::App& program, Action& chosen);
void addBench(CLI::App& program, Action& chosen);
void addProbe(CLI::App& program, Action& chosen);
void addFlow(CLI::App& program, Action& chosen);
void addSelfTest(CLI::App& program, Action& chosen);

} // namespace jacobi::cli
