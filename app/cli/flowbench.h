// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/commands.h"

namespace jacobi::cli {

/// Adds `bench flow`.
void addFlowBench(CLI::App& bench, Action& chosen);

} // namespace jacobi::cli
